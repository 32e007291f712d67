"""The bus over MQTT: everything that is said goes over a broker, and other processes may take part.

It keeps the contract of `csc.bus.contract` with the same order in time as the bus in process. A message takes its place
in the loop's queue when it is sent; when its turn comes, the loop holds until the broker has brought it. Time stands
still meanwhile, so that a run over MQTT gives the journal that it gives in memory.
"""

from __future__ import annotations

import math
import os
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

from csc.bus.contract import Endpoint, Listener
from csc.bus.memory import MemoryBus
from csc.bus.mqtt.acks import decode_ack, encode_ack
from csc.bus.mqtt.address import Address
from csc.bus.mqtt.demand import DEFAULT_LEASE, Demands
from csc.bus.mqtt.flight import Flight, Flights
from csc.bus.mqtt.link import Link, Message, Unreachable
from csc.bus.mqtt.payload import Malformed, Private, decode, encode
from csc.bus.mqtt.presence import ALIVE, Presence
from csc.bus.mqtt.requests import Request, Requests, short
from csc.bus.mqtt.topics import Place, TopicTree
from csc.messages import Ack, CommandMessage, Sample
from csc.summary_state import AckCode
from fsm import Clock, Journal

__all__ = ["MqttBus"]

_PATIENCE = 60.0
"""How long the loop holds for a message that does not come back [s]."""
_TELEMETRY_PATIENCE = 1.0
"""The same for one that a broker may lose."""
_PARTING = 5.0
"""The same when the run is over."""
_DOUBT = 2.0
"""After this time [s] a message is sent once more: a broker that has too much to keep for us drops what comes then."""
_UNDER_WAY = 400
"""Messages that may be on their way to the broker and back; mosquitto keeps 1000 for a client, and drops more."""
_WAITING, _WAITING_BYTES = 10_000, 2**26
"""What others have sent that may wait to be looked at; more is counted and left."""
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
        self._patience = patience
        self._elsewhere = frozenset(elsewhere)
        self._alive_elsewhere: set[str] = set()
        self._flights = Flights()
        self._sent: dict[str, tuple[CommandMessage, Message]] = {}
        self._subscribed: set[str] = set()
        self._revisions: dict[tuple[str, str], str] = {}
        self._demands = Demands()
        self._origins: dict[tuple[str, str], int] = {}
        self._retained: dict[str, Message] = {}
        self._inbox: deque[Message] = deque()
        self._arrived = self._looked_at = self._left = 0
        self._closed = False
        self._link = Link(address, self.client, self._heard, self._returned, self._flights.abandon)
        self._presence = Presence(address, self._link.loop)
        self._requests = Requests(self.tree, self.client, journal, self._link.publish, self._private, self._next_number)
        self._link.open()
        self._bell, self._rope = socket.socketpair()
        self._bell.setblocking(False)
        self._rope.setblocking(False)
        clock.loop.add_reader(self._bell, self._rung)
        self._hear(self.tree.reply(self.client))
        self._hear(self.tree.of("+", "alive"))
        for who in sorted(self._elsewhere):
            self._hear(self.tree.of(who, "event", "+"))
        self.settle()
        self._look()

    @property
    def elsewhere(self) -> frozenset[str]:
        """The components that other processes have now."""
        return frozenset(self._alive_elsewhere)

    def forget(self, number: int) -> None:
        """Wait no longer for the acknowledgements of a command; it is not sent again after a lost connection."""
        self._sent.pop(f"{self.client}-{number}", None)

    def close(self) -> None:
        """Leave the broker; what was published stays there for those who come later."""
        if not self._closed:
            self._closed = True
            self._patience = min(self._patience, _PARTING)
            with suppress(Unreachable):  # the embedded broker forgets what it has not handed on when its sender leaves
                if self._link.is_up and self._link.failure is None:
                    self.settle()
            self._link.run(self._presence.close)
            self._link.close()
            self._clock.loop.remove_reader(self._bell)
            self._bell.close()
            self._rope.close()

    # ---------------------------------------------------------------- components of this process

    def attach(self, name: str, endpoint: Endpoint) -> None:
        """Let a component take part under its name."""
        if name in self._alive_elsewhere:
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
            self._clock.call_soon(self._land_command, endpoint, message, self._fly(sent))
            return
        sent = replace(sent, answer_to=reply_to, correlation=correlation.encode())
        self._sent[correlation] = message, sent
        self._link.publish(sent)

    def _land_command(self, endpoint: Endpoint, message: CommandMessage, flight: Flight) -> None:
        self._hold(flight)
        self._look()
        fields, _ = decode(flight.message.payload)
        self._hand_over(endpoint, replace(message, data=fields))

    def _return(self, message: CommandMessage, ack: Ack) -> None:
        if isinstance(message.reply, _Abroad):
            message.reply(ack)
            return
        private = self._private(message.seq_num, message.to, correlation=f"{self.client}-{message.seq_num}")
        flight = self._fly(Message(self.tree.reply(self.client), encode_ack(message.name, ack, private)))
        self._hold(flight)
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
            self._retained[topic] = sent
        if kind == "telemetry":
            self._send_demanded(key, sample)
        if not listeners and not (sent.retain and self._clock.loop.expects_outside):
            self._link.publish(sent)
            return
        flight = self._fly(sent)
        for listener in listeners:
            self._clock.call_soon(self._land_sample, listener, sample, flight)

    def _land_sample(self, listener: Listener, sample: Sample, flight: Flight) -> None:
        came = self._hold(flight)
        self._look()
        if came:
            listener(replace(sample, data=decode(flight.message.payload)[0]))

    def subscribe(self, who: str, topic: str, listener: Listener, *, sampled: bool = True) -> Callable[[], None]:
        """Call `listener` with each sample from now on; return what ends it."""
        for kind in ("event", "telemetry"):
            self._hear(self.tree.of(who, kind, topic))
        return super().subscribe(who, topic, listener, sampled=sampled)

    # ---------------------------------------------------------------- holding

    def _fly(self, message: Message) -> Flight:
        if len(self._flights) >= _UNDER_WAY and (first := self._flights.first()) is not None:
            self._hold(first)
        flight = self._flights.begin(message)
        self._link.publish(message)
        return flight

    def _hold(self, flight: Flight) -> bool:
        """Let time stand still until a message has come back; tell whether it has."""
        surely = flight.message.qos > 0
        deadline = time.monotonic() + (self._patience if surely else _TELEMETRY_PATIENCE)
        pause = _DOUBT
        while self._link.failure is None:
            left = deadline - time.monotonic()
            if flight.wait(max(0.0, min(pause, left))) or left <= pause:
                break
            pause *= 2.0
            if self._link.is_up:
                self._link.publish(flight.message)
        if self._link.failure is not None:
            raise self._link.failure
        if not flight.has_landed:
            self._flights.give_up(flight)
            if surely:
                raise Unreachable(
                    f"{self._link.address} has not brought {flight.message.topic} for {self._patience:g} s"
                )
        return flight.has_landed

    def settle(self) -> None:
        """Wait until everything that was said so far has arrived here.

        Raises
        ------
        Unreachable
            If it does not.
        """
        fence = encode({"fence": uuid4().hex}, self._private(0, self.client))
        self._hold(self._fly(Message(self.tree.reply(self.client), fence)))

    # ---------------------------------------------------------------- others

    def _hear(self, topic: str) -> None:
        if topic not in self._subscribed:
            self._subscribed.add(topic)
            self._link.subscribe(topic)

    def _heard(self, message: Message) -> None:
        """Take what has arrived, in the link's thread."""
        if self._flights.land(message):
            return
        length = len(message.topic) + len(message.payload)
        if len(self._inbox) >= _WAITING or self._arrived - self._looked_at + length > _WAITING_BYTES:
            self._left += 1
            return
        self._arrived += length
        self._inbox.append(message)
        if len(self._inbox) == 1:  # otherwise it has been rung, and nobody has come yet
            with suppress(OSError):  # the run is over
                self._rope.send(b"\0")

    def _returned(self) -> None:
        """Say again what the broker may have forgotten, in the link's thread: it may have been another one's death.

        What arrives twice by this is known as such: by us, and by components, as they remember their commands.
        """
        unanswered = (sent for _, sent in tuple(self._sent.values()))
        self._link.repeat((*tuple(self._retained.values()), *self._flights.under_way(), *unanswered))
        self._presence.renew()  # whoever waits for a component here asks it again

    def _rung(self) -> None:
        with suppress(OSError):
            self._bell.recv(_WAITING)
        self._look()

    def _look(self) -> None:
        """Look at what others have sent."""
        while self._inbox:
            message = self._inbox.popleft()
            self._looked_at += len(message.topic) + len(message.payload)
            self._take(message)
        if self._left:
            left, self._left = self._left, 0
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
            case "alive":
                self._take_alive(place, message)

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
        reply = _Abroad(self._requests, request)
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
        correlation = private.correlation or ""
        if correlation in self._sent:
            command, _ = self._sent[correlation]
            if ack.code.is_final:
                del self._sent[correlation]
            command.reply(ack)

    def _take_sample(self, place: Place, message: Message) -> None:
        if place.who in self._endpoints:
            self._take_forged(place, message)
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
            self._left += 1
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

    def _take_forged(self, place: Place, message: Message) -> None:
        """Set right what the broker keeps if somebody has spoken for a component that is here."""
        ours = self._retained.get(message.topic)
        if place.kind != "event" or message.payload == (b"" if ours is None else ours.payload):
            return
        if not (message.retain or self._has_said(place.who, message.payload)):
            self._refuse(place.who, place.what, "it is here, and has not said this")
        self._link.publish(ours if ours is not None else Message(message.topic, b"", retain=True))

    def _has_said(self, who: str, payload: bytes) -> bool:
        """Tell whether something is once more what a component here has said before."""
        try:
            _, private = decode(payload)
        except Malformed:
            return False
        return private.origin == os.getpid() and private.identity == who and private.seqNum <= self._sample_num

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
        self._retained[self.tree.clock] = told = Message(
            self.tree.clock, encode(fields, self._private(0, "clock")), retain=True
        )
        self._link.publish(told)

    def _take_alive(self, place: Place, message: Message) -> None:
        is_alive = message.payload == ALIVE
        if place.who in self._endpoints:
            if not is_alive:  # somebody said so, or its last will did
                self._link.run(partial(self._presence.repeat, message.topic))
        elif not is_alive:
            self._alive_elsewhere.discard(place.who)
        elif len(self._alive_elsewhere) < _KNOWN:
            self._alive_elsewhere.add(place.who)
            for command, sent in tuple(self._sent.values()):
                if command.to == place.who:
                    self._link.publish(sent)  # it may not have been there to hear it

    def _private(self, seq_num: int, identity: str, **more: Any) -> Private:
        return Private(
            sndStamp=self._clock.tai,
            seqNum=seq_num,
            identity=identity,
            origin=os.getpid(),
            **{"t": self._clock.now, **more},
        )


class _Abroad:
    """Where the acknowledgements of another client's command go."""

    __slots__ = ("_request", "_requests")

    def __init__(self, requests: Requests, request: Request) -> None:
        self._requests, self._request = requests, request

    def __call__(self, ack: Ack) -> None:
        self._requests.answer(self._request, ack)
