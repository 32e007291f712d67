"""The smallest host of machines: values in a dictionary, timers on a clock that is turned by hand.

bench = Bench({"light": False})
lamp = bench.machine(chart("lamp", "OFF ON", row(on="power", source="OFF", to="ON", guard="light")))
bench.fire("power")
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fsm import (
    Flag,
    Machine,
    Name,
    Quantity,
    State,
    Statechart,
    Subject,
    Template,
    Text,
    Transition,
    Value,
    parse_condition,
    parse_expression,
    split_template,
)

SUBJECTS: dict[str, Subject] = {
    "light": Flag(),
    "power": Quantity("W"),
    "attempt": Quantity(None),
    "warmup": Quantity("s"),
    "who": Text(),
}


class Words:
    """The vocabulary of the bench: one-word names."""

    def describe(self, name: Name) -> Subject | None:
        return SUBJECTS.get(str(name))

    def suggest(self, name: Name) -> str | None:
        return None


WORDS = Words()


def template(text: str) -> Template:
    parts = [
        part if isinstance(part, str) else (parse_expression(part[0], WORDS), part[1]) for part in split_template(text)
    ]
    return Template(text, tuple(parts))


def row(
    *,
    on: str = "",
    after: str | None = None,
    source: str = "*",
    to: str | None = None,
    guard: str | None = None,
    raises: str | None = None,
    emits: str = "",
    assign: dict[str, str] | None = None,
    fault: str | None = None,
) -> Transition:
    """Write a row as a data sheet would; several words stand for several triggers or states."""
    return Transition(
        on=tuple(on.split()),
        after=None if after is None else parse_expression(after, WORDS),
        sources=tuple(source.split()),
        target=to,
        guard=None if guard is None else parse_condition(guard, WORDS),
        raises=None if raises is None else template(raises),
        emits=tuple(emits.split()),
        assign=tuple((output, parse_expression(text, WORDS)) for output, text in (assign or {}).items()),
        fault=fault,
    )


def chart(name: str, states: str, *rows: Transition, invariants: dict[str, str] | None = None) -> Statechart:
    """Make a machine's table; it begins in the first state."""
    held = invariants or {}
    return Statechart(
        name=name,
        initial=states.split()[0],
        states=tuple(
            State(name=state, invariants=(parse_condition(held[state], WORDS),) if state in held else ())
            for state in states.split()
        ),
        transitions=rows,
    )


class _Values:
    def __init__(self, values: dict[str, Value]) -> None:
        self.values = values

    def read(self, name: Name) -> Value | None:
        return self.values.get(str(name))


class Bench:
    """A host that runs what rows emit to completion and writes down what was taken."""

    def __init__(self, values: dict[str, Value] | None = None) -> None:
        self.values: dict[str, Value] = dict(values or {})
        self.scope = _Values(self.values)
        self.machines: list[Machine] = []
        self.now = 0.0
        self.timers: list[tuple[float, Callable[[], Any]]] = []
        self.taken: list[tuple[str, str, str]] = []
        self.faults: list[str] = []
        self._triggers: list[str] = []

    def machine(self, table: Statechart) -> Machine:
        machine = Machine(table, self)
        self.machines.append(machine)
        machine.begin()
        return machine

    def fire(self, trigger: str) -> None:
        self._triggers.append(trigger)
        self._run()

    def pass_time(self, duration: float) -> None:
        """Let time pass, timer by timer."""
        end = self.now + duration
        while self.timers and (due := min(self.timers, key=lambda timer: timer[0]))[0] <= end:
            self.timers.remove(due)
            self.now = due[0]
            due[1]()
            self._run()
        self.now = end

    def _run(self) -> None:
        while self._triggers:
            trigger = self._triggers.pop(0)
            for machine in self.machines:
                machine.fire(trigger)

    def assign(self, output: str, value: Value) -> None:
        self.values[output] = value

    def start_timer(self, delay: float, due: Callable[[], Any]) -> Callable[[], None]:
        timer = (self.now + delay, due)
        self.timers.append(timer)

        def cancel() -> None:
            if timer in self.timers:
                self.timers.remove(timer)

        return cancel

    def moved(self, machine: Machine, row: Transition, source: str) -> None:
        self.taken.append((machine.name, source, machine.state))
        self._triggers.extend(row.emits)
        if row.fault is not None:
            self.faults.append(row.fault)
