"""What the queue knows of one script."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from csc.scriptqueue.enums import ProcessState

__all__ = ["ScriptInfo"]


@dataclass(slots=True, eq=False)
class ScriptInfo:
    """One script of the queue.

    Attributes
    ----------
    request
        The fields of the command that added it.
    script_state
        SAL's number of the script's own state.
    terminated
        Whether its process was ended while it ran.
    awaited
        What is done once its process has ended, for each who waits for that.
    times
        TAI [s] by name: ProcessStart, ConfigureStart, ConfigureEnd, RunStart, ProcessEnd.
    """

    index: int
    request: SimpleNamespace
    block_id: str = ""
    block_index: int = 0
    process_state: ProcessState = ProcessState.LOADING
    script_state: int = 0
    group_id: str = ""
    terminated: bool = False
    awaited: list[asyncio.Future[None]] = field(default_factory=list)
    times: dict[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name on the bus."""
        return f"Script:{self.index}"

    def as_event(self) -> dict[str, Any]:
        """Return the fields of the `script` event."""
        request = self.request
        return {
            "scriptSalIndex": self.index,
            "isStandard": request.isStandard,
            "path": request.path,
            "processState": int(self.process_state),
            "scriptState": self.script_state,
            "blockId": self.block_id,
            "scriptBlockIndex": self.block_index,
            "blockSize": request.blockSize,
            **{
                f"timestamp{key}": self.times.get(key, 0.0)
                for key in ("ProcessStart", "ConfigureStart", "ConfigureEnd", "RunStart", "ProcessEnd")
            },
        }
