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
import collections
import contextvars
import heapq
import math
import selectors
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVarTuple

from fsm.errors import Deadlock

__all__ = ["MAX", "SimulatedLoop", "Stop"]

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
        loop = self._loop
        while loop.interrupted:
            if loop.act_between():
                return []
        if timeout is not None and timeout <= 0:
            self._turns += 1
            if self._turns % _POLL_EVERY:
                return []
            return super().select(0)
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
            wall = None if timeout is None or not loop.speed else timeout / loop.speed
        ready = super().select(wall)
        if not ready and timeout is not None:
            loop.jump(timeout)
        elif loop.speed != MAX:
            elapsed = (time.monotonic() - started) * loop.speed
            loop.advance(elapsed if timeout is None else min(elapsed, timeout))
        return ready


class _Interrupted(collections.deque[asyncio.Handle]):
    """The callbacks that are ready, and something to be done before the next of them is called."""

    def __init__(self, loop: SimulatedLoop, ready: collections.deque[asyncio.Handle]) -> None:
        super().__init__(ready)
        self._loop = loop

    def popleft(self) -> asyncio.Handle:
        """Let be done what is to be done, then return the callback that comes next."""
        self._loop.act_between()
        return self._loop.ready.popleft()


class _Timer(asyncio.TimerHandle):
    """A timer that stands behind all set before it for the same time; asyncio's heap would not say."""

    __slots__ = ("number",)

    number: int
    _scheduled: bool

    def __lt__(self, other: asyncio.TimerHandle) -> bool:
        mine, its = self.when(), other.when()
        return mine < its or (mine == its and isinstance(other, _Timer) and self.number < other.number)


class Stop(Protocol):
    """A time at which something is done without a timer, so that a run goes on as if nothing had been."""

    def before(self, due: float) -> float | None:
        """Return the time [s] of the stop if it lies between now and `due` [s], to which time would go."""

    def act(self) -> None:
        """Do it; the stop is over."""


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
        """Simulated seconds per real second; at 0, set while it runs, time stands still until it is set again."""
        self.expects_outside = False
        """Whether somebody outside this process may still wake the loop (sockets, a terminal)."""
        self.crash: BaseException | None = None
        """The first error that nobody awaited."""
        self.main: asyncio.Task[Any] | None = None
        """The task that the run is about."""
        self.deadlock: Deadlock | None = None
        """Why simulated time could not advance, once it could not."""
        self.waits: dict[object, tuple[str, Callable[[], str]]] = {}
        """Who waits, and for what; the key is what ends the wait when it has lasted too long."""
        self.stops: list[Stop] = []
        """Times that nobody has set a timer for, and at which something is done all the same."""
        self.interrupted: list[Callable[[], object]] = []
        """What is to be done before the next callback."""

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
        if not (self.stops and self._stop_before(due)):
            self.t = due

    def advance(self, duration: float) -> None:
        """Let `duration` [s] pass."""
        self.t += duration

    # ------------------------------------------------------------- looking on

    @property
    def ready(self) -> collections.deque[asyncio.Handle]:
        """The callbacks that will be called at this moment."""
        return self._ready

    def interrupt(self, act: Callable[[], object]) -> None:
        """Call `act` once the present callback has returned, before the next one and before time goes on.

        Who only looks changes nothing by it: no callback is set, and none changes places with another.
        """
        self.interrupted.append(act)
        if len(self.interrupted) == 1:
            self._ready: collections.deque[asyncio.Handle] = _Interrupted(self, self.ready)

    def act_between(self) -> bool:
        """Do what is to be done between two callbacks; tell whether that has set something going."""
        acts, self.interrupted = self.interrupted, []
        self._ready = collections.deque(self.ready)
        return self.sets_going(*acts)

    def _stop_before(self, due: float) -> bool:
        """Do what is to be done at stops on the way to `due` [s]; tell whether that has set something going."""
        while True:
            found = [(t, number) for number, stop in enumerate(self.stops) if (t := stop.before(due)) is not None]
            if not found:
                return False
            t, number = min(found)
            self.t = max(t, self.t)
            if self.sets_going(self.stops.pop(number).act):
                return True
            while self.interrupted:
                if self.act_between():
                    return True

    def sets_going(self, *acts: Callable[[], object]) -> bool:
        """Call each; tell whether timers or callbacks were set meanwhile."""
        before = self._timers_set, len(self.ready)
        for act in acts:
            act()
        return before != (self._timers_set, len(self.ready))

    def timers(self) -> Iterator[tuple[float, Callable[..., object], tuple[Any, ...]]]:
        """Yield the timers that are set, in the order in which they ring: when [s], what is called, and with what."""
        for timer in sorted(self._scheduled):  # type: ignore[attr-defined]  # asyncio's heap of timers
            if not timer.cancelled():
                yield timer.when(), timer._callback, timer._args  # noqa: SLF001  # asyncio has no other way to ask

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
