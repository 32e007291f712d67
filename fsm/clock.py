"""What components and procedures know of time, and how a run is carried out in it.

The time itself is kept by the loop of `fsm.loop`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fsm.errors import Deadlock
from fsm.loop import MAX, SimulatedLoop

__all__ = ["Clock", "simulate"]

T = TypeVar("T")


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
        describe = what if callable(what) else lambda: what
        called_off = task.cancelling() if task else 0
        expired = False

        def expire() -> None:
            nonlocal expired
            expired = future.cancel()

        loop.waits[expire] = (who or (task.get_name() if task else "somebody"), describe)
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
            del loop.waits[expire]
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
