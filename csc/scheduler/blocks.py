"""What the Scheduler needs to know of observing blocks, and SAL's numbers for it."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Protocol

__all__ = ["BlockCatalogue", "BlockStatus", "ObservatoryStatus"]


class BlockStatus(enum.IntEnum):
    """Status of a block (lsst-ts/ts_scheduler: python/lsst/ts/scheduler/utils/)."""

    INVALID = 1
    AVAILABLE = 2
    STARTED = 3
    EXECUTING = 4
    COMPLETED = 5
    ERROR = 6
    INTERRUPTED = 7

    @property
    def has_ended(self) -> bool:
        """Whether nothing more of the block runs."""
        return self is BlockStatus.INVALID or self >= BlockStatus.COMPLETED


class ObservatoryStatus(enum.IntFlag):
    """Status of the observatory (lsst-ts/ts_xml: python/lsst/ts/xml/enums/Scheduler.py)."""

    UNKNOWN = 0
    DAYTIME = 1
    OPERATIONAL = 2
    FAULT = 4
    WEATHER = 8
    DOWNTIME = 16
    IDLE = 32


class BlockCatalogue(Protocol):
    """The blocks that a Scheduler may run."""

    def ids(self) -> Sequence[str]:
        """Return the blocks' names."""

    def valid(self, block: str) -> bool:
        """Tell whether the scripts of a block take their configurations."""

    def configuration(self, block: str, override: str) -> Sequence[tuple[str, bool, str]]:
        """Return a block's scripts: path, whether it is a standard script, configuration as YAML.

        Raises
        ------
        CscsimError
            If a value of the configuration is missing.
        """
