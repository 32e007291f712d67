"""What would bring about what never came about, in words: where the data sheet tells it without trying.

Whether it can come about at all is not asked here: that is what exploration is for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from csc import Blueprint
from csc.diagrams import charts_of
from csc.summary_state import SummaryState
from fsm import ANY, Transition
from procedures.coverage.item import Item, all_steps, errors_of, label_of
from procedures.coverage.refusals import STATE
from procedures.model import Procedure, When
from procedures.walk import inner_steps, walk_steps

__all__ = ["ComponentAdvice", "ProcedureAdvice"]

_UNKNOWN = "on"
"""Before a trigger of which the data sheet's words do not tell who fires it."""


@dataclass(frozen=True, slots=True)
class ComponentAdvice:
    """Tells it of a component.

    Attributes
    ----------
    name
        Its name on the bus, for command lines.
    """

    plan: Blueprint
    name: str

    def words(self, item: Item) -> tuple[str, str]:
        """Return what never came about, and what would reach it; empty where that cannot be told."""
        match item:
            case ("state", _, machine, state):
                return f"{machine} {state}", self._into(machine, state)
            case ("transition", _, machine, source, target, label):
                left = "any state" if source == ANY else source
                way = f"{left} → {target}" if target else f"in {left}"
                rows = (row for row in charts_of(self.plan)[machine].transitions if label_of(row) == label)
                causes = [self._cause(trigger) for row in rows for trigger in row.on]
                known = [cause for cause in dict.fromkeys(causes) if not cause.startswith(_UNKNOWN)]
                return f"{machine} {way}, {label}", " or ".join(known)
            case ("refusal", _, command, reason):
                return f"{command} refused: {reason}", self._refused(command, reason)
            case ("fault", _, fault, "injected"):
                return f"{fault} injected", f"--fault {self.name}.{fault}"
            case ("fault", _, fault, _):
                return f"{fault} cured", self.plan.faults[fault].cure
            case ("error", _, code):
                return f"error {code} {errors_of(self.plan)[int(code)]}", self._failing(code)
        return " ".join(item[2:]), ""

    def _into(self, machine: str, state: str) -> str:
        rows = [row for row in charts_of(self.plan)[machine].transitions if row.target == state]
        found = [f"from {_left(row)} {self._by(row)}" for row in rows]
        return "; ".join(dict.fromkeys(found)) or "no row leads there"

    def _by(self, row: Transition) -> str:
        if row.after is not None:
            return f"after {row.after}"
        told = " or ".join(self._cause(trigger) for trigger in row.on)
        return told if row.guard is None else f"{told} while {row.guard}"

    def _cause(self, trigger: str) -> str:
        """Say what fires a trigger."""
        plan = self.plan
        if trigger in plan.commands:
            return f"by command {trigger}"
        for name, fault in plan.faults.items():
            if any(effect.kind == "fire" and effect.target == trigger for effect in fault.effects):
                return f"by --fault {self.name}.{name}"
            if trigger == f"{name}_cleared":
                return f'when --fault "{self.name}.{name} for 5 min" is over'
        return "by a fault" if trigger == "fault" else f"{_UNKNOWN} {trigger}"

    def _refused(self, command: str, reason: str) -> str:
        plan = self.plan.commands[command]
        if reason == STATE:
            return f"send it in {' or '.join(state for state in SummaryState.__members__ if state not in plan.states)}"
        for guard in plan.guards:
            if guard.otherwise.text == reason:
                return f"send it while this is not so: {guard.that}"
        for failure in plan.fails:
            if failure.because.text == reason:
                return f"send it and bring this about: {failure.when}"
        return ""

    def _failing(self, code: str) -> str:
        names = [name for name, (number, _) in self.plan.errors.items() if str(number) == code]
        return "; ".join(dict.fromkeys(way for name in names for way in self._raising(name)))

    def _raising(self, error: str) -> Iterator[str]:
        for name, fault in self.plan.faults.items():
            if any(effect.kind == "fault" and effect.target == error for effect in fault.effects):
                yield f"--fault {self.name}.{name}"
        for chart in self.plan.machines.values():
            for row in chart.transitions:
                if row.fault == error:
                    yield f"{chart.name} {self._by(row)}"
        if error in self.plan.fails:
            yield f"computed while {self.plan.fails[error]}"


def _left(row: Transition) -> str:
    return "any state" if ANY in row.sources else " or ".join(row.sources)


@dataclass(frozen=True, slots=True)
class ProcedureAdvice:
    """Tells it of a procedure."""

    procedure: Procedure

    def words(self, item: Item) -> tuple[str, str]:
        """Return what never came about, and what would reach it; empty where that cannot be told."""
        match item:
            case ("step", _, step, "begun"):
                return f"{step} begun", self._reached(step)
            case ("step", _, step, what):
                return f"{step} {what}", ""
            case ("condition", _, step, what, text, truth):
                where = f"{step} {what}".strip()
                return f"{where} {truth}: {text}", ""
        return " ".join(item[2:]), ""

    def _reached(self, step: str) -> str:
        """Say under which circumstances a step is taken at all."""
        if any(each.id == step for each in walk_steps((*self.procedure.on_failure, *self.procedure.cleanup))):
            return "taken only when the procedure fails"
        for outer in all_steps(self.procedure):
            if outer.on_failure and any(each.id == step for each in walk_steps(outer.on_failure)):
                return f"taken only when step {outer.id} fails"
            if isinstance(outer, When):
                for name, steps in inner_steps(outer):
                    if any(each.id == step for each in steps):
                        return f"taken {'unless' if name else 'if'} {outer.condition}"
        return ""
