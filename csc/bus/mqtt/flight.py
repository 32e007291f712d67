"""Messages that this process has sent, and that it will hear again from the broker."""

from __future__ import annotations

import threading

from csc.bus.mqtt.link import Message

__all__ = ["Flight", "Flights"]


class Flight:
    """A message on its way over the broker and back."""

    __slots__ = ("_landed", "_lock", "message")

    def __init__(self, message: Message) -> None:
        self.message = message
        self._landed = False
        self._lock = threading.Lock()  # an Event is three of them, and there is a flight for nearly every message
        self._lock.acquire()

    @property
    def has_landed(self) -> bool:
        """Whether it has come back."""
        return self._landed

    def land(self) -> None:
        """Note that it has come back."""
        if not self._landed:
            self._landed = True
            self._lock.release()

    def wait(self, timeout: float) -> bool:
        """Hold this thread until it has come back, or `timeout` [s] are over; tell which."""
        if not self._landed and self._lock.acquire(timeout=timeout):
            self._lock.release()
        return self._landed


class Flights:
    """All that are on their way.

    What comes back is known by being what was sent, to the byte: nobody can put another message in its place.
    """

    def __init__(self) -> None:
        self._under_way: dict[tuple[str, bytes], Flight] = {}

    def begin(self, message: Message) -> Flight:
        """Expect a message to come back; one that is sent twice before it has come is waited for once."""
        return self._under_way.setdefault((message.topic, message.payload), Flight(message))

    def give_up(self, flight: Flight) -> None:
        """Expect a message no longer."""
        self._under_way.pop((flight.message.topic, flight.message.payload), None)

    def land(self, message: Message) -> bool:
        """Tell whether a message that has arrived is one of ours; whoever waits for it goes on."""
        flight = self._under_way.pop((message.topic, message.payload), None)
        if flight is not None:
            flight.land()
        return flight is not None

    def __len__(self) -> int:
        return len(self._under_way)

    def under_way(self) -> tuple[Message, ...]:
        """Return the messages that have not come back yet, in the order in which they were sent."""
        return tuple(flight.message for flight in tuple(self._under_way.values()))

    def first(self) -> Flight | None:
        """Return the one that is under way longest."""
        return next(iter(tuple(self._under_way.values())), None)

    def abandon(self) -> None:
        """Let all go on that wait: nothing comes any more."""
        for flight in tuple(self._under_way.values()):
            flight.land()
