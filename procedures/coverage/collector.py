"""Who counts what comes about in a run: from its records, and from what is too small for one.

Counting is cheap and naming is not: while the run goes on, only numbers go up; items are named at its end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Protocol

from csc import Blueprint, Observatory
from csc.diagrams import charts_of
from fsm import Record
from procedures.coverage.calls import Finder, root_of
from procedures.coverage.item import Item, conditions_of, label_of
from procedures.coverage.refusals import find_reasons
from procedures.coverage.seen import Seen
from procedures.frame import Stage
from procedures.model import Procedure
from procedures.rehearsal import Rehearsal

__all__ = ["Collector", "collect_records"]

_JUDGED = ("precondition", "postcondition", "invariant", "expect")
_TRUTHS = {True: "true", False: "false", None: "unknown"}
_ENDED = {"injected": "injected", "cured": "cured", "cleared": "cured"}
_STEPS = {"started": "begun", "done": "done", "failed": "failed"}


class _Locator(Protocol):
    """Finds the procedure that somebody carries out inside certain steps."""

    def __call__(self, who: str, callers: tuple[str, ...]) -> str | None:
        """Return its name; None if it is not known."""


class Collector:
    """A spectator that counts what comes about.

    Parameters
    ----------
    plans
        Blueprints by component; those of the observatory if left out.
    locate
        Finds procedures; those that are being carried out are known if left out.
    """

    def __init__(self, plans: Mapping[str, Blueprint] | None = None, locate: _Locator | None = None) -> None:
        self._plans = dict(plans or {})
        self._locate = locate or self._carried_out
        self._stage: Stage | None = None
        self._counts: Counter[Item] = Counter()
        self._at: dict[tuple[str, str], str] = {}
        self._moves: Counter[tuple[tuple[str, str], str, str]] = Counter()
        self._hears_not = True
        self._rows: Counter[tuple[str, int, str]] = Counter()
        self._asked: Counter[tuple[str, int, Any]] = Counter()
        self._procedures: dict[str, Procedure] = {}
        self._under_way: dict[tuple[str, str], tuple[str, str]] = {}
        self._takes: dict[str, Callable[[Record], None]] = {
            "transition": self._take_transition,
            "step": self._take_step,
            "ack": self._take_ack,
            "event": self._take_event,
            "condition": self._take_condition,
            "fault": self._take_fault,
        }

    def begin(self, rehearsal: Rehearsal, observatory: Observatory) -> None:
        """Listen to a rehearsal, too, for what it does not record."""
        self._stage = rehearsal.library.stage
        self._plans |= observatory.catalogue
        for record in observatory.journal.records:
            self.see(record)
        self._hears_not = False
        for name, component in observatory.components.items():
            for machine in (component.standing.machine, *component.machines.values()):
                if machine is not None and (name, machine.name) not in self._at:
                    self.begin_at(name, machine.name, machine.state)
        observatory.journal.aside = self._hear

    def begin_at(self, name: str, machine: str, state: str) -> None:
        """Learn in which state a machine begins."""
        self._at[name, machine] = state
        self._counts["state", name.partition(":")[0], machine, state] += 1

    def _carried_out(self, who: str, callers: tuple[str, ...]) -> str | None:
        prefix = "".join(f"{step}/" for step in callers)
        for frame in reversed(self._stage.frames if self._stage is not None else ()):
            if frame.who == who and frame.prefix == prefix:
                self._procedures[frame.procedure.name] = frame.procedure
                return frame.procedure.name
        return None

    # ------------------------------------------------------------- what comes

    def see(self, record: Record) -> None:
        """Count what a record tells."""
        if take := self._takes.get(record["kind"]):
            take(record)

    def _hear(self, kind: str, who: str, what: object, more: object) -> None:
        if kind == "row":
            self._rows[who, id(what), str(more)] += 1
        elif kind == "condition":
            self._asked[who, id(what), more] += 1

    def _take_transition(self, record: Record) -> None:
        place = (record["who"], record["machine"])
        if self._at.get(place) != record["source"]:  # a component that was not there before, or has begun again
            self.begin_at(*place, record["source"])
        self._at[place] = record["state"]
        if self._hears_not:
            self._moves[place, record["source"], record["state"]] += 1

    def _take_step(self, record: Record) -> None:
        who, what = record["who"], record["what"]
        *callers, step = record["step"].split("/")
        key = (who, record["step"])
        if what == "started":
            procedure = self._locate(who, tuple(callers))
            if procedure is None:
                return
            self._under_way[key] = (procedure, step)
        else:
            found = self._under_way.pop(key, None)
            if found is None:
                return
            procedure = found[0]
        if what in _STEPS:
            self._counts["step", procedure, step, _STEPS[what]] += 1

    def _take_ack(self, record: Record) -> None:
        ack = record["ack"]
        if ack not in ("FAILED", "TIMEOUT"):
            return
        plan = self._plans.get(record["who"].partition(":")[0])
        if plan is not None:
            for reason in find_reasons(plan, record["command"], ack, record["result"]):
                self._counts["refusal", plan.component, record["command"], reason] += 1

    def _take_event(self, record: Record) -> None:
        if record["topic"] == "errorCode" and (code := record["data"].get("errorCode")):
            self._counts["error", record["who"].partition(":")[0], str(code)] += 1

    def _take_condition(self, record: Record) -> None:
        """Count a condition that a step or a procedure judges; where it is says `procedure step what`."""
        procedure, *step, what = record["where"].rsplit(" ", 2)
        if what in _JUDGED:
            place = step[0].rpartition("/")[2] if step else ""
            truth = _TRUTHS[record["truth"]]
            self._counts["condition", procedure, place, what, record["condition"], truth] += 1

    def _take_fault(self, record: Record) -> None:
        who, fault = record["who"], record["fault"]
        what = _ENDED.get(record["what"])
        if what is not None:
            self._counts["fault", who.partition(":")[0], fault, what] += 1
        if what == "injected":
            for procedure, step in dict.fromkeys(self._under_way.values()):
                self._counts["struck", procedure, step, f"{who}.{fault}"] += 1

    # ------------------------------------------------------------- what it was

    def seen(self) -> Seen:
        """Return what has come about so far."""
        counts = self._counts.copy()
        for ((who, machine), source, state), count in self._moves.items():
            kind = who.partition(":")[0]
            counts["state", kind, machine, state] += count
            counts["transition", kind, machine, source, state, ""] += count
        rows = {kind: _rows(self._plans[kind]) for kind in {who.partition(":")[0] for who, _, _ in self._rows}}
        for (who, number, source), count in self._rows.items():
            kind = who.partition(":")[0]
            if number not in rows[kind]:
                continue
            machine, target, label = rows[kind][number]
            counts["transition", kind, machine, source, target, label] += count
            if target:
                counts["state", kind, machine, target] += count
        asked = {name: _asked(procedure) for name, procedure in self._procedures.items()}
        for (name, number, truth), count in self._asked.items():
            for place, what, text in asked.get(name, {}).get(number, ()):
                counts["condition", name, place, what, text, _TRUTHS[truth]] += count
        return Seen(counts=counts)


@lru_cache(maxsize=256)
def _rows(plan: Blueprint) -> dict[int, tuple[str, str, str]]:
    """Return machine, target and label of each row by its identity; the blueprint keeps them alive."""
    return {
        id(row): (chart.name, row.target or "", label_of(row))
        for chart in charts_of(plan).values()
        for row in chart.transitions
    }


@lru_cache(maxsize=256)
def _asked(procedure: Procedure) -> dict[int, list[tuple[str, str, str]]]:
    found: dict[int, list[tuple[str, str, str]]] = {}
    for place, what, check in conditions_of(procedure):
        found.setdefault(id(check.that), []).append((place, what, str(check.that)))
    return found


def collect_records(
    records: Iterable[Record],
    plans: Mapping[str, Blueprint],
    finder: Finder | None,
    begins: Mapping[str, Mapping[str, str]],
) -> Seen:
    """Count what records alone tell: not which of several rows was taken, nor what came of waits and choices.

    Parameters
    ----------
    plans
        Blueprints by component.
    finder
        Follows calls; None counts no steps.
    begins
        States in which the machines of components begin, by name on the bus.
    """
    roots: dict[str, str] = {}

    def locate(who: str, callers: tuple[str, ...]) -> str | None:
        return finder.called(roots[who], callers) if finder is not None and who in roots else None

    collector = Collector(plans, locate)
    for name, states in begins.items():
        for machine, state in states.items():
            collector.begin_at(name, machine, state)
    for record in records:
        root = root_of(record)
        if root is not None:
            roots[record["who"]] = root
        collector.see(record)
    return collector.seen()
