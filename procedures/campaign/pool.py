"""Where tasks are worked on: an executor gives results back in any order.

The one here has processes of this machine. A process that dies takes nothing with it but time: all that was under way
is done again, one at a time until it is known which task kills, and a task that has killed three times is given up.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import connection, get_context, parent_process
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

__all__ = ["LOST", "TRIES", "Executor", "Lost", "ProcessPool"]

Given = TypeVar("Given")
Result = TypeVar("Result")

TRIES = 3
"""How often a task may kill its worker before it is given up."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Stands for the result of a task that was given up."""


LOST = Lost()


class Executor(Protocol):
    """Works on tasks somewhere: in processes, on a cluster."""

    def map(self, work: Callable[[Given], Result], tasks: Iterable[Given]) -> Iterator[tuple[Given, Result | Lost]]:
        """Yield each task with its result as it comes, in any order."""


class ProcessPool:
    """Processes of this machine, each begun afresh: nothing of this process is in them.

    Used as a context, they stay for all maps and are gone at its end.

    Parameters
    ----------
    workers
        How many.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def map(self, work: Callable[[Given], Result], tasks: Iterable[Given]) -> Iterator[tuple[Given, Result | Lost]]:
        """Yield each task with its result as it comes; at most as many are under way as there are workers."""
        waiting = deque(_Tried(task) for task in tasks)
        suspects: deque[_Tried[Given]] = deque()
        while waiting or suspects:
            yield from self._until_one_dies(work, waiting, suspects)
            for suspect in [each for each in suspects if each.deaths >= TRIES]:
                suspects.remove(suspect)
                yield suspect.task, LOST

    def _until_one_dies(
        self, work: Callable[[Given], Result], waiting: deque[_Tried[Given]], suspects: deque[_Tried[Given]]
    ) -> Iterator[tuple[Given, Result]]:
        """Work on tasks, suspects alone and first, until all are done or a process is gone."""
        pool = self._begun()
        under_way: dict[Future[Result], _Tried[Given]] = {}
        try:
            while waiting or suspects or under_way:
                while _may_begin(under_way, waiting, suspects, self.workers):
                    queue = suspects or waiting
                    under_way[pool.submit(_work, work, queue[0].task)] = queue[0]
                    queue.popleft()
                done = wait(under_way, return_when=FIRST_COMPLETED).done
                for future in done:
                    if not isinstance(future.exception(), BrokenProcessPool):
                        yield under_way.pop(future).task, future.result()
                if any(future in under_way for future in done):
                    raise BrokenProcessPool
        except BrokenProcessPool:
            for tried in under_way.values():
                tried.deaths += 1
                suspects.append(tried)
            self._end()
        except BaseException:
            for process in list((pool._processes or {}).values()):  # noqa: SLF001  # no other way to end a run early
                process.terminate()
            self._end()
            raise

    def _begun(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self.workers, mp_context=get_context("spawn"), initializer=_settle_in)
        return self._pool

    def _end(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


@dataclass(slots=True, eq=False)
class _Tried(Generic[Given]):
    task: Given
    deaths: int = 0


def _may_begin(
    under_way: Mapping[Any, _Tried[Given]],
    waiting: deque[_Tried[Given]],
    suspects: deque[_Tried[Given]],
    workers: int,
) -> bool:
    """Tell whether another task may begin: a suspect only alone, and nothing beside one."""
    if suspects:
        return not under_way
    return bool(waiting) and len(under_way) < workers and not any(each.deaths for each in under_way.values())


def _settle_in() -> None:
    """Leave Ctrl-C to the parent, and go when it is gone, however it went."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _work(work: Callable[[Given], Result], task: Given) -> Result:
    """Work on a task; what the first one has loaded stays, and is not searched for garbage any more."""
    result = work(task)
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()
    return result


def _follow(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
