"""Time as a client sees it: an asyncio loop that others have too, and a clock that goes as the observatory's does.

The observatory keeps its own time, and tells how fast it goes. Here only lengths of time count: a limit of 30 simulated
seconds is half a second at 60x, and 30 s where nobody has said anything, or where time goes as fast as it can.
What has begun keeps its limit when the speed changes, or the observatory begins anew.
"""

from __future__ import annotations

import asyncio
import math
import weakref
from collections.abc import Callable
from typing import Any, TypeVar, cast

from fsm import Clock, OperatorError, SimulatedLoop

__all__ = ["FollowingClock", "FollowingLoop", "Timer"]

T = TypeVar("T")

_SHORTEST_LIMIT = 2.0
"""The shortest that anybody waits for others [s, real]: a wire takes its time at any speed. Chosen here."""


class Timer:
    """A call that is due at a simulated time.

    Parameters
    ----------
    loop
        Whose time it is.
    when
        At which it is due [s].
    patience
        Real time [s] before which it does not ring.
    call
        What is called.
    """

    __slots__ = ("_call", "_earliest", "_handle", "_loop", "_when")

    def __init__(self, loop: FollowingLoop, when: float, patience: float, call: Callable[[], object]) -> None:
        self._loop, self._when, self._call = loop, when, call
        self._earliest = loop.real.time() + patience
        self._handle: asyncio.TimerHandle | None = None

    def when(self) -> float:
        """Return the simulated time [s] at which it is due."""
        return self._when

    def set(self) -> None:
        """Have it ring at the present speed."""
        if self._handle is not None:
            self._handle.cancel()
        due = self._loop.real.time() + (self._when - self._loop.t) / self._loop.speed
        self._handle = self._loop.real.call_at(max(due, self._earliest), self._ring)

    def cancel(self) -> None:
        """Have it not ring."""
        if self._handle is not None:
            self._handle.cancel()
        self._loop.timers.discard(self)

    def _ring(self) -> None:
        self._loop.timers.discard(self)
        self._call()


class FollowingLoop:
    """The part of a loop that a clock and a bus need, on the loop of whoever uses it.

    Parameters
    ----------
    real
        A loop that runs; everything happens in it.

    Attributes
    ----------
    speed
        Simulated seconds a second.
    waits
        Who waits, and for what.
    """

    def __init__(self, real: asyncio.AbstractEventLoop) -> None:
        self.real = real
        self.speed = 1.0
        self.waits: dict[object, tuple[str, Callable[[], str]]] = {}
        self.timers: set[Timer] = set()
        self._readers: set[Any] = set()
        self._awaited: weakref.WeakSet[asyncio.Future[Any]] = weakref.WeakSet()
        self._t, self._at = 0.0, real.time()
        self.call_soon = real.call_soon
        self.create_task = real.create_task

    @property
    def t(self) -> float:
        """Simulated time [s] that has passed here. It never jumps."""
        return self._t + (self.real.time() - self._at) * self.speed

    def follow(self, speed: float | None) -> None:
        """Go at another speed from now on; None for that of real time."""
        speed = 1.0 if speed is None or not 0.0 < speed < math.inf else speed
        if speed == self.speed:
            return
        self._t, self._at = self.t, self.real.time()
        self.speed = speed
        for timer in tuple(self.timers):
            timer.set()

    def create_future(self) -> asyncio.Future[Any]:
        """Return a future that does not outlast this."""
        return self.ending(self.real.create_future())

    def ending(self, future: asyncio.Future[T]) -> asyncio.Future[T]:
        """Have a future fail when this ends, so that nobody waits for ever."""
        self._awaited.add(future)
        return future

    def call_later(self, delay: float, callback: Callable[..., object], *args: object) -> Timer:
        """Call after `delay` [s]: the limit of a wait."""
        return self.call_at(self.t + delay, callback, *args)

    def call_at(
        self, when: float, callback: Callable[..., object], *args: object, patience: float = _SHORTEST_LIMIT
    ) -> Timer:
        """Call at a time [s], but not before `patience` [s, real] is over."""
        timer = Timer(self, when, patience, lambda: callback(*args))
        self.timers.add(timer)
        timer.set()
        return timer

    def add_reader(self, source: Any, callback: Callable[[], object]) -> None:
        """Call whenever something can be read; from any thread."""
        self._readers.add(source)
        self.real.call_soon_threadsafe(self.real.add_reader, source, callback)

    def remove_reader(self, source: Any) -> None:
        """Call no more."""
        if source in self._readers:
            self._readers.discard(source)
            self.real.remove_reader(source)

    def close(self) -> None:
        """Let nothing of this happen any more; who waits is told."""
        for future in tuple(self._awaited):
            if not future.done():
                future.set_exception(OperatorError("the connection was closed meanwhile"))
        for source in tuple(self._readers):
            self.remove_reader(source)
        for timer in tuple(self.timers):
            timer.cancel()


class FollowingClock(Clock):
    """A clock on such a loop.

    Parameters
    ----------
    loop
        Where it goes.
    """

    def __init__(self, loop: FollowingLoop) -> None:
        super().__init__(cast(SimulatedLoop, loop))  # it has all of it that a clock needs
        self.following = loop

    async def wait(
        self,
        future: asyncio.Future[T],
        what: str | Callable[[], str],
        *,
        who: str | None = None,
        timeout: float | None = None,
    ) -> T:
        """Wait for a future.

        Raises
        ------
        TimeoutError
            After `timeout` [simulated s].
        OperatorError
            If the loop is closed meanwhile.
        """
        return await super().wait(self.following.ending(future), what, who=who, timeout=timeout)

    async def sleep(self, duration: float) -> None:
        """Let `duration` [simulated s] pass."""
        over = self.following.create_future()
        timer = self.following.call_at(self.now + duration, over.set_result, None, patience=0.0)
        try:
            await over
        finally:
            timer.cancel()
