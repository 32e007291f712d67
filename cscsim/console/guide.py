"""The procedure at hand: its page as data, and each step as it stands now.

The person follows it; the console only looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cscsim.console.unrolling import Part, unroll
from fsm import Condition, Scope
from procedures import Library, Procedure, model
from procedures.model import Check, Step
from procedures.telling import tell
from procedures.walk import inner_steps

__all__ = ["Guide", "GuideStep", "conditions_of", "outline"]

_KINDS: Mapping[type[Step], str] = {
    model.Command: "command",
    model.SummaryStateStep: "state",
    model.Wait: "wait",
    model.Expect: "expect",
    model.Confirm: "confirm",
    model.Announce: "announce",
    model.Call: "call",
    Part: "call",
    model.Block: "block",
    model.TakeImages: "images",
    model.When: "when",
    model.Repeat: "repeat",
    model.ForEach: "for_each",
    model.Parallel: "parallel",
    model.Background: "background",
    model.Let: "let",
    model.Log: "log",
    model.Checkpoint: "checkpoint",
    model.Pipeline: "pipeline",
    model.Join: "join",
    model.Ingested: "ingested",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideStep:
    """A step of the guide; `depth` is how many others it lies in."""

    step: Step
    depth: int

    @property
    def id(self) -> str:
        """Its id."""
        return self.step.id


@dataclass(frozen=True, slots=True)
class Guide:
    """A procedure that somebody follows, its steps in the order of the page."""

    procedure: Procedure
    unrolled: tuple[Step, ...]
    steps: tuple[GuideStep, ...]

    @classmethod
    def of(cls, procedure: Procedure, library: Library) -> Guide:
        """Lay a procedure out, with what it has carried out here in its place."""
        unrolled = unroll(procedure.steps, library)
        return cls(procedure, unrolled, tuple(_flat(unrolled, 0)))

    def whole(self, identity: str) -> Step | None:
        """Return a step as the procedure has it, if it lies in no other one."""
        return next((step for step in self.procedure.steps if step.id == identity), None)

    def find(self, identity: str) -> GuideStep | None:
        """Return a step by its id; None if there is none."""
        return next((each for each in self.steps if each.id == identity), None)


def _flat(steps: Sequence[Step], depth: int) -> Iterator[GuideStep]:
    for step in steps:
        yield GuideStep(step=step, depth=depth)
        for _, inner in inner_steps(step):
            yield from _flat(inner, depth + 1)


def outline(guide: Guide, duration: float | None) -> dict[str, Any]:
    """Return the page of a procedure."""
    procedure = guide.procedure
    return {
        "name": procedure.name,
        "title": procedure.title,
        "overview": procedure.overview,
        "kind": procedure.kind,
        "warnings": list(procedure.warnings),
        "duration": duration,
        "preconditions": [str(check.that) for check in procedure.preconditions],
        "postconditions": [str(check.that) for check in procedure.postconditions],
        "steps": [_outlined(each) for each in guide.steps],
    }


def _outlined(each: GuideStep) -> dict[str, Any]:
    step = each.step
    return {
        "id": step.id,
        "name": step.name,
        "kind": _KINDS.get(type(step), "step"),
        "does": "\n".join(tell(step.call if isinstance(step, Part) else step)),
        "depth": each.depth,
        "look_at": list(step.look_at) if isinstance(step, model.Confirm) else [],
        "can_be_done": each.depth == 0,
        "opens": _opens(step),
    }


def _opens(step: Step) -> str:
    """Return where on the page a step is done."""
    match step:
        case model.Command():
            return f"#/component/{step.component}"
        case model.SummaryStateStep():
            return "#/components"
        case model.Call() if step.via is not None:
            return f"#/queue?add={_text(step.procedure)}"
        case model.Block():
            return f"#/component/{step.via}"
        case model.TakeImages():
            return "#/component/ATCamera"
        case model.Wait() | model.Expect():
            condition = step.until if isinstance(step, model.Wait) else step.check.that
            heads = sorted(name.parts[0] for name in (condition.names if condition else ()) if name.function is None)
            return f"#/component/{heads[0]}" if heads else ""
    return ""


def _text(argument: Any) -> str:
    return str(getattr(argument, "text", argument))


def conditions_of(step: Step, scope: Scope) -> list[dict[str, Any]]:
    """Return the conditions of a step with what they are now."""
    told = [("before", check.that) for check in step.preconditions]
    match step:
        case model.Wait():
            told += [("waits until", step.until)] if step.until is not None else []
            told += [("fails if", unless.when) for unless in step.unless]
        case model.Expect():
            told.append(("expects", step.check.that))
        case model.When():
            told.append(("when", step.condition))
        case model.Repeat() if step.until is not None:
            told.append(("waits until", step.until))
    told += [("meanwhile", check.that) for check in step.invariants]
    told += [("after", check.that) for check in step.postconditions]
    return [{"role": role, **judged(condition, scope)} for role, condition in told]


def judged(condition: Condition, scope: Scope) -> dict[str, Any]:
    """Return what a condition is now, and why."""
    return {
        "condition": str(condition),
        "truth": condition.evaluate(scope),
        "because": condition.explain(scope),
    }


def checked(checks: Sequence[Check], scope: Scope) -> list[dict[str, Any]]:
    """Return what several conditions are now."""
    return [judged(check.that, scope) for check in checks]
