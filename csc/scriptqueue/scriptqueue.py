"""The script queue: loads scripts, runs them in turn, pauses when one fails.

What a script is comes from the service ``scripts`` (see `csc.scriptqueue.program`).

References
----------
lsst-ts/ts_scriptqueue: python/lsst/ts/scriptqueue/queue_model.py, script_queue.py
"""

from __future__ import annotations

import asyncio
import datetime
import re
from collections import deque
from types import SimpleNamespace

from csc.behaviour import Behaviour, Refused, on_enter, on_trigger
from csc.latiss.images import day_obs
from csc.messages import AckError, Sample
from csc.scriptqueue.enums import Location, ProcessState, ScriptState
from csc.scriptqueue.program import ScriptCatalogue
from csc.scriptqueue.script_info import ScriptInfo
from fsm import CscsimError

__all__ = ["ScriptQueue"]

INDICES_PER_QUEUE = 100_000
SHOWN = 400
PAUSED = 4
"""The script state in which a script is not asked to stop: its process is ended at once."""
_BLOCK = re.compile(r"BLOCK-(T?)(\d+)")


class ScriptQueue(Behaviour):
    """Keeps the queue."""

    def start(self) -> None:
        """Begin with nothing."""
        self._catalogue: ScriptCatalogue = self.service("scripts")
        self._base = int(self.component.name.partition(":")[2]) * INDICES_PER_QUEUE
        self._added = 0
        self._queue: list[ScriptInfo] = []
        self._current: ScriptInfo | None = None
        self._past: deque[ScriptInfo] = deque(maxlen=int(self.p.history_length))
        self._executions: dict[str, int] = {}
        self._open_block: tuple[str, str, int] | None = None

    # --------------------------------------------------------------- outputs

    def current_script(self) -> int:
        """Return the index of the script that runs, or has failed and is kept; 0 if there is none."""
        return self._current.index if self._current else 0

    def waiting_scripts(self) -> tuple[int, ...]:
        """Return the indices of the waiting scripts, the next first."""
        return tuple(info.index for info in self._queue[:SHOWN])

    # -------------------------------------------------------------- commands

    async def do_add(self, data: SimpleNamespace) -> str:
        """Load a script and put it into the queue; return its index."""
        self._check_place(data.location, data.locationSalIndex)
        info = self._create(data)
        self._insert(info, data.location, data.locationSalIndex)
        self._launch(info)
        return str(info.index)

    async def do_requeue(self, data: SimpleNamespace) -> None:
        """Load a script again."""
        old = self._find(data.scriptSalIndex)
        if old.request.block:
            raise Refused(f"Script {old.index} belongs to {old.request.block} and cannot be requeued")
        request = SimpleNamespace(**vars(old.request) | {"logLevel": 0, "pauseCheckpoint": "", "stopCheckpoint": ""})
        self._check_place(data.location, data.locationSalIndex)
        info = self._create(request)
        self._insert(info, data.location, data.locationSalIndex)
        self._launch(info)

    def do_move(self, data: SimpleNamespace) -> None:
        """Move a waiting script."""
        info = self._waiting(data.scriptSalIndex)
        if data.location in (Location.BEFORE, Location.AFTER) and data.locationSalIndex == info.index:
            self._publish_queue()
            return
        self._check_place(data.location, data.locationSalIndex)
        self._queue.remove(info)
        self._insert(info, data.location, data.locationSalIndex)
        self._publish_queue()

    async def do_stopScripts(self, data: SimpleNamespace) -> None:
        """Stop scripts."""
        wanted = set(data.salIndices[: data.length])
        # The current one last: none of the others may begin in its place.
        for info in [*self._queue, *([self._current] if self._current else [])]:
            if info.index in wanted:
                await self._stop(info, terminate=data.terminate)

    def do_resume(self, data: SimpleNamespace) -> None:
        """Let a failed script go."""
        if self._current is not None and self._current.process_state in (ProcessState.DONE, ProcessState.TERMINATED):
            self._retire(self._current)
            self._current = None

    def do_showAvailableScripts(self, data: SimpleNamespace) -> None:
        """Publish which scripts there are."""
        self._publish_available()

    def do_showQueue(self, data: SimpleNamespace) -> None:
        """Publish the queue."""
        self._publish_queue()

    def do_showScript(self, data: SimpleNamespace) -> None:
        """Publish a script's state."""
        self._publish_script(self._find(data.scriptSalIndex), force=True)

    def do_showSchema(self, data: SimpleNamespace) -> None:
        """Publish the configuration schema of a script."""
        try:
            schema = self._catalogue.schema(data.path, standard=data.isStandard)
        except CscsimError as error:
            raise Refused(str(error)) from error
        self.publish("configSchema", isStandard=data.isStandard, path=data.path, configSchema=schema, force=True)

    # --------------------------------------------------------------- scripts

    def _create(self, request: SimpleNamespace) -> ScriptInfo:
        try:
            program = self._catalogue.load(request.path, standard=request.isStandard)
        except CscsimError as error:
            raise Refused(str(error)) from error
        block_id, number = self._block(request)
        info = ScriptInfo(self._base + self._added, request, block_id, number)
        self._added += 1
        info.times["ProcessStart"] = self.tai
        script = self.service("observatory").build(info.name, services={"program": program})
        script.start()
        return info

    def _block(self, request: SimpleNamespace) -> tuple[str, int]:
        if not request.block:
            return "", 0
        match = _BLOCK.fullmatch(request.block)
        if match is None:
            raise Refused(f"block={request.block!r} must look like BLOCK-123 or BLOCK-T123")
        if request.startBlock:
            day = day_obs(self.tai, self.p.tai_minus_utc)
            count = self._executions[request.block] = self._executions.get(request.block, 0) + 1
            identity = f"BL{match[1]}{match[2]}_O_{day}_{count:06d}"
            self._open_block = (request.block, identity, 1)
            return identity, 1
        if self._open_block is None or self._open_block[0] != request.block:
            raise Refused(f"there is no current {request.block}; its first script needs startBlock")
        block, identity, number = self._open_block
        if number >= request.blockSize:
            raise Refused(f"{request.block} has {request.blockSize} scripts and all are added")
        self._open_block = (block, identity, number + 1)
        return identity, number + 1

    def _check_place(self, location: int, anchor: int) -> None:
        """Refuse a place that the queue does not have, before a script is loaded for it."""
        if location in (Location.BEFORE, Location.AFTER):
            self._waiting(anchor)
        elif location not in (Location.FIRST, Location.LAST):
            raise Refused(f"location={location} must be FIRST 1, LAST 2, BEFORE 3 or AFTER 4")

    def _insert(self, info: ScriptInfo, location: int, anchor: int) -> None:
        if location == Location.FIRST:
            self._queue.insert(0, info)
        elif location == Location.LAST:
            self._queue.append(info)
        else:
            place = self._queue.index(self._waiting(anchor))
            self._queue.insert(place + (location == Location.AFTER), info)

    def _waiting(self, index: int) -> ScriptInfo:
        for info in self._queue:
            if info.index == index:
                return info
        raise Refused(f"Script {index} is not on the queue")

    def _find(self, index: int) -> ScriptInfo:
        for info in (*self._queue, *([self._current] if self._current else []), *self._past):
            if info.index == index:
                return info
        raise Refused(f"Script {index} not found")

    def _launch(self, info: ScriptInfo) -> None:
        self.service("observatory").bus.subscribe(info.name, "state", lambda sample: self._follow(info, sample))
        self._publish_queue()
        self._publish_script(info)
        self.spawn(self._load(info), f"load {info.name}")

    def _follow(self, info: ScriptInfo, sample: Sample) -> None:
        if info.script_state != sample.data["state"]:
            info.script_state = sample.data["state"]
            self._publish_script(info)

    async def _load(self, info: ScriptInfo) -> None:
        await self.clock.sleep(self.p.load_time)
        script = self.service("observatory").components.get(info.name)
        if script is None:
            return
        script.fire("loaded")
        info.times["ConfigureStart"] = self.tai
        request = info.request
        try:
            await self.remote(info.name).command(
                "configure",
                timeout=self.p.configure_limit,
                config=request.config,
                logLevel=request.logLevel,
                pauseCheckpoint=request.pauseCheckpoint,
                stopCheckpoint=request.stopCheckpoint,
                blockId=info.block_id,
            )
        except AckError as error:
            if info in self._queue:
                self.log("error", f"script {info.index} {request.path}: {error.ack.result}")
                self._end(info, ProcessState.CONFIGURE_FAILED)
                self._queue.remove(info)
                self._retire(info)
                self._publish_queue()
                self._advance()
            return
        info.times["ConfigureEnd"] = self.tai
        info.process_state = ProcessState.CONFIGURED
        self._publish_script(info)
        self._advance()

    def _advance(self) -> None:
        """Give the first script its group and run it, if the queue may."""
        if not self._queue or self.summary_state != "ENABLED":
            return
        info = self._queue[0]
        if info.process_state is not ProcessState.CONFIGURED or self._current is not None:
            return
        if self.state("processing") == "RUNNING":
            self._queue.pop(0)
            self._current = info
            self.spawn(self._run(info), f"run {info.name}")

    async def _run(self, info: ScriptInfo) -> None:
        moment = datetime.datetime.fromtimestamp(self.tai, tz=datetime.UTC)
        info.group_id = moment.isoformat(timespec="milliseconds").removesuffix("+00:00")
        remote = self.remote(info.name)
        try:
            await remote.command("setGroupId", groupId=info.group_id, timeout=self.p.group_id_limit)
            self._announce_visit(info)
            info.process_state = ProcessState.RUNNING
            info.times["RunStart"] = self.tai
            self._publish_queue()
            self._publish_script(info)
            await remote.command("run")
        except AckError as error:
            self.log("error", f"script {info.index}: {error}")
        state = self.service("observatory").bus.last(info.name, "state")
        info.script_state = state.data["state"] if state is not None else 0
        self._end(info, ProcessState.TERMINATED if info.terminated else ProcessState.DONE)
        if info.terminated:
            self.fire("script_failed")
        elif info.script_state == ScriptState.FAILED:
            self.log(
                "error", f"script {info.index} {info.request.path} failed: {state.data['reason'] if state else ''}"
            )
            self.fire("script_failed")
        else:
            self._current = None
            self._retire(info)
        self._publish_queue()
        for exited in info.awaited:
            if not exited.done():
                exited.set_result(None)
        self._advance()

    def _announce_visit(self, info: ScriptInfo) -> None:
        """Publish what a script that has got its group said of itself when it was configured."""
        known = self.component.blueprint.topics["nextVisit"].fields
        metadata = self.service("observatory").bus.last(info.name, "metadata")
        needs = {} if metadata is None else {name: value for name, value in metadata.data.items() if name in known}
        self.publish("nextVisit", **needs | {"scriptSalIndex": info.index, "groupId": info.group_id}, force=True)

    def _end(self, info: ScriptInfo, state: ProcessState) -> None:
        info.process_state = state
        info.times["ProcessEnd"] = self.tai
        self._publish_script(info)

    def _retire(self, info: ScriptInfo) -> None:
        self._past.appendleft(info)
        self.service("observatory").retire(info.name)

    async def _stop(self, info: ScriptInfo, *, terminate: bool) -> None:
        if info in self._queue:
            self._queue.remove(info)
            self._end(info, ProcessState.TERMINATED)
            self._retire(info)
            self._publish_queue()
            return
        if info.process_state in (ProcessState.DONE, ProcessState.TERMINATED):
            return
        # A process that is ended leaves as one that has failed, and so pauses the queue.
        info.terminated = terminate or info.script_state == PAUSED
        exited: asyncio.Future[None] = self.clock.loop.create_future()
        info.awaited.append(exited)
        try:
            await self.remote(info.name).command("stop", timeout=self.p.stop_limit)
            await self.clock.wait(exited, f"script {info.index} to end", timeout=self.p.stop_limit)
        except AckError as error:
            raise Refused(f"script {info.index} did not stop: {error.ack.result}") from error
        except TimeoutError as error:
            raise Refused(f"script {info.index} did not stop: {error}") from error

    # ---------------------------------------------------------------- events

    @on_trigger("enter_ENABLED")
    def _enabled(self) -> None:
        self.publish("rootDirectories", standard="standard", external="external")
        self._publish_available()
        self._publish_queue()
        self._advance()

    @on_enter("processing", "RUNNING")
    def _resumed(self) -> None:
        self._publish_queue()
        self._advance()

    def _publish_available(self) -> None:
        self.publish(
            "availableScripts",
            standard=":".join(self._catalogue.available(standard=True)),
            external=":".join(self._catalogue.available(standard=False)),
            force=True,
        )

    def _publish_queue(self) -> None:
        waiting = self.waiting_scripts()
        past = tuple(info.index for info in list(self._past)[:SHOWN])
        self.publish(
            "queue",
            enabled=self.summary_state == "ENABLED",
            running=self.state("processing") == "RUNNING",
            currentSalIndex=self.current_script(),
            length=len(waiting),
            salIndices=waiting + (0,) * (SHOWN - len(waiting)),
            pastLength=len(past),
            pastSalIndices=past + (0,) * (SHOWN - len(past)),
            force=True,
        )

    def _publish_script(self, info: ScriptInfo, *, force: bool = False) -> None:
        self.publish("script", force=force, **info.as_event())
