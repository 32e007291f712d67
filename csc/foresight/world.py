"""A world: what may be so in an observatory at one moment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from csc.foresight.span import NOW, Span, Timer
from fsm.conditions import Possible

__all__ = ["Key", "TimerKey", "World"]

Key: TypeAlias = "tuple[str, str]"
"""A component by its name on the bus, and one of its machines or outputs."""
TimerKey: TypeAlias = "tuple[str, str, int]"
"""A component, a machine, and the number of a timed row in its table."""
States: TypeAlias = "frozenset[str]"
Certain = TypeVar("Certain", bool, str)


@dataclass(slots=True)
class World:
    """What may be so.

    Attributes
    ----------
    machines
        States in which each machine may be; the summary state is the machine `summary`.
    values
        What stored outputs may be.
    learned
        What is known of computed outputs, until something may have changed them.
    timers
        Timed rows of machines whose state is certain.
    alarms
        When somebody outside the components is to be woken [s from now].
    clocks
        How long something outside has taken until now [s].
    held
        Clocks that do not run at present.
    connected
        Whether each component has published its events: True, False, None if either.
    overrides
        The override with which each component was started; None if it is not certain.
    unsettled
        Components that have changed since what may happen by itself was last thought through.
    """

    machines: dict[Key, States]
    values: dict[Key, Possible]
    learned: dict[Key, Possible] = field(default_factory=dict)
    timers: dict[TimerKey, Timer] = field(default_factory=dict)
    alarms: dict[str, Span] = field(default_factory=dict)
    clocks: dict[str, Span] = field(default_factory=dict)
    held: dict[str, Span] = field(default_factory=dict)
    connected: dict[str, bool | None] = field(default_factory=dict)
    overrides: dict[str, str | None] = field(default_factory=dict)
    unsettled: set[str] = field(default_factory=set)

    def copy(self) -> World:
        """Return another world in which the same may be so."""
        return World(
            machines=dict(self.machines),
            values=dict(self.values),
            learned=dict(self.learned),
            timers=dict(self.timers),
            alarms=dict(self.alarms),
            clocks=dict(self.clocks),
            held=dict(self.held),
            connected=dict(self.connected),
            overrides=dict(self.overrides),
            unsettled=set(self.unsettled),
        )

    def is_same(self, other: World) -> bool:
        """Tell whether components may be as they are in another world, but for what time alone changes."""
        return self is other or (
            self.machines == other.machines and self.values == other.values and self.overrides == other.overrides
        )

    def is_like(self, other: World) -> bool:
        """Tell whether joining it with another world loses little.

        It does if of every component one of the two says already all that the other one says: if its machines may be
        in the same states there and in others besides.
        """
        if self.connected != other.connected:
            return False
        component, less, more = "", True, True
        for (owner, _), mine, theirs in zip(
            self.machines, self.machines.values(), other.machines.values(), strict=True
        ):
            if owner != component:
                component, less, more = owner, True, True
            if mine is not theirs and mine != theirs:
                less, more = less and mine <= theirs, more and mine >= theirs
                if not less and not more:
                    return False
        return True

    def join(self, other: World, *, widen: bool = False) -> bool:
        """Let also be so what may be so in another world; tell whether that is more.

        Parameters
        ----------
        widen
            Go at once to where repeated joining might lead, so that it comes to an end.
        """
        return any(
            [
                self._join_machines(other),
                _join_values(self.values, other.values, widen=widen),
                self._join_learned(other, widen=widen),
                self._join_timers(other, widen=widen),
                _join_alarms(self.alarms, other.alarms, widen=widen),
                _join_alarms(self.clocks, other.clocks, widen=widen),
                _join_alarms(self.held, other.held, widen=widen),
                _join_certain(self.connected, other.connected),
                _join_certain(self.overrides, other.overrides),
                self._join_unsettled(other),
            ]
        )

    def _join_machines(self, other: World) -> bool:
        changed = False
        for key, states in other.machines.items():
            mine = self.machines[key]
            if not states <= mine:
                self.machines[key] = mine | states
                self.unsettled.add(key[0])
                changed = True
        return changed

    def _join_learned(self, other: World, *, widen: bool) -> bool:
        changed = False
        for key, value in tuple(self.learned.items()):
            theirs = other.learned.get(key)
            if theirs is None:
                del self.learned[key]
                changed = True
            elif theirs is not value:
                joined = value.widened(theirs) if widen else value.join(theirs)
                if joined != value:
                    self.learned[key] = joined
                    changed = True
        return changed

    def _join_timers(self, other: World, *, widen: bool) -> bool:
        """Join timers; a machine whose state is not certain has none, any of its timed rows may ring at any time."""
        changed = False
        for key in {**self.timers, **other.timers}:
            if len(self.machines[key[:2]]) > 1:
                changed = self.timers.pop(key, None) is not None or changed
                continue
            mine, theirs = self.timers.get(key), other.timers.get(key)
            if mine is None or theirs is None:
                joined = (mine or other.timers[key]).in_vain
            else:
                joined = mine.join(theirs, widen=widen)
            if joined != mine:
                self.timers[key] = joined
                changed = True
        return changed

    def _join_unsettled(self, other: World) -> bool:
        more = other.unsettled - self.unsettled
        self.unsettled |= more
        return bool(more)


def _join_values(mine: dict[Key, Possible], theirs: dict[Key, Possible], *, widen: bool) -> bool:
    changed = False
    for key, value in theirs.items():
        before = mine[key]
        if value is before:
            continue
        joined = before.widened(value) if widen else before.join(value)
        if joined != before:
            mine[key] = joined
            changed = True
    return changed


def _joined(one: Span | None, two: Span | None, *, widen: bool) -> Span:
    if one is None or two is None:  # on one side it has rung already, or was never set
        return Span((one or two or NOW).low, math.inf)
    return one.widened(two) if widen else one.join(two)


def _join_alarms(mine: dict[str, Span], theirs: dict[str, Span], *, widen: bool) -> bool:
    changed = False
    for key in {**mine, **theirs}:
        joined = _joined(mine.get(key), theirs.get(key), widen=widen)
        if joined != mine.get(key):
            mine[key] = joined
            changed = True
    return changed


def _join_certain(mine: dict[str, Certain | None], theirs: Mapping[str, Certain | None]) -> bool:
    changed = False
    for key, value in theirs.items():
        if mine[key] != value and mine[key] is not None:
            mine[key] = None
            changed = True
    return changed
