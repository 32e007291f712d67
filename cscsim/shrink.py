"""`cscsim shrink`: the smallest scenario that still has the finding of a larger one."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cscsim.errors import NOT_PASSED, Breakdown, Complaint
from cscsim.executing import executing, where_options

if TYPE_CHECKING:
    from cscsim.shrinking import ShrunkScenario
    from procedures.campaign import Case

__all__ = ["command"]

_HELP = """\
Find the smallest scenario whose run of PROCEDURE still shows the same.

What goes wrong is said as for `cscsim rehearse`: take a command that a campaign prints, and write shrink for rehearse.
First faults, and the states and parameters of a scenario, are left out; then what is left is said more simply, at the
beginning or with a step and not at an odd time or by chance, and with smaller and rounder numbers, as long as the run
keeps its finding.

--keep says what the finding is; by default what the run is in a campaign: silent, stuck, or detected by the same. It
may be such a word, failed, aborted, unsafe, or a condition of how the run ends.

\b
  cscsim shrink weekly --scenario two_at_once --output smaller.yaml
  cscsim shrink daily --fault ATOODS.ingest_fails@20min --fault ATDome.stall --keep silent
  cscsim shrink weekly --scenario rain_while_opening --keep "ATDome.main_door is OPENED"

Exit code: 0 nothing smaller shows it, 1 the tries were used up, or interrupted, 2 bad input, or nothing to keep."""


@click.command(name="shrink", help=_HELP, short_help="find the smallest scenario that still shows it")
@click.argument("procedure")
@click.option("--scenario", metavar="NAME|FILE", help="what is different from a plain day")
@click.option("--fault", "faults", multiple=True, metavar="FAULT[@WHEN]", help="a fault, and when; may be repeated")
@click.option("--keep", metavar="CLASS|unsafe|CONDITION", help="what must still be so; by default what the run is")
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, metavar="N", help="of everything random"
)
@click.option("--observatory", metavar="NAME|FILE", help="where it takes place; by default where it is at home")
@click.option("--parameters", metavar="NAME|FILE", help="parameter set: summit (default), simulators or a file")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="a value of its configuration")
@click.option("--tries", type=click.IntRange(min=1), default=200, show_default=True, metavar="N", help="at the most")
@where_options
@click.option("--store", "store_file", metavar="FILE", help="where the runs are kept; by default under .cscsim/shrink")
@click.option("--output", metavar="FILE.yaml", help="write the smallest scenario to a file")
@click.option("--yes", is_flag=True, help="is so anyway: human checks are answered with yes")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def command(
    procedure: str,
    scenario: str | None,
    faults: tuple[str, ...],
    keep: str | None,
    seed: int,
    observatory: str | None,
    parameters: str | None,
    settings: tuple[str, ...],
    tries: int,
    workers: int | None,
    dask: str | None,
    store_file: str | None,
    output: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Read the arguments, shrink, write what is left."""
    from procedures.campaign import Case

    began = time.perf_counter()
    if scenario is None and not faults:
        raise Complaint("cscsim shrink: say what goes wrong, with --scenario or --fault; see --help")
    if output is not None:
        _check_output(output)
    case = Case(
        procedure=procedure,
        seed=seed,
        observatory=observatory,
        parameter_set=parameters,
        settings=settings,
        scenario=scenario,
        faults=faults,
    )
    found = _shrink(case, keep, output, tries, workers, dask, store_file)
    _tell(found, as_json=as_json, seconds=time.perf_counter() - began)
    if not found.shrunk.is_minimal:
        raise SystemExit(NOT_PASSED)


def _shrink(
    case: Case,
    keep: str | None,
    output: str | None,
    tries: int,
    workers: int | None,
    dask: str | None,
    store_file: str | None,
) -> ShrunkScenario:
    from cscsim.campaign_progress import Progress
    from cscsim.shrinking import prepare, shrink_case
    from procedures.campaign import Store, world_of

    prepared = prepare(case, keep)
    path = Path(store_file) if store_file is not None else Path(".cscsim/shrink") / f"{_mark(case, keep)}.sqlite"
    world = world_of([*prepared.files.values(), *(text for _, text in prepared.wanted.safe_end)])
    with executing(workers, dask, prepared.files) as executor, Store(path, world) as store, Progress() as progress:
        try:
            return shrink_case(prepared, store, executor, tries, progress, output)
        except KeyboardInterrupt:
            raise Breakdown(
                f"cscsim shrink: interrupted; what was run is in {path}, the same command goes on"
            ) from None


def _mark(case: Case, keep: str | None) -> str:
    return f"{Path(case.procedure).stem}-{hashlib.sha256(f'{case.key} {keep}'.encode()).hexdigest()[:8]}"


def _check_output(name: str) -> None:
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        raise Complaint(f"--output {name}: a scenario is a YAML file; write {path.with_suffix('.yaml')}")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise Complaint(f"--output {name}: cannot be written")


def _tell(found: ShrunkScenario, *, as_json: bool, seconds: float) -> None:
    if as_json:
        import orjson

        data: dict[str, Any] = found.as_json() | {"wall_seconds": round(seconds, 3)}
        click.echo(orjson.dumps(data))
        return
    from cscsim.shrunk_page import shrunk_page
    from cscsim.style import console_for, write

    write(console_for(), shrunk_page(found, seconds))
