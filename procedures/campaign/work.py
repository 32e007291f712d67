"""A case is run: a pure function of the case, for a worker somewhere.

Whoever runs campaigns says how the files of a case are found; nothing is written to disk.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from csc import load_catalogue, vocabulary_of
from procedures.campaign.case import Case
from procedures.campaign.run import Run
from procedures.campaign.safety import find_unsafe, safe_conditions, unexplained_faults
from procedures.campaign.witness import Limits, Witness
from procedures.campaign.world import world_of
from procedures.coverage import note_run
from procedures.rehearsal import Rehearsal, rehearse
from procedures.report import Report

__all__ = ["Opener", "Task", "run_case", "run_task"]


class Opener(Protocol):
    """How a case becomes a rehearsal: finds its files."""

    def __call__(self, case: Case) -> Rehearsal:
        """Return the rehearsal; a worker calls it once a case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """All that a worker needs for one run.

    Attributes
    ----------
    open
        A function of a module, so that another process finds it, too.
    safe_end
        Conditions of a safe end besides those of the table: name and text.
    """

    case: Case
    open: Opener
    limits: Limits = field(default_factory=Limits)
    safe_end: tuple[tuple[str, str], ...] = ()


def run_task(task: Task) -> Run:
    """Run a task; see `run_case`."""
    return run_case(task.case, task.open, limits=task.limits, safe_end=task.safe_end)


def run_case(
    case: Case, open_case: Opener, *, limits: Limits | None = None, safe_end: tuple[tuple[str, str], ...] = ()
) -> Run:
    """Run a case and keep what it is judged by.

    Parameters
    ----------
    open_case
        Finds its files.
    limits
        Beyond which the run is stuck.
    safe_end
        Conditions of a safe end besides those of the table: name and text.

    Returns
    -------
    Run
        A scenario without faults, in which something is otherwise from the beginning, counts as a fault at 0 s. An
        error of ours in the simulation is told in it: it costs this run only.

    Raises
    ------
    AuthorError
        If a file of the case is wrong.
    """
    rehearsal = open_case(case)
    witness = Witness(limits or Limits())
    if (scenario := rehearsal.scenario) is not None and not (*scenario.faults, *rehearsal.faults):
        witness.see({"t": 0.0, "n": 0, "kind": "fault", "who": "scenario", "fault": scenario.name, "what": "injected"})
    try:
        report = rehearse(rehearsal, spectator=witness)
    except Exception as error:  # whatever it is, it is told in this run's row
        return Run(crash=_told(error), notable=tuple(witness.notable), coverage=_coverage(rehearsal, witness))
    return _run_of(rehearsal, report, witness, safe_end)


def _run_of(rehearsal: Rehearsal, report: Report, witness: Witness, safe_end: tuple[tuple[str, str], ...]) -> Run:
    truth = vocabulary_of(rehearsal.observatory, load_catalogue(), truth=True)
    conditions = safe_conditions(truth, safe_end)
    unsafe = find_unsafe(conditions, report.components, vocabulary=truth, images=report.images)
    faulted = {record["who"] for record in witness.notable if record["kind"] == "fault"}
    in_fault = unexplained_faults(report.components, faulted, truth)
    images: dict[str, list[float]] = {}
    saturated: dict[str, int] = {}
    for image in report.images:
        kind = f"{image.image_type} {image.filter} {image.grating} {image.exposure_time:g} s"
        images.setdefault(kind, []).append(round(image.counts, 1))
        saturated[kind] = saturated.get(kind, 0) + image.saturated
    return Run(
        outcome=report.outcome,
        because=report.because,
        stuck=witness.stuck or witness.deadlock(),
        digest=report.digest,
        records=report.records,
        seconds=round(report.simulated_seconds, 6),
        notable=tuple(witness.notable),
        images={kind: tuple(counts) for kind, counts in images.items()},
        saturated=saturated,
        products=dict(witness.products),
        states=dict(_states(report.components)),
        own=witness.own,
        moved=tuple(sorted(machine for machine in witness.moved if not machine.startswith("Script:"))),
        unsafe=(*unsafe, *((f"{name} is not in FAULT", f"{name} is FAULT") for name in in_fault)),
        coverage=_coverage(rehearsal, witness),
    )


def _coverage(rehearsal: Rehearsal, witness: Witness) -> str:
    seen = witness.collector.seen()
    seen.codes.add(_code())
    note_run(seen, rehearsal.circumstances)
    return seen.pack()


@cache
def _code() -> str:
    """Return what the code and the data sheets of this process are."""
    return world_of()


def _states(components: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for name, component in components.items():
        found[f"{name}.summary"] = component["summary_state"]
        found |= {f"{name}.{machine}": state for machine, state in component["machines"].items()}
    return found


def _told(error: Exception) -> str:
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})"
