"""How a measurement is made: rates by CPU time, memory by what the process holds."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

__all__ = ["bytes_each", "rate"]


def rate(work: Callable[[int], None], count: int) -> float:
    """Return operations per CPU second of `work(count)`, after a warm-up."""
    work(max(40, count // 20))
    gc.collect()
    started = time.process_time()
    work(count)
    return count / (time.process_time() - started)


def bytes_each(make: Callable[[], object], count: int) -> float:
    """Return the resident memory [bytes] that one of `count` objects takes."""
    import psutil

    process = psutil.Process()
    kept = [make() for _ in range(50)]
    gc.collect()
    before = process.memory_info().rss
    kept += [make() for _ in range(count)]
    gc.collect()
    return (process.memory_info().rss - before) / count
