"""The simulated time of one test: fixtures, test and clean-up run one after the other in the same event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from fsm import AuthorError, Clock, Deadlock, SimulatedLoop, parse_quantity

__all__ = ["SimulatedTime", "seconds"]

T = TypeVar("T")


class SimulatedTime:
    """An event loop that jumps from timer to timer and stands still while nothing is run in it.

    Attributes
    ----------
    clock
        Its clock.
    """

    def __init__(self) -> None:
        self._runner = asyncio.Runner(loop_factory=SimulatedLoop)
        loop = self._runner.get_loop()
        if not isinstance(loop, SimulatedLoop):  # pragma: no cover  # the factory above made it
            raise TypeError(f"expected a SimulatedLoop, got {type(loop).__name__}")
        self._loop = loop
        self.clock = Clock(loop)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.close()

    def run(self, work: Coroutine[Any, Any, T], *, name: str = "the test") -> T:
        """Run a coroutine to its end and return its result.

        Raises
        ------
        Deadlock
            If it waits for what can no longer happen.
        Exception
            What it raises, or what a task raised that nobody awaits.
        """
        __tracebackhide__ = True
        loop = self._loop
        loop.deadlock = None
        try:
            return self._runner.run(self._as_main(work, name))
        except Deadlock:
            self._call_off()
            raise
        except asyncio.CancelledError as called_off:
            if loop.deadlock is None:
                raise
            raise loop.deadlock.with_traceback(called_off.__traceback__) from None  # it leads to who waits
        except RuntimeError:
            if loop.crash is None:
                raise
            crash, loop.crash = loop.crash, None
            self._call_off()
            raise crash from None

    async def _as_main(self, work: Coroutine[Any, Any, T], name: str) -> T:
        __tracebackhide__ = True
        self._loop.main = task = asyncio.current_task()
        if task is not None:
            task.set_name(name)
        return await work

    def _call_off(self) -> None:
        """Let what was run clean up when the loop turns again."""
        if self._loop.main is not None:
            self._loop.main.cancel()


def seconds(duration: float | str) -> float:
    """Return a length of time [s], which may also be written with its unit: ``5 min``.

    Raises
    ------
    AuthorError
        If it is written otherwise.
    """
    if not isinstance(duration, str):
        return float(duration)
    try:
        value, unit = parse_quantity(duration)
    except ValueError as error:
        raise AuthorError(f"{duration!r} is no length of time; write it as 300 or '5 min'") from error
    if unit not in ("s", None):
        raise AuthorError(f"{duration!r} is no length of time; write it as 300 or '5 min'")
    return value
