"""`cscsim coverage`: what was tried of what there is, in campaigns and rehearsals together."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cscsim.errors import NOT_PASSED, Complaint

if TYPE_CHECKING:
    from cscsim.coverage_universe import Universe
    from procedures.coverage import Coverage

__all__ = ["command"]

FOLDER = Path(".cscsim/campaigns")
"""Where stores are looked for if no file is named."""

_HELP = """\
Tell what was tried of what there is: states, transitions, refusals, faults and errors of components; steps and
conditions of procedures; which fault struck at which step.

FILE is a campaign's store, a journal, or what --json has written; several are merged. Without one, the stores under
.cscsim/campaigns are taken. A journal is run again, because its records do not tell everything.

\b
  cscsim coverage
  cscsim coverage run.jsonl --component ATDome --missing
  cscsim coverage nightly.sqlite daily.json --report coverage.html --fail-under 40
  cscsim coverage --json > all.json

Exit code: 0 told, 1 less than --fail-under, 2 bad input."""


@click.command(name="coverage", help=_HELP, short_help="what was tried of what there is, and what never was")
@click.argument("files", nargs=-1, metavar="[STORE|JOURNAL|COVERAGE.json]...", type=click.Path(path_type=Path))
@click.option("--component", "components", multiple=True, metavar="COMPONENT", help="only this; may be repeated")
@click.option("--procedure", "procedures", multiple=True, metavar="NAME", help="only this; may be repeated")
@click.option("--missing", is_flag=True, help="say what was never tried, and what would reach it")
@click.option("--report", "report_file", metavar="FILE.html", help="write a page for people")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object, which can be read again")
@click.option("--fail-under", type=click.FloatRange(0, 100), metavar="PERCENT", help="exit with 1 if less was tried")
def command(
    files: tuple[Path, ...],
    components: tuple[str, ...],
    procedures: tuple[str, ...],
    *,
    missing: bool,
    report_file: str | None,
    as_json: bool,
    fail_under: float | None,
) -> None:
    """Read the files, hold them against what there is, report."""
    from cscsim.coverage_sources import read_all, stores_in
    from cscsim.coverage_universe import cover
    from procedures.coverage import percent

    paths = files or tuple(stores_in(FOLDER))
    if not paths:
        raise Complaint(f"cscsim coverage: there is no store under {FOLDER}; run cscsim campaign, or name a FILE")
    given = read_all(paths)
    if not given.seen.counts:
        raise Complaint("\n".join(["cscsim coverage: there is nothing to count", *given.notes]))
    coverage, universe, notes = cover(given.seen)
    notes = [*given.notes, *notes, *_left_out(coverage)]
    coverage = _chosen(coverage, universe, components, procedures)
    if report_file is not None:
        from cscsim.coverage_html import html_page

        try:
            Path(report_file).write_text(html_page(coverage, universe, notes), encoding="utf-8")
        except OSError as error:
            raise Complaint(f"--report {report_file}: cannot be written: {error.strerror}") from error
    if as_json:
        import orjson

        from cscsim.coverage_data import as_data

        click.echo(orjson.dumps(as_data(coverage, universe, notes)))
    else:
        from cscsim.coverage_page import coverage_page
        from cscsim.style import console_for, write

        write(console_for(), coverage_page(coverage, universe, notes, missing=missing))
    if fail_under is not None and percent(coverage.figure) < fail_under:
        figure = coverage.figure
        told = f"{percent(figure):.1f} % ({figure.seen} of {figure.of}) is less than --fail-under {fail_under:g}"
        click.echo(f"cscsim coverage: {told}", err=True)
        raise SystemExit(NOT_PASSED)


def _left_out(coverage: Coverage) -> Iterable[str]:
    if coverage.gone:
        yield f"{coverage.gone} items were seen that are not there any more, and do not count"
    if coverage.ways:
        yield (
            f"{coverage.ways} ways between states were taken by one of several rows; records do not tell which, "
            "and none of these rows counts"
        )


def _chosen(
    coverage: Coverage, universe: Universe, components: tuple[str, ...], procedures: tuple[str, ...]
) -> Coverage:
    if not components and not procedures:
        return coverage
    names = {alias: name for name, plan in universe.components.items() for alias in (name, *plan.aliases)}
    books = {short: name for name in universe.procedures for short in _shorts(name)}
    return coverage.only(
        [_named("--component", name, name.partition(":")[0], names) for name in components],
        [_named("--procedure", name, name, books) for name in procedures],
    )


def _shorts(name: str) -> tuple[str, ...]:
    bare = name.removesuffix(".py")
    return (bare.rpartition("/")[2], bare, name)


def _named(option: str, given: str, name: str, names: dict[str, str]) -> str:
    if name in names:
        return names[name]
    from fsm import nearest

    near = nearest(name, names)
    hint = f"did you mean {near}?" if near else "nothing of it is where these runs took place"
    raise Complaint(f"cscsim coverage: {option} {given}: is not there; {hint}")
