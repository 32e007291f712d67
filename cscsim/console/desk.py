"""The desk: where, in the simulated observatory's own thread, all is done that people ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any

from csc import AckError, AckTimeoutError, Component, Remote
from csc.messages import Ack
from cscsim.console.asked import Asked
from cscsim.console.asking import PageAsker
from cscsim.console.components import ComponentViews, hidden_machines
from cscsim.console.fault_list import FaultList
from cscsim.console.following import Following
from cscsim.console.pace import Pace
from cscsim.console.plan import Plan
from cscsim.console.queues import QueueViews
from cscsim.console.roles import Role, as_seen_by
from cscsim.console.seen import Seen
from fsm import OperatorError, Record
from procedures.failures import reason_of
from procedures.frame import Frame
from procedures.runner import run_steps
from procedures.training import OBSERVER, Refusal, Session, write_act

__all__ = ["Desk"]

CONSOLE = "console"
"""Who refuses, in the journal."""
DEFAULT_TIMEOUT = 3600.0
"""Limit [s] of a command whose sender names none."""


class Desk:
    """What people may reach of one run.

    Parameters
    ----------
    session
        The run.
    speed
        Simulated seconds per real second at its beginning.
    """

    def __init__(self, plan: Plan, session: Session, asker: PageAsker, speed: float) -> None:
        self.plan, self.session, self.asker = plan, session, asker
        self.observatory = session.observatory
        self.clock, self.journal = self.observatory.clock, self.observatory.journal
        self.images = session.stage.images
        self.seen = Seen(self.observatory)
        self.components = ComponentViews(self.observatory, self.seen)
        self.queues = QueueViews(self.observatory, self.clock.tai_start)
        self.hidden = hidden_machines(self.observatory.vocabulary().blueprints)
        self.pace = Pace(self.clock, self.journal, speed, self._is_open)
        self.following: Following | None = None
        if plan.procedure is not None:
            self.following = Following(plan.procedure, session.stage, self.seen, self.queues, plan.site.blocks)
        self.faults = FaultList(self.observatory)
        self.calls_off: list[Callable[[], None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._frame: Frame | None = None
        self._doing: asyncio.Task[None] | None = None

    def see(self, record: Record) -> None:
        """Take a record of the journal."""
        self.components.see(record)
        self.queues.see(record)
        if self.following is not None:
            self.following.see(record)

    def _is_open(self, record: Record) -> bool:
        return as_seen_by(Role.TRAINEE, record, self.hidden) is not None

    def component(self, name: str) -> Component:
        """Return a component that is there.

        Raises
        ------
        AuthorError
            If there is none of that name; names the nearest.
        """
        return self.observatory.find(name)

    def name_of(self, name: str) -> str:
        """Return the name on the bus of a component, whether or not it is there just now."""
        canonical = self.seen.vocabulary().canonical(name)
        return canonical if canonical in self.components.names else self.component(name).name

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Do something that takes time."""
        task = self.clock.loop.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Leave off whatever is under way."""
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        while self.calls_off:
            self.calls_off.pop()()
        if self._frame is not None:
            await self._frame.finish()

    def refused(self, who: str, what: str, because: str) -> None:
        """Record that something was refused before it came to the bus."""
        write_act(self.journal, Refusal(by=who, what=what, because=because), by=CONSOLE)

    # ------------------------------------------------------------- commands

    async def send(self, asked: Asked, component: str, command: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Send a command as the one who asks, and return its number; its acknowledgements follow by themselves.

        Raises
        ------
        OperatorError
            If an instructor has frozen time.
        """
        if self.pace.frozen and asked.role is Role.TRAINEE:
            raise OperatorError("the instructor has frozen time; commands are taken again afterwards")
        timeout = asked.number("timeout", DEFAULT_TIMEOUT)
        sent: asyncio.Future[int] = self.clock.loop.create_future()

        def tell(ack: Ack, *, final: bool) -> None:
            asked.tell(
                {
                    "id": asked.id,
                    "component": component,
                    "command": command,
                    "seq": sent.result(),
                    "ack": ack.code.name,
                    "result": ack.result,
                    "timeout": ack.timeout,
                    "final": final,
                }
            )

        async def work() -> None:
            try:
                ack = await remote.command(
                    command, timeout=timeout, data=fields, on_progress=partial(tell, final=False)
                )
            except (AckError, AckTimeoutError) as error:
                ack = error.ack
            tell(ack, final=True)

        remote = Remote(_Telling(self.observatory.bus, sent.set_result), self.clock, component, asked.by)
        self.spawn(work(), f"{asked.by} {component}.{command}")
        return {"seq": await sent}

    # ------------------------------------------------------------ the procedure

    def do_step(self, identity: str) -> None:
        """Carry one step of the procedure out for whoever follows it.

        Raises
        ------
        OperatorError
            If there is no such step, it lies in another one, or a step is being carried out.
        """
        if self.following is None:
            raise OperatorError("there is no procedure at hand")
        each = self.following.guide.find(identity)
        if each is None:
            raise OperatorError(f"{self.following.guide.procedure.name} has no step {identity[:40]}")
        step = self.following.guide.whole(identity)
        if step is None:
            raise OperatorError(f"step {identity} lies in another one; have that one done")
        if self._doing is not None and not self._doing.done():
            raise OperatorError("a step is being carried out already; cancel it, or wait for its end")
        frame = self._frame or self._new_frame(self.following)

        async def work() -> None:
            try:
                await run_steps((step,), frame)
            except Exception as error:
                if reason_of(error) is None:
                    raise
                # Why it failed is in the journal: the step's own record says it.

        self._doing = self.spawn(work(), f"step {identity}")

    def _new_frame(self, following: Following) -> Frame:
        from procedures.scope import ProcedureScope

        scope = ProcedureScope(self.observatory, self.images, following.scope.config)
        frame = Frame(stage=self.session.stage, procedure=following.guide.procedure, scope=scope, who=OBSERVER)
        frame.run_steps = partial(run_steps, frame=frame)
        scope.variables = following.scope.variables
        self._frame = frame
        return frame

    def cancel_step(self) -> None:
        """Leave off the step that is being carried out.

        Raises
        ------
        OperatorError
            If there is none.
        """
        if self._doing is None or self._doing.done():
            raise OperatorError("no step is being carried out")
        self._doing.cancel()


class _Telling:
    """A bus that tells the number of the command that was sent."""

    def __init__(self, bus: Any, sent: Callable[[int], object]) -> None:
        self._bus, self._sent = bus, sent

    def send(self, *args: Any, **kwargs: Any) -> int:
        """Send a command."""
        number: int = self._bus.send(*args, **kwargs)
        self._sent(number)
        return number

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)
