"""The Scheduler's blocks: their scripts are put on the queue one by one and followed to the end.

What a block is comes from the service ``blocks`` (see `csc.scheduler.blocks`).

References
----------
lsst-ts/ts_scheduler: python/lsst/ts/scheduler/scheduler_csc.py, model.py
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from csc.behaviour import Behaviour, Refused, on_trigger
from csc.messages import Ack, AckError, Sample
from csc.scheduler.blocks import BlockCatalogue, BlockStatus, ObservatoryStatus
from csc.scriptqueue.enums import Location, ProcessState, ScriptState
from csc.summary_state import AckCode
from fsm import CscsimError

__all__ = ["Scheduler"]


@dataclass(slots=True, eq=False)
class _Execution:
    """A block that is under way, with its scripts on the queue."""

    block: str
    scripts: set[int] = field(default_factory=set)
    task: asyncio.Task[None] | None = None


class Scheduler(Behaviour):
    """Runs blocks."""

    def start(self) -> None:
        """Find the blocks and the queue."""
        self._blocks: BlockCatalogue = self.service("blocks")
        self._queue = self.remote(f"ScriptQueue:{self.component.name.partition(':')[2]}")
        self._completed: dict[str, int] = {}
        self._started: dict[str, int] = {}
        self._running: list[_Execution] = []
        for component in self.p.monitored_components:
            self.remote(component).event("summaryState").callback(lambda sample: self.changed())

    def components_in_fault(self) -> str:
        """Name the monitored components that are in FAULT."""
        states = {component: self.remote(component).summary_state for component in self.p.monitored_components}
        return ", ".join(component for component, state in states.items() if state == "FAULT")

    def observatory_status(self) -> int:
        """Return the status of the observatory as SAL's bits; unknown where nothing is monitored."""
        if not self.p.monitored_components:
            return ObservatoryStatus.UNKNOWN
        working = self.state("loop") == "RUNNING"
        status = ObservatoryStatus.OPERATIONAL if working else ObservatoryStatus.IDLE
        return status | ObservatoryStatus.FAULT if self.components_in_fault() else status

    def observatory_status_labels(self) -> str:
        """Return the status of the observatory in words."""
        status = ObservatoryStatus(self.observatory_status())
        return " | ".join(str(bit.name) for bit in status) or "UNKNOWN"

    def observatory_status_note(self) -> str:
        """Say why the status of the observatory is as it is."""
        if not self.p.monitored_components:
            return "Observatory status feature disabled; will not monitor observatory status."
        failed = self.components_in_fault()
        return f"In FAULT: {failed}" if failed else ""

    @on_trigger("enter_ENABLED")
    def _announce(self) -> None:
        ids = self._blocks.ids()
        status = [BlockStatus.AVAILABLE if self._blocks.valid(block) else BlockStatus.INVALID for block in ids]
        self.publish("blockInventory", ids=",".join(ids), status=",".join(item.name for item in status))

    @on_trigger("leave_ENABLED")
    def _interrupt(self) -> None:
        """Follow the blocks no longer; their scripts stay where they are."""
        for execution in self._running:
            if execution.task is not None:
                execution.task.cancel()
            self._report(execution.block, BlockStatus.INTERRUPTED)
        self._running.clear()

    @on_trigger("stop")
    def _clean_up(self) -> None:
        """Take the scripts of blocks off the queue, all but the one that runs."""
        shown = self._queue.event("queue").get()
        current = 0 if shown is None else shown.currentSalIndex
        waiting = {index for execution in self._running for index in execution.scripts} - {current}
        self._interrupt()
        self.spawn(self._withdraw(waiting), f"{self.component.name} withdraws")

    def do_addBlock(self, data: SimpleNamespace) -> None:
        """Start a block."""
        ids = self._blocks.ids()
        if data.id not in ids:
            raise Refused(f"Block {data.id} does not exist; there is {', '.join(ids)}")
        valid = [block for block in ids if self._blocks.valid(block)]
        if data.id not in valid:
            raise Refused(f"Block {data.id} is not valid; valid are {', '.join(valid)}")
        try:
            scripts = self._blocks.configuration(data.id, data.override)
        except CscsimError as error:
            raise Refused(str(error)) from error
        self._started[data.id] = self._started.get(data.id, 0) + 1
        self._report(data.id, BlockStatus.STARTED)
        if self.state("loop") not in ("IDLE", "RUNNING"):
            self.log("error", f"cannot run {data.id}: detailedState is {self.state('loop')}, not IDLE")
            self._report(data.id, BlockStatus.ERROR)
            return
        self.fire("queueing")
        execution = _Execution(data.id)
        self._running.append(execution)
        execution.task = self.component.spawn(self._run(execution, scripts), f"{self.component.name} {data.id}")

    async def _run(self, execution: _Execution, scripts: Sequence[tuple[str, bool, str]]) -> None:
        ended: asyncio.Queue[tuple[int, bool]] = asyncio.Queue()
        block, mine = execution.block, execution.scripts
        executing = False

        def follow(sample: Sample) -> None:
            nonlocal executing
            index, process = sample.data["scriptSalIndex"], sample.data["processState"]
            if index not in mine:
                return
            if process == ProcessState.RUNNING and not executing:
                executing = True
                self._report(block, BlockStatus.EXECUTING)
            if ProcessState(process).has_ended:
                mine.discard(index)
                good = process == ProcessState.DONE and sample.data["scriptState"] == ScriptState.DONE
                ended.put_nowait((index, good))

        leave = self._queue.event("script").callback(follow)
        try:
            good = await self._drive(block, scripts, mine, ended)
        finally:
            leave()
        if execution not in self._running:
            return
        self._running.remove(execution)
        if good:
            self._completed[block] = self._completed.get(block, 0) + 1
        self._report(block, BlockStatus.COMPLETED if good else BlockStatus.ERROR)

    async def _drive(
        self,
        block: str,
        scripts: Sequence[tuple[str, bool, str]],
        mine: set[int],
        ended: asyncio.Queue[tuple[int, bool]],
    ) -> bool:
        """Put the scripts on the queue and wait for all of them; tell whether all ended well."""
        waiting = list(enumerate(scripts))
        finished = 0
        failed = False
        while finished < len(scripts) and not failed:
            while waiting and len(mine) < self.p.scripts_in_flight and not failed:
                number, script = waiting.pop(0)
                index = await self._add(block, number, len(scripts), script)
                if index is None:
                    failed = True
                    break
                mine.add(index)
                await self.clock.sleep(self.p.script_interval)
                failed = self._one_failed(ended)
            if not waiting:
                self.fire("queued")
            if not failed:
                _, good = await ended.get()
                finished += 1
                failed = not good
        if failed:
            self.fire("queued")
            await self._withdraw(mine)
        return not failed

    def _one_failed(self, ended: asyncio.Queue[tuple[int, bool]]) -> bool:
        items = [ended.get_nowait() for _ in range(ended.qsize())]
        for item in items:
            ended.put_nowait(item)
        return any(not good for _, good in items)

    async def _add(self, block: str, number: int, size: int, script: tuple[str, bool, str]) -> int | None:
        path, standard, config = script
        try:
            ack = await self._ask_queue(
                "add",
                isStandard=standard,
                path=path,
                config=config,
                descr=f"{self.component.name} {block}",
                location=Location.LAST,
                logLevel=self.component.log_level,
                block=block,
                blockSize=size,
                startBlock=number == 0,
            )
        except AckError as error:
            self.log("error", f"{block}: {path}: {error.ack.result}")
            if self.summary_state == "ENABLED":
                self.fault("NO_QUEUE" if error.ack.code is AckCode.NOACK else "UNABLE_TO_QUEUE")
            return None
        return int(ack.result)

    async def _ask_queue(self, command: str, **fields: Any) -> Ack:
        """Send the queue a command; without a link to it there is no answer."""
        if self.state("queue_link") == "UP":
            return await self._queue.command(command, timeout=self.p.queue_limit, **fields)
        await self.clock.sleep(self.p.queue_limit)
        raise AckError(f"{self._queue.name}.{command}", Ack(AckCode.NOACK, 1, "No command acknowledgement seen"))

    async def _withdraw(self, scripts: set[int]) -> None:
        """Take the rest of a failed block off the queue."""
        if not scripts:
            return
        try:
            await self._ask_queue("stopScripts", length=len(scripts), salIndices=sorted(scripts), terminate=False)
        except AckError as error:
            self.log("error", f"scripts {sorted(scripts)} stay on the queue: {error.ack.result}")

    def _report(self, block: str, status: BlockStatus) -> None:
        self.publish(
            "blockStatus",
            id=block,
            statusId=int(status),
            status=status.name,
            executionsCompleted=self._completed.get(block, 0),
            executionsTotal=self._started.get(block, 0),
            force=True,
        )
