"""The frozen data of a state machine: states, transitions, timers, invariants.

A statechart only states; `fsm.machine` runs it, `fsm.diagrams` draws it, a checker reasons about it.
Every transition is one row of a table. Rows of one trigger are tried in their order; the first whose guard
holds is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from fsm.conditions import Condition, Expression, Name, Scope

__all__ = ["ANY", "State", "Statechart", "Template", "Transition"]

ANY = "*"
"""In a row's `sources`: from every state."""


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence with values in it, such as ``attempt {attempt} of {max_retries}``.

    `parts` alternates words and (expression, format) pairs.
    """

    text: str
    parts: tuple[str | tuple[Expression, str], ...]

    @property
    def names(self) -> frozenset[Name]:
        """The names whose values enter the sentence."""
        return frozenset(name for part in self.parts if isinstance(part, tuple) for name in part[0].names)

    def fill(self, scope: Scope) -> str:
        """Write the sentence with the values of now."""
        return "".join(part if isinstance(part, str) else _show(part, scope) for part in self.parts)


_HOLE = re.compile(r"\{([^{}:]+)(?::([^{}]*))?\}")


def split_template(text: str) -> Iterator[str | tuple[str, str]]:
    """Yield the words of a template and, for each hole, its expression and format as text."""
    end = 0
    for hole in _HOLE.finditer(text):
        if hole.start() > end:
            yield text[end : hole.start()]
        yield hole[1], hole[2] or ""
        end = hole.end()
    if end < len(text):
        yield text[end:]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One state of a machine.

    Attributes
    ----------
    value
        SAL's number for it, where SAL has one.
    publishes
        Fields of events, as ``event.field``, and the value that each has in this state.
    invariants
        Conditions that hold while the machine is in this state.
    """

    name: str
    meaning: str = ""
    value: int | None = None
    publishes: tuple[tuple[str, object], ...] = ()
    invariants: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row of a machine's table.

    Attributes
    ----------
    on
        Triggers that may take it; empty for a timed row.
    after
        Time in the source state [s] after which it is taken; None for a triggered row.
    sources
        States it leaves, or `ANY`.
    target
        State it enters; None stays without leaving.
    guard
        What must hold.
    raises
        What a caller is told when the guard does not hold.
    emits
        Triggers fired in the same component afterwards.
    assign
        Outputs that are set, in order, before the state changes.
    fault
        Name of the error with which the component goes to FAULT.
    log
        Level and sentence for the component's log.
    """

    on: tuple[str, ...] = ()
    after: Expression | None = None
    sources: tuple[str, ...]
    target: str | None = None
    guard: Condition | None = None
    raises: Template | None = None
    emits: tuple[str, ...] = ()
    assign: tuple[tuple[str, Expression], ...] = ()
    fault: str | None = None
    log: tuple[str, Template] | None = None

    def leaves(self, state: str) -> bool:
        """Tell whether the row may be taken from `state`."""
        return ANY in self.sources or state in self.sources


@dataclass(frozen=True, eq=False, kw_only=True)
class Statechart:
    """A machine as data.

    Attributes
    ----------
    carrier
        The event's field, as ``event.field``, that carries the state's SAL number; None if none does.
    """

    name: str
    meaning: str = ""
    initial: str
    states: tuple[State, ...]
    transitions: tuple[Transition, ...] = field(default=())
    carrier: str | None = None

    @cached_property
    def state_names(self) -> tuple[str, ...]:
        """Names of the states, in the order of the sheet."""
        return tuple(state.name for state in self.states)

    @cached_property
    def by_name(self) -> dict[str, State]:
        """The states by name."""
        return {state.name: state for state in self.states}

    @cached_property
    def triggers(self) -> frozenset[str]:
        """Every trigger that some row listens to."""
        return frozenset(trigger for row in self.transitions for trigger in row.on)

    @cached_property
    def rows(self) -> dict[tuple[str, str], tuple[Transition, ...]]:
        """The rows by (state, trigger), in the order in which they are tried."""
        table: dict[tuple[str, str], list[Transition]] = {}
        for row in self.transitions:
            for state in self.state_names:
                if row.leaves(state):
                    for trigger in row.on:
                        table.setdefault((state, trigger), []).append(row)
        return {key: tuple(rows) for key, rows in table.items()}

    @cached_property
    def timed(self) -> dict[str, tuple[tuple[int, Transition], ...]]:
        """The timed rows of each state, with their numbers in the table."""
        return {
            state: tuple(
                (number, row)
                for number, row in enumerate(self.transitions)
                if row.after is not None and row.leaves(state)
            )
            for state in self.state_names
        }


def _show(part: tuple[Expression, str], scope: Scope) -> str:
    value = part[0].evaluate(scope)
    if value is None:
        return "unknown"
    return format(value, part[1]) if part[1] else (f"{value:g}" if isinstance(value, float) else str(value))
