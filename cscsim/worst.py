"""`cscsim worst`: the moment at which a fault does most to a procedure."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cscsim.errors import Breakdown, Complaint
from cscsim.executing import executing, where_options

if TYPE_CHECKING:
    from cscsim.worst_moment import WorstMoment
    from procedures.campaign import Case

__all__ = ["command"]

_HELP = """\
Search the moment of PROCEDURE at which FAULT does most, and tell what comes of it when.

FAULT is written as for `cscsim rehearse`, without a time: COMPONENT.FAULT[:parameter=value,...][ for TIME].

It is tried at the beginnings of steps and at random moments first, then between moments of which different things come,
and beside the worst. Silent is worse than stuck, then an end that is not safe, then detected, recovered and harmless;
within one of them more lost images are worse, then a later detection, then more time lost.

\b
  cscsim worst weekly --fault ATDome.encoder_slip
  cscsim worst weekly --fault "ATDome.silence for 5 min" --tries 200 --report silence.html

Exit code: 0 every run was judged, 1 it was interrupted, 2 bad input."""


@click.command(name="worst", help=_HELP, short_help="find the moment at which a fault does most")
@click.argument("procedure")
@click.option("--fault", required=True, metavar="FAULT", help="what goes wrong, without a time")
@click.option("--tries", type=click.IntRange(min=2), default=60, show_default=True, metavar="N", help="moments to try")
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, metavar="N", help="of everything random"
)
@click.option("--observatory", metavar="NAME|FILE", help="where it takes place; by default where it is at home")
@click.option("--parameters", metavar="NAME|FILE", help="parameter set: summit (default), simulators or a file")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="a value of its configuration")
@where_options
@click.option("--store", "store_file", metavar="FILE", help="where the runs are kept; by default under .cscsim/worst")
@click.option("--report", "report_file", metavar="FILE.html", help="write a page for people")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def command(
    procedure: str,
    fault: str,
    tries: int,
    seed: int,
    observatory: str | None,
    parameters: str | None,
    settings: tuple[str, ...],
    workers: int | None,
    dask: str | None,
    store_file: str | None,
    report_file: str | None,
    as_json: bool,
) -> None:
    """Read the arguments, search, tell."""
    from procedures.campaign import Case

    began = time.perf_counter()
    if report_file is not None and not os.access(Path(report_file).parent, os.W_OK):
        raise Complaint(f"--report {report_file}: cannot be written")
    case = Case(
        procedure=procedure,
        seed=seed,
        observatory=observatory,
        parameter_set=parameters,
        settings=settings,
        faults=(fault,),
    )
    found = _search(case, tries, workers, dask, store_file)
    _tell(found, report_file, as_json=as_json, seconds=time.perf_counter() - began)


def _search(case: Case, tries: int, workers: int | None, dask: str | None, store_file: str | None) -> WorstMoment:
    from cscsim.campaign_progress import Progress
    from cscsim.worst_moment import check_case, find_worst
    from procedures.campaign import Store, world_of

    files = check_case(case)
    mark = hashlib.sha256(case.key.encode()).hexdigest()[:8]
    path = Path(store_file) if store_file else Path(".cscsim/worst") / f"{Path(case.procedure).stem}-{mark}.sqlite"
    with (
        executing(workers, dask, files) as executor,
        Store(path, world_of(files.values())) as store,
        Progress() as progress,
    ):
        try:
            return find_worst(case, store, executor, tries, progress)
        except KeyboardInterrupt:
            raise Breakdown(f"cscsim worst: interrupted; what was run is in {path}, the same command goes on") from None


def _tell(found: WorstMoment, report_file: str | None, *, as_json: bool, seconds: float) -> None:
    if report_file is not None:
        from cscsim.worst_html import html_page

        Path(report_file).write_text(html_page(found), encoding="utf-8")
    if as_json:
        import orjson

        click.echo(orjson.dumps(found.as_json() | {"wall_seconds": round(seconds, 3)}))
        return
    from cscsim.style import console_for, write
    from cscsim.worst_page import worst_page

    write(console_for(), worst_page(found, report_file, seconds))
