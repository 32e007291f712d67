"""What a scenario says will come of it, and whether it did: detected, how it ends, what never happens.

Everything is read off the journal and the observatory as it was left, so that a campaign can judge a run that is long
over. A fault is *detected* when whoever carries the procedure out cannot overlook it: a condition of the procedure does
not hold, a step fails of which the procedure fails, an error stands in its log. What a procedure shrugs off is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from csc import ObservatoryVocabulary
from fsm import Condition, Name, Record, Value

if TYPE_CHECKING:
    from csc.latiss.images import Exposure

__all__ = ["Detection", "Expectations", "Expected", "Judgement", "find_detection", "judge_expectations"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """How the procedure is to notice the first fault.

    Attributes
    ----------
    happens
        Whether it does at all.
    by
        Text of the condition, or id of the step; empty for anything.
    within
        Longest time after the fault [s]; None for any.
    """

    happens: bool = True
    by: str = ""
    within: float | None = None

    def __str__(self) -> str:
        if not self.happens:
            return "not detected"
        within = f" within {self.within:g} s" if self.within is not None else ""
        return f"detected{f' by {self.by}' if self.by else ''}{within}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """What a scenario says will come of it.

    Attributes
    ----------
    outcome
        passed, failed or aborted; empty for any.
    ends
        Conditions that hold when it is over: the truth, not what is published.
    never
        Conditions that are never true meanwhile.
    """

    outcome: str = ""
    detected: Detection | None = None
    ends: tuple[Condition, ...] = ()
    never: tuple[Condition, ...] = ()

    def told(self) -> Iterator[str]:
        """Yield each of them in words."""
        if self.outcome:
            yield f"outcome {self.outcome}"
        if self.detected is not None:
            yield str(self.detected)
        yield from (f"ends: {condition}" for condition in self.ends)
        yield from (f"never: {condition}" for condition in self.never)


@dataclass(frozen=True, slots=True)
class Expected:
    """One thing that was expected, whether it came, and what was seen instead."""

    expected: str
    met: bool
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was expected held against what came.

    Attributes
    ----------
    detected_by
        The condition, step or line by which the procedure first noticed the fault; None if it did not.
    detected_after
        How long after the first fault [s].
    """

    detected_by: str | None
    detected_after: float | None
    judged: tuple[Expected, ...]

    @property
    def as_expected(self) -> bool:
        """Whether all came as it was expected."""
        return all(each.met for each in self.judged)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "as_expected": self.as_expected,
            "detected_by": self.detected_by,
            "detected_after_s": self.detected_after,
            "judged": [asdict(each) for each in self.judged],
        }


def find_detection(records: Sequence[Record], by: str = "") -> tuple[str, float] | None:
    """Return by what, and how long [s] after the first fault, the procedure has noticed it; None if it has not.

    Parameters
    ----------
    records
        Of the journal, in order.
    by
        Text of the condition, or id of the step, that is asked for; empty for whatever comes first.
    """
    began: float | None = None
    end = next((record.get("because", "") for record in reversed(records) if record["kind"] == "end"), "")
    for record in records:
        if began is None:
            if record["kind"] == "fault" and record["what"] == "injected":
                began = record["t"]
            continue
        notice = _notice(record, end)
        if notice is not None and (not by or by in notice or any(word.endswith(f"/{by}") for word in notice)):
            return notice[0], round(record["t"] - began, 6)
    return None


def _notice(record: Record, end: str) -> tuple[str, ...] | None:
    """Return how the procedure notices something by a record, in several words; None if it does not.

    `end` is why it failed in the end: the failure of a step that is dealt with is not told there.
    """
    match record["kind"]:
        case "condition" if record["truth"] is not True and _is_of_procedure(record["who"]):
            return record["condition"], record["where"]
        case "step" if record["what"] == "failed" and record["because"] in end:
            return f"step {record['step']}", record["step"]
        case "log" if record["level"] == "error":
            return record["message"], record["step"]
        case "end" if record["outcome"] == "failed":
            return (record.get("because", "the end"),)
    return None


def _is_of_procedure(who: str) -> bool:
    return who == "observer" or who.startswith("Script:")


class _Snapshot:
    """Reads names off an observatory as it was left."""

    def __init__(
        self, snapshot: Mapping[str, Any], vocabulary: ObservatoryVocabulary, images: Sequence[Exposure]
    ) -> None:
        self._snapshot = snapshot
        self._vocabulary = vocabulary
        self._images = images

    def read(self, name: Name) -> Value | None:
        """Return the value of a name; None if it is unknown."""
        if name.function is not None:
            return self._of_images(name)
        head = name.parts[0]
        members = self._vocabulary.groups.get(head)
        if members is not None:
            return {member: self._state(member) for member in members}
        component = self._vocabulary.canonical(head)
        if len(name.parts) == 1 or name.parts[1] == "summary":
            return self._state(component)
        found = self._snapshot.get(component, {"machines": {}, "outputs": {}})
        value: Value | None = found["machines"].get(name.parts[1], found["outputs"].get(name.parts[1]))
        return value

    def _state(self, component: str) -> str | None:
        found = self._snapshot.get(component)
        return None if found is None else found["summary_state"]

    def _of_images(self, name: Name) -> Value | None:
        from csc.latiss.images import ImageStore

        store = ImageStore()
        for image in self._images:
            store.append(image)
        arguments: dict[str, Any] = dict(name.arguments)
        kind = str(arguments.pop("kind"))
        if name.function == "count":
            return int(store.count(kind, **arguments))
        latest = store.last(kind, **arguments)
        value: Value | None = None if latest is None else getattr(latest, name.parts[0])
        return value


def judge_expectations(
    expectations: Expectations,
    records: Sequence[Record],
    snapshot: Mapping[str, Any],
    *,
    vocabulary: ObservatoryVocabulary,
    images: Sequence[Exposure] = (),
) -> Judgement:
    """Hold what was expected against what came.

    Parameters
    ----------
    records
        All of the journal, in order, up to its end.
    snapshot
        Every component as it was left, by its name on the bus: `Observatory.snapshot`, or a report's `components`.
    vocabulary
        The names that expectations may use.
    images
        That were taken.
    """
    outcome = next((record["outcome"] for record in reversed(records) if record["kind"] == "end"), "")
    first = find_detection(records)
    judged: list[Expected] = []
    if expectations.outcome:
        met = outcome == expectations.outcome
        judged.append(Expected(f"outcome {expectations.outcome}", met, "" if met else f"it has {outcome}"))
    if expectations.detected is not None:
        judged.append(_judge_detection(expectations.detected, records, first))
    scope = _Snapshot(snapshot, vocabulary, images)
    for condition in expectations.ends:
        met = condition.evaluate(scope) is True
        judged.append(Expected(f"ends: {condition}", met, "" if met else condition.explain(scope)))
    came = {record["condition"]: record for record in records if record["kind"] == "expectation"}
    for condition in expectations.never:
        record = came.get(str(condition))
        because = "" if record is None else f"at {record['t']:g} s: {record['because']}"
        judged.append(Expected(f"never: {condition}", record is None, because))
    by, after = first if first is not None else (None, None)
    return Judgement(detected_by=by, detected_after=after, judged=tuple(judged))


def _judge_detection(wanted: Detection, records: Sequence[Record], first: tuple[str, float] | None) -> Expected:
    def told(found: tuple[str, float]) -> str:
        return f"{found[0]}, {found[1]:g} s after the fault"

    if not wanted.happens:
        return Expected(str(wanted), first is None, "" if first is None else f"it was, by {told(first)}")
    found = find_detection(records, wanted.by) if wanted.by else first
    if found is None:
        instead = f"; first noticed by {told(first)}" if first is not None else ""
        happened = any(record["kind"] == "fault" for record in records)
        return Expected(str(wanted), False, f"it was not{instead}" if happened else "no fault has happened")
    met = wanted.within is None or found[1] <= wanted.within
    return Expected(str(wanted), met, told(found))
