"""The running machine, on the `transitions` library.

Decides which row of a statechart is taken and when a timed row is due. Leaves to its host what a
transition does outside the machine: storing outputs, hooks, events, the journal.

One compiled engine serves every machine of the same statechart; a machine itself is its state and its
timers. `transitions` adds attributes to its models at run time; here it is given none and no other module
sees it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, Protocol

from transitions import Event as EngineEvent
from transitions import EventData
from transitions import Machine as Engine
from transitions import Transition as EngineTransition

from fsm.conditions import Scope, Value
from fsm.statechart import State, Statechart, Transition

__all__ = ["Host", "Machine"]


class Host(Protocol):
    """Who owns machines: what a machine needs from the component around it."""

    @property
    def scope(self) -> Scope:
        """Where guards and durations find their values."""

    def assign(self, output: str, value: Value) -> None:
        """Store a value in one of the component's outputs."""

    def start_timer(self, delay: float, due: Callable[[], object]) -> Callable[[], None]:
        """Call `due` after `delay` [s]; return what cancels it."""

    def moved(self, machine: Machine, row: Transition, source: str) -> None:
        """Learn that a row was taken, after the state changed."""


class Machine:
    """One running machine.

    Parameters
    ----------
    chart
        What it may do.
    host
        The component that owns it.
    """

    __slots__ = ("_engine", "_timers", "chart", "host", "state")

    def __init__(self, chart: Statechart, host: Host) -> None:
        self.chart = chart
        self.host = host
        self.state = chart.initial
        self._engine = _compile(chart)
        self._timers: list[Callable[[], None]] = []

    @property
    def name(self) -> str:
        """The machine's name."""
        return self.chart.name

    @property
    def current(self) -> State:
        """The state it is in."""
        return self.chart.by_name[self.state]

    def begin(self) -> None:
        """Start the timers of the initial state."""
        self._arm()

    def place(self, state: str) -> None:
        """Put the machine into a state without a transition: where a run begins."""
        if state not in self.chart.by_name:
            raise ValueError(f"{self.name} has no state {state}")
        self._disarm()
        self.state = state
        self._arm()

    def fire(self, trigger: str) -> bool:
        """Take the first row of this trigger whose guard holds; tell whether one was taken."""
        if (self.state, trigger) not in self.chart.rows:
            return False
        return bool(self._engine.events[trigger].trigger(self))

    def listens(self, trigger: str) -> bool:
        """Tell whether some row, from any state, listens to the trigger."""
        return trigger in self.chart.triggers

    def refusal(self, trigger: str) -> str | None:
        """Say why the trigger would take no row now; None if it would take one."""
        scope = self.host.scope
        reasons = []
        for row in self.chart.rows.get((self.state, trigger), ()):
            if row.guard is None or row.guard.evaluate(scope) is True:
                return None
            reasons.append(row.raises.fill(scope) if row.raises else row.guard.explain(scope))
        if reasons:
            return reasons[0]
        for row in self.chart.transitions:
            if trigger in row.on and row.raises is not None and row.guard is None:
                return row.raises.fill(scope)
        return f"{self.name} is {self.state}"

    def violations(self) -> list[tuple[str, str]]:
        """Return the invariants of the present state that do not hold, each with the reason."""
        scope = self.host.scope
        return [
            (str(condition), condition.explain(scope))
            for condition in self.current.invariants
            if condition.evaluate(scope) is False
        ]

    @staticmethod
    def timed_row(due: Callable[..., object]) -> tuple[Machine, Transition] | None:
        """Return whose row it is that a machine gave its host to call in time; None if no machine did."""
        if not isinstance(due, partial) or not due.args or not isinstance(due.args[0], Machine):
            return None
        machine = due.args[0]
        event = getattr(due.func, "__self__", None)
        number = str(getattr(event, "name", "")).removeprefix(_timed_trigger(""))
        return (machine, machine.chart.transitions[int(number)]) if number.isdigit() else None

    def stop(self) -> None:
        """Cancel the timers."""
        self._disarm()

    def _took(self, row: Transition, source: str) -> None:
        if row.target is not None:
            self._disarm()
            self._arm()
        self.host.moved(self, row, source)

    def _arm(self) -> None:
        for number, row in self.chart.timed[self.state]:
            if row.after is None:  # pragma: no cover  # only timed rows are listed
                continue
            delay = row.after.evaluate(self.host.scope)
            if not isinstance(delay, (int, float)):
                raise ValueError(f"{self.name}: the time `{row.after}` in {self.state} has no value")
            due = partial(self._engine.events[_timed_trigger(number)].trigger, self)
            self._timers.append(self.host.start_timer(max(0.0, float(delay)), due))

    def _disarm(self) -> None:
        for cancel in self._timers:
            cancel()
        self._timers.clear()


def _timed_trigger(number: int | str) -> str:
    return f"after:{number}"


def _guarded(row: Transition, event: Any) -> bool:
    return row.guard is None or row.guard.evaluate(event.model.host.scope) is True


def _before(row: Transition, event: Any) -> None:
    host = event.model.host
    for output, expression in row.assign:
        host.assign(output, expression.evaluate(host.scope))


def _after(row: Transition, source: str, event: Any) -> None:
    event.model._took(row, source)  # noqa: SLF001  # the engine's call back into its own machine


class _Row(EngineTransition):
    """A row without the stages of callbacks that a statechart never has; the library looks for each, each time."""

    def execute(self, event_data: EventData) -> bool:
        """Take the row if its guard holds."""
        model: Any = event_data.model
        stages: Any = self  # the library would also take names for callables; _compile gives none
        if not all(condition.func(event_data) for condition in stages.conditions):
            return False
        for before in stages.before:
            before(event_data)
        if self.dest is not None:
            model.state = self.dest
        for after in stages.after:
            after(event_data)
        return True


class _Event(EngineEvent):
    """A trigger that goes straight to the rows of its model's state."""

    def trigger(self, model: Any, *args: list[Any], **kwargs: dict[str, Any]) -> bool:
        """Take the first row whose guard holds; tell whether one was taken."""
        event = EventData(None, self, self.machine, model, args, kwargs)
        return any(row.execute(event) for row in self.transitions.get(model.state, ()))


class _Engine(Engine):
    """The library's machine with the two shortcuts; a test holds it to the library without them."""

    transition_cls = _Row
    event_cls = _Event


@cache
def _compile(chart: Statechart, kind: type[Engine] = _Engine) -> Engine:
    """Build the engine that all machines of a chart share."""
    rows: list[dict[str, Any]] = []
    for number, row in enumerate(chart.transitions):
        triggers = row.on if row.after is None else (_timed_trigger(number),)
        for state in chart.state_names:
            if not row.leaves(state):
                continue
            for trigger in triggers:
                entry: dict[str, Any] = {
                    "trigger": trigger,
                    "source": state,
                    "dest": row.target,
                    "after": partial(_after, row, state),
                }
                if row.guard is not None:
                    entry["conditions"] = partial(_guarded, row)
                if row.assign:
                    entry["before"] = partial(_before, row)
                rows.append(entry)
    return kind(
        model=None,
        states=list(chart.state_names),
        transitions=rows,
        initial=chart.initial,
        auto_transitions=False,
        send_event=True,
        ignore_invalid_triggers=True,
    )
