"""What is explored: places that have values, and what may happen to them.

A place is whatever has a few values: a machine with its states, a stored output, a fault that is active or not. A
`Decision` looks at some places and says in which ways it may go on from what it sees; a way sets places and emits
triggers. An `Action` is a decision that may be taken whenever nothing is under way. What it emits is given to the
decisions that react to it, trigger after trigger until none is left: run to completion, as in a running component.
Where a decision offers several ways each of them is followed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = ["Action", "Check", "Decision", "Mark", "Place", "Situation", "System", "Way"]

Situation: TypeAlias = "tuple[int, ...]"
"""The value of each place, by its number among the place's values."""
Mark: TypeAlias = "tuple[int, Hashable]"
"""A place, and what is noted of it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Something that has one of a few values."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way in which a decision may go.

    Attributes
    ----------
    sets
        Places by number, and the number of the value that each gets.
    emits
        Triggers that follow all those that wait already.
    afterwards
        Triggers that follow, one by one, once everything has come to rest.
    mark
        A place and what is noted of it when this way is gone, such as the row of a table; None notes nothing.
    stops
        Whether the trigger is kept from the decisions that have not seen it yet.
    """

    sets: tuple[tuple[int, int], ...] = ()
    emits: tuple[str, ...] = ()
    afterwards: tuple[str, ...] = ()
    mark: Mark | None = None
    stops: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Looks at some places and says how it may go on.

    Attributes
    ----------
    looks
        The places, by number.
    touches
        The places that its ways may set.
    ways
        Given the values of those that it looks at, in that order, the ways there are; none if it is not to be taken.
    """

    looks: tuple[int, ...]
    touches: frozenset[int]
    ways: Callable[[Situation], Sequence[Way]]


@dataclass(frozen=True, slots=True)
class Action:
    """Something that may happen whenever nothing is under way.

    Attributes
    ----------
    kind
        Who does it: a command, a timer ...
    """

    name: str
    kind: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Check:
    """Something that should hold whenever nothing is under way.

    Attributes
    ----------
    looks
        The places that it looks at, by number.
    holds
        Given their values, whether it does; None if that hangs on more than places.
    """

    name: str
    looks: tuple[int, ...]
    holds: Callable[[Situation], bool | None]


@dataclass(frozen=True, kw_only=True)
class System:
    """Places, and what may happen to them.

    Attributes
    ----------
    reactions
        Decisions by the trigger that each is given, in their order.
    starts
        Where it may begin, with the triggers that are given at once.
    checks
        What should hold.
    assumed
        What is known to hold: situations in which it does not are left out.
    """

    places: tuple[Place, ...]
    reactions: Mapping[str, tuple[Decision, ...]]
    actions: tuple[Action, ...]
    starts: tuple[tuple[Situation, tuple[str, ...]], ...]
    checks: tuple[Check, ...] = field(default=())
    assumed: tuple[Check, ...] = field(default=())

    def shown(self, situation: Situation) -> dict[str, str]:
        """Return the value of each place in words."""
        return {place.name: place.values[value] for place, value in zip(self.places, situation, strict=True)}
