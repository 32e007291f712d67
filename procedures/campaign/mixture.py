"""All that is otherwise in a run than on a plain day, taken apart into pieces that can be left out one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from procedures.scenario import Scenario

__all__ = ["Mixture", "Piece", "Placed", "mixture_of"]


@dataclass(frozen=True, slots=True)
class Placed:
    """A state, a machine's state or a parameter with which a component begins.

    Attributes
    ----------
    kind
        The key of a scenario under which it stands: states, machines or parameters.
    name
        Of the machine or parameter; empty for a summary state.
    """

    kind: str
    component: str
    name: str
    value: str | float | bool

    def __str__(self) -> str:
        return f"{self.component}{'.' if self.name else ''}{self.name} = {self.value}"


Piece = str | Placed
"""A fault in one line, or what a component begins with."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """What is otherwise: pieces, faults first, each kind in the order in which it was said."""

    pieces: tuple[Piece, ...]

    @property
    def faults(self) -> tuple[str, ...]:
        """Its faults, each in one line."""
        return tuple(piece for piece in self.pieces if isinstance(piece, str))

    @property
    def placed(self) -> dict[str, dict[str, Any]]:
        """What components begin with, under the keys of a scenario."""
        found: dict[str, dict[str, Any]] = {}
        for piece in self.pieces:
            if isinstance(piece, Placed):
                of_kind = found.setdefault(piece.kind, {})
                if piece.name:
                    of_kind.setdefault(piece.component, {})[piece.name] = piece.value
                else:
                    of_kind[piece.component] = piece.value
        return found

    def replaced(self, place: int, new: Piece) -> Mixture:
        """Return it with another piece in a place."""
        return Mixture((*self.pieces[:place], new, *self.pieces[place + 1 :]))


def mixture_of(scenario: Scenario | None, faults: Iterable[str]) -> Mixture:
    """Take a scenario and the faults beside it apart."""
    if scenario is None:
        return Mixture(tuple(faults))
    pieces: list[Piece] = [*(str(fault) for fault in scenario.faults), *faults]
    pieces += [Placed("states", component, "", state) for component, state in scenario.states.items()]
    pieces += _below("machines", scenario.machines)
    pieces += _below("parameters", scenario.parameters)
    return Mixture(tuple(pieces))


def _below(kind: str, placed: Mapping[str, Mapping[str, Any]]) -> list[Piece]:
    return [Placed(kind, component, name, value) for component, of in placed.items() for name, value in of.items()]
