"""A request of a page, with who asks: its values are checked as they are read."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cscsim.console.roles import Role
from fsm import OperatorError
from fsm.document import nearest

__all__ = ["Asked"]

_LONGEST = 16_384
"""Characters of a text; a CONFIG is the longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks for.

    Attributes
    ----------
    by
        Who, in the journal.
    data
        The request.
    tell
        Takes an acknowledgement to whoever asks; safe in any thread.
    """

    by: str
    role: Role
    data: Mapping[str, Any]
    tell: Callable[[Mapping[str, Any]], None]

    @property
    def id(self) -> Any:
        """The page's number of it."""
        return self.data.get("id")

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text.

        Raises
        ------
        OperatorError
            If it is none, too long, or left out without a default.
        """
        value = self.data.get(name, default)
        if not isinstance(value, str):
            raise OperatorError(f"{self._what} {name}: a text is expected")
        if len(value) > _LONGEST:
            raise OperatorError(f"{self._what} {name}: is {len(value)} characters long; at most {_LONGEST} are taken")
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise OperatorError(f"{self._what} {name}: holds half a character (a lone surrogate)")
        return value

    def one_of(self, name: str, known: tuple[str, ...], default: str | None = None) -> str:
        """Return one of several words."""
        value = self.text(name, default)
        if value not in known:
            near = nearest(value, known)
            hint = f"; did you mean {near}?" if near else ""
            raise OperatorError(f"{self._what} {name}={value[:80]}: one of {', '.join(known)} is expected{hint}")
        return value

    def flag(self, name: str, default: bool | None = None) -> bool:
        """Return a yes or no."""
        value = self.data.get(name, default)
        if not isinstance(value, bool):
            raise OperatorError(f"{self._what} {name}: true or false is expected")
        return value

    def number(self, name: str, default: float | None = None) -> float:
        """Return a finite number."""
        value = self.data.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise OperatorError(f"{self._what} {name}: a number is expected")
        return value

    def whole(self, name: str, default: int | None = None) -> int:
        """Return a whole number."""
        value = self.number(name, default)
        if value != int(value):
            raise OperatorError(f"{self._what} {name}: a whole number is expected")
        return int(value)

    def mapping(self, name: str) -> Mapping[str, Any]:
        """Return values by name; none if it is left out."""
        value = self.data.get(name, {})
        if not isinstance(value, Mapping):
            raise OperatorError(f"{self._what} {name}: values by name are expected")
        return value

    def words(self, name: str) -> list[str]:
        """Return a list of texts."""
        value = self.data.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise OperatorError(f"{self._what} {name}: a list of names is expected")
        return value

    @property
    def _what(self) -> str:
        return str(self.data.get("do"))[:40]
