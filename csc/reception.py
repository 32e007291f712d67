"""How a component takes a command: checks, refusal, effect, acknowledgement.

The order is always the same: summary state, fields, what is ignored, guards, the machines' rows, the
behaviour's ``do_`` method, then the first effect. Whatever refuses does so before it, so a refusal changes
nothing. Texts follow SAL's wording (lsst-ts/ts_salobj: python/lsst/ts/salobj/topics/controller_command.py).
"""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from csc.arguments import LONGEST_NAME, arguments, bare, canonical
from csc.blueprint import Command
from csc.messages import Ack, AckError, CommandMessage
from csc.summary_state import AckCode, SummaryState
from fsm import Condition, Refused, Truth, nearest

if TYPE_CHECKING:
    from csc.component import Component

__all__ = ["Reception"]


@dataclass(slots=True)
class _Pending:
    """A command under way."""

    message: CommandMessage
    command: Command
    data: SimpleNamespace
    begun: float
    cancel_limit: Callable[[], None] | None = None
    result: str = "Done"
    awaiting: bool = False


_Then = Callable[[_Pending, Coroutine[Any, Any, "str | None"]], Coroutine[Any, Any, None]]


class Reception:
    """Takes the commands of one component.

    Parameters
    ----------
    component
        Whose they are.
    """

    def __init__(self, component: Component) -> None:
        self._component = component
        self._commands = component.blueprint.commands
        self._pending: list[_Pending] = []
        self._queued: dict[str, deque[CommandMessage]] = {}
        self.argument: SimpleNamespace | None = None

    def receive(self, message: CommandMessage) -> None:
        """Take a command: refuse it, or carry it out."""
        try:
            self._accept(message)
        except Refused as refusal:
            self._finish(message, AckCode.FAILED, f"Failed: {refusal}", refusal.error)
            self._take_next(message.name)
            return
        finally:
            self.argument = None
        self._component.changed()
        self._take_next(message.name)

    def _accept(self, message: CommandMessage) -> None:
        component = self._component
        command = self._commands.get(message.name)
        if command is None:
            hint = nearest(message.name, self._commands) if len(message.name) < LONGEST_NAME else None
            raise Refused(f"unknown command {bare(message.name)}" + (f"; did you mean {hint}?" if hint else ""))
        if not command.allow_concurrent and any(item.command is command for item in self._pending):
            self._queued.setdefault(message.name, deque()).append(message)
            return
        self._check_state(command)
        data = SimpleNamespace(**arguments(command, message.data))
        if not command.simulated:
            raise Refused(f"{component.name}.{command.name} is not simulated")
        self.argument = canonical(command, data)
        scope = component.scope
        if command.ignored_when is not None and command.ignored_when.evaluate(scope) is True:
            self._finish(message, AckCode.COMPLETE, "Done")
            return
        for guard in command.guards:
            if guard.that.evaluate(scope) is not True:
                raise Refused(guard.otherwise.fill(scope), error=guard.error)
        self._check_rows(command)
        pending = _Pending(message, command, data, component.clock.now)
        with component.working():
            work = component.do(command.name, data)
            if inspect.iscoroutine(work) and command.changes_state:
                self._spawn(pending, self._then_change, work)
                return
            self._apply(command)
        if inspect.iscoroutine(work):
            self._spawn(pending, self._then_complete, work)
            return
        if isinstance(work, str):
            pending.result = work
        self._conclude(pending)

    def _check_state(self, command: Command) -> None:
        component = self._component
        state = component.summary_state
        if state is None or state in command.states:
            return
        as_sal = SummaryState[state].as_sal()
        if command.changes_state:
            raise Refused(f"{command.name} not allowed in state {as_sal}")
        if state == "FAULT":
            code, report = component.standing.error
            raise Refused(f"Not allowed in Fault state: errorCode={code}, errorReport={report!r}")
        raise Refused(f"Not allowed in state={as_sal}")

    def _check_rows(self, command: Command) -> None:
        listeners = self._component.listeners(command.name)
        reasons = [machine.refusal(command.name) for machine in listeners]
        if listeners and all(reason is not None for reason in reasons):
            raise Refused(f"{command.name} refused: {'; '.join(str(reason) for reason in reasons)}")

    def _apply(self, command: Command) -> None:
        self._component.fire_first(command.name)

    def _conclude(self, pending: _Pending) -> None:
        """Acknowledge at once, or watch for what makes the command done; events go out first."""
        self._component.publisher.refresh()
        if pending.command.done is None or self._judge(pending):
            if pending.command.done is None:
                self._complete(pending)
            return
        component, command = self._component, pending.command
        self._pending.append(pending)
        self._send_progress(pending)
        if command.limit is not None:
            limit = command.limit.evaluate(component.scope)
            pending.cancel_limit = component.start_timer(_number(limit), lambda: self._too_late(pending))

    def _send_progress(self, pending: _Pending, result: str = "") -> None:
        if pending.command.in_progress is not None:
            extra = _number(pending.command.in_progress.evaluate(self._component.scope))
            self._component.bus.acknowledge(pending.message, Ack(AckCode.INPROGRESS, 0, result, extra))

    def progress(self, name: str, timeout: float, result: str = "", data: SimpleNamespace | None = None) -> None:
        """Acknowledge that a command under way will take so much longer [s].

        Parameters
        ----------
        name
            The command; all of that name, unless `data` says which.
        timeout
            Time [s] by which the sender's limit is extended.
        result
            Text of the acknowledgement.
        data
            What its ``do_`` method was given.
        """
        for pending in self._pending:
            if pending.command.name == name and (data is None or pending.data is data):
                self._component.bus.acknowledge(pending.message, Ack(AckCode.INPROGRESS, 0, result, timeout))

    def seq_num(self, data: SimpleNamespace) -> int:
        """Return the sequence number of a command that its ``do_`` method, a coroutine, was given as `data`."""
        return next(pending.message.seq_num for pending in self._pending if pending.data is data)

    def _judge(self, pending: _Pending) -> bool:
        """Finish a command that is done or has failed; tell whether it was."""
        scope, command = self._component.scope, pending.command
        self.argument = canonical(command, pending.data)
        try:
            for failure in command.fails:
                if failure.when.evaluate(scope) is True:
                    why = f"Failed: {failure.because.fill(scope)}"
                    self._finish(pending.message, AckCode.FAILED, why, failure.error)
                    return True
            if command.done is not None and command.done.evaluate(scope) is True:
                self._complete(pending)
                return True
        finally:
            self.argument = None
        return False

    def under_way(self) -> Iterator[tuple[CommandMessage, Condition | None, Truth, str]]:
        """Yield the commands under way: what makes each done, whether it is so, and why."""
        scope = self._component.scope
        for pending in tuple(self._pending):
            done = None if pending.awaiting else pending.command.done
            truth, because = None, ""
            if done is not None:
                before, self.argument = self.argument, canonical(pending.command, pending.data)
                truth, because = done.evaluate(scope), done.explain(scope)
                self.argument = before
            yield pending.message, done, truth, because

    def waiting(self) -> Iterator[CommandMessage]:
        """Yield the commands that wait until another one of their name is done."""
        for queue in self._queued.values():
            yield from queue

    def review(self) -> None:
        """Look again at the commands under way: something has changed."""
        if not self._pending:
            return
        state = self._component.summary_state
        for pending in tuple(self._pending):
            if pending.awaiting or pending not in self._pending:
                continue
            if self._judge(pending):
                self._remove(pending)
            elif state is not None and state not in pending.command.states and not pending.command.changes_state:
                self._finish(pending.message, AckCode.FAILED, f"Failed: {self._interruption()}")
                self._remove(pending)

    def _interruption(self) -> str:
        state = self._component.summary_state
        code, report = self._component.standing.error
        return "interrupted: " + (f"errorCode={code}, errorReport={report!r}" if state == "FAULT" else f"now {state}")

    def _too_late(self, pending: _Pending) -> None:
        if pending in self._pending:
            self._finish(pending.message, AckCode.TIMEOUT, "Timeout")
            self._remove(pending)
            self._component.fire(f"{pending.command.name}_timed_out")

    def _remove(self, pending: _Pending) -> None:
        self._pending.remove(pending)
        if pending.cancel_limit is not None:
            pending.cancel_limit()
        self._take_next(pending.command.name)

    def _take_next(self, name: str) -> None:
        """Take the next instance of a command that runs one at a time, unless one is under way."""
        queue = self._queued.get(name)
        if queue and not any(pending.command.name == name for pending in self._pending):
            self._component.clock.call_soon(self._receive_next, name)

    def _receive_next(self, name: str) -> None:
        queue = self._queued[name]
        if queue and not self._component.closed and not any(pending.command.name == name for pending in self._pending):
            self.receive(queue.popleft())

    def _spawn(self, pending: _Pending, then: _Then, work: Coroutine[Any, Any, str | None]) -> None:
        pending.awaiting = True
        self._pending.append(pending)
        self._send_progress(pending)
        task = self._component.spawn(then(pending, work), f"{self._component.name}.{pending.command.name}")
        task.add_done_callback(lambda _: self._abandon(pending, work))

    def _abandon(self, pending: _Pending, work: Coroutine[Any, Any, str | None]) -> None:
        """Abort a command whose component closed before its work had begun."""
        if pending.awaiting:
            work.close()
            pending.awaiting = False
            self._finish(pending.message, AckCode.ABORTED, "Aborted")
            self._remove(pending)

    async def _then_change(self, pending: _Pending, work: Coroutine[Any, Any, str | None]) -> None:
        if await self._await(pending, work):
            if self._component.summary_state not in pending.command.states:
                self._finish(pending.message, AckCode.FAILED, f"Failed: {self._interruption()}")
                return
            with self._component.working():
                self._apply(pending.command)
            self._conclude(pending)
            self._component.changed()

    async def _then_complete(self, pending: _Pending, work: Coroutine[Any, Any, str | None]) -> None:
        if await self._await(pending, work):
            self._conclude(pending)
            self._component.changed()

    async def _await(self, pending: _Pending, work: Coroutine[Any, Any, str | None]) -> bool:
        message = pending.message
        try:
            pending.result = await work or "Done"
        except (Refused, AckError, RuntimeError) as error:
            self._finish(message, AckCode.FAILED, f"Failed: {error}", error.error if isinstance(error, Refused) else 1)
        except TimeoutError:
            self._finish(message, AckCode.TIMEOUT, "Timeout")
        except asyncio.CancelledError:
            self._finish(message, AckCode.ABORTED, "Aborted")
            raise
        else:
            return True
        finally:
            pending.awaiting = False
            self._remove(pending)
        return False

    def _complete(self, pending: _Pending) -> None:
        self._finish(pending.message, AckCode.COMPLETE, pending.result)
        if pending.command.takes is not None:
            before, self.argument = self.argument, canonical(pending.command, pending.data)
            self._component.contracts.takes(pending.command, self._component.clock.now - pending.begun)
            self.argument = before

    def _finish(self, message: CommandMessage, code: AckCode, result: str, error: int = 1) -> None:
        self._component.bus.acknowledge(message, Ack(code, error if code.is_failure else 0, result))


def _number(value: Any) -> float:
    if not isinstance(value, (int, float)):
        raise TypeError(f"a time is expected, got {value!r}")
    return float(value)
