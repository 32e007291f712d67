"""The room: the run that goes on, the pages that look at it, and what they ask for; in the server's thread."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from csc import load_catalogue, vocabulary_of
from cscsim.console.acts import ACTS
from cscsim.console.alarm import Alarm
from cscsim.console.asked import Asked
from cscsim.console.components import hidden_machines
from cscsim.console.engine import Run
from cscsim.console.hub import History, Inbox, Pieces
from cscsim.console.instructor_acts import INSTRUCTOR_ACTS
from cscsim.console.limits import Allowance
from cscsim.console.lookout import Wanted
from cscsim.console.page import Page
from cscsim.console.pictures import Pictures
from cscsim.console.plan import Plan
from cscsim.console.queue_acts import QUEUE_ACTS
from cscsim.console.roles import Role
from cscsim.console.room_acts import ROOM_ACTS
from fsm import CscsimError, OperatorError
from fsm.document import nearest
from procedures.debrief.making import read_records
from procedures.replay import read_recording

__all__ = ["Room"]

_BUSY = 0.5
"""Real time [s] after which batches go out without a look, because the simulation is busy."""

_TURNS = 50
"""Turns of the simulation's loop for which a look waits, so that it sees all that comes of a request, not half."""

log = logging.getLogger("cscsim.console")


class Room:
    """What goes on in one console.

    Parameters
    ----------
    plan
        What is run.
    journal
        File of the first run; those that branch off are written beside it.
    speed
        Simulated seconds per real second at the beginning.
    """

    def __init__(self, plan: Plan, journal: Path, speed: float) -> None:
        self.plan, self.journals = plan, [journal]
        self.pages: set[Page] = set()
        self._first_journal, self._speed = journal, speed
        self.pictures = Pictures()
        self._refusals = Allowance(50, 1)
        self._changing, self._one_looks = asyncio.Lock(), asyncio.Lock()
        self._alarm = Alarm()
        self._looking: asyncio.Future[Any] | None = None
        self._work: asyncio.Task[None] | None = None

    # ------------------------------------------------------------ life

    async def open(self) -> None:
        """Begin the first run."""
        self._loop = asyncio.get_running_loop()
        await self._begin(Run, 1, self._first_journal)
        self._work = self._loop.create_task(self._pump(), name="pump")

    async def close(self) -> None:
        """End the run in order, and say so to all pages."""
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)
        await self.pictures.close()
        await asyncio.to_thread(self.run.end)
        self._take()

    async def _begin(self, make: Any, number: int, journal: Path, **again: Any) -> None:
        inbox = Inbox(self._wake_soon)
        run: Run = make(self.plan, number, journal, inbox.hear, speed=self._speed, **again)
        inbox.hidden = hidden_machines(vocabulary_of(self.plan.sheet, load_catalogue()).blueprints)
        await asyncio.to_thread(run.begin)
        self.run, self._inbox = run, inbox
        self.history, self.pieces = History(), Pieces()
        self.first = await self._of_run(run.call(run.lookout.first))
        self._looking = None
        self._take()
        self.pieces.take(await self._of_run(run.call(run.lookout.look, self._wanted())))
        self._set_head()
        for page in self.pages:
            page.needs_hello = True
            page.acks.clear()
            page.wake()

    def _wake_soon(self) -> None:
        with contextlib.suppress(RuntimeError):  # the server is closed
            self._loop.call_soon_threadsafe(self._alarm.ring)

    async def _of_run(self, future: Any) -> Any:
        return await asyncio.wrap_future(future)

    async def rewind(self, until: float) -> dict[str, Any]:
        """Begin a new run that is this one up to a time [s].

        Raises
        ------
        OperatorError
            If that time has not come.
        """
        async with self._changing:
            now = self.pieces.head["t"]
            if not 0 <= until <= now:
                raise OperatorError(f"rewind to={until:g}: a time from 0 to now, {now:g} s, is expected")
            await asyncio.to_thread(self.run.end)
            before = read_records(read_recording(self.run.journal))
            began = time.perf_counter()
            number = self.run.number + 1
            first = self._first_journal
            journal = first.with_name(f"{first.stem}-{number}{first.suffix}")
            await self._begin(Run, number, journal, before=before, until=until)
            self.journals.append(journal)
            took = round(time.perf_counter() - began, 2)
            return {"run": str(number), "took": took, "journal": str(journal)}

    async def end(self) -> dict[str, Any]:
        """End the session."""
        async with self._changing:
            await asyncio.to_thread(self.run.end)
            self._take()
            self._set_head()
            self._wake_all()
            return {"journal": str(self.run.journal)}

    # ------------------------------------------------------------ looking

    async def _pump(self) -> None:
        """Look and let pages take what is new: at once when something happens, and otherwise in their time."""
        while True:
            began = time.monotonic()
            try:
                await self._look()
            except Exception:
                log.exception("a look failed")
            await self._alarm.wait([page.wants for page in self.pages], began)

    async def enter(self, page: Page) -> None:
        """Let a page in, once all that has happened until now is known here."""
        self.pages.add(page)
        await self._look()

    async def _look(self) -> None:
        async with self._one_looks:
            await self._look_now()

    async def _look_now(self) -> None:
        self._alarm.heard()
        self._take()
        if not self.pages:
            return
        run = self.run
        self._begin_look()
        if self._looking is not None:
            done, _ = await asyncio.wait({self._looking}, timeout=_BUSY)
            if done:
                looking, self._looking = self._looking, None
                if run is self.run:
                    self.pieces.take(looking.result())
            self._take()
        self._set_head()
        self._wake_all()

    def _begin_look(self) -> None:
        """Have a look taken in the simulation's thread, behind what it was asked for until now, unless one is due."""
        if self._looking is None and not self.run.ended:
            with contextlib.suppress(OperatorError):  # it has just ended
                look = self.run.call(self.run.lookout.look, self._wanted(), within=_TURNS)
                self._looking = asyncio.wrap_future(look)

    def _take(self) -> None:
        self.history.add(self._inbox.take())

    def _set_head(self) -> None:
        error = self.run.error
        failure = {} if error is None else {"failure": f"{type(error).__name__}: {error}"}
        self.pieces.set_head({**self.pieces.head, "ended": self.run.ended, **failure})

    def hurry(self) -> None:
        """Look soon: somebody waits for what comes of a request."""
        self._alarm.hurry()

    def _wake_all(self) -> None:
        for page in self.pages:
            page.look()

    def _wanted(self) -> Wanted:
        wants = [page.wants for page in self.pages]
        none: frozenset[str] = frozenset()
        return Wanted(
            topics=none.union(*(each.topics for each in wants)),
            explain=none.union(*(each.explain for each in wants)),
            truth=none.union(*(each.truth for each in wants)),
            procedure=any(each.procedure for each in wants),
        )

    # ------------------------------------------------------------ being asked

    async def ask(self, page: Page, data: Mapping[str, Any]) -> None:
        """Do what a page asks for, and answer."""
        answer: dict[str, Any] = {"kind": "answer", "id": data.get("id")}
        page.expect_answer(data.get("id"))
        try:
            result = await self._answer(page, data)
        except (CscsimError, TimeoutError) as error:
            sentence = _sentence(error)
            await self.refuse(page.by, str(data.get("do"))[:40], sentence)
            page.tell(answer | {"ok": False, "error": sentence})
            return
        except Exception as error:
            log.exception("a request failed")
            page.tell(answer | {"ok": False, "error": f"this has failed: {type(error).__name__}"})
            return
        page.tell(answer | {"ok": True, "result": result if result is not None else {}})

    async def _answer(self, page: Page, data: Mapping[str, Any]) -> Any:
        asked = Asked(by=page.by, role=page.role, data=data, tell=partial(self._tell, page, data.get("id")))
        what = data.get("do")
        mine = ROOM_ACTS.get(what) if isinstance(what, str) else None
        if mine is not None:
            return await mine(self, page, asked)
        act = None
        if isinstance(what, str):
            act = INSTRUCTOR_ACTS.get(what) if page.role is Role.INSTRUCTOR else None
            act = act or ACTS.get(what) or QUEUE_ACTS.get(what)
            if act is None and what in (*INSTRUCTOR_ACTS, *_FOR_INSTRUCTORS):
                raise OperatorError(f"{what} is for an instructor")
        if act is None:
            near = nearest(str(what), _KNOWN)
            raise OperatorError(f"nobody can do {str(what)[:40]}" + (f"; did you mean {near}?" if near else ""))
        under_way = self.run.ask(act, self.run.desk, asked)
        self._begin_look()
        self.hurry()
        result = await asyncio.wrap_future(under_way)
        self.hurry()
        return result

    def _tell(self, page: Page, identity: Any, ack: Mapping[str, Any]) -> None:
        def take() -> None:
            page.acknowledge(identity, ack)
            if self._looking is None:  # otherwise it goes with what is seen
                self.hurry()

        with contextlib.suppress(RuntimeError):  # the server is closed
            self._loop.call_soon_threadsafe(take)

    async def refuse(self, who: str, what: str, because: str) -> None:
        """Journal that something was refused; of very many not all."""
        if not self._refusals.take() or self.run.ended:
            return
        try:
            await asyncio.wrap_future(self.run.call(self.run.desk.refused, who, what, because))
        except CscsimError:
            pass  # the session has just ended

    def see_pages(self) -> list[dict[str, Any]]:
        """Return what trainees look at."""
        return [{"name": page.name, **page.shows} for page in self.pages if page.role is Role.TRAINEE]


_FOR_INSTRUCTORS = ("rewind", "truth")
_KNOWN = (*ACTS, *QUEUE_ACTS, *ROOM_ACTS, "join")


def _sentence(error: BaseException) -> str:
    """Return an error as one sentence without places in our files."""
    return str(error) or type(error).__name__
