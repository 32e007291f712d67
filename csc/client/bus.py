"""The bus of a client: it has no components, hears those of an observatory, and its clock goes as theirs does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from csc.bus.mqtt.address import Address
from csc.bus.mqtt.bus import MqttBus
from csc.bus.mqtt.demand import RENEW_EVERY, demand
from csc.bus.mqtt.link import Message
from csc.bus.mqtt.others import ANSWER_WITHIN
from csc.bus.mqtt.payload import Malformed, Private, decode
from csc.bus.mqtt.topics import Place
from csc.client.following import FollowingClock
from csc.client.told import ToldTime
from fsm import Journal, OperatorError

__all__ = ["ClientBus"]

_OTHERS_RETURN = 2.0
"""When a broker is back, the others are, too, after this time [s, real]. Chosen here."""


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
        self._roll_call: asyncio.TimerHandle | None = None
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
        if self._renewal is not None:
            self._renewal.cancel()
        self._following.close()

    # ---------------------------------------------------------------- who is there, in the link's thread

    def _returned(self) -> None:
        """Have those called who were there: who died together with a broker has not taken its word back."""
        super()._returned()
        self._others.doubt()
        self._go_on_calling(_OTHERS_RETURN, self._ask_others)

    def _ask_others(self) -> None:
        self._go_on_calling(ANSWER_WITHIN, partial(self._drop_others, self._others.ask()))

    def _drop_others(self, asked: frozenset[str]) -> None:
        if self._link.is_up:  # or else all of this begins anew when it is
            self._others.drop(asked)

    def _go_on_calling(self, delay: float, act: Callable[[], None]) -> None:
        if self._roll_call is not None:
            self._roll_call.cancel()
        self._roll_call = self._link.loop.call_later(delay, act)

    # ---------------------------------------------------------------- what is heard

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

    # ---------------------------------------------------------------- telemetry

    def _want(self, key: tuple[str, str]) -> None:
        new = key not in self._wanted
        super()._want(key)
        if new:
            self._demand(key)
        if self._renewal is None:
            self._renewal = self._following.real.call_later(RENEW_EVERY, self._renew)

    def _demand(self, key: tuple[str, str]) -> None:
        who, topic = key
        if self._is_sampled(who, topic.partition("/")[0]):
            self._link.publish(demand(self.tree.of(who, "demand", topic)))

    def _renew(self) -> None:
        for key in self._wanted:
            self._demand(key)
        self._renewal = self._following.real.call_later(RENEW_EVERY, self._renew)
