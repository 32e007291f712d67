"""A running script: hands its program the checkpoints, and turns how it ends into SAL's states.

References
----------
lsst-ts/ts_salobj: python/lsst/ts/salobj/base_script.py
"""

from __future__ import annotations

import asyncio
import re
from types import SimpleNamespace

from csc.behaviour import Behaviour, Refused, on_enter
from csc.scriptqueue.program import Program
from fsm import CscsimError

__all__ = ["Script"]


class Script(Behaviour):
    """Runs one program."""

    def start(self) -> None:
        """Take the program that the queue has loaded."""
        self._program: Program = self.service("program")
        self._task: asyncio.Task[None] | None = None
        self._began = False
        self._resumed: asyncio.Future[None] | None = None

    @property
    def name(self) -> str:
        """Its name on the bus."""
        return self.component.name

    @property
    def index(self) -> int:
        """Its SAL index."""
        return int(self.component.name.partition(":")[2])

    @property
    def group_id(self) -> str:
        """The group that its images belong to."""
        return str(self.v.group_id)

    @property
    def block_id(self) -> str:
        """The execution of the block that it belongs to."""
        return str(self.v.block_id)

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to stop and cleans up."""
        return self.state("script") == "STOPPING"

    @on_enter("script", "UNCONFIGURED")
    def _describe(self) -> None:
        program = self._program
        self.publish(
            "description", classname=program.path, description=program.description, remotes=",".join(program.remotes)
        )

    def do_configure(self, data: SimpleNamespace) -> None:
        """Let the program take its configuration."""
        for pattern in (data.pauseCheckpoint, data.stopCheckpoint):
            _check_pattern(pattern)
        try:
            metadata = self._program.configure(data.config)
        except CscsimError as error:
            reason = f"config({data.config}) failed: {error}"
            # A refusal changes nothing, so the script's own end follows it.
            self.clock.call_soon(self._give_up, reason)
            raise Refused(reason) from error
        if data.logLevel:
            self.component.set_log_level(data.logLevel)
        self.v.pause_at = data.pauseCheckpoint
        self.v.stop_at = data.stopCheckpoint
        self.v.block_id = data.blockId
        self.publish(
            "metadata",
            coordinateSystem=1,
            rotationSystem=1,
            dome=3,
            duration=metadata.duration,
            nimages=metadata.nimages,
            filters=metadata.filters,
            instrument=metadata.instrument,
            survey=metadata.survey,
            totalCheckpoints=metadata.total_checkpoints,
            force=True,
        )

    def _give_up(self, reason: str) -> None:
        self.v.reason = reason
        self.fire("configure_failed")

    def do_setGroupId(self, data: SimpleNamespace) -> None:
        """Take the group."""
        self.v.group_id = data.groupId

    def do_setCheckpoints(self, data: SimpleNamespace) -> None:
        """Take where to pause and to stop."""
        _check_pattern(data.pause)
        _check_pattern(data.stop)
        self.v.pause_at = data.pause
        self.v.stop_at = data.stop

    @on_enter("script", "RUNNING")
    def _run(self) -> None:
        if self._task is None:
            self._task = self.component.spawn(self._work(), self.name)
        elif self._resumed is not None and not self._resumed.done():
            self._resumed.set_result(None)

    @on_enter("script", "STOPPING")
    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if not self._began:
            # A task that has not begun ends without a chance to clean up.
            self.clock.call_soon(self.fire, "cleaned_up")

    async def _work(self) -> None:
        self._began = True
        try:
            await self._program.run(self)
        except asyncio.CancelledError:
            if not self.is_stopping:
                raise
        except (CscsimError, TimeoutError) as error:
            self.v.reason = f"Error in run: {error}"
            self.log("error", self.v.reason)
            self.fire("failed")
        else:
            self.fire("finished")
        self.fire("cleaned_up")

    async def checkpoint(self, name: str) -> None:
        """Say where the program is; pause or stop if that is wanted here."""
        self.v.last_checkpoint = name
        self.v.checkpoints_passed += 1
        self.changed()
        if self.v.stop_at and re.fullmatch(self.v.stop_at, name):
            self.fire("stop_here")
            await asyncio.sleep(0)
        elif self.v.pause_at and re.fullmatch(self.v.pause_at, name):
            self._resumed = self.clock.loop.create_future()
            self.fire("pause_here")
            await self.clock.wait(self._resumed, f"resume at checkpoint {name}", who=self.name)


def _check_pattern(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise Refused(f"{pattern!r} is not a regular expression: {error}") from error
