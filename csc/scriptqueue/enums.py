"""SAL's numbers for scripts and their queue.

References
----------
lsst-ts/ts_xml: python/lsst/ts/xml/enums/Script.py, ScriptQueue.py
"""

from __future__ import annotations

import enum

__all__ = ["Location", "ProcessState", "ScriptState"]


class Location(enum.IntEnum):
    """Where on the queue a script goes."""

    FIRST = 1
    LAST = 2
    BEFORE = 3
    AFTER = 4


class ProcessState(enum.IntEnum):
    """State of a script's process."""

    UNKNOWN = 0
    LOADING = 1
    CONFIGURED = 2
    RUNNING = 3
    DONE = 4
    LOADFAILED = 5
    CONFIGURE_FAILED = 6
    TERMINATED = 7

    @property
    def has_ended(self) -> bool:
        """Whether the process is over, well or not."""
        return self >= ProcessState.DONE


class ScriptState(enum.IntEnum):
    """State of a script."""

    UNKNOWN = 0
    UNCONFIGURED = 1
    CONFIGURED = 2
    RUNNING = 3
    PAUSED = 4
    ENDING = 5
    STOPPING = 6
    FAILING = 7
    DONE = 8
    STOPPED = 9
    FAILED = 10
    CONFIGURE_FAILED = 11
