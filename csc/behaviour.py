"""What must be computed for a component: the base class of all behaviours.

A behaviour has no loop and no states of its own: machines state what may happen, the behaviour says how
long a move lasts, how warm the coolant is, what an exposure saw. Methods are found by name:

* an output without a stored value is a method of that name;
* ``do_<command>`` computes for a command, before any effect, and may raise `Refused`; a coroutine is
  awaited after the transitions (before them, for commands that change the summary state) and what it
  returns is the acknowledgement's text;
* ``sample_<topic>`` measures a sampled topic whose fields are not all outputs; None publishes nothing.

Hooks are marked `on_enter`, `on_leave`, `on_trigger`. Every name is checked against the data sheet when
the component is built, so a hook that would never be called is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from csc.summary_state import SummaryState
from fsm import Refused, Timeline

if TYPE_CHECKING:
    import numpy as np

    from csc.blueprint import Blueprint
    from csc.component import Component
    from csc.remote import Remote

__all__ = ["Behaviour", "Refused", "collect_hooks", "on_enter", "on_leave", "on_trigger"]

F = TypeVar("F", bound=Callable[..., Any])


def on_enter(machine: str, state: str) -> Callable[[F], F]:
    """Mark a method to be called after `machine` has entered `state`."""
    return _mark("enter", machine, state)


def on_leave(machine: str, state: str) -> Callable[[F], F]:
    """Mark a method to be called after `machine` has left `state`."""
    return _mark("leave", machine, state)


def on_trigger(trigger: str) -> Callable[[F], F]:
    """Mark a method to be called after `trigger` was given to the machines."""
    return _mark("trigger", trigger)


def _mark(*hook: str) -> Callable[[F], F]:
    def mark(method: F) -> F:
        method.__dict__.setdefault("cscsim_hooks", []).append(hook)
        return method

    return mark


class _Values:
    """Stored outputs as attributes: writing one is a change of the component."""

    def __init__(self, component: Component) -> None:
        object.__setattr__(self, "_component", component)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._component.variables[name]
        except KeyError:
            raise AttributeError(f"{self._component.name} stores no output {name}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self._component.contracts.sets(name)
        self._component.assign(name, value)


class _Parameters:
    """Parameters as attributes, in canonical units."""

    def __init__(self, component: Component) -> None:
        self._component = component

    def __getattr__(self, name: str) -> Any:
        try:
            return self._component.parameters[name]
        except KeyError:
            raise AttributeError(f"{self._component.name} has no parameter {name}") from None


class Behaviour:
    """Computes for one component.

    Parameters
    ----------
    component
        The component it belongs to.

    Attributes
    ----------
    p
        Parameters of the data sheet, in canonical units.
    v
        Stored outputs; writing one publishes what carries it.
    """

    def __init__(self, component: Component) -> None:
        self.component = component
        self.clock = component.clock
        self.p: Any = _Parameters(component)
        self.v: Any = _Values(component)

    @classmethod
    def wrong_with(cls, blueprint: Blueprint, name: str, p: Any) -> str:
        """Say what is wrong with a configuration, before it is taken; nothing if it is right.

        Parameters
        ----------
        blueprint, name
            The component's, and its name on the bus.
        p
            Its parameters, as attributes.
        """
        return ""

    def start(self) -> None:
        """Set up, after the component was built and before it takes part."""

    @property
    def now(self) -> float:
        """Simulated time [s]."""
        return self.clock.now

    @property
    def tai(self) -> float:
        """TAI [s]."""
        return self.clock.tai

    @property
    def summary_state(self) -> str:
        """The component's summary state."""
        return self.component.summary_state or ""

    def rng(self, purpose: str) -> np.random.Generator:
        """Return this component's random stream for a purpose."""
        return self.component.streams.stream(self.component.name, purpose)

    def state(self, machine: str) -> str:
        """Return the state of one of the component's machines."""
        return self.component.machines[machine].state

    def fire(self, trigger: str) -> None:
        """Give a trigger to the component's machines; the data sheet says so in `fires`."""
        self.component.contracts.fires(trigger)
        self.component.fire(trigger)

    def fault(self, error: str, report: str | None = None) -> None:
        """Go to FAULT with an error of the data sheet, which says so in `fails`."""
        self.component.contracts.fails(error)
        self.component.standing.fault(error, report)

    def refusal(self, error: str, reason: str) -> Refused:
        """Return a refusal, to be raised, that carries the number of an error of the data sheet."""
        code, _ = self.component.blueprint.errors[error]
        return Refused(reason, error=code)

    def publish(self, event: str, *, force: bool = False, **fields: Any) -> None:
        """Publish an event if a field changed, or by force."""
        self.component.publisher.write(event, fields, force=force)

    def log(self, level: str, text: str) -> None:
        """Write a line to the component's log."""
        self.component.log(level, text)

    def sense(self, name: str) -> Any:
        """Return what reaches the component now from another one's physics."""
        return self.component.senses[name].value()

    def sensed(self, name: str) -> Timeline:
        """Return the history of what reaches the component from another one's physics."""
        return self.component.senses[name].timeline()

    def track(self, output: str, timeline: Timeline) -> None:
        """Give an output a history that other components may sense."""
        self.component.timelines[output] = timeline

    def remote(self, component: str) -> Remote:
        """Return a client of another component."""
        return self.component.remote(component)

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> None:
        """Let a coroutine run as a task that the component owns."""
        self.component.spawn(work, name)

    def call_later(self, delay: float, due: Callable[[], None]) -> Callable[[], None]:
        """Call `due` after `delay` [s] unless the component is closed first; return what cancels it."""
        return self.component.start_timer(delay, due)

    def changed(self) -> None:
        """Say that something computed has changed: events and commands under way look again."""
        self.component.changed()

    def service(self, name: str) -> Any:
        """Return something that the observatory lends its components, such as the image store."""
        return self.component.services[name]


def collect_hooks(behaviour: Behaviour, plan: Blueprint) -> dict[tuple[str, ...], list[Callable[[], None]]]:
    """Find the marked methods and check every name of the behaviour against the data sheet.

    Raises
    ------
    TypeError
        If a hook, a ``do_`` method or a ``sample_`` method is for something the sheet does not have.
    """
    hooks: dict[tuple[str, ...], list[Callable[[], None]]] = {}
    kind = type(behaviour)
    triggers = {trigger for chart in plan.machines.values() for trigger in chart.triggers}
    triggers |= {emitted for chart in plan.machines.values() for row in chart.transitions for emitted in row.emits}
    triggers |= {f"{what}_{state}" for what in ("enter", "leave") for state in SummaryState.__members__}
    triggers |= set(plan.commands) | {f"{command}_timed_out" for command in plan.commands}
    triggers |= {effect.target for fault in plan.faults.values() for effect in fault.effects if effect.kind == "fire"}
    triggers |= {f"{fault}_cleared" for fault in plan.faults}
    for attribute in sorted(dir(kind)):
        method = getattr(kind, attribute)
        if attribute.startswith("do_") and attribute[3:] not in plan.commands:
            raise TypeError(f"{kind.__name__}.{attribute}: {plan.component} has no command {attribute[3:]}")
        if attribute.startswith("sample_") and attribute[7:] not in plan.topics:
            raise TypeError(f"{kind.__name__}.{attribute}: {plan.component} has no topic {attribute[7:]}")
        for hook in getattr(method, "cscsim_hooks", ()):
            if hook[0] == "trigger":
                known = hook[1] in triggers
            else:
                known = hook[1] in plan.machines and hook[2] in plan.machines[hook[1]].by_name
            if not known:
                raise TypeError(f"{kind.__name__}.{attribute}: {plan.component} has no {' '.join(hook[1:])}")
            hooks.setdefault(hook, []).append(getattr(behaviour, attribute))
    return hooks
