"""How time stands still while what was said is on its way: the loop waits where the message stands in its queue."""

from __future__ import annotations

import time

from csc.bus.mqtt.flight import Flight, Flights
from csc.bus.mqtt.link import Link, Message, Unreachable

__all__ = ["Holding"]

_TELEMETRY_PATIENCE = 1.0
"""How long is waited for a message that a broker may lose [s, real]."""
_GLANCE = 0.05
"""Between two looks whether there is a connection [s, real]."""
_SHORT_WHILE = 0.25
"""Between two looks whether the patience has become less [s, real]."""
_DOUBT = 2.0
"""After this time [s] a message is sent once more: a broker that has too much to keep for us drops what comes then."""
_UNDER_WAY = 400
"""Messages that may be on their way to the broker and back; mosquitto keeps 1000 for a client, and drops more."""


class Holding:
    """What is sent over a link, and waited for until it has come back.

    Parameters
    ----------
    link
        Over which it goes.
    flights
        What is under way; whoever hears the link has them land.
    patience
        How long a message is waited for [s, real] before the run ends; may be cut short from any thread.
    """

    def __init__(self, link: Link, flights: Flights, patience: float) -> None:
        self._link, self._flights = link, flights
        self.patience = patience

    def send(self, message: Message) -> Flight:
        """Send a message that will come back; if too many are under way already, wait for the first of them."""
        if len(self._flights) >= _UNDER_WAY and (first := self._flights.first()) is not None:
            self.wait(first)
        flight = self._flights.begin(message)
        self._link.publish(message)
        return flight

    def wait(self, flight: Flight) -> bool:
        """Hold this thread until a message has come back; tell whether it has, of one that may be lost.

        Raises
        ------
        Unreachable
            If one that may not be lost does not come in time; then nothing else is waited for either.
        """
        if not (flight.has_landed and self._link.failure is None):
            if flight.message.qos > 0:
                self._wait_surely(flight)
            else:
                self._wait_a_while(flight)
            if self._link.failure is None and not flight.has_landed:
                self._miss(flight)
            if self._link.failure is not None:
                raise self._link.failure
        return flight.has_landed

    def _miss(self, flight: Flight) -> None:
        """Do without a message; if it may not be lost, the broker is given up with it."""
        self._flights.give_up(flight)
        if flight.message.qos > 0:
            where, what = self._link.address, flight.message.topic
            self._link.give_up(Unreachable(f"{where} has not brought {what} for {self.patience:g} s"))

    def _wait_surely(self, flight: Flight) -> None:
        """Wait for one that must come, and send it again now and then."""
        began, again = time.monotonic(), _DOUBT
        while self._link.failure is None and (left := began + self.patience - time.monotonic()) > 0.0:
            if flight.wait(min(left, _SHORT_WHILE)):
                return
            if time.monotonic() - began >= again:
                again = 2.0 * again + _DOUBT
                if self._link.is_up:
                    self._link.publish(flight.message)

    def _wait_a_while(self, flight: Flight) -> None:
        """Wait for one that may be lost; without a connection it cannot come, and the next one has it sent again."""
        began = time.monotonic()
        deadline = began + _TELEMETRY_PATIENCE
        while self._link.failure is None and (left := min(deadline, began + self.patience) - time.monotonic()) > 0.0:
            if flight.wait(min(left, _GLANCE)):
                return
            if not self._link.is_up:
                deadline = time.monotonic() + _TELEMETRY_PATIENCE
