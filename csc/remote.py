"""A client's view of components: commands that wait for their acknowledgements, events, telemetry.

The names are SAL's. A command's time limit is the sender's; each in-progress acknowledgement adds its own
timeout to what is left (lsst-ts/ts_salobj: python/lsst/ts/salobj/topics/remote_command.py).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from csc.bus.contract import Bus
from csc.messages import Ack, AckError, AckTimeoutError, Sample
from csc.summary_state import AckCode, SummaryState, path_between
from fsm import Clock

__all__ = ["EventReader", "Remote", "RemoteGroup"]

DEFAULT_TIMEOUT = 3600.0
"""Limit [s] of a command whose sender names none."""
QUEUE_LENGTH = 100
"""Samples a reader keeps; the oldest is dropped."""


class EventReader:
    """Reads one topic: the newest sample at once, or each one in turn.

    Parameters
    ----------
    bus, clock
        Where and when.
    who, topic
        What is read.
    history
        Whether the last sample there was comes first: events are kept for late joiners, telemetry is not.
    """

    def __init__(self, bus: Bus, clock: Clock, who: str, topic: str, *, history: bool = True) -> None:
        self._bus = bus
        self._clock = clock
        self.who = who
        self.topic = topic
        self._history = history
        self._queue: deque[Sample] = deque(maxlen=QUEUE_LENGTH)
        self._waiter: asyncio.Future[None] | None = None
        self._cancel: Callable[[], None] | None = None

    def get(self) -> Sample | None:
        """Return the newest sample; None if there never was one."""
        return self._bus.last(self.who, self.topic)

    def open(self) -> None:
        """Begin to queue samples; of an event the last one there was comes first."""
        if self._cancel is None:
            last = self.get() if self._history else None
            if last is not None:
                self._queue.append(last)
            self._cancel = self._bus.subscribe(self.who, self.topic, self._arrived)

    def flush(self) -> None:
        """Forget the queued samples."""
        self.open()
        self._queue.clear()

    async def next(self, *, flush: bool = False, timeout: float | None = None) -> Sample:
        """Return the oldest sample that was not read yet, waiting for one if need be.

        Parameters
        ----------
        flush
            Forget what is queued first.
        timeout
            The longest wait [s].

        Raises
        ------
        TimeoutError
            If none came in time.
        """
        self.open()
        if flush:
            self._queue.clear()
        if not self._queue:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._clock.wait(self._waiter, f"{self.who}.{self.topic}", timeout=timeout)
        return self._queue.popleft()

    def callback(self, listener: Callable[[Sample], None], *, sampled: bool = True) -> Callable[[], None]:
        """Call `listener` with each sample from now on; return what ends it.

        With `sampled` false the listener hears what is published anyway, and does not have a topic sampled.
        """
        return self._bus.subscribe(self.who, self.topic, listener, sampled=sampled)

    def close(self) -> None:
        """Stop listening."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def _arrived(self, sample: Sample) -> None:
        self._queue.append(sample)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class _Call:
    """One command under way, seen from its sender."""

    __slots__ = ("clock", "deadline", "future", "last", "on_progress", "timer")

    def __init__(self, clock: Clock, timeout: float, on_progress: Callable[[Ack], None] | None) -> None:
        self.clock = clock
        self.future: asyncio.Future[Ack] = clock.loop.create_future()
        self.deadline = clock.now + timeout
        self.timer = clock.call_at(self.deadline, self.expire)
        self.on_progress = on_progress
        self.last = Ack(AckCode.NOACK, 1, "No command acknowledgement seen")

    def expire(self) -> None:
        if not self.future.done():
            self.future.set_result(self.last)

    def reply(self, ack: Ack) -> None:
        if self.future.done():
            return
        self.last = ack
        if ack.code.is_final:
            self.timer.cancel()
            self.future.set_result(ack)
            return
        if ack.timeout:
            self.timer.cancel()
            self.deadline += ack.timeout
            self.timer = self.clock.call_at(self.deadline, self.expire)
        if self.on_progress is not None:
            self.on_progress(ack)


class Remote:
    """A client of one component.

    Parameters
    ----------
    bus, clock
        Where and when.
    name
        The component's name on the bus, ``OCPS:1``.
    identity
        Who sends the commands.
    """

    def __init__(self, bus: Bus, clock: Clock, name: str, identity: str) -> None:
        self._bus = bus
        self._clock = clock
        self.name = name
        self.identity = identity
        self._readers: dict[str, EventReader] = {}

    def event(self, topic: str) -> EventReader:
        """Return the reader of an event; the same one each time."""
        reader = self._readers.get(topic)
        if reader is None:
            reader = self._readers[topic] = EventReader(self._bus, self._clock, self.name, topic)
        return reader

    def telemetry(self, topic: str) -> EventReader:
        """Return the reader of a telemetry topic; the same one each time."""
        reader = self._readers.get(topic)
        if reader is None:
            reader = self._readers[topic] = EventReader(self._bus, self._clock, self.name, topic, history=False)
        return reader

    @property
    def summary_state(self) -> str | None:
        """The last published summary state; None if there never was one."""
        sample = self._bus.last(self.name, "summaryState")
        return None if sample is None else SummaryState(sample.data["summaryState"]).name

    async def command(
        self,
        command: str,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        on_progress: Callable[[Ack], None] | None = None,
        data: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> Ack:
        """Send a command and wait for its final acknowledgement.

        Parameters
        ----------
        command
            SAL's name of it.
        timeout
            The longest wait [s]; in-progress acknowledgements add to it.
        on_progress
            Called with each acknowledgement that is not final.
        data, fields
            The command's fields; those left out have SAL's defaults. A field that is called like one of the
            arguments here (startImage has a ``timeout``) goes into `data`.

        Raises
        ------
        AckError
            If it failed.
        AckTimeoutError
            If no final acknowledgement came in time.
        """
        call = _Call(self._clock, timeout, on_progress)
        waits = self._clock.loop.waits
        waits[call] = (self.identity, lambda: f"{self.name} to acknowledge {command}")
        everything = {**(data or {}), **fields}
        number = 0
        try:
            number = self._bus.send(self.name, command, everything, identity=self.identity, reply=call.reply)
            ack = await call.future
        finally:
            del waits[call]
            call.timer.cancel()
            self._bus.forget(number)
        if not ack.code.is_final or ack.code is AckCode.NOACK:
            raise AckTimeoutError(f"{self.name}.{command}", ack)
        if ack.code.is_failure:
            raise AckError(f"{self.name}.{command}", ack)
        return ack

    async def set_summary_state(self, state: str, *, override: str = "", timeout: float = 30.0) -> list[str]:
        """Bring the component to a summary state on the shortest way.

        Parameters
        ----------
        state
            The target; not FAULT.
        override
            Configuration override for `start`.
        timeout
            Limit [s] for each command.

        Returns
        -------
        list of str
            The states passed through, the first one included.

        Raises
        ------
        RuntimeError
            If the present state is unknown or a transition fails; names both.
        """
        present = self.summary_state
        if present is None:
            raise RuntimeError(f"{self.name}: no summaryState seen; is it there?")
        passed = [present]
        for command, reached in path_between(SummaryState[present], SummaryState[state]):
            fields: dict[str, Any] = {"configurationOverride": override} if command == "start" else {}
            try:
                await self.command(command, timeout=timeout, **fields)
            except AckError as error:
                raise RuntimeError(f"{self.name}: {command} from {passed[-1]} failed: {error.ack.result}") from error
            passed.append(reached.name)
        return passed

    def close(self) -> None:
        """Stop listening to everything."""
        for reader in self._readers.values():
            reader.close()


class RemoteGroup:
    """Clients of several components that act together, such as ATCS.

    Parameters
    ----------
    name
        The group's name.
    remotes
        Its members.
    """

    def __init__(self, name: str, remotes: Mapping[str, Remote]) -> None:
        self.name = name
        self.remotes = remotes

    async def set_summary_state(
        self,
        state: str,
        *,
        overrides: Mapping[str, str] | None = None,
        ignore: tuple[str, ...] = (),
        timeout: float = 120.0,
    ) -> None:
        """Bring all members to a summary state at once.

        Every member is attempted; those already there get no command.

        Raises
        ------
        RuntimeError
            After all were tried, naming those that failed and why.
        """
        members = {name: remote for name, remote in self.remotes.items() if name not in ignore}
        given = overrides or {}
        results = await asyncio.gather(
            *(
                remote.set_summary_state(state, override=given.get(name, ""), timeout=timeout)
                for name, remote in members.items()
            ),
            return_exceptions=True,
        )
        failed = []
        for result in results:
            if isinstance(result, RuntimeError):
                failed.append(str(result))
            elif isinstance(result, BaseException):
                raise result
        if failed:
            raise RuntimeError(f"{self.name}: could not bring to {state}: {'; '.join(failed)}")
