"""Who answers a human check: a person at a terminal, somebody who always says yes, or a journal."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Protocol

from procedures.failures import Declined

__all__ = ["Asker", "RecordedAsker", "YesAsker", "nobody_answered"]


class Asker(Protocol):
    """Answers what only a person can see."""

    async def confirm(self, question: str, look_at: tuple[str, ...]) -> bool:
        """Ask; True if it is so."""

    async def announce(self, text: str) -> None:
        """Pass on an announcement."""


class YesAsker:
    """Finds everything as it should be."""

    async def confirm(self, question: str, look_at: tuple[str, ...]) -> bool:
        """Say yes."""
        return True

    async def announce(self, text: str) -> None:
        """Do nothing."""


def nobody_answered() -> Declined:
    """Return what ends a procedure whose question has no answer."""
    return Declined("human check", "nobody answered: standard input has ended")


class RecordedAsker:
    """Answers as somebody has before.

    Parameters
    ----------
    answers
        Questions with their answers, in order; a question may have come several times.
    others
        Who answers what was not asked before; None leaves it without an answer.
    """

    def __init__(self, answers: Iterable[tuple[str, bool]], others: Asker | None = None) -> None:
        self._answers: dict[str, deque[bool]] = {}
        for question, answer in answers:
            self._answers.setdefault(question, deque()).append(answer)
        self._others = others

    async def confirm(self, question: str, look_at: tuple[str, ...]) -> bool:
        """Answer as before.

        Raises
        ------
        Declined
            If nobody has answered it, and nobody else is there.
        """
        answers = self._answers.get(question)
        if answers:
            return answers.popleft()
        if self._others is None:
            raise nobody_answered()
        return await self._others.confirm(question, look_at)

    async def announce(self, text: str) -> None:
        """Do nothing: it was announced."""
