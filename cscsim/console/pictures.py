"""Pictures of images, drawn in a process of their own: neither the simulation nor the server waits for pixels."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import Any, TypeAlias, TypeVar

from csc.latiss.images import Exposure
from fsm import OperatorError

__all__ = ["Pictures", "no_pictures"]

T = TypeVar("T")
Wanted: TypeAlias = "Callable[[], Awaitable[bool]]"

_NEEDED = ("numpy", "scipy", "matplotlib", "PIL")
_KEPT = 8_000_000
"""Bytes of pictures that are kept."""
_MOST_WAITING = 100
"""Who may wait at once; whoever has left meanwhile costs nothing when their turn comes."""
_LONGEST = 60.0
"""Real time [s] for one picture."""
_IDLE = 120.0
"""Real time [s] after which the process ends that nobody needs."""


def no_pictures() -> str:
    """Say what is missing for pictures; empty if nothing is."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    return f"pictures of images need {' and '.join(missing)}: pip install 'cscsim[pipelines]'" if missing else ""


class Pictures:
    """Draws and measures images, one at a time, and keeps what was drawn last."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._one_at_a_time = asyncio.Lock()
        self._waiting = 0
        self._kept: dict[tuple[int, str, int], bytes] = {}
        self._ends: asyncio.TimerHandle | None = None

    async def draw(self, run: int, exposure: Exposure, size: int, is_wanted: Wanted) -> bytes:
        """Return an image as PNG of so many pixels a side.

        Parameters
        ----------
        is_wanted
            Asked when its turn has come: whether somebody still waits for it.

        Raises
        ------
        OperatorError
            If what draws is not installed, too many wait for pictures, or it has failed.
        """
        key = (run, exposure.name, size)
        async with self._turn():
            if key not in self._kept:
                if not await is_wanted():
                    raise OperatorError("nobody waits for this picture any more")
                self._keep(key, await self._away(_draw, exposure, size))
            return self._kept[key]

    async def measure(self, exposure: Exposure) -> dict[str, Any]:
        """Return what is measured in the pixels of an image.

        Raises
        ------
        OperatorError
            As `draw`.
        """
        async with self._turn():
            return await self._away(_measure, exposure)

    async def close(self) -> None:
        """End the process, and wait until it has ended."""
        pool = self._taken_down()
        if pool is not None:
            await asyncio.to_thread(pool.shutdown, cancel_futures=True)

    def _leave(self) -> None:
        """Let the process end by itself; the next picture is drawn in another."""
        pool = self._taken_down()
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)

    def _taken_down(self) -> ProcessPoolExecutor | None:
        if self._ends is not None:
            self._ends.cancel()
        pool, self._pool = self._pool, None
        return pool

    def _keep(self, key: tuple[int, str, int], picture: bytes) -> None:
        self._kept[key] = picture
        while sum(map(len, self._kept.values())) > _KEPT and len(self._kept) > 1:
            del self._kept[next(iter(self._kept))]

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Wait for one's turn."""
        why = no_pictures()
        if why:
            raise OperatorError(why)
        if self._waiting >= _MOST_WAITING:
            raise OperatorError("too many pictures are asked for at once; ask again")
        self._waiting += 1
        try:
            async with self._one_at_a_time:
                yield
        finally:
            self._waiting -= 1

    async def _away(self, work: Callable[..., T], *args: Any) -> T:
        """Have something done in the other process."""
        loop = asyncio.get_running_loop()
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=_begin)
        if self._ends is not None:
            self._ends.cancel()
        try:
            async with asyncio.timeout(_LONGEST):
                return await loop.run_in_executor(self._pool, work, *args)
        except (BrokenProcessPool, TimeoutError) as error:
            self._leave()
            raise OperatorError("the picture could not be drawn; ask again") from error
        finally:
            self._ends = loop.call_later(_IDLE, self._leave)


def _begin() -> None:
    """Leave Ctrl-C to the server."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _draw(exposure: Exposure, size: int) -> bytes:
    from cscsim.console.images import draw_picture

    return draw_picture(exposure, size)


def _measure(exposure: Exposure) -> dict[str, Any]:
    from cscsim.console.images import measure

    return measure(exposure)
