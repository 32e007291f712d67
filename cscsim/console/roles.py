"""Who may do and see what: a trainee and an instructor, told apart by their tokens."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fsm import Record

__all__ = ["Role", "Tokens", "as_seen_by"]


class Role(StrEnum):
    """What somebody is in a session."""

    TRAINEE = "trainee"
    INSTRUCTOR = "instructor"


def _token() -> str:
    return secrets.token_urlsafe(18)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The tokens of one console.

    Attributes
    ----------
    needs_one
        Whether a trainee needs one: wherever others than this machine may come.
    """

    trainee: str = field(default_factory=_token)
    instructor: str = field(default_factory=_token)
    needs_one: bool = False

    def role_of(self, token: str) -> Role | None:
        """Return whose a token is; None if it is nobody's. All are compared, and always for as long."""
        given = token.encode("utf-8", "replace")
        is_instructor = hmac.compare_digest(given, self.instructor.encode())
        is_trainee = hmac.compare_digest(given, self.trainee.encode())
        if is_instructor:
            return Role.INSTRUCTOR
        if is_trainee or (not token and not self.needs_one):
            return Role.TRAINEE
        return None


_OPEN = frozenset(
    {"run", "end", "command", "ack", "event", "transition", "step", "condition", "log"}
    | {"report", "note", "hint", "pause", "hand", "confirm", "announce", "refused"}
)
"""Kinds of records that a trainee may see; transitions only of machines that can be seen on the bus."""
_OF_RUN = ("t", "n", "kind", "who", "procedure", "observatory", "parameter_set", "training")
"""What of the first record a trainee may see: the rest says what will go wrong."""


def as_seen_by(role: Role, record: Record, hidden: Mapping[str, frozenset[str]]) -> Record | None:
    """Return a record as somebody may see it; None if it is not for them.

    Parameters
    ----------
    hidden
        The machines of each component that cannot be seen on the bus.
    """
    if role is Role.INSTRUCTOR:
        return record
    kind = record["kind"]
    if kind not in _OPEN or (kind == "transition" and record["machine"] in hidden.get(record["who"], ())):
        return None
    if kind == "run":
        known: dict[str, Any] = {key: record[key] for key in _OF_RUN if key in record}
        return known
    if kind == "end":
        return {key: value for key, value in record.items() if key != "because"}
    if kind == "condition" and record["who"].partition(":")[0] not in ("observer", "instructor", "Script"):
        return None  # a component's own invariant: it is not published
    return record
