"""One procedure while it is thought through, and what its conditions see of a situation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from csc.foresight import Cast, PublishedView, World
from fsm import NULL, Expression, Name, Template, Value
from fsm.conditions import ANYTHING, UNKNOWN, Possible, between, estimate, exactly
from procedures.model import Argument, Procedure
from procedures.scope import as_value

__all__ = ["Frame", "ProcedureView", "Variables", "weigh_argument"]

Variables: TypeAlias = "dict[str, Mapping[str, Possible]]"
"""What variables may be, by the name of their procedure."""
"""What variables may be, by frame and name."""


@dataclass(frozen=True, eq=False, slots=True)
class Frame:
    """One procedure, called on one way.

    Attributes
    ----------
    name
        Steps of the callers and the procedure, as places are written.
    config
        What its configuration may be.
    """

    name: str
    prefix: str
    procedure: Procedure
    config: Mapping[str, Possible]
    script: bool = False

    def where(self, step: str = "") -> str:
        """Name a place as a rehearsal's journal does."""
        return f"{self.procedure.name} {self.prefix}{step}" if step else self.procedure.name


class ProcedureView:
    """The names of a procedure's conditions.

    Parameters
    ----------
    cast, world, canonical
        The components, as `csc.foresight.PublishedView` takes them.
    frame
        The procedure.
    variables
        What variables may be.
    fresh
        Whether telemetry has just been sampled.
    """

    __slots__ = ("_canonical", "_frame", "_groups", "_members", "_published", "_variables")

    def __init__(
        self,
        cast: Cast,
        world: World,
        canonical: Callable[[str], str],
        frame: Frame,
        variables: Variables,
        *,
        fresh: bool = False,
    ) -> None:
        self._published = PublishedView(cast, world, canonical, fresh=fresh)
        self._groups, self._members, self._canonical = cast.groups, cast.members, canonical
        self._frame = frame
        self._variables = variables.get(frame.name, {})

    def possible(self, name: Name) -> Possible | Mapping[Name, Possible]:
        """Return what a name may be."""
        if name.function == "count":
            return between(0, math.inf)
        if name.function is not None:
            return ANYTHING
        first = name.parts[0]
        if first == "config":
            return self._frame.config.get(name.parts[1], exactly(NULL))
        if first in ("script", "sun"):
            return Possible()
        if first in self._groups or self._canonical(first) in self._members:
            return self._published.possible(name)
        value = self._variables.get(first, UNKNOWN)
        return value if len(name.parts) == 1 or value == UNKNOWN else ANYTHING


class _Exact:
    """The names of which just one value is possible, as a scope."""

    def __init__(self, view: ProcedureView) -> None:
        self._view = view

    def read(self, name: Name) -> Value | None:
        found = self._view.possible(name)
        return found.only if isinstance(found, Possible) else None


def weigh_argument(argument: Argument, view: ProcedureView) -> Possible:
    """Return what an argument of a step may be."""
    if isinstance(argument, Expression):
        return estimate(argument, view)
    if isinstance(argument, Template):
        scope = _Exact(view)
        known = all(scope.read(name) is not None for name in argument.names)
        return exactly(argument.fill(scope)) if known else Possible()
    if isinstance(argument, tuple):
        items = [weigh_argument(item, view) for item in argument]
        values = tuple(item.only for item in items)
        return Possible() if None in values else exactly(values)
    if isinstance(argument, Mapping):
        return Possible()
    return exactly(as_value(argument))
