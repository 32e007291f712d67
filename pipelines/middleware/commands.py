"""What `butler` can do here beyond its own: create a repository for our cameras, ingest, define visits, curate, check.

Found through the entry point group `butler.cli`. Modules that take long to import are imported in the commands.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from lsst.daf.butler.cli.opt import repo_argument
from lsst.daf.butler.cli.utils import ButlerCommand

from pipelines.middleware.errors import MiddlewareError

if TYPE_CHECKING:
    from lsst.daf.butler import Butler

__all__ = ["commands"]

_TRANSFERS = ("auto", "copy", "direct", "hardlink", "link", "move", "relsymlink", "split", "symlink")


def commands() -> list[click.Command]:
    """Return the commands."""
    return [
        create_calibration_repo,
        ingest_raws,
        define_visits,
        write_curated_calibrations,
        check_exposures,
        show_verification,
    ]


@click.command("create-calibration-repo", cls=ButlerCommand, short_help="Create a repository for our cameras.")
@repo_argument(required=True, help="REPO is the path of the new repository.")
@click.option(
    "--instrument",
    "instruments",
    multiple=True,
    default=("LATISS",),
    show_default=True,
    help="Camera; may be repeated.",
)
@click.option(
    "--seed-config", help="Configuration of the butler's own on top of ours, such as the registry's database."
)
def create_calibration_repo(repo: str, instruments: tuple[str, ...], seed_config: str | None) -> None:
    """Create a repository with instruments, collections and all dataset types of the calibration pipelines."""
    from pipelines.middleware.repository import create_repository

    with _said_plainly():
        create_repository(repo, instruments, seed_config)
    click.echo(f"{repo}: ready for {', '.join(instruments)}")


@click.command("ingest-raws", cls=ButlerCommand, short_help="Ingest raw images.")
@repo_argument(required=True)
@click.argument("locations", nargs=-1, required=True)
@click.option("--fits-re", default=r"\.fits?(\.(fz|gz))?$", show_default=True, help="Which files of folders to take.")
@click.option("--output-run", help="Run for the images; that of the instrument's raw images unless given.")
@click.option(
    "-t",
    "--transfer",
    type=click.Choice(_TRANSFERS),
    default="auto",
    show_default=True,
    help="How files get into REPO.",
)
@click.option("--fail-fast", is_flag=True, help="Stop at the first file that fails, and ingest none.")
@click.option("--update-records", is_flag=True, help="Replace what the repository says of exposures by what files say.")
def ingest_raws(
    repo: str,
    locations: tuple[str, ...],
    fits_re: str,
    output_run: str | None,
    transfer: str,
    fail_fast: bool,
    update_records: bool,
) -> None:
    """Ingest raw images from files and folders, each file for itself.

    Files that are in the repository already are left alone.
    """
    from pipelines.middleware.ingest import find_files, ingest

    with _said_plainly(), _opened(repo) as butler:
        report = ingest(
            butler,
            find_files(locations, fits_re),
            run=output_run,
            transfer=transfer,
            fail_fast=fail_fast,
            update_records=update_records,
        )
    click.echo(str(report))
    if report.failed:
        raise click.ClickException("\n".join(report.failed.values()))


@click.command("define-visits", cls=ButlerCommand, short_help="Make a visit of each science exposure.")
@repo_argument(required=True)
@click.argument("instrument")
@click.option("--where", default="", help="Which exposures, in the butler's expression language; all unless given.")
@click.option("--update-records", is_flag=True, help="Replace what the repository says of visits.")
def define_visits(repo: str, instrument: str, where: str, update_records: bool) -> None:
    """Make a visit of each science exposure of INSTRUMENT; visits that are there already stay."""
    from pipelines.middleware.visits import define_visits as define

    with _said_plainly(), _opened(repo) as butler:
        count = define(butler, _name(instrument), where, update_records=update_records)
    click.echo(f"{count} science exposures have visits")


@click.command("write-curated-calibrations", cls=ButlerCommand, short_help="Write and certify curated calibrations.")
@repo_argument(required=True)
@click.argument("instrument")
@click.option(
    "--collection", help="Where to certify; by default INSTRUMENT/calib/curated, chained into INSTRUMENT/calib."
)
@click.option("--label", "labels", multiple=True, help="Part of the default collection's name in place of `curated`.")
def write_curated_calibrations(repo: str, instrument: str, collection: str | None, labels: tuple[str, ...]) -> None:
    """Write the calibrations of INSTRUMENT that people made: defects."""
    from pipelines.middleware.curated import write_curated
    from pipelines.middleware.repository import calibrations

    name = _name(instrument)
    with _said_plainly(), _opened(repo) as butler:
        target = collection or (calibrations(name, *labels) if labels else None)
        new, total = write_curated(butler, name, target)
    click.echo(f"{new} of {total} curated calibrations are new")


@click.command("check-exposures", cls=ButlerCommand, short_help="Check that exposures are in a repository.")
@repo_argument(required=True)
@click.argument("instrument")
@click.argument("exposures", nargs=-1, required=True)
def check_exposures(repo: str, instrument: str, exposures: tuple[str, ...]) -> None:
    """Check that all EXPOSURES of INSTRUMENT, ids with commas or blanks between them, are in REPO.

    `pipetask run` leaves out what its query names and the repository does not have, without a word.
    """
    from lsst.daf.butler import Butler

    from pipelines.middleware.exposures import read_exposures, require_exposures

    name = _name(instrument)
    with _said_plainly(), Butler.from_config(repo) as butler:
        wanted = read_exposures(" ".join(exposures))
        require_exposures(butler, name, wanted)
    click.echo(f"{len(wanted)} exposures, all of them there")


@click.command("show-verification", cls=ButlerCommand, short_help="Show what a verification found.")
@repo_argument(required=True)
@click.argument("collection")
def show_verification(repo: str, collection: str) -> None:
    """Show how many exposures passed the verification in COLLECTION, and which tests failed how often."""
    from lsst.daf.butler import Butler

    from pipelines.middleware.verification import report_lines, run_statistics

    with _said_plainly(), Butler.from_config(repo) as butler:
        for line in report_lines(*run_statistics(butler, collection)):
            click.echo(line)


def _name(instrument: str) -> str:
    """Return an instrument's name in data IDs."""
    from pipelines.middleware.instrument import instrument_named

    with _said_plainly():
        return instrument_named(instrument).name


@contextmanager
def _opened(repo: str) -> Iterator[Butler]:
    from lsst.daf.butler import Butler

    with Butler.from_config(repo, writeable=True) as butler:
        yield butler


@contextmanager
def _said_plainly() -> Iterator[None]:
    """Turn what a person must put right into a message without a traceback."""
    try:
        yield
    except MiddlewareError as error:
        raise click.ClickException(str(error)) from error
