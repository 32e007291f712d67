"""Simulated time: an asyncio event loop that jumps, keeps a factor, or keeps real time.

Decides what time it is and when a timer fires. Nothing ticks: between two timers no code runs, so the
cost of a run grows with the number of things that happen, not with the hours simulated.

Simulated time ``t`` starts at 0 s; TAI is an offset added for people. It must: asyncio adds its clock's
resolution to the present time to find the timers that are due, and at a Unix or TAI value that addition
is lost in rounding, so that the next timer never fires. The resolution is 1 us here, which float64 keeps
for 130 years of simulated time.

At every speed the loop lands exactly on the times of its timers, so a run gives the same journal at any
speed; the speed only says how long the loop sleeps in between.
"""

from __future__ import annotations

import asyncio
import contextvars
import heapq
import math
import selectors
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, TypeVarTuple

from fsm.errors import Deadlock

__all__ = ["MAX", "Clock", "SimulatedLoop", "simulate"]

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")

MAX = math.inf
"""The speed at which the loop jumps from timer to timer."""

_RESOLUTION = 1e-6
_POLL_EVERY = 256
"""At full speed, look at file descriptors once in so many turns of the loop."""


class _JumpingSelector(selectors.DefaultSelector):
    """A selector that turns asyncio's wait for its next timer into simulated time."""

    def attach(self, loop: SimulatedLoop) -> None:
        """Say whose time is kept."""
        self._loop = loop
        self._turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait `timeout` simulated seconds, or until a file descriptor is ready.

        Raises
        ------
        Deadlock
            If nothing is left that could end the wait.
        """
        if timeout is not None and timeout <= 0:
            self._turns += 1
            if self._turns % _POLL_EVERY:
                return []
            return super().select(0)
        loop = self._loop
        if timeout is None and not loop.expects_outside:
            loop.end_in_deadlock()
            return []
        if loop.speed == MAX and not loop.expects_outside:
            loop.jump(timeout)
            return []
        return self._pace(timeout)

    def _pace(self, timeout: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        loop = self._loop
        started = time.monotonic()
        if loop.speed == MAX:
            wall = 0.0 if timeout is not None else None
        else:
            wall = None if timeout is None else timeout / loop.speed
        ready = super().select(wall)
        if not ready and timeout is not None:
            loop.jump(timeout)
        elif loop.speed != MAX:
            elapsed = (time.monotonic() - started) * loop.speed
            loop.advance(elapsed if timeout is None else min(elapsed, timeout))
        return ready


class _Timer(asyncio.TimerHandle):
    """A timer that stands behind all set before it for the same time; asyncio's heap would not say."""

    __slots__ = ("number",)

    number: int
    _scheduled: bool

    def __lt__(self, other: asyncio.TimerHandle) -> bool:
        mine, its = self.when(), other.when()
        return mine < its or (mine == its and isinstance(other, _Timer) and self.number < other.number)


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An asyncio event loop on simulated time.

    Parameters
    ----------
    speed
        Simulated seconds per real second: `MAX` jumps from timer to timer, 1 is real time.
    """

    def __init__(self, speed: float = MAX) -> None:
        selector = _JumpingSelector()
        self.t = 0.0
        super().__init__(selector)
        if not speed > 0:
            self.close()
            raise ValueError(f"speed must be positive, not {speed}")
        selector.attach(self)
        self._timers_set = 0
        self._clock_resolution = _RESOLUTION
        self.speed = speed
        self.expects_outside = False
        """Whether somebody outside this process may still wake the loop (sockets, a terminal)."""
        self.crash: BaseException | None = None
        """The first error that nobody awaited."""
        self.main: asyncio.Task[Any] | None = None
        """The task that the run is about."""
        self.deadlock: Deadlock | None = None
        """Why simulated time could not advance, once it could not."""
        self.waits: dict[object, tuple[str, Callable[[], str]]] = {}
        """Who waits, and for what, for the message of a deadlock."""

    def time(self) -> float:
        """Return the simulated time [s] since the start of the run."""
        return self.t

    def call_at(
        self,
        when: float,
        callback: Callable[[*Arguments], object],
        *args: *Arguments,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        """Call at a time [s]; of timers of one time the one set first rings first."""
        if self.is_closed():
            raise RuntimeError("Event loop is closed")
        self._timers_set += 1
        timer = _Timer(when, callback, args, self, context)
        timer.number = self._timers_set
        heapq.heappush(self._scheduled, timer)  # type: ignore[attr-defined]  # asyncio's heap of timers
        timer._scheduled = True  # noqa: SLF001  # as asyncio's own call_at does
        return timer

    def jump(self, timeout: float | None) -> None:
        """Go to the next timer, or `timeout` [s] on if that comes first."""
        due = self.t + (timeout or 0.0)
        scheduled = self._scheduled  # type: ignore[attr-defined]  # asyncio's heap of timers: their exact times
        if scheduled:
            when: float = scheduled[0].when()
            if when <= due + _RESOLUTION:
                due = max(when, self.t)
        self.t = due

    def advance(self, duration: float) -> None:
        """Let `duration` [s] pass."""
        self.t += duration

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Stop the loop: an error that nobody awaits is a bug, and `simulate` raises it."""
        error = context.get("exception")
        if isinstance(error, BaseException) and self.crash is None:
            self.crash = error
            self.stop()
        else:
            super().call_exception_handler(context)

    def end_in_deadlock(self) -> None:
        """Call the run off, so that it can say how far it came; a run that then waits again has lost its chance.

        Raises
        ------
        Deadlock
            If there is nothing to call off.
        """
        error = Deadlock(self.describe_waits())
        if self.deadlock is not None or self.main is None or self.main.done():
            raise error
        self.deadlock = error
        self.main.cancel()

    def describe_waits(self) -> str:
        """Say who waits for what."""
        waits = [f"{who} waits for {what()}" for who, what in self.waits.values()]
        waiting = "; ".join(waits) if waits else "no task has said what it waits for"
        return f"simulated time stopped at {self.t:.3f} s: no timer is set and nothing is on its way; {waiting}"


class Clock:
    """What components and procedures know of time.

    Parameters
    ----------
    loop
        The loop that keeps the time.
    tai_start
        TAI at t = 0 [s since 1970-01-01 00:00:00 TAI].
    """

    def __init__(self, loop: SimulatedLoop, tai_start: float = 0.0) -> None:
        self.loop = loop
        self.tai_start = tai_start
        self.call_later = loop.call_later
        self.call_soon = loop.call_soon
        self.call_at = loop.call_at

    @property
    def now(self) -> float:
        """Simulated time [s] since the start of the run."""
        return self.loop.t

    @property
    def tai(self) -> float:
        """TAI [s since 1970-01-01 00:00:00 TAI]."""
        return self.tai_start + self.loop.t

    async def sleep(self, duration: float) -> None:
        """Let `duration` [s] pass."""
        await asyncio.sleep(duration)

    async def wait(
        self,
        future: asyncio.Future[T],
        what: str | Callable[[], str],
        *,
        who: str | None = None,
        timeout: float | None = None,
    ) -> T:
        """Wait for a future, and say for what while it lasts.

        Parameters
        ----------
        future
            What to wait for. It is cancelled if the wait ends early.
        what
            What is waited for, in words, or a function that says it now (with the last value seen).
        who
            Who waits; the name of the task if left out.
        timeout
            The longest wait [s]; None waits as long as anything can still happen.

        Raises
        ------
        TimeoutError
            After `timeout`; its text names what was waited for.
        """
        if future.done():
            return future.result()
        loop = self.loop
        task = asyncio.current_task()
        key = object()
        describe = what if callable(what) else lambda: what
        loop.waits[key] = (who or (task.get_name() if task else "somebody"), describe)
        called_off = task.cancelling() if task else 0
        expired = False

        def expire() -> None:
            nonlocal expired
            expired = future.cancel()

        timer = None if timeout is None else loop.call_later(timeout, expire)
        try:
            return await future
        except asyncio.CancelledError:
            if not expired or (task is not None and task.cancelling() > called_off):
                raise
            raise TimeoutError(f"timed out after {timeout:g} s waiting for {describe()}") from None
        finally:
            if timer is not None:
                timer.cancel()
            del loop.waits[key]
            if not future.done():
                future.cancel()


def simulate(main: Callable[[Clock], Coroutine[Any, Any, T]], *, speed: float = MAX, tai_start: float = 0.0) -> T:
    """Run a coroutine in simulated time and return its result.

    Parameters
    ----------
    main
        Given the clock, returns the coroutine to run.
    speed
        Simulated seconds per real second.
    tai_start
        TAI at t = 0 [s since 1970-01-01 00:00:00 TAI].

    Raises
    ------
    Deadlock
        If the coroutine waits for what can no longer happen. It is cancelled; one that catches that, and finds
        the reason in its loop's `deadlock`, may still return a result.
    """
    with asyncio.Runner(loop_factory=lambda: SimulatedLoop(speed)) as runner:
        loop = runner.get_loop()
        if not isinstance(loop, SimulatedLoop):  # pragma: no cover  # the factory above made it
            raise TypeError(f"expected a SimulatedLoop, got {type(loop).__name__}")
        try:
            return runner.run(_as_main(loop, main(Clock(loop, tai_start))))
        except Deadlock:
            _call_off(loop)
            raise
        except asyncio.CancelledError:
            if loop.deadlock is None:
                raise
            _call_off(loop)
            raise loop.deadlock from None
        except RuntimeError as stopped:
            if loop.crash is None:
                raise
            _call_off(loop)
            raise loop.crash from stopped


async def _as_main(loop: SimulatedLoop, work: Coroutine[Any, Any, T]) -> T:
    loop.main = asyncio.current_task()
    return await work


def _call_off(loop: SimulatedLoop) -> None:
    """Let every task clean up: the run is over."""
    for task in asyncio.all_tasks(loop):
        task.cancel()
