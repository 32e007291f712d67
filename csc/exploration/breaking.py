"""Faults as actions, and their cures. One thing is broken at a time; when it is cured another may break.

A fault that holds a trigger back keeps it from the machines; one that sets a parameter or an output does so until it
is cured, as in a running component. Cures that no command brings are made by hand.
"""

from __future__ import annotations

from collections.abc import Iterator

from csc.blueprint import Effect, Fault
from csc.exploration.layout import Layout, Loose
from csc.exploration.part import Part, fault_parameter
from csc.exploration.standing import FALL
from fsm import Name
from fsm.conditions import estimate
from fsm.explore import Action, Decision, Overlay, Situation, Way

__all__ = ["actions", "reactions"]


def actions(layout: Layout, part: Part) -> Iterator[Action]:
    """Yield the faults of a component, and what people do about them."""
    for fault in part.breakable:
        yield _injection(layout, part, fault)
        for trigger in part.mended_by(fault):
            yield _by_hand(layout, part, fault, f"{part.name}.{trigger}", f"{part.name}: {trigger}")
        if not fault.cured_by:
            yield _cleared(layout, part, fault)


def _number(layout: Layout, part: Part, fault: Fault) -> int:
    return 1 + layout.faults.index(f"{part.name}.{fault.name}")


def _place(layout: Layout) -> int:
    if layout.fault is None:  # pragma: no cover  # who asks for faults has a place for them
        raise ValueError("nothing can break here")
    return layout.fault


def _injection(layout: Layout, part: Part, fault: Fault) -> Action:
    place, number = _place(layout), _number(layout, part, fault)
    steps = tuple(_step(part, fault, effect, order) for order, effect in enumerate(fault.effects))
    begins = Way(sets=((place, number),), afterwards=tuple(step for step in steps if step is not None))

    def ways(situation: Situation) -> list[Way]:
        return [] if situation[0] else [begins]

    return Action(f"{part.name}.{fault.name}", "fault", Decision((place,), frozenset((place,)), ways))


def _step(part: Part, fault: Fault, effect: Effect, order: int) -> str | None:
    """Return the trigger that brings about an effect; None if it shows in no place."""
    match effect.kind:
        case "fire":
            return f"{part.name}.{effect.target}"
        case "fault":
            return f"{part.name}.{FALL}"
        case "set":
            return f"{part.name}.({fault.name} sets {order})"
    return None


def _by_hand(layout: Layout, part: Part, fault: Fault, trigger: str, shown: str) -> Action:
    place, number = _place(layout), _number(layout, part, fault)

    def ways(situation: Situation) -> list[Way]:
        return [Way(emits=(trigger,))] if situation[0] == number else []

    return Action(shown, "cure", Decision((place,), frozenset(), ways))


def _cleared(layout: Layout, part: Part, fault: Fault) -> Action:
    return Action(f"{part.name}: {fault.name} is cleared", "cure", _cure(layout, part, fault))


def reactions(layout: Layout, part: Part) -> Iterator[tuple[str, Decision]]:
    """Yield what faults make of triggers before the machines are given them: those held back come first."""
    for fault in part.breakable:
        for effect in fault.effects:
            if effect.kind == "hold":
                yield f"{part.name}.{effect.target}", _held(layout, part, fault, always=effect.amount is None)
    for fault in part.breakable:
        for trigger in fault.cured_by:
            yield f"{part.name}.{trigger}", _cure(layout, part, fault, otherwise=(Way(),))
        for order, effect in enumerate(fault.effects):
            if effect.kind == "set":
                yield f"{part.name}.({fault.name} sets {order})", _set(layout, part, fault, effect)


def _held(layout: Layout, part: Part, fault: Fault, *, always: bool) -> Decision:
    place, number = _place(layout), _number(layout, part, fault)

    def ways(situation: Situation) -> list[Way]:
        if situation[0] != number:
            return [Way()]
        return [Way(stops=True)] if always else [Way(stops=True), Way()]

    return Decision((place,), frozenset(), ways)


def _cure(layout: Layout, part: Part, fault: Fault, otherwise: tuple[Way, ...] = ()) -> Decision:
    place, number = _place(layout), _number(layout, part, fault)
    set_by = {target for effect in fault.effects for target, _ in effect.values}
    mine = [layout.place(part.name, target) for target in set_by if target in part.plan.parameters]
    restored = tuple(sorted((each, 0) for each in mine if each is not None))
    way = Way(sets=((place, 0), *restored), emits=(f"{part.name}.{fault.name}_cleared",))

    def ways(situation: Situation) -> list[Way]:
        return [way] if situation[0] == number else list(otherwise)

    return Decision((place,), frozenset((place, *(each for each, _ in restored))), ways)


def _set(layout: Layout, part: Part, fault: Fault, effect: Effect) -> Decision:
    known = {Name(("fault", key)): fault_parameter(each) for key, each in fault.parameters.items()}
    view = Overlay(Loose(part), known)
    assigned = {target: estimate(expression, view) for target, expression in effect.values}
    ways = [Way(sets=sets) for sets in layout.store(part, assigned)]
    touches = {place for way in ways for place, _ in way.sets}
    return Decision((), frozenset(touches), lambda _: ways)
