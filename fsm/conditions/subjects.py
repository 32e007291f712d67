"""What a name or a part of a condition is about.

A vocabulary answers with one of these; the resolver refuses what does not fit together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Anything", "Flag", "Quantity", "Sequence", "States", "Subject", "Text"]


@dataclass(frozen=True, slots=True)
class States:
    """A machine, or a group of components: ``is`` one of its states."""

    states: tuple[str, ...]

    def __str__(self) -> str:
        return "a machine with states"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number.

    Attributes
    ----------
    unit
        Canonical unit; None without one.
    wraps
        True for an angle [deg] that is the same after a full turn.
    """

    unit: str | None = None
    wraps: bool = False

    def __str__(self) -> str:
        return f"a quantity in {self.unit}" if self.unit else "a number without a unit"


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false; may stand bare as a condition."""

    def __str__(self) -> str:
        return "true or false"


@dataclass(frozen=True, slots=True)
class Text:
    """A text, one of `choices` if they are given."""

    choices: tuple[str, ...] | None = None

    def __str__(self) -> str:
        return "a text"


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list; each element is an `item`."""

    item: Subject

    def __str__(self) -> str:
        return "a list"


@dataclass(frozen=True, slots=True)
class Anything:
    """Known only when it is evaluated, such as the variable of a loop: nothing is checked before."""

    def __str__(self) -> str:
        return "anything"


Subject: TypeAlias = States | Quantity | Flag | Text | Sequence | Anything
