"""A pool of one process that is none: its work is done where it is asked for, which is quicker than to begin another.

Pools of more processes are those that people have. What comes of them is held against what comes of this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Self, TypeVar

from procedures.campaign import ProcessPool

__all__ = ["PoolHere", "pool"]

Given = TypeVar("Given")
Result = TypeVar("Result")


class PoolHere:
    """Does the work of a pool in this process."""

    workers = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is there to end."""

    def map(self, work: Callable[[Given], Result], tasks: Iterable[Given]) -> Iterator[tuple[Given, Result]]:
        """Yield each task with its result."""
        for task in list(tasks):
            yield task, work(task)


def pool(workers: int) -> ProcessPool | PoolHere:
    """Stand for `ProcessPool` in a test."""
    return PoolHere() if workers == 1 else ProcessPool(workers)
