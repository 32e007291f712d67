"""What every bus promises, with SAL's semantics.

* A command gets acknowledgements: any number in progress, then exactly one final; none if nobody is there.
* An event is kept: its last sample is readable at once and for ever, also after its component has gone.
* Telemetry and heartbeats are sampled only while somebody listens.
* What comes between it and those on it (`Interference`) decides on every message that is on its way; the journal still
  says what was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from csc.bus.interference import Interference
from csc.messages import Ack, CommandMessage, Sample

__all__ = ["Bus", "Endpoint"]

Listener = Callable[[Sample], None]


class Endpoint(Protocol):
    """What a bus needs of a component."""

    def receive(self, message: CommandMessage) -> None:
        """Take a command; acknowledge it on the bus."""

    def cadence(self, topic: str) -> float | None:
        """Return the time [s] between samples of a topic; None for a plain event."""

    def sample(self, topic: str) -> Mapping[str, Any] | None:
        """Measure a sampled topic now; None while the component does not publish it."""

    def revision(self, topic: str) -> str:
        """Return which version of a topic's fields it publishes."""


class Bus(Protocol):
    """The door."""

    @property
    def interference(self) -> Interference:
        """What comes between."""

    def attach(self, name: str, endpoint: Endpoint) -> None:
        """Let a component take part under its name."""

    def detach(self, name: str) -> None:
        """Take a component off; its events stay readable."""

    def send(
        self, to: str, command: str, data: Mapping[str, Any], *, identity: str, reply: Callable[[Ack], None]
    ) -> int:
        """Send a command; return its sequence number."""

    def forget(self, number: int) -> None:
        """Wait no longer for the acknowledgements of a command that was sent: nobody reads them."""

    def acknowledge(self, message: CommandMessage, ack: Ack) -> None:
        """Answer a command."""

    def publish(self, who: str, topic: str, data: Mapping[str, Any], changed: Mapping[str, Any]) -> None:
        """Publish an event; `changed` are the fields that differ from the one before."""

    def last(self, who: str, topic: str) -> Sample | None:
        """Return the newest sample of a topic; None if there never was one."""

    def subscribe(self, who: str, topic: str, listener: Listener, *, sampled: bool = True) -> Callable[[], None]:
        """Call `listener` with each sample from now on; return what ends it.

        With `sampled` false the listener hears what is published anyway, and does not have a topic sampled.
        """

    def close(self) -> None:
        """Be no more: the run is over."""
