"""When to look: at once for somebody who waits, soon when something has happened, and otherwise in the pages' time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence

from cscsim.console.page import Subscription

__all__ = ["Alarm"]

_USUAL, _SHORTEST = 0.2, 0.1
"""Real time [s] between two looks while things happen, and what a page may shorten it to."""
_SOON, _WAITS = 0.002, 0.06
"""The same for so long after a request: somebody waits for what comes of it."""
_FOLLOWED, _OPEN, _ALONE = 0.25, 0.5, 5.0
"""Real time [s] after which it is looked though nothing happens: for a procedure, for any page, for none."""


class Alarm:
    """Says when the next look is due; made and waited for in the server's loop."""

    def __init__(self) -> None:
        self._rung, self._hurried = asyncio.Event(), asyncio.Event()
        self._hurries_until = 0.0

    def ring(self) -> None:
        """Say that something has happened."""
        self._rung.set()

    def hurry(self) -> None:
        """Say that somebody waits for what comes of a request."""
        self._hurries_until = time.monotonic() + _WAITS
        self._hurried.set()
        self._rung.set()

    def heard(self) -> None:
        """Forget what it has rung for: a look begins, which will find all of it."""
        self._rung.clear()

    async def wait(self, wants: Sequence[Subscription], began: float) -> None:
        """Wait until a look is due.

        Parameters
        ----------
        wants
            What the pages have subscribed.
        began
            Real time of the last look [s].
        """
        often = min((each.every for each in wants if each.topics), default=_ALONE)
        followed = any(each.procedure or each.explain for each in wants)
        latest = began + min(often, _FOLLOWED if followed else _OPEN if wants else _ALONE)
        if time.monotonic() < self._hurries_until:
            await asyncio.sleep(_SOON)
        else:
            self._hurried.clear()
            await _set_within(self._hurried, began + min(_USUAL, max(_SHORTEST, often)) - time.monotonic())
        await _set_within(self._rung, latest - time.monotonic())


async def _set_within(event: asyncio.Event, duration: float) -> None:
    """Wait until something is set, for so long at most [s].

    Not by `asyncio.wait_for`: that of Python 3.11 loses a cancellation that comes as the event is set.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(duration):
            await event.wait()
