"""The bus over MQTT: everything that is said goes over a broker, and other processes may take part.

It keeps the contract of `csc.bus.contract` with the same order in time as the bus in process. A message takes its place
in the loop's queue when it is sent; when its turn comes, the loop holds until the broker has brought it. Time stands
still meanwhile, so that a run over MQTT gives the journal that it gives in memory.

This module is long because it says of each kind of message what is done with it, in either direction. How that is done
has modules of its own: `holding`, `inbox`, `own_words` for what is said here; `others`, `requests`, `unanswered` and
`demand` for those elsewhere; `presence` and `link` for the broker.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

import orjson

from csc.bus.contract import Endpoint, Listener
from csc.bus.memory import MemoryBus
from csc.bus.mqtt.acks import decode_ack, encode_ack
from csc.bus.mqtt.address import Address
from csc.bus.mqtt.demand import DEFAULT_LEASE, Demands
from csc.bus.mqtt.flight import Flight, Flights
from csc.bus.mqtt.holding import Holding
from csc.bus.mqtt.inbox import Inbox
from csc.bus.mqtt.link import Link, Message, Unreachable
from csc.bus.mqtt.others import ANSWER_WITHIN, Others
from csc.bus.mqtt.own_words import OwnWords
from csc.bus.mqtt.payload import Malformed, Private, decode, encode
from csc.bus.mqtt.presence import ALIVE, ASKED, Presence
from csc.bus.mqtt.requests import Asker, Requests, short
from csc.bus.mqtt.topics import Place, TopicTree
from csc.bus.mqtt.unanswered import Unanswered
from csc.messages import Ack, CommandMessage, Sample
from csc.summary_state import AckCode
from fsm import Clock, Journal

__all__ = ["MqttBus"]

_PATIENCE = 60.0
"""How long the loop holds for a message that does not come back [s]."""
_PARTING = 5.0
"""The same when the run is over."""
_KNOWN = 10_000
"""Topics, and components, of others that are remembered."""
_QOS_OF = {"telemetry": 0}

Inject = Callable[[str, str, Mapping[str, Any]], Ack]


class MqttBus(MemoryBus):
    """A bus over a broker.

    Parameters
    ----------
    clock, journal
        Of the run.
    address
        Where the broker is.
    observatory
        Name of the observatory, under which its topics are.
    elsewhere
        Components that other processes have: their events are heard, and commands to them are sent.
    patience
        How long the loop holds for a message [s] before the run ends.

    Raises
    ------
    Unreachable
        If there is no broker.
    """

    def __init__(
        self,
        clock: Clock,
        journal: Journal,
        address: Address,
        *,
        observatory: str = "auxtel",
        elsewhere: Iterable[str] = (),
        patience: float = _PATIENCE,
    ) -> None:
        super().__init__(clock, journal)
        self.tree = TopicTree(observatory)
        self.client = f"cscsim-{os.getpid()}-{uuid4().hex[:8]}"
        self.inject: Inject | None = None
        """What lets a fault happen, or end, for other clients; nobody may, unless it is set."""
        self._elsewhere = frozenset(elsewhere)
        self._subscribed: set[str] = set()
        self._revisions: dict[tuple[str, str], str] = {}
        self._demands = Demands()
        self._origins: dict[tuple[str, str], int] = {}
        self._closed = False
        self._flights = Flights()
        self._link = Link(address, self.client, self._heard, self._returned, self._flights.abandon)
        self._holding = Holding(self._link, self._flights, patience)
        self._presence = Presence(address, self._link.loop)
        self._others = Others(self.tree, self._link.publish, _KNOWN)
        self._unanswered = Unanswered(self._link)
        self._own_words = OwnWords(self._link.publish)
        self._requests = Requests(self.tree, self.client, journal, self._link.publish, self._private, self._next_number)
        self._link.open()
        self._inbox = Inbox(clock.loop, self._look)
        self._hear(self.tree.reply(self.client))
        self._hear(self.tree.of("+", "alive"))
        for who in sorted(self._elsewhere):
            self._hear(self.tree.of(who, "event", "+"))
        self.settle()
        self._look()

    @property
    def elsewhere(self) -> frozenset[str]:
        """The components that other processes have now, as far as the broker tells."""
        return self._others.there

    def roll_call(self, names: Iterable[str]) -> frozenset[str]:
        """Ask which of some components other processes really have, and return those.

        Of those that are gone a broker that died may still say that they are there. They do not answer within a second
        of real time, are not `elsewhere` any more, and the journal says so.
        """
        names = frozenset(names)
        for who in sorted(self._others.call(names)):
            because = f"the broker said that it is there, and it has not answered for {ANSWER_WITHIN:g} s"
            self._journal.write("wire", who, what="gone", because=because)
        return self.elsewhere & names

    def forget(self, number: int) -> None:
        """Wait no longer for the acknowledgements of a command; it is not sent again after a lost connection."""
        self._unanswered.forget(f"{self.client}-{number}")

    def give_up(self, because: str) -> None:
        """Have the run end, from any thread, if it waits for a broker that is lost for good."""
        self._link.give_up(Unreachable(f"{self._link.address}: {because}"))

    @property
    def is_lost(self) -> bool:
        """Whether the broker was given up: nothing arrives any more."""
        return self._link.failure is not None

    def hurry(self, because: str) -> None:
        """Wait no longer than need be for what is on its way, as the run is to end; from any thread, or a signal.

        Parameters
        ----------
        because
            Why the broker is given up, if it is away.
        """
        self._holding.patience = min(self._holding.patience, _PARTING)
        if not self._link.is_up:
            self.give_up(because)

    def close(self) -> None:
        """Leave the broker; what was published stays there for those who come later."""
        if not self._closed:
            self._closed = True
            self._holding.patience = min(self._holding.patience, _PARTING)
            with suppress(Unreachable):  # the embedded broker forgets what it has not handed on when its sender leaves
                if self._link.is_up and not self.is_lost:
                    self._fence().wait(_PARTING)
            self._link.run(self._presence.close)
            self._link.close()
            self._inbox.close()

    # ---------------------------------------------------------------- components of this process

    def attach(self, name: str, endpoint: Endpoint) -> None:
        """Let a component take part under its name."""
        if self.roll_call([name]):
            raise ValueError(f"there is already a {name} on the bus, in another process")
        super().attach(name, endpoint)
        for kind in ("command", "inject"):
            self._hear(self.tree.of(name, kind, "+"))
        self._hear(self.tree.of(name, "demand", "#"))
        if self._clock.loop.expects_outside:
            self._hear(self.tree.of(name, "event", "+"))  # nobody else may speak for it
        self._link.run(partial(self._presence.tell, self.tree.of(name, "alive"), f"{self.client}-{name}"))

    def detach(self, name: str) -> None:
        """Take a component off; its events stay readable."""
        if name in self._endpoints:
            self._link.run(partial(self._presence.untell, self.tree.of(name, "alive")))
        super().detach(name)

    def _dispatch(self, message: CommandMessage) -> None:
        endpoint = self._endpoints.get(message.to)
        correlation = f"{self.client}-{message.seq_num}"
        reply_to = self.tree.reply(self.client)
        private = self._private(message.seq_num, message.identity, correlation=correlation, replyTo=reply_to)
        sent = Message(self.tree.of(message.to, "command", message.name), encode(message.data, private))
        if endpoint is not None:
            self._clock.call_soon(self._land_command, endpoint, message, self._holding.send(sent))
            return
        sent = replace(sent, answer_to=reply_to, correlation=correlation.encode())
        self._unanswered.send(correlation, message, sent)

    def _land_command(self, endpoint: Endpoint, message: CommandMessage, flight: Flight) -> None:
        self._holding.wait(flight)
        self._look()
        fields, _ = decode(flight.message.payload)
        self._hand_over(endpoint, replace(message, data=fields))

    def _return(self, message: CommandMessage, ack: Ack) -> None:
        if isinstance(message.reply, Asker):
            message.reply(ack)
            return
        private = self._private(message.seq_num, message.to, correlation=f"{self.client}-{message.seq_num}")
        flight = self._holding.send(Message(self.tree.reply(self.client), encode_ack(message.name, ack, private)))
        self._holding.wait(flight)
        message.reply(decode_ack(decode(flight.message.payload)[0]))

    def _emit(self, kind: str, key: tuple[str, str], sample: Sample) -> None:
        self._last[key] = sample
        listeners = self._listeners.get(key, ())
        private = self._private(sample.seq_num, key[0], t=sample.t, revCode=self._revision(key))
        topic = self.tree.of(key[0], kind, key[1])
        try:
            sent = Message(topic, encode(sample.data, private), _QOS_OF.get(kind, 1), retain=kind == "event")
        except Malformed as error:
            self._journal.write("wire", key[0], what="not sent", topic=key[1], because=str(error))
            for listener in listeners:
                self._clock.call_soon(listener, sample)
            return
        if sent.retain:
            self._own_words.note(sent)
        if kind == "telemetry":
            self._send_demanded(key, sample)
        if not listeners and not (sent.retain and self._clock.loop.expects_outside):
            self._link.publish(sent)
            return
        flight = self._holding.send(sent)
        for listener in listeners:
            self._clock.call_soon(self._land_sample, listener, sample, flight)

    def _land_sample(self, listener: Listener, sample: Sample, flight: Flight) -> None:
        came = self._holding.wait(flight)
        self._look()
        if came:
            listener(replace(sample, data=decode(flight.message.payload)[0]))

    def subscribe(self, who: str, topic: str, listener: Listener, *, sampled: bool = True) -> Callable[[], None]:
        """Call `listener` with each sample from now on; return what ends it."""
        for kind in ("event", "telemetry"):
            self._hear(self.tree.of(who, kind, topic))
        return super().subscribe(who, topic, listener, sampled=sampled)

    def settle(self) -> None:
        """Wait until everything that was said so far has arrived here.

        Raises
        ------
        Unreachable
            If it does not.
        """
        self._holding.wait(self._fence())

    def _fence(self) -> Flight:
        """Send what arrives here after all that was said so far."""
        fence = self.tree.of(self.client, "demand", "fence")  # who only looks on may say this, too
        self._hear(fence)
        return self._holding.send(Message(fence, orjson.dumps({"fence": uuid4().hex})))

    # ---------------------------------------------------------------- others

    def _hear(self, topic: str) -> None:
        if topic not in self._subscribed:
            self._subscribed.add(topic)
            self._link.subscribe(topic)

    def _heard(self, message: Message) -> None:
        """Take what has arrived, in the link's thread."""
        if self._flights.land(message):
            return
        if message.topic.endswith(f"/{ASKED}") and self._heard_who_is_there(message):
            return
        self._inbox.put(message)

    def _heard_who_is_there(self, message: Message) -> bool:
        """Take what is said and asked of who is there, however busy the loop is; tell whether it was that."""
        place = self.tree.place(message.topic)
        if place is None or place not in (Place(place.who, "alive"), Place(place.who, "demand", ASKED)):
            return False
        if place.who not in self._endpoints:
            if place.kind == "alive" and self._others.hear(place.who, message):
                self._unanswered.send_again(place.who)
        elif place.kind == "demand" or message.payload != ALIVE:  # somebody has said so, or its last will
            self._presence.answer(self.tree.of(place.who, "alive"))
        return True

    def _returned(self) -> None:
        """Say again what the broker may have forgotten, in the link's thread: it may have been another one's death.

        What arrives twice by this is known as such: by us, and by components, as they remember their commands.
        """
        self._link.repeat((*self._own_words.all(), *self._flights.under_way(), *self._unanswered.begin_anew()))
        self._presence.renew()  # whoever waits for a component here asks it again

    def _look(self) -> None:
        """Look at what others have sent."""
        for message in self._inbox.take():
            self._take(message)
        if left := self._inbox.take_left():
            self._journal.write("wire", self.client, what="left unread", number=left)

    def _take(self, message: Message) -> None:
        if message.topic == self.tree.reply(self.client):
            self._take_ack(message)
            return
        place = self.tree.place(message.topic)
        if place is None:
            self._refuse(self.client, short(message.topic), "nothing is known of this topic")
            return
        match place.kind:
            case "command":
                self._take_command(place, message)
            case "event" | "telemetry":
                self._take_sample(place, message)
            case "demand":
                self._take_demand(place, message)
            case "inject":
                self._take_inject(place, message)

    def _refuse(self, who: str, topic: str, because: str) -> None:
        self._journal.write("wire", who, what="refused", topic=short(topic), because=because)

    def _next_number(self) -> int:
        self._command_num += 1
        return self._command_num

    def _take_command(self, place: Place, message: Message) -> None:
        endpoint = self._endpoints.get(place.who)
        request = None if endpoint is None else self._requests.read(place, message)
        if endpoint is None or request is None:
            return
        fields, seq_num, identity = request.take_fields(), request.seq_num, request.identity
        said = {"command": short(request.what), "data": fields, "seq": seq_num, "by": identity}
        self._journal.write("command", place.who, **said)
        reply = Asker(self._requests, request)
        self._hand_over(endpoint, CommandMessage(place.who, place.what, fields, seq_num, identity, reply))

    def _take_inject(self, place: Place, message: Message) -> None:
        request = self._requests.read(place, message) if place.who in self._endpoints else None
        if request is None:
            return
        if self.inject is None:
            ack = Ack(AckCode.NOPERM, 1, "no faults may be injected here from outside")
        else:
            ack = self.inject(place.who, place.what, request.take_fields())
        self._requests.answer(request, ack)

    def _take_ack(self, message: Message) -> None:
        try:
            fields, private = decode(message.payload)
            ack = decode_ack(fields)
        except Malformed:
            return
        self._unanswered.answer(private.correlation or "", ack)

    def _take_sample(self, place: Place, message: Message) -> None:
        if place.who in self._endpoints:
            if place.kind == "event" and self._own_words.mend(place.who, message, self._sample_num):
                self._refuse(place.who, place.what, "it is here, and has not said this")
            return
        if place.every:
            return
        key = (place.who, place.what)
        try:
            fields, private = decode(message.payload)
        except Malformed as error:
            self._refuse(place.who, place.what, str(error))
            return
        sample = Sample(place.what, fields, private.t if private.t is not None else self._clock.now, private.seqNum)
        before = self._last.get(key)
        if self._origins.get(key) == private.origin and before is not None and sample.seq_num <= before.seq_num:
            return  # once more, or out of order
        if before is None and len(self._last) >= _KNOWN:
            self._inbox.leave()
            return
        self._origins[key] = private.origin
        self._last[key] = sample
        for listener in self._listeners.get(key, ()):
            self._clock.call_soon(self._tell, listener, sample, place.who)

    def _tell(self, listener: Listener, sample: Sample, who: str) -> None:
        """Let a listener hear what a component of another process says; no component here falls over it."""
        if not self._endpoints:
            listener(sample)
            return
        try:
            listener(sample)
        except Exception as error:  # whatever fields it has, or has not
            self._refuse(who, sample.topic, f"{type(error).__name__}: {error}")

    def _take_demand(self, place: Place, message: Message) -> None:
        key = (place.who, place.what)
        endpoint = self._endpoints.get(place.who)
        if endpoint is None:
            return
        if endpoint.cadence(place.what) is None:
            self._refuse(place.who, place.what, "it has no telemetry of this name")
            return
        try:
            fields, _ = decode(message.payload)
            new = self._demands.note(key, place.every, fields.get("lease", DEFAULT_LEASE), time.monotonic())
        except (Malformed, ValueError) as error:
            self._refuse(place.who, place.what, str(error))
            return
        if new:
            self._want(key)

    def _send_demanded(self, key: tuple[str, str], sample: Sample) -> None:
        """Send a sample under the slower cadences that somebody asked for; stop those that nobody asks for any more."""
        due, ended = self._demands.due(key, sample.t, time.monotonic())
        for every in due:
            private = self._private(sample.seq_num, key[0], t=sample.t, revCode=self._revision(key))
            self._link.publish(
                Message(self.tree.of(key[0], "telemetry", key[1], every), encode(sample.data, private), 0)
            )
        for _ in range(ended):
            self._clock.call_soon(self._unwant, key)

    def _revision(self, key: tuple[str, str]) -> str:
        found = self._revisions.get(key)
        if found is None:
            endpoint = self._endpoints.get(key[0])
            found = self._revisions[key] = "" if endpoint is None else endpoint.revision(key[1])
        return found

    def announce(self, speed: float) -> None:
        """Tell what time it is, and how fast it goes [simulated seconds a second]."""
        fields = {
            "t": self._clock.now,
            "tai": self._clock.tai,
            "speed": speed if math.isfinite(speed) else None,
            "wall": time.time(),
        }
        told = Message(self.tree.clock, encode(fields, self._private(0, "clock")), retain=True)
        self._own_words.note(told)
        self._link.publish(told)

    def _private(self, seq_num: int, identity: str, **more: Any) -> Private:
        return Private(
            sndStamp=self._clock.tai,
            seqNum=seq_num,
            identity=identity,
            origin=os.getpid(),
            **{"t": self._clock.now, **more},
        )
