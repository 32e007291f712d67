"""A connection to a broker that is kept up, whatever happens, by a thread of its own.

The thread has an asyncio loop in real time: whether simulated time jumps or stands still, acknowledgements of the wire,
pings and reconnections go on. What is handed over is sent in the order in which it came, and sent again after a lost
connection until the broker has confirmed it, so a message may come twice, and none is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import aiomqtt
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from csc.bus.mqtt.address import Address
from csc.bus.mqtt.wire import Message, Wire
from fsm import OperatorError

__all__ = ["Link", "Message", "Unreachable"]

_LOG = logging.getLogger(__name__)
_WIRE = logging.getLogger(f"{__name__}.wire")
_WIRE.setLevel(logging.CRITICAL)  # a connection that is lost is no error: it is made again
_NO_DELAY = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)
"""Without it each confirmed message waits 44 ms for the other side's delayed one (eclipse-mosquitto/mosquitto #433)."""
_HELD = 0.002
"""Between two looks whether there is room again [s]."""
_UNCONFIRMED = 100
"""Messages that may be on their way to the broker at once."""
_WAITING = 100_000
"""Messages that may wait for a connection; more are refused to whoever sends."""
_AHEAD = 10_000
"""Messages that may wait while there is a connection; whoever sends more is held."""
_TOPICS = 200
"""Topics that are subscribed to in one go."""
_SESSION = 600
"""For how long the broker keeps what comes for a client that is away [s]; MQTT 3.1.1 leaves it to the broker."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5
"""Between attempts to connect [s]; each pause is twice the one before. Who comes back later would be taken for gone:
`csc.bus.mqtt.others` waits a second for an answer."""
_CONNECTING = 10.0
"""Longest attempt to connect [s]."""
_CLOSING = 5.0
"""Longest time to send what is left when a link is closed [s]."""
_REFUSED = {4: "user name or password is wrong", 5: "this user may not connect", 134: "user name or password is wrong"}
_REFUSED[135] = _REFUSED[5]


class Unreachable(OperatorError):
    """There is no broker at an address, or it does not let us in."""


@dataclass(frozen=True, slots=True)
class _Subscription:
    topic: str
    qos: int


class Link:
    """One client of a broker.

    Parameters
    ----------
    address
        Where the broker is.
    client
        Name of this client, of which a broker has one; a session that was interrupted goes on under it.
    heard
        Called with each message that arrives, in the link's thread.
    returned
        Called in the link's thread whenever a connection is there again after one was lost.
    ended
        Called there when it ends, for whatever reason; then nothing arrives any more.
    """

    def __init__(
        self,
        address: Address,
        client: str,
        heard: Callable[[Message], None],
        returned: Callable[[], None] = lambda: None,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        self.address = address
        self.client = client
        self.failure: BaseException | None = None
        """Why nothing comes any more, if that is so."""
        self._returned, self._ended = returned, ended
        self._heard = heard
        self._outbox: deque[Message | _Subscription] = deque()
        self._unconfirmed: dict[int, Message] = {}
        self._subscriptions: dict[str, _Subscription] = {}
        self.loop = asyncio.new_event_loop()
        """The thread's loop, in real time."""
        self._wire: Wire | None = None
        self._attempt: asyncio.Task[Wire] | None = None
        self._life: asyncio.Task[None]
        self._roused = False
        self._wake = asyncio.Event()
        self._closing = threading.Event()
        self._ending = asyncio.Event()
        self._connections = 0
        self._protocol: aiomqtt.ProtocolVersion | None = None
        self._up = threading.Event()
        self._why: str = ""
        self._thread = threading.Thread(target=self._run, name=f"mqtt {client}", daemon=True)

    # ---------------------------------------------------------------- for other threads

    def open(self, timeout: float = _CONNECTING) -> None:
        """Connect.

        Raises
        ------
        Unreachable
            If that fails, or takes longer than `timeout` [s]; says why and what would help.
        """
        self._thread.start()
        if not self._up.wait(timeout) or self.failure is not None:
            why = self._why or f"no answer for {timeout:g} s"
            self.close()
            raise Unreachable(f"no broker at {self.address}: {why}; mosquitto or `cscsim serve` starts one")

    @property
    def is_up(self) -> bool:
        """Whether it is connected now."""
        return self._up.is_set()

    def publish(self, message: Message) -> None:
        """Send a message, now or as soon as there is a connection.

        Raises
        ------
        Unreachable
            If there has been none for so long that too many messages wait.
        """
        if len(self._outbox) >= _AHEAD:
            self._wait_for_room()
        self._hand_over(message)

    def repeat(self, messages: Iterable[Message]) -> None:
        """Send messages once more, before all that wait: what is said later stays the last word."""
        self._outbox.extendleft(reversed(tuple(messages)))
        self._rouse()

    def subscribe(self, topic: str, *, qos: int = 1) -> None:
        """Hear the messages of a topic, or of all that match a pattern, until the link is closed."""
        if topic not in self._subscriptions:
            self._subscriptions[topic] = _Subscription(topic, qos)
            self._hand_over(self._subscriptions[topic])

    def run(self, act: Callable[[], object]) -> None:
        """Have something done in the link's thread."""
        with contextlib.suppress(RuntimeError):  # it has ended; `failure` tells why
            self.loop.call_soon_threadsafe(act)

    def close(self) -> None:
        """Send what is left, if there is a connection, and end."""
        if self._thread.is_alive():
            self._closing.set()
            self.run(self._ending.set)
            self.run(self._wake.set)
            self.run(self._end_attempt if self.failure is None else self._end_life)
            self._thread.join(_CLOSING + _CONNECTING)

    def give_up(self, error: Exception) -> None:
        """Let whoever waits for a message learn that none will come: the broker is lost for good."""
        self.failure = error
        self._ended()

    def _hand_over(self, item: Message | _Subscription) -> None:
        self._outbox.append(item)
        self._rouse()

    def _rouse(self) -> None:
        if not self._roused:
            self._roused = True
            self.run(self._pump)

    def _wait_for_room(self) -> None:
        """Hold this thread while there is a connection, and too much waits for it."""
        own = threading.current_thread() is self._thread
        while len(self._outbox) >= _AHEAD and self.is_up and self.failure is None and not own:
            time.sleep(_HELD)
        if len(self._outbox) >= _WAITING:
            raise Unreachable(f"{_WAITING} messages wait for a connection to {self.address}: {self._why}")

    # ---------------------------------------------------------------- in the link's thread

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self._life = self.loop.create_task(self._live())
        try:
            self.loop.run_until_complete(self._life)
        except asyncio.CancelledError:
            self._why = self._why or str(self.failure)  # it was given up
        except BaseException as error:  # whoever waits for a message must learn of it
            self.failure = error
            self._why = self._why or str(error)
            if not isinstance(error, Unreachable):
                _LOG.exception("the link to %s has ended", self.address)
        finally:
            self._up.set()
            self._ended()
            self._clear()
            self.loop.close()

    def _clear(self) -> None:
        """End what aiomqtt has left running."""
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))

    def _end_life(self) -> None:
        self._life.cancel()

    def _end_attempt(self) -> None:
        if self._attempt is not None:
            self._attempt.cancel()

    async def _live(self) -> None:
        pause = _FIRST_PAUSE
        while not self._closing.is_set():
            try:
                async with self._connection() as client:
                    pause = _FIRST_PAUSE
                    await self._attend(client)
            except aiomqtt.MqttError as error:
                self._up.clear()
                self._note(error)
            if self._closing.is_set():
                break
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._ending.wait()
            pause = min(2.0 * pause, _LONGEST_PAUSE)
        if self._protocol is not None and self.failure is None:
            with contextlib.suppress(aiomqtt.MqttError, TimeoutError):  # a clean session takes the kept one off
                async with asyncio.timeout(1.0), self._client(self._protocol, clean=True):
                    pass

    def _note(self, error: aiomqtt.MqttError) -> None:
        """Keep why there is no connection; of a first one that is refused nothing better can come."""
        code = getattr(error, "rc", None)
        number = int(getattr(code, "value", code) or 0) if not isinstance(code, str) else 0
        cause = error.__cause__ or error.__context__  # aiomqtt hides it
        self._why = _REFUSED.get(number, (isinstance(cause, OSError) and cause.strerror) or str(error))
        if (number in _REFUSED or isinstance(cause, OSError)) and not self._connections:
            raise Unreachable(self._why) from error

    @contextlib.asynccontextmanager
    async def _connection(self) -> Any:
        """Connect in the newest protocol that the broker speaks."""
        protocols = (
            (self._protocol,)
            if self._protocol is not None
            else (aiomqtt.ProtocolVersion.V5, aiomqtt.ProtocolVersion.V311)
        )
        for protocol in protocols:
            client = self._client(protocol, clean=not self._connections)
            self._attempt = self.loop.create_task(client.__aenter__())
            try:
                await self._attempt
            except asyncio.CancelledError:
                if not self._closing.is_set() or self.failure is not None:
                    raise
                raise aiomqtt.MqttError("it was closed meanwhile") from None
            except aiomqtt.MqttError as error:
                self._note(error)
                if protocol is protocols[-1] or self._closing.is_set():
                    raise
                continue
            self._protocol = protocol
            try:
                yield client
            finally:
                with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
                    async with asyncio.timeout(_CLOSING if self.failure is None else 0.0):
                        await client.__aexit__(None, None, None)
            return

    def _client(self, protocol: aiomqtt.ProtocolVersion, *, clean: bool) -> Wire:
        newer = protocol is aiomqtt.ProtocolVersion.V5
        properties = None
        if newer:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's own
            properties.SessionExpiryInterval = 0 if self._closing.is_set() else _SESSION
        return Wire(
            self.address.host,
            self.address.port,
            username=self.address.user,
            password=self.address.password,
            identifier=self.client,
            protocol=protocol,
            clean_session=None if newer else clean and self._closing.is_set(),
            clean_start=clean if newer else MQTT_CLEAN_START_FIRST_ONLY,
            properties=properties,
            tls_context=self.address.tls_context(),
            socket_options=_NO_DELAY,
            timeout=_CONNECTING,
            max_inflight_messages=_UNCONFIRMED,
            logger=_WIRE,
            heard=self._heard,
            confirmed=self._confirmed,
        )

    async def _attend(self, wire: Wire) -> None:
        """Send what is to be sent, until the connection is lost or the link closed."""
        if self.failure is not None:  # a cancellation may get lost on the way through aiomqtt
            return
        self._connections += 1
        try:
            async with _TaskGroup() as group:
                gone = group.create_task(_until_gone(wire))  # aiomqtt would wait for answers after it
                await _subscribe(wire, self._subscriptions.values())
                self._begin_to_send(wire)
                await self._tend(wire)
                gone.cancel()
        finally:
            self._wire = None

    def _begin_to_send(self, wire: Wire) -> None:
        self._outbox.extendleft(reversed(tuple(self._unconfirmed.values())))
        self._unconfirmed.clear()
        self._wire = wire
        self._up.set()
        if self._connections > 1:
            self._returned()
        self._pump()

    def _pump(self) -> None:
        """Send what waits, as far as there is room for it on the way and no subscription comes first."""
        self._roused = False  # before the look: what comes after it rouses again
        wire = self._wire
        if wire is None:
            return
        messages: list[Message] = []
        while self._outbox and len(self._unconfirmed) + len(messages) < _UNCONFIRMED:
            item = self._outbox.popleft()
            if isinstance(item, _Subscription):
                self._outbox.appendleft(item)
                self._wake.set()
                break
            messages.append(item)
        if messages:
            self._unconfirmed.update(zip(wire.put(messages), messages, strict=True))
            wire.send()

    def _confirmed(self, number: int) -> None:
        """Learn that the broker has a message."""
        if self._unconfirmed.pop(number, None) is not None and self._outbox and not self._roused:
            self._roused = True
            self.loop.call_soon(self._pump)

    async def _tend(self, wire: Wire) -> None:
        """Subscribe, and end when everything is said; the rest does the pump."""
        deadline = math.inf
        while True:
            await self._wake.wait()
            self._wake.clear()
            subscriptions: list[_Subscription] = []
            while self._outbox and isinstance(first := self._outbox[0], _Subscription) and len(subscriptions) < _TOPICS:
                subscriptions.append(first)
                self._outbox.popleft()
            if subscriptions:
                self._wire = None  # what was said later is sent later
                await _subscribe(wire, subscriptions)
                self._wire = wire
                self._pump()
            if self._closing.is_set():
                deadline = min(deadline, self.loop.time() + _CLOSING)
                is_done = not (self._unconfirmed or self._outbox) or self.failure is not None
                if is_done or self.loop.time() >= deadline:
                    return
                self.loop.call_later(0.01, self._wake.set)


async def _subscribe(wire: Wire, subscriptions: Iterable[_Subscription]) -> None:
    topics = [(each.topic, each.qos) for each in subscriptions]
    for start in range(0, len(topics), _TOPICS):
        await wire.subscribe(topics[start : start + _TOPICS])


async def _until_gone(client: aiomqtt.Client) -> None:
    """Wait until a connection is lost, and say why."""
    async for _ in client.messages:  # none comes: what arrives is taken before it is queued
        pass


class _TaskGroup(asyncio.TaskGroup):
    """A group of tasks that ends with the error that ended it, not with a group of errors."""

    async def __aexit__(self, *error: Any) -> None:
        try:
            await super().__aexit__(*error)
        except BaseExceptionGroup as group:
            raise next(_leaves(group)) from None


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
