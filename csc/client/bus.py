"""The bus of a client: it has no components, hears those of an observatory, and its clock goes as theirs does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import uuid4

import orjson

from csc.bus.mqtt.address import Address
from csc.bus.mqtt.bus import MqttBus
from csc.bus.mqtt.following import FollowingClock
from csc.bus.mqtt.link import Message
from csc.bus.mqtt.payload import Malformed, Private, decode
from csc.bus.mqtt.topics import Place
from csc.client.told import ToldTime
from fsm import Journal, OperatorError

__all__ = ["ClientBus"]

_LEASE = 60.0  # for which telemetry is asked for [s, real]
_RENEW = 20.0
_INSIST_AFTER = (1.0, 3.0, 7.0, 15.0, 30.0)
"""When commands are sent once more after a lost connection [s, real]: their components may come back after us."""


class ClientBus(MqttBus):
    """A bus without components.

    A topic may be asked for every so many simulated seconds, as ``position/10``.

    Parameters
    ----------
    clock
        Goes as the observatory's from now on.
    address, observatory
        Where the broker is, and what is on it.
    is_sampled
        Tells whether a topic is sampled only for those who ask for it.
    """

    def __init__(
        self,
        clock: FollowingClock,
        address: Address,
        *,
        observatory: str,
        is_sampled: Callable[[str, str], bool],
    ) -> None:
        self._following = clock.following
        self._is_sampled = is_sampled
        self._told: tuple[ToldTime, float] | None = None
        self._renewal: asyncio.TimerHandle | None = None
        self._insisting: list[asyncio.TimerHandle] = []
        journal = Journal(lambda: clock.now, keep=False)
        super().__init__(clock, journal, address, observatory=observatory, elsewhere=("+",))
        self._hear(self.tree.clock)
        self.settle()
        self._look()

    @property
    def time(self) -> ToldTime | None:
        """What time it is in the observatory; None if nobody has told."""
        if self._told is None:
            return None
        told, at = self._told
        return told.after(self._following.real.time() - at)

    def close(self) -> None:
        """Leave the broker; call it in a thread, as it takes its time, after `leave`."""
        super().close()

    def leave(self) -> None:
        """Ask for nothing any more."""
        for timer in (self._renewal, *self._insisting):
            if timer is not None:
                timer.cancel()
        self._following.close()

    def settle(self) -> None:
        """Wait until everything that was said so far has arrived here; who only looks on may do so, too."""
        fence = self.tree.of(self.client, "demand", "fence")
        self._hear(fence)
        self._hold(self._fly(Message(fence, orjson.dumps({"fence": uuid4().hex}))))

    def _hear(self, topic: str) -> None:
        place = self.tree.place(topic)
        if place is None or place.kind != "event" or place.who == "+":  # all events are heard as it is
            super()._hear(topic)

    def _take(self, message: Message) -> None:
        if message.topic == self.tree.clock:
            self._take_clock(message)
        else:
            super()._take(message)

    def _take_clock(self, message: Message) -> None:
        try:
            told = ToldTime.read(decode(message.payload)[0], kept=message.retain)
        except (Malformed, OperatorError):
            return
        self._told = None if told is None else (told, self._following.real.time())
        self._following.follow(None if told is None else told.speed)

    def _take_sample(self, place: Place, message: Message) -> None:
        if place.every:
            place = Place(place.who, place.kind, f"{place.what}/{place.every}")
        super()._take_sample(place, message)

    def _private(self, seq_num: int, identity: str, **more: Any) -> Private:
        told = self.time
        here = super()._private(seq_num, identity, **more)
        if told is None:
            return here
        values = {name: getattr(here, name) for name in Private.__slots__}
        return Private(**{**values, "sndStamp": told.tai, "t": told.t})

    # ---------------------------------------------------------------- a lost connection

    def _returned(self) -> None:
        super()._returned()
        with suppress(RuntimeError):  # nobody is there any more who waits
            self._following.real.call_soon_threadsafe(self._insist)

    def _insist(self) -> None:
        """Send again what is not answered; a component that has it already says so, and does it once."""
        for timer in self._insisting:
            timer.cancel()
        call_later = self._following.real.call_later
        self._insisting = [call_later(pause, self._send_again, tuple(self._sent)) for pause in _INSIST_AFTER]

    def _send_again(self, correlations: tuple[str, ...]) -> None:
        for correlation in correlations:
            if correlation in self._sent:
                self._link.publish(self._sent[correlation][1])

    # ---------------------------------------------------------------- telemetry

    def _want(self, key: tuple[str, str]) -> None:
        new = key not in self._wanted
        super()._want(key)
        if new:
            self._demand(key)
        if self._renewal is None:
            self._renewal = self._following.real.call_later(_RENEW, self._renew)

    def _demand(self, key: tuple[str, str]) -> None:
        who, topic = key
        if self._is_sampled(who, topic.partition("/")[0]):
            self._link.publish(Message(self.tree.of(who, "demand", topic), orjson.dumps({"lease": _LEASE})))

    def _renew(self) -> None:
        for key in self._wanted:
            self._demand(key)
        self._renewal = self._following.real.call_later(_RENEW, self._renew)
