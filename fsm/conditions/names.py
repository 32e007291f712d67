"""Names, values, and who gives them meaning.

Decides what a name looks like and what may be its value. What a name means is said by a `Vocabulary` when
a file is loaded; what its value is, by a `Scope` when a condition is evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, TypeAlias

from fsm.conditions.units import format_quantity

if TYPE_CHECKING:
    from fsm.conditions.subjects import Subject

__all__ = ["KEYWORDS", "NULL", "Name", "Null", "Scope", "Truth", "Value", "Vocabulary", "format_text", "format_value"]

KEYWORDS = frozenset({"and", "or", "not", "is", "in", "within", "of", "true", "false", "null"})
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(:[0-9]+)?(\.[A-Za-z_][A-Za-z0-9_]*)*")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Null(Enum):
    """The value of what is known to be empty, such as an option that is not set."""

    NULL = "null"

    def __str__(self) -> str:
        return "null"


NULL = Null.NULL

Truth: TypeAlias = bool | None
"""True, false or (None) unknown."""
Value: TypeAlias = "bool | int | float | str | tuple[Value, ...] | list[Value] | Mapping[str, Value] | Null | None"
"""A value in canonical units; None is unknown, a mapping is a group's member -> state."""


@dataclass(frozen=True, slots=True)
class Name:
    """What a condition reads.

    Attributes
    ----------
    parts
        The words between the dots; of a function's result, those after its parentheses.
    function
        The function's name, as `last` in ``last(flat).counts``.
    arguments
        Key and value; the first may go without its key and then has the key ``kind``. A value in canonical
        units, or the `Name` of what holds the value (see `is_bound`).
    units
        Unit of each argument; without influence on equality.

    Examples
    --------
    >>> str(Name.of("ATDome.azimuth"))
    'ATDome.azimuth'
    >>> str(Name(("counts",), "last", (("kind", "flat"), ("exposure_time", 6.0)), (None, "s")))
    'last(flat, exposure_time=6 s).counts'
    """

    parts: tuple[str, ...]
    function: str | None = None
    arguments: tuple[tuple[str, Value | Name], ...] = ()
    units: tuple[str | None, ...] = field(default=(), compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.parts, self.function, self.arguments)))

    @staticmethod
    def of(text: str) -> Name:
        """Return the name written as `text`, one without a function.

        Raises
        ------
        ValueError
            If `text` is not words joined by dots.
        """
        return _plain_name(text)

    @property
    def is_bound(self) -> bool:
        """True if no argument is itself a name."""
        return not any(isinstance(value, Name) for _, value in self.arguments)

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[object, ...]:
        # Text hashes differently in another process, so the hash must not travel.
        return Name, (self.parts, self.function, self.arguments, self.units)

    def __str__(self) -> str:
        path = ".".join(self.parts)
        if self.function is None:
            return path
        units = self.units or (None,) * len(self.arguments)
        shown = ", ".join(
            _format_argument(key, value, unit, first=number == 0)
            for number, ((key, value), unit) in enumerate(zip(self.arguments, units, strict=True))
        )
        return f"{self.function}({shown}){'.' if path else ''}{path}"


class Vocabulary(Protocol):
    """Who knows which names exist."""

    def describe(self, name: Name) -> Subject | None:
        """Return what `name` is, or None if there is no such name."""

    def suggest(self, name: Name) -> str | None:
        """Return the valid spelling nearest to a name that does not exist."""


class Scope(Protocol):
    """Who knows the values of now."""

    def read(self, name: Name) -> Value:
        """Return the value in canonical units, None if it is unknown."""


@lru_cache(maxsize=16384)
def _plain_name(text: str) -> Name:
    if not _PLAIN.fullmatch(text):
        raise ValueError(f"{text!r} is not a name")
    return Name(tuple(text.split(".")))


def _format_argument(key: str, value: Value | Name, unit: str | None, *, first: bool) -> str:
    text = str(value) if isinstance(value, Name) else format_value(value, unit, exact=True)
    return text if first and key == "kind" else f"{key}={text}"


def format_text(text: str, *, quoted: bool = False) -> str:
    """Write a text as a bare word where it is one, else in quotes."""
    if not quoted and text not in KEYWORDS and _WORD.fullmatch(text):
        return text
    return f'"{text}"' if "'" in text else f"'{text}'"


def format_value(value: Value, unit: str | None = None, *, exact: bool = False) -> str:
    """Write a value for people, or (`exact`) so that it reads back as the same value."""
    match value:
        case None:
            return "unknown"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return format_quantity(value, unit, exact=exact)
        case str():
            return format_text(value) if exact else value
        case tuple() | list():
            return f"[{', '.join(format_value(item, unit, exact=exact) for item in value)}]"
        case Mapping():
            return ", ".join(f"{key} {format_value(item, unit)}" for key, item in value.items())
        case _:
            return str(value)
