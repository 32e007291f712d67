"""The tree of errors, by who must act.

::

    CscsimError
    ├── AuthorError        a file or an argument is wrong: file, line, column, suggestion
    │   └── AuthorErrors   all mistakes of one file, ordered by line
    ├── OperatorError      a command is refused now: becomes a failed acknowledgement, never a traceback
    │   └── Refused
    ├── PeerError          the bus or a foreign client misbehaved: answered and journaled
    └── Deadlock           simulated time cannot advance: names who waits for what

A mistake in our own code is none of these: it stays the plain Python exception it is and crashes its task.
Wrong use of a Python function is a ``TypeError`` or ``ValueError``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

__all__ = [
    "AuthorError",
    "AuthorErrors",
    "CscsimError",
    "Deadlock",
    "OperatorError",
    "PeerError",
    "Position",
    "Refused",
]


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a document; line and column count from 1."""

    file: str | None
    line: int
    column: int

    def shifted(self, characters: int) -> Position:
        """Return the place so many characters further on the same line."""
        return replace(self, column=self.column + characters)

    def __str__(self) -> str:
        return f"{self.file or '<text>'}:{self.line}:{self.column}"


class CscsimError(Exception):
    """Root of all errors that cscsim raises on purpose."""


class AuthorError(CscsimError):
    """A file or an argument is wrong; its author must change it.

    Parameters
    ----------
    message
        What is wrong, without the place.
    file, line, column
        Where, as far as it is known; line and column count from 1.
    suggestion
        The nearest valid spelling, if there is one.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
        suggestion: str | None = None,
    ) -> None:
        self.message = message
        self.file = file
        self.line = line
        self.column = column
        self.suggestion = suggestion
        place = ":".join(str(part) for part in (file, line, column) if part is not None)
        hint = f"; did you mean {suggestion}?" if suggestion else ""
        super().__init__(f"{place}: {message}{hint}" if place else f"{message}{hint}")

    @classmethod
    def at(cls, position: Position | None, message: str, *, suggestion: str | None = None) -> AuthorError:
        """Build the error for a place in a document."""
        if position is None:
            return AuthorError(message, suggestion=suggestion)
        return AuthorError(
            message, file=position.file, line=position.line, column=position.column, suggestion=suggestion
        )


class AuthorErrors(AuthorError):
    """All mistakes of one file, ordered by line."""

    def __init__(self, errors: Iterable[AuthorError]) -> None:
        flat: list[AuthorError] = []
        for error in errors:
            flat.extend(error.errors if isinstance(error, AuthorErrors) else [error])
        flat.sort(key=lambda error: (error.file or "", error.line or 0, error.column or 0))
        self.errors: tuple[AuthorError, ...] = tuple(flat)
        super().__init__("\n".join(str(error) for error in flat))


class OperatorError(CscsimError):
    """A command cannot be carried out now; whoever sent it is told why."""


class Refused(OperatorError):
    """A command is refused; nothing has changed.

    Parameters
    ----------
    reason
        Becomes the result of the failed acknowledgement.
    error
        Becomes its error number; SAL's own refusals have 1.
    """

    def __init__(self, reason: str, *, error: int = 1) -> None:
        self.error = error
        super().__init__(reason)


class PeerError(CscsimError):
    """The bus or a foreign client misbehaved."""


class Deadlock(CscsimError):
    """Simulated time cannot advance: somebody waits for what can no longer happen."""
