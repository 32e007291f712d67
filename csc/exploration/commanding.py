"""Commands as actions: who may send one, what it may carry, and what it sets off.

Fields that hold a truth value or one of a few numbers, and on which something hangs, are tried one by one, so that
all machines see the same command; of other fields each condition holds perhaps.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from csc.blueprint import Command
from csc.exploration.layout import Loose
from csc.exploration.part import Part, argument, values_of
from csc.exploration.standing import Summary
from csc.exploration.turning import Turning
from fsm import Condition, Name
from fsm.conditions import Possible, View, narrow
from fsm.explore import Action, Decision, Overlay, Reader, Rows, Sight, Situation, Way

__all__ = ["accepting", "guarded", "variants"]

_MOST = 32
"""A command has no more variants than this."""


def variants(part: Part, command: Command) -> Iterator[tuple[str, Mapping[str, Possible]]]:
    """Yield the variants of a command: what comes after its name, and what its fields are."""
    rows = [row for row in part.rows if command.name in row.on]
    conditions = [row.guard for row in rows] + [guard.that for guard in command.guards] + [command.ignored_when]
    named = {name for each in conditions if each is not None for name in each.names}
    named |= {name for row in rows for _, expression in row.assign for name in expression.names}
    fields = sorted(name.parts[1] for name in named if name.parts[0] == "argument" and name.parts[1] in command.fields)
    lists = {field: each for field in fields if len(each := values_of(argument(command.fields[field]))) > 1}
    if not lists or math.prod(map(len, lists.values())) > _MOST:
        yield "", {}
        return
    for chosen in itertools.product(*lists.values()):
        values = dict(zip(lists, chosen, strict=True))
        units = {field: command.fields[field].unit for field in values}
        shown = ", ".join(f"{field}={value.shown(units[field])}" for field, value in values.items())
        yield f"({shown})", values


def guarded(part: Part, command: Command, arguments: Mapping[str, Possible]) -> Mapping[str, Possible] | None:
    """Return what the fields of a command may be where it passes its guards; None if it never does.

    Parameters
    ----------
    arguments
        What some of them are in this variant.
    """
    fields = {name: arguments.get(name, argument(field)) for name, field in command.fields.items()}
    if part.takes_time(command):
        return fields
    view: View = Overlay(Loose(part), {Name(("argument", name)): value for name, value in fields.items()})
    for guard in command.guards:
        known = narrow(guard.that, view, holds=True)
        if known is None:
            return None
        view = Overlay(view, known)
    found = {name: view.possible(Name(("argument", name))) for name in fields}
    return {name: value for name, value in found.items() if isinstance(value, Possible)}


def accepting(
    part: Part,
    command: Command,
    suffix: str,
    summary: Summary,
    read: Reader,
    listeners: Sequence[Rows],
    turning: Sequence[Turning],
) -> Action:
    """Return a command as an action.

    Parameters
    ----------
    suffix
        What comes after the command's name in this variant.
    read
        What names stand for in this variant.
    listeners
        What the machines do when they are given it.
    turning
        Flags that the behaviour may set when it computes for it.
    """
    acceptance = _Acceptance(part, command, summary, read, listeners)
    flags = turning if part.computes_for(command) else ()
    order = tuple(sorted({*acceptance.looks, *(place for flag in flags for place in flag.looks)}))
    trigger = f"{part.name}.{command.name}{suffix}"

    def ways(situation: Situation) -> list[Way]:
        values = dict(zip(order, situation, strict=True))
        way = acceptance.way(values, trigger)
        if way is None:
            return []
        turns = itertools.product(*(flag.turns(values) for flag in flags))
        return [replace(way, sets=(*way.sets, *itertools.chain(*sets))) for sets in turns]

    touches = {*(summary.touches if command.changes_state else ()), *(flag.place for flag in flags)}
    return Action(trigger, "command", Decision(order, frozenset(touches), ways))


class _Acceptance:
    """Whether a component may take a command, and what follows."""

    def __init__(self, part: Part, command: Command, summary: Summary, read: Reader, listeners: Sequence[Rows]) -> None:
        asked = summary.asked
        self._command = command
        self._summary = summary
        self._ignored = None if command.ignored_when is None else asked.rewritten(command.ignored_when)
        guards = () if part.takes_time(command) else command.guards
        self._guards = tuple(asked.rewritten(guard.that) for guard in guards)
        self._sight = Sight(read, [*self._guards, *([] if self._ignored is None else [self._ignored])])
        self._rows = listeners if command.changes_state else ()
        looks = {*self._sight.looks, *(place for rows in self._rows for place in rows.looks)}
        self.looks = looks | ({summary.place} if summary.place is not None else set())

    def way(self, values: Mapping[int, int], trigger: str) -> Way | None:
        """Return what follows; None if it is refused, or has nothing to do."""
        command, summary = self._command, self._summary
        standing = values[summary.place] if summary.place is not None else 0
        if summary.place is not None and summary.name(standing) not in command.states:
            return None
        if not any(_accepted(self._ignored, self._guards, view) for view in self._sight.cases(values)):
            return None
        if self._rows and not any(_taken(rows, values) for rows in self._rows):
            return None
        changed = summary.change(command.name, standing) if command.changes_state else None
        if changed is None:
            return Way(emits=(trigger,))
        return replace(changed, emits=(trigger, *changed.emits))


def _accepted(ignored: Condition | None, guards: Sequence[Condition], view: View) -> bool:
    """Tell whether a command may pass its guards, all of them together."""
    if ignored is not None:
        known = narrow(ignored, view, holds=False)
        if known is None:
            return False
        view = Overlay(view, known)
    for guard in guards:
        known = narrow(guard, view, holds=True)
        if known is None:
            return False
        view = Overlay(view, known)
    return True


def _taken(rows: Rows, values: Mapping[int, int]) -> bool:
    situation = tuple(values[place] for place in rows.looks)
    return any(way.mark is not None for way in rows.ways(situation))
