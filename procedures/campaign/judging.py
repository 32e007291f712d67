"""What a run of a campaign has shown: one word, by a table of rules of which the first that fits holds.

Every run is held against its baseline, the run of the same procedure, configuration and seed without a fault. What the
procedure warns of there as well is not held to be noticed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from fsm import Record
from procedures.campaign.harm import find_harm
from procedures.campaign.run import Run
from procedures.expectations import find_detection

__all__ = ["CLASSES", "Class", "Verdict", "judge"]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the rules look at."""

    run: Run
    harm: tuple[str, ...]
    noticed: tuple[str, ...]
    detection: tuple[str, float] | None

    @property
    def injected(self) -> bool:
        return any(record["kind"] == "fault" and record["what"] == "injected" for record in self.run.notable)

    @property
    def passed(self) -> bool:
        return self.run.outcome == "passed"


@dataclass(frozen=True, slots=True)
class Class:
    """One word for what a run has shown.

    Attributes
    ----------
    letter
        For matrices.
    meaning
        For somebody who sees it for the first time.
    """

    name: str
    letter: str
    meaning: str
    fits: Callable[[_Seen], bool]


CLASSES = (
    Class(
        "crashed",
        "C",
        "the simulation itself broke down: a mistake of cscsim, not of the procedure",
        lambda seen: bool(seen.run.crash),
    ),
    Class(
        "stuck",
        "X",
        "the procedure never came to an end: nothing could happen any more, or it took ten times its usual time",
        lambda seen: bool(seen.run.stuck),
    ),
    Class(
        "not_injected",
        "N",
        "the fault did not happen: the procedure was over before its moment came",
        lambda seen: not seen.injected,
    ),
    Class(
        "recovered",
        "R",
        "the procedure noticed something, dealt with it, and passed with everything as in a run without the fault",
        lambda seen: seen.passed and not seen.harm and bool(seen.noticed),
    ),
    Class(
        "harmless",
        "H",
        "the procedure passed, and everything is as in a run without the fault; nobody noticed anything",
        lambda seen: seen.passed and not seen.harm,
    ),
    Class(
        "detected",
        "D",
        "the procedure noticed the fault: a condition did not hold, a step failed, or an error stands in its log",
        lambda seen: seen.detection is not None,
    ),
    Class(
        "silent",
        "S",
        "the fault did harm, the procedure passed, and nothing in it noticed more than a warning",
        lambda seen: seen.passed,
    ),
    Class(
        "detected",
        "D",
        "the procedure noticed the fault: a condition did not hold, a step failed, or an error stands in its log",
        lambda seen: True,
    ),
)
"""In the order in which they are tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a run has shown.

    Attributes
    ----------
    because
        In a sentence.
    detected_by, detected_where, detected_after
        The condition, step or line by which the procedure first noticed the fault, the script if it was in one, and
        how long after the fault [s].
    injected_at
        When the first fault happened [simulated s]; None if it did not.
    harm
        What is not as it would have been without the fault.
    noticed
        What the procedure said of it besides, such as warnings.
    unsafe
        Conditions of a safe end that do not hold, each with why; those that the baseline breaks, too, are left out.
    """

    classification: str
    because: str
    detected_by: str | None = None
    detected_where: str | None = None
    detected_after: float | None = None
    injected_at: float | None = None
    harm: tuple[str, ...] = ()
    noticed: tuple[str, ...] = ()
    unsafe: tuple[str, ...] = ()


def judge(run: Run, baseline: Run) -> Verdict:
    """Judge a run of a case by its baseline."""
    new = _new(run.notable, baseline.notable)
    harm = find_harm(run, baseline) if not run.crash else ()
    noticed = tuple(dict.fromkeys(_noticed(new)))
    seen = _Seen(run, harm, noticed, find_detection(new))
    found = next(each for each in CLASSES if each.fits(seen))
    by, after = seen.detection if seen.detection is not None else (None, None)
    usual = {name for name, _ in baseline.unsafe}
    return Verdict(
        classification=found.name,
        because=_because(found.name, seen),
        detected_by=by,
        detected_where=_where(new, by),
        detected_after=after,
        injected_at=next((record["t"] for record in run.notable if _injects(record)), None),
        harm=harm,
        noticed=noticed,
        unsafe=tuple(f"{name}: {why}" for name, why in run.unsafe if name not in usual),
    )


def _because(name: str, seen: _Seen) -> str:
    match name:
        case "crashed":
            return seen.run.crash
        case "stuck":
            return seen.run.stuck
        case "not_injected":
            return "its moment did not come"
        case "recovered":
            return seen.noticed[0]
        case "detected" if seen.passed:
            return "; ".join(seen.harm[:2])
        case "detected":
            return seen.run.because or seen.run.outcome
        case "silent":
            return "; ".join(seen.harm[:2])
        case "harmless":
            return _cured(seen.run.notable)
    return ""


def _where(records: Sequence[Record], by: str | None) -> str | None:
    """Return the script in which something was noticed; None if it was none."""
    for record in records:
        if by in (record.get("condition"), f"step {record.get('step')}", record.get("message")):
            return record.get("script")
    return None


def _cured(records: Sequence[Record]) -> str:
    """Say when a fault was cured by what is done anyway; empty if it was not."""
    began = next((record["t"] for record in records if _injects(record)), 0.0)
    cured = next((record["t"] for record in records if record["kind"] == "fault" and record["what"] == "cured"), None)
    return f"cured {cured - began:g} s later by what the procedure does anyway" if cured is not None else ""


def _injects(record: Record) -> bool:
    return bool(record["kind"] == "fault" and record["what"] == "injected")


def _new(records: Sequence[Record], usual: Sequence[Record]) -> list[Record]:
    """Return the records that the baseline has not, whenever it has them."""
    known = Counter(_text(record) for record in usual if record["kind"] != "end")
    new = []
    for record in records:
        text = _text(record)
        if known[text] > 0:
            known[text] -= 1
        else:
            new.append(record)
    return new


def _text(record: Record) -> str:
    return json.dumps({key: value for key, value in record.items() if key not in ("t", "n", "who")}, sort_keys=True)


def _noticed(records: Sequence[Record]) -> Iterator[str]:
    """Tell what was noticed after the first fault."""
    happened = False
    for record in records:
        happened = happened or _injects(record)
        if not happened:
            continue
        match record["kind"]:
            case "condition":
                yield f"{record['where']}: {record.get('because', record['condition'])}"
            case "step":
                yield f"step {record['step']}: {record['because']}"
            case "log":
                yield f"{record['level']}: {record['message']}"
