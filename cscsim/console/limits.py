"""How much one page may ask for, and what a request may weigh."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["LARGEST", "Allowance"]

LARGEST = 65_536
"""Bytes of a request."""


class Allowance:
    """So many at once, and so many a second after that.

    Parameters
    ----------
    at_once, a_second
        How many.
    now
        Real time [s].
    """

    def __init__(self, at_once: float, a_second: float, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._rate, self._now = at_once, a_second, now
        self._left, self._at = at_once, now()

    def take(self) -> bool:
        """Take one; tell whether it was there."""
        now = self._now()
        self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
