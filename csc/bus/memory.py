"""The bus in process: no copies, no encoding, delivery at the loop's next turn.

Delivery is never a nested call, so a component is not entered while it is at work.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from csc.bus.contract import Endpoint, Listener
from csc.bus.interference import Envelope, Interference
from csc.messages import Ack, CommandMessage, Sample
from fsm import Clock, Journal

__all__ = ["MemoryBus"]


class MemoryBus:
    """A bus within one process.

    Parameters
    ----------
    clock
        The run's time.
    journal
        Where commands, acknowledgements and events are recorded.
    """

    def __init__(self, clock: Clock, journal: Journal) -> None:
        self._clock = clock
        self._journal = journal
        self._endpoints: dict[str, Endpoint] = {}
        self._last: dict[tuple[str, str], Sample] = {}
        self._listeners: dict[tuple[str, str], list[Listener]] = {}
        self._samplers: dict[tuple[str, str], Any] = {}
        self._wanted: dict[tuple[str, str], int] = {}
        self._command_num = 0
        self._sample_num = 0
        self.interference = Interference()

    def attach(self, name: str, endpoint: Endpoint) -> None:
        """Let a component take part under its name."""
        if name in self._endpoints:
            raise ValueError(f"there is already a {name} on the bus")
        self._endpoints[name] = endpoint
        for key in self._wanted:
            if key[0] == name:
                self._start_sampling(key)

    def detach(self, name: str) -> None:
        """Take a component off; its events stay readable."""
        self._endpoints.pop(name, None)
        for key in [key for key in self._samplers if key[0] == name]:
            self._samplers.pop(key).cancel()

    def send(
        self, to: str, command: str, data: Mapping[str, Any], *, identity: str, reply: Callable[[Ack], None]
    ) -> int:
        """Send a command; return its sequence number."""
        self._command_num += 1
        self._journal.write("command", to, command=command, data=data, seq=self._command_num, by=identity)
        self._dispatch(CommandMessage(to, command, data, self._command_num, identity, reply))
        return self._command_num

    def forget(self, number: int) -> None:
        """Wait no longer for the acknowledgements of a command that was sent: nobody reads them."""

    def close(self) -> None:
        """Be no more: the run is over."""

    def _dispatch(self, message: CommandMessage) -> None:
        """Bring a command on its way."""
        endpoint = self._endpoints.get(message.to)
        if endpoint is not None:
            self._clock.call_soon(self._hand_over, endpoint, message)

    def _hand_over(self, endpoint: Endpoint, message: CommandMessage) -> None:
        """Give a command to its component; whatever was done to the bus when it was sent counts already."""
        if self.interference:
            envelope = Envelope("command", message.to, message.name, message.seq_num)
            self.interference.carry(envelope, partial(endpoint.receive, message))
        else:
            endpoint.receive(message)

    def acknowledge(self, message: CommandMessage, ack: Ack) -> None:
        """Answer a command."""
        fields: dict[str, Any] = {"error": ack.error} if ack.error else {}
        if ack.timeout:
            fields["timeout"] = ack.timeout
        self._journal.write(
            "ack", message.to, command=message.name, seq=message.seq_num, ack=ack.code.name, result=ack.result, **fields
        )
        if self.interference:
            envelope = Envelope("ack", message.to, message.name, message.seq_num, ack.code.is_final)
            self.interference.carry(envelope, partial(self._return, message, ack))
        else:
            self._return(message, ack)

    def _return(self, message: CommandMessage, ack: Ack) -> None:
        """Bring an acknowledgement to who has sent the command."""
        message.reply(ack)

    def publish(self, who: str, topic: str, data: Mapping[str, Any], changed: Mapping[str, Any]) -> None:
        """Publish an event; `changed` are the fields that differ from the one before."""
        self._journal.write("event", who, topic=topic, data=changed)
        self._deliver("event", (who, topic), data)

    def last(self, who: str, topic: str) -> Sample | None:
        """Return the newest sample of a topic; None if there never was one."""
        return self._last.get((who, topic))

    def subscribe(self, who: str, topic: str, listener: Listener, *, sampled: bool = True) -> Callable[[], None]:
        """Call `listener` with each sample from now on; return what ends it."""
        key = (who, topic)
        self._listeners.setdefault(key, []).append(listener)
        if sampled:
            self._want(key)
        ended = False

        def end() -> None:
            nonlocal ended
            if ended:
                return
            ended = True
            self._listeners[key].remove(listener)
            if sampled:
                self._unwant(key)

        return end

    def _want(self, key: tuple[str, str]) -> None:
        """Have a topic sampled, for one more who listens."""
        self._wanted[key] = self._wanted.get(key, 0) + 1
        self._start_sampling(key)

    def _unwant(self, key: tuple[str, str]) -> None:
        """Have a topic sampled for one less."""
        self._wanted[key] -= 1
        if not self._wanted[key]:
            self._stop_sampling(key)

    def _deliver(self, kind: str, key: tuple[str, str], data: Mapping[str, Any]) -> None:
        self._sample_num += 1
        sample = Sample(key[1], data, self._clock.now, self._sample_num)
        if self.interference:
            self.interference.carry(Envelope(kind, *key, self._sample_num), partial(self._emit, kind, key, sample))
        else:
            self._emit(kind, key, sample)

    def _emit(self, kind: str, key: tuple[str, str], sample: Sample) -> None:
        """Bring a sample to all who listen."""
        self._last[key] = sample
        for listener in self._listeners.get(key, ()):
            self._clock.call_soon(listener, sample)

    def _start_sampling(self, key: tuple[str, str]) -> None:
        endpoint = self._endpoints.get(key[0])
        if endpoint is None or key in self._samplers:
            return
        cadence = endpoint.cadence(key[1])
        if cadence is not None:
            self._schedule(key, cadence, math.floor(self._clock.now / cadence) + 1)

    def _stop_sampling(self, key: tuple[str, str]) -> None:
        del self._wanted[key]
        timer = self._samplers.pop(key, None)
        if timer is not None:
            timer.cancel()

    def _schedule(self, key: tuple[str, str], cadence: float, number: int) -> None:
        self._samplers[key] = self._clock.call_at(number * cadence, self._measure, key, cadence, number)

    def _measure(self, key: tuple[str, str], cadence: float, number: int) -> None:
        endpoint = self._endpoints[key[0]]
        self._schedule(key, cadence, number + 1)
        data = endpoint.sample(key[1])
        if data is not None:
            self._deliver("telemetry", key, data)
