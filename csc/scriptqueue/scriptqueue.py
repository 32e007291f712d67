"""The script queue: loads scripts, runs them in turn, pauses when one fails.

What a script is comes from the service ``scripts`` (see `csc.scriptqueue.program`).

References
----------
lsst-ts/ts_scriptqueue: python/lsst/ts/scriptqueue/queue_model.py, script_queue.py
"""

from __future__ import annotations

import asyncio
import datetime
from collections import deque
from types import SimpleNamespace

from csc.behaviour import Behaviour, Refused, on_enter, on_trigger
from csc.latiss.images import day_obs
from csc.messages import Ack, AckError, Sample
from csc.scriptqueue.enums import Location, ProcessState, ScriptState
from csc.scriptqueue.executions import Executions
from csc.scriptqueue.program import ScriptCatalogue
from csc.scriptqueue.script_info import ScriptInfo
from fsm import CscsimError

__all__ = ["ScriptQueue"]

INDICES_PER_QUEUE = 100_000
SHOWN = 400
ENDED = (ScriptState.DONE, ScriptState.STOPPED, ScriptState.FAILED)
"""The states in which a script has run."""


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
        self._executions = Executions()
        self._being_stopped: set[int] = set()

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
        info = self._create(data, self.component.reception.seq_num(data))
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
        info = self._create(request, self.component.reception.seq_num(data))
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
        self._advance()

    async def do_stopScripts(self, data: SimpleNamespace) -> None:
        """Stop scripts; those that are not here or have ended are passed over."""
        deadline = self.now + data.length * self.p.stop_time + self.p.stop_margin
        here = {info.index: info for info in (*self._queue, *([self._current] if self._current else []))}
        wanted = [here[index] for index in data.salIndices[: data.length] if index in here]
        # None of them may begin in the place of another.
        self._being_stopped.update(info.index for info in wanted)
        try:
            for info in wanted:
                await self._stop(info, deadline, terminate=data.terminate)
        finally:
            self._being_stopped.difference_update(info.index for info in wanted)
        self._advance()

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

    def _create(self, request: SimpleNamespace, command: int) -> ScriptInfo:
        try:
            program = self._catalogue.load(request.path, standard=request.isStandard)
        except CscsimError as error:
            raise Refused(str(error)) from error
        block_id = self._executions.enrol(request, day_obs(self.tai, self.p.tai_minus_utc))
        info = ScriptInfo(self._base + self._added, command, request, block_id)
        self._added += 1
        info.times["ProcessStart"] = self.tai
        script = self.service("observatory").build(info.name, services={"program": program})
        script.start()
        return info

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
        self._advance()
        self.spawn(self._load(info), f"load {info.name}")

    def _follow(self, info: ScriptInfo, sample: Sample) -> None:
        if info.script_state == sample.data["state"] or info.process_state.has_ended:
            return
        info.script_state = sample.data["state"]
        if info is self._current and info.script_state in ENDED:
            if info.script_state == ScriptState.FAILED:
                self.log("error", f"script {info.index} {info.request.path} failed: {sample.data['reason']}")
            self._finish(info, ProcessState.DONE)
        else:
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
        """Run the first script if it may begin; give the first its group, and take their groups from others."""
        if self.summary_state != "ENABLED" or self.state("processing") != "RUNNING":
            return
        top = self._queue[0] if self._queue else None
        if self._current is None and top is not None and top.group_id and top.index not in self._being_stopped:
            self._current = self._queue.pop(0)
            self._run(self._current)
        for place, info in enumerate(self._queue):
            if place == 0 and info.needs_group:
                info.gets_group = True
                self.spawn(self._give_group(info), f"group of {info.name}")
            elif place > 0 and info.group_id:
                self._take_group(info)
                self.component.bus.send(info.name, "setGroupId", {}, identity=self.component.name, reply=_pass_over)

    async def _give_group(self, info: ScriptInfo) -> None:
        """Give a group to the script that is next; its visit is known from now on."""
        moment = datetime.datetime.fromtimestamp(self.tai, tz=datetime.UTC)
        group = moment.isoformat(timespec="milliseconds").removesuffix("+00:00")
        try:
            await self.remote(info.name).command("setGroupId", groupId=group, timeout=self.p.group_id_limit)
        except AckError as error:
            self.log("error", f"script {info.index} takes no group: {error.ack.result}")
            return
        finally:
            info.gets_group = False
        if info in self._queue:
            info.group_id = group
            self._announce_visit(info)
            self._advance()

    def _take_group(self, info: ScriptInfo) -> None:
        """Say that a script which was next is not."""
        self.publish("nextVisitCanceled", scriptSalIndex=info.index, groupId=info.group_id, force=True)
        info.group_id = ""

    def _run(self, info: ScriptInfo) -> None:
        info.process_state = ProcessState.RUNNING
        info.times["RunStart"] = self.tai
        self._publish_queue()
        self._publish_script(info)

        def refused(ack: Ack) -> None:
            if ack.code.is_failure:
                self.log("error", f"script {info.index} does not run: {ack.result}")
                self._kill(info)

        # Nobody waits for the end of the command: the script's own state tells, however long it runs.
        self.component.bus.send(info.name, "run", {}, identity=self.component.name, reply=refused)

    def _finish(self, info: ScriptInfo, process: ProcessState) -> None:
        """Keep a script that has failed where it is, and pause; go on after any other."""
        self._end(info, process)
        if process is ProcessState.TERMINATED or info.script_state == ScriptState.FAILED:
            self.fire("script_failed")
        else:
            self._current = None
            self._retire(info)
        self._publish_queue()
        for exited in info.awaited:
            if not exited.done():
                exited.set_result(None)
        self._advance()

    def _kill(self, info: ScriptInfo) -> None:
        """End the process of the script that runs; it leaves as one that has failed, without a last word."""
        if not info.process_state.has_ended:
            self.service("observatory").retire(info.name)
            self._finish(info, ProcessState.TERMINATED)

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
        if info.name in self.service("observatory").components:
            self.service("observatory").retire(info.name)

    async def _stop(self, info: ScriptInfo, deadline: float, *, terminate: bool) -> None:
        if info in self._queue:
            self._queue.remove(info)
            if info.group_id:
                self._take_group(info)
            self._end(info, ProcessState.TERMINATED if "ConfigureStart" in info.times else ProcessState.LOADFAILED)
            self._retire(info)
            self._publish_queue()
        elif info is self._current and not info.process_state.has_ended:
            # Only a script that runs is asked; a paused one is not.
            asked = info.script_state == ScriptState.RUNNING and not terminate
            if not asked or not await self._ask_to_stop(info, deadline):
                self._kill(info)

    async def _ask_to_stop(self, info: ScriptInfo, deadline: float) -> bool:
        """Ask a script to stop and wait until it has; tell whether it did."""
        exited: asyncio.Future[None] = self.clock.loop.create_future()
        info.awaited.append(exited)
        try:
            limit = min(self.p.stop_limit, deadline - self.now)
            await self.remote(info.name).command("stop", timeout=limit)
            limit = min(self.p.stop_limit, deadline - self.now)
            await self.clock.wait(exited, f"script {info.index} to end", timeout=limit)
        except (AckError, TimeoutError) as error:
            if self.now >= deadline:
                raise TimeoutError(f"script {info.index} did not stop in time") from error
            return False
        return True

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
        for path, why in self._catalogue.broken().items():
            self.log("error", f"{path} is not available: {why}")
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


def _pass_over(ack: Ack) -> None:
    """Take no notice of an acknowledgement."""
