"""Rehearses from random states and holds what was said before against what was seen.

A condition that was called proved may never be seen false or unknown, one that was called refuted never true.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from csc import ObservatorySheet, load_catalogue
from cscsim.locate import Site, open_site
from fsm import read_journal
from procedures import Rehearsal, rehearse
from procedures.checking import Checker, CheckReport, Verdict, load_rules
from procedures.model import Procedure

STATES = ("STANDBY", "DISABLED", "ENABLED", "ENABLED", "OFFLINE")
PLACES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("ATDome", "homing"): ("HOMED", "NOT_HOMED"),
    ("ATPneumatics", "main_valve"): ("OPENED", "CLOSED"),
    ("ATPneumatics", "instrument_valve"): ("OPENED", "CLOSED"),
}
"""Machines that may begin elsewhere than usual, in states that need nothing else to be different."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A condition of which something else was seen than was said."""

    procedure: str
    where: str
    condition: str
    verdict: str
    truth: Any
    because: str


@cache
def site() -> Site:
    return open_site("auxtel")


def random_sheet(rng: random.Random) -> ObservatorySheet:
    """An observatory in which components begin in random states."""
    here = site().sheet
    known = load_catalogue()
    calm = rng.random() < 0.5
    components = {}
    for name, placed in here.components.items():
        state = rng.choice(STATES)
        if name.startswith("ScriptQueue") or (calm and rng.random() < 0.8):
            state = "ENABLED"
        machines = {
            machine: rng.choice(states)
            for (component, machine), states in PLACES.items()
            if component == name and rng.random() < 0.5 and machine in known[component].machines
            and set(states) <= set(known[component].machines[machine].state_names)
        }  # fmt: skip
        components[name] = placed.model_copy(update={"state": state, "machines": {**placed.machines, **machines}})
    return here.model_copy(update={"components": components})


def checker(sheet: ObservatorySheet, *, anything: bool) -> Checker:
    here = site()
    return Checker(
        library=here.library,
        blocks=here.blocks,
        observatory=sheet,
        vocabulary=here.vocabulary,
        catalogue=load_catalogue(),
        rules=load_rules(here.vocabulary),
        anything=anything,
    )


def contradictions(
    procedure: Procedure, sheet: ObservatorySheet, folder: Path, *, seed: int, anything: bool
) -> tuple[list[Contradiction], int]:
    """Check and rehearse one procedure; return where they differ, and how many conditions were compared."""
    report = checker(sheet, anything=anything).check(procedure)
    journal = folder / "run.jsonl"
    rehearse(
        Rehearsal(
            procedure=procedure,
            library=site().library,
            blocks=site().blocks,
            observatory=sheet,
            seed=seed,
            journal=journal,
        )
    )
    said = _said(report)
    compared = list(_seen(journal, said))
    found = [
        Contradiction(procedure.name, where, condition, str(verdict), truth, because)
        for where, condition, verdict, truth, because in compared
        if (verdict is Verdict.PROVED and truth is not True) or (verdict is Verdict.REFUTED and truth is True)
    ]
    return found, len(compared)


def _said(report: CheckReport) -> dict[tuple[str, str], Verdict]:
    """Return what was said of each condition: of a procedure that is called several times, what was said each time."""
    said: dict[tuple[str, str], Verdict] = {}
    for finding in report.findings:
        key, verdict = (f"{finding.where} {finding.what}", finding.that), report.verdict(finding)
        said[key] = verdict if said.get(key, verdict) is verdict else Verdict.OPEN
    return said


def _seen(journal: Path, said: Mapping[tuple[str, str], Verdict]) -> Iterator[tuple[str, str, Verdict, Any, str]]:
    for record in read_journal(journal):
        if record["kind"] != "condition":
            continue
        key = (record["where"], record["condition"])
        if key in said:
            yield *key, said[key], record["truth"], record.get("because", "")
