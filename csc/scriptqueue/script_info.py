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
    command
        Sequence number of the command that added it.
    request
        The fields of the command that added it.
    script_state
        SAL's number of the script's own state.
    group_id
        The group it has got; empty unless it is the next one, or runs.
    gets_group
        Whether it is just getting one.
    awaited
        What is done once its process has ended, for each who waits for that.
    times
        TAI [s] by name: ProcessStart, ConfigureStart, ConfigureEnd, RunStart, ProcessEnd.
    """

    index: int
    command: int
    request: SimpleNamespace
    block_id: str = ""
    process_state: ProcessState = ProcessState.LOADING
    script_state: int = 0
    group_id: str = ""
    gets_group: bool = False
    awaited: list[asyncio.Future[None]] = field(default_factory=list)
    times: dict[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name on the bus."""
        return f"Script:{self.index}"

    @property
    def needs_group(self) -> bool:
        """Whether it could run if it had a group."""
        return self.process_state is ProcessState.CONFIGURED and not self.group_id and not self.gets_group

    def as_event(self) -> dict[str, Any]:
        """Return the fields of the `script` event; those of blocks are left empty, as by the real queue."""
        request = self.request
        return {
            "cmdId": self.command,
            "scriptSalIndex": self.index,
            "isStandard": request.isStandard,
            "path": request.path,
            "processState": int(self.process_state),
            "scriptState": self.script_state,
            **{
                f"timestamp{key}": self.times.get(key, 0.0)
                for key in ("ProcessStart", "ConfigureStart", "ConfigureEnd", "RunStart", "ProcessEnd")
            },
        }
