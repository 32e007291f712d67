"""A scripted trainee: does what somebody at the console can do, and sees what somebody there can see."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from csc import Ack, AckError
from csc.scheduler.blocks import BlockStatus
from csc.scriptqueue.enums import Location, ProcessState, ScriptState
from cscsim.locate import Site, open_site
from fsm import Clock, Journal, Record, simulate
from procedures.training import Answer, Session, Training, open_session

QUEUE, SCHEDULER = "ScriptQueue:2", "Scheduler:2"
ADD_BLOCK = "auxtel/scheduler/add_block.py"
TAKE = "auxtel/take_image_latiss.py"

Acting = Callable[["Trainee"], Awaitable[None]]


class Trainee:
    """Acts in a session."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def now(self) -> float:
        return self.session.observatory.clock.now

    async def sleep(self, duration: float) -> None:
        await self.session.observatory.clock.sleep(duration)

    async def command(self, name: str, /, **fields: Any) -> Ack:
        component, _, command = name.partition(".")
        return await self.session.remote(component).command(command, **fields)

    async def refused(self, name: str, /, **fields: Any) -> str:
        """Send a command that fails; return why."""
        try:
            await self.command(name, **fields)
        except AckError as error:
            return error.ack.result
        raise AssertionError(f"{name} was not refused")

    async def add(self, path: str, config: str = "") -> int:
        """Put a script on the queue; return its index."""
        ack = await self.command(
            f"{QUEUE}.add",
            isStandard=self.session.stage.library.find(path).standard,
            path=path,
            config=config,
            descr="",
            location=Location.LAST,
        )
        return int(ack.result)

    async def script(self, path: str, config: str = "") -> str:
        """Put a script on the queue and wait for its end; return how it ended."""
        reader = self.session.remote(QUEUE).event("script")
        reader.flush()
        try:
            index = await self.add(path, config)
            return await self._end(reader, index)
        finally:
            reader.close()

    async def _end(self, reader: Any, index: int) -> str:
        while True:
            sample = await reader.next(timeout=7200.0)
            if sample.data["scriptSalIndex"] == index and ProcessState(sample.data["processState"]).has_ended:
                return ScriptState(sample.data["scriptState"]).name

    async def block(self, program: str, override: str = "") -> str:
        """Add a block as observers do, and wait for its end; return how it ended."""
        reader = self.session.remote(SCHEDULER).event("blockStatus")
        reader.flush()
        try:
            await self.add(ADD_BLOCK, f"id: {program}\n")
            while True:
                sample = await reader.next(timeout=14400.0)
                status = BlockStatus(sample.data["statusId"])
                if sample.data["id"] == program and status.has_ended:
                    return status.name
        finally:
            reader.close()

    async def resume(self) -> None:
        await self.command(f"{QUEUE}.resume")

    async def flats(self, count: int = 1, filter: str = "SDSSr_65mm") -> str:
        return await self.script(
            TAKE, f"image_type: FLAT\nnimages: {count}\nexp_times: 6\nfilter: {filter}\ngrating: empty_1\n"
        )

    @property
    def counts(self) -> float:
        """Counts of the last image, as a picture of it would show."""
        return float(list(self.session.stage.images)[-1].counts)

    async def cycle(self, component: str, override: str = "") -> None:
        """Bring a component through STANDBY, from wherever it is."""
        remote = self.session.remote(component)
        await remote.set_summary_state("STANDBY", timeout=600.0)
        await remote.set_summary_state("ENABLED", override=override, timeout=600.0)

    def event(self, topic: str) -> Any:
        component, _, name = topic.partition(".")
        return self.session.remote(component).event(name).get()

    async def until(self, look: Callable[[], bool], limit: float = 7200.0) -> None:
        """Look every ten seconds until something is so."""
        deadline = self.now + limit
        while not look():
            assert self.now < deadline, "it did not come"
            await self.sleep(10.0)

    def hand(self, name: str) -> bool:
        component, _, act = name.partition(".")
        return self.session.by_hand(component, act)

    def report(self, suspicion: str, text: str = "") -> None:
        self.session.report(suspicion, text)

    def answer(self, step: str, *, yes: bool) -> None:
        self.session.act(Answer(step=step, question=f"{step}?", answer=yes))


def hold_session(
    name: str | Training, acting: Acting, *, journal: Path | None = None, seed: int = 1
) -> tuple[Training, list[Record]]:
    """Let somebody act in a training; return it, and the records of the journal."""
    site: Site = open_site()
    training = site.training(name) if isinstance(name, str) else name

    async def main(clock: Clock) -> list[Record]:
        log = Journal(lambda: clock.now, path=journal)
        async with open_session(
            training, clock, log, sheet=site.sheet, library=site.library, blocks=site.blocks, seed=seed
        ) as session:
            await acting(Trainee(session))
        return log.records

    return training, simulate(main, tai_start=site.sheet.tai_start)


async def idle(trainee: Trainee) -> None:
    """Do nothing, for much longer than it should take."""
    await asyncio.sleep(0)
    await trainee.sleep(2 * trainee.session.training.par)
