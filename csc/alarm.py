"""A timer of a component: work that the component does when it rings, and that can be told from outside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csc.component import Component

__all__ = ["Alarm"]


class Alarm:
    """What a timer of a component calls.

    Parameters
    ----------
    component
        Whose work it is.
    due
        What is to be done.
    timers
        The component's timers; this one's is no more among them once it has rung.
    """

    __slots__ = ("_timers", "component", "due", "handle")

    handle: asyncio.TimerHandle

    def __init__(self, component: Component, due: Callable[[], object], timers: set[asyncio.TimerHandle]) -> None:
        self.component = component
        self.due = due
        self._timers = timers

    def __call__(self) -> None:
        """Do it, and let the component look at what has changed."""
        self._timers.discard(self.handle)
        with self.component.working():
            self.due()
        self.component.changed()
