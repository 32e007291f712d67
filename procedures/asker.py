"""Who answers a human check: a person at a terminal, or somebody who always says yes."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Asker", "YesAsker"]


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
