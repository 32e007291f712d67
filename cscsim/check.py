"""`cscsim check`: what can be said of a procedure before it runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cscsim.errors import NOT_PASSED

if TYPE_CHECKING:
    from rich.status import Status

    from cscsim.locate import Site
    from procedures.checking import Checker, CheckReport

__all__ = ["command"]

_HELP = """\
Check procedures before they run: nothing is carried out.

NAME is a rehearsal or a script by name, a YAML file, a block such as BLOCK-309, or a block's JSON file. Each
precondition, postcondition, invariant, command guard, expectation and rule comes out as

\b
  proved   it holds in every run without faults
  refuted  it holds in none; the shortest way there is shown
  open     it depends; what it depends on is shown

\b
  cscsim check weekly
  cscsim check auxtel/prepare_for/flat.py --assume "ATCS is ENABLED"
  cscsim check mine.yaml --from any

Exit code: 0 nothing is refuted, 1 something is, 2 bad input."""


@click.command(name="check", help=_HELP, short_help="prove a procedure's conditions without running it")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--observatory", metavar="NAME|FILE", help="where it takes place, if not where it is at home")
@click.option("--parameters", metavar="NAME|FILE", help="parameter set: summit (default), simulators or a file")
@click.option("--assume", "assumed", multiple=True, metavar="CONDITION", help="what holds at the beginning")
@click.option(
    "--from",
    "begins",
    type=click.Choice(["observatory", "any"]),
    default="observatory",
    show_default=True,
    help="begin as the observatory does, or with components in any state",
)
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="a value of its configuration")
@click.option("--all", "everything", is_flag=True, help="show what is proved, too")
@click.option("--json", "as_json", is_flag=True, help="print one JSON array with a report for each")
def command(
    names: tuple[str, ...],
    observatory: str | None,
    parameters: str | None,
    assumed: tuple[str, ...],
    begins: str,
    settings: tuple[str, ...],
    everything: bool,
    as_json: bool,
) -> None:
    """Check each name and report."""
    from cscsim.style import console_for

    reports: list[CheckReport] = []
    for name in names:
        with console_for(stderr=True).status(f"{name}: thinking it through") as status:
            notice = partial(_tell, status, name)
            report = _check(name, observatory, parameters, assumed, begins == "any", settings, notice)
        reports.append(report)
        if not as_json:
            from cscsim.findings import page_of
            from cscsim.style import write

            write(console_for(), page_of(report, everything=everything))
    if as_json:
        import orjson

        click.echo(orjson.dumps([report.as_json() for report in reports]))
    if any(report.refuted or report.never_ends for report in reports):
        raise SystemExit(NOT_PASSED)


def _check(
    name: str,
    observatory: str | None,
    parameters: str | None,
    assumed: tuple[str, ...],
    anything: bool,
    settings: tuple[str, ...],
    notice: Callable[[int], object],
) -> CheckReport:
    from cscsim.locate import open_home
    from cscsim.preflight import check_calls
    from cscsim.settings import read_settings
    from procedures.blocks import load_block

    site = open_home(name, observatory, parameters)
    checker = _checker(site, assumed, anything=anything, notice=notice)
    if name.endswith(".json"):
        return checker.check_block(load_block(Path(name)))
    block = site.blocks.get(name)
    if block is not None:
        return checker.check_block(block)
    procedure = site.procedure(name)
    check_calls(procedure, site)
    return checker.check(procedure, read_settings(procedure, settings))


def _tell(status: Status, name: str, situations: int) -> None:
    if situations % 20 == 0:
        status.update(f"{name}: {situations} situations")


def _checker(site: Site, assumed: tuple[str, ...], *, anything: bool, notice: Callable[[int], object]) -> Checker:
    from csc import load_catalogue
    from fsm import parse_condition
    from procedures.checking import Checker, load_rules

    return Checker(
        library=site.library,
        blocks=site.blocks,
        observatory=site.sheet,
        vocabulary=site.vocabulary,
        catalogue=load_catalogue(),
        rules=load_rules(site.vocabulary),
        assume=[parse_condition(text, site.vocabulary) for text in assumed],
        anything=anything,
        notice=notice,
    )
