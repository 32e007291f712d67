"""Rehearses from random states and holds what was said before against what was seen.

A condition that was called proved may never be seen false or unknown, one that was called refuted never true; a step
may never take less or more time than was said; and a procedure that cannot come to its end never does.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from csc import ObservatorySheet, load_catalogue
from cscsim.locate import Homes, Site
from fsm import AuthorError, read_journal
from procedures import Rehearsal, rehearse
from procedures.checking import Checker, CheckReport, Verdict, load_rules
from procedures.model import Procedure

STATES = ("STANDBY", "DISABLED", "ENABLED", "OFFLINE")
PLACES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "ATDome": {"homing": ("HOMED", "NOT_HOMED")},
    "ATPneumatics": {"main_valve": ("OPENED", "CLOSED"), "instrument_valve": ("OPENED", "CLOSED")},
}
"""Machines that may begin elsewhere than usual, in states that need nothing else to be different."""
MODERATE, SMALL = 700, 40
"""So many situations are looked at: begun as the observatory does, and begun anywhere."""
ENDLESS = frozenset({"latiss_combined_calibrations", "misalignment", "prepare_for_vent"})
"""Procedures with more situations than that wherever they begin: nothing is said of them that could be compared."""
TOLERANCE = 1e-3
"""Times nearer than this [s] are one."""


@dataclass(slots=True)
class Comparison:
    """What was compared in a run, and where something else was seen than was said."""

    procedure: str
    compared: int = 0
    exhausted: bool = True
    contradictions: list[str] = field(default_factory=list)


@cache
def homes() -> Homes:
    return Homes()


@cache
def procedures() -> tuple[str, ...]:
    """All procedures that take no configuration which is not given."""
    names = [name for kind in ("rehearsal", "script", "part") for name in homes().names(kind)]
    return tuple(name for name in names if not (found(name).config or {}).get("required"))


def found(name: str) -> Procedure:
    return homes().of(name).library.find(name)


def told(seeds: Iterable[int], compared: Iterable[Comparison]) -> list[str]:
    """Return where something else was seen than was said, with what shows it again."""
    return [
        f"seed {seed}, {each.procedure}: {text}"
        for seed, each in zip(seeds, compared, strict=True)
        for text in each.contradictions
    ]


def compare_random(seed: int, folder: Path) -> Comparison:
    """Draw a procedure and a beginning, check and rehearse."""
    rng = random.Random(seed)
    name = rng.choice(procedures())
    site, procedure = homes().of(name), found(name)
    return compare(site, procedure, random_sheet(rng, site, procedure), folder, seed=seed, anything=rng.random() < 0.2)


def random_sheet(rng: random.Random, site: Site, procedure: Procedure) -> ObservatorySheet:
    """An observatory in which a few components, or most, begin in random states."""
    here = site.sheet if procedure.begins is None else procedure.begins.on(site.sheet)
    ready = rng.choice((0.3, 0.95, 1.0))
    all_enabled = rng.random() < 0.5
    components = {}
    for name, placed in here.components.items():
        state = placed.state
        if all_enabled and not name.startswith("Script:"):
            state = "ENABLED"
        if rng.random() > ready and not name.startswith(("ScriptQueue", "Script:")):
            state = rng.choice(STATES)
        machines = {
            machine: rng.choice(states) for machine, states in PLACES.get(name, {}).items() if rng.random() < 0.5
        }
        components[name] = placed.model_copy(update={"state": state, "machines": {**placed.machines, **machines}})
    return here.model_copy(update={"components": components})


def compare(
    site: Site, procedure: Procedure, sheet: ObservatorySheet, folder: Path, *, seed: int, anything: bool
) -> Comparison:
    """Check and rehearse one procedure from one beginning."""
    # What a procedure begins with is in the sheet: both must begin in the same way.
    checker = Checker(
        library=site.library,
        blocks=site.blocks,
        observatory=sheet,
        vocabulary=site.vocabulary,
        catalogue=load_catalogue(),
        rules=load_rules(site.vocabulary),
        anything=anything,
        limit=SMALL if anything or procedure.name in ENDLESS else MODERATE,
    )
    result = Comparison(procedure.name)
    try:
        report = checker.check(procedure)
    except AuthorError as error:
        result.contradictions.append(f"not checked: {error}")
        return result
    result.exhausted = report.exhausted
    if not report.exhausted:
        return result  # nothing was said that a rehearsal could contradict
    journal = folder / "run.jsonl"
    run = rehearse(
        Rehearsal(
            procedure=procedure,
            library=site.library,
            blocks=site.blocks,
            observatory=sheet,
            seed=seed,
            journal=journal,
        )
    )
    if run.passed and report.duration is None:
        result.contradictions.append("it passed, but it was said that it cannot come to its end")
    for compared, contradiction in (*_conditions(journal, report), *_times(journal, report)):
        result.compared += compared
        result.contradictions.extend([contradiction] if contradiction else [])
    return result


def _conditions(journal: Path, report: CheckReport) -> Iterator[tuple[int, str]]:
    said = _said(report)
    for record in read_journal(journal):
        if record["kind"] != "condition":
            continue
        verdict = said.get((record["where"], record["condition"]))
        if verdict is None:
            continue
        truth = record["truth"]
        wrong = (verdict is Verdict.PROVED and truth is not True) or (verdict is Verdict.REFUTED and truth is True)
        told = f"{record['where']}: {record['condition']} was {verdict} and is {truth}: {record.get('because', '')}"
        yield 1, told if wrong else ""


def _said(report: CheckReport) -> dict[tuple[str, str], Verdict]:
    """Return what was said of each condition: of a procedure that is called several times, what was said each time."""
    said: dict[tuple[str, str], Verdict] = {}
    for finding in report.findings:
        key, verdict = (f"{finding.where} {finding.what}", finding.that), report.verdict(finding)
        said[key] = verdict if said.get(key, verdict) is verdict else Verdict.OPEN
    return said


def _times(journal: Path, report: CheckReport) -> Iterator[tuple[int, str]]:
    """Compare how long the steps of the procedure itself took."""
    steps = [record for record in read_journal(journal) if record["kind"] == "step"]
    begun: dict[str, float] = {}
    for record in steps:
        step, span = record["step"], report.durations.get(f"{report.name} {record['step']}")
        if record["who"] != steps[0]["who"] or span is None:
            continue
        if record["what"] == "started":
            begun[step] = record["t"]
        elif record["what"] == "done":
            taken = record["t"] - begun[step]
            fits = span.low - TOLERANCE <= taken <= span.high + TOLERANCE
            yield 1, "" if fits else f"{step} took {taken:g} s, not {span.low:g} to {span.high:g} s"
