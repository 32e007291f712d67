"""One connection to a broker: aiomqtt's client, without what it does for each single message.

aiomqtt makes a task and an event for each message that is sent, goes round its loop twice before it writes, and puts
what arrives into a queue. A link keeps account of its messages anyway: here it is told what arrives and what the
broker has confirmed, and what is sent together is written at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self

import aiomqtt
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

__all__ = ["Message", "Wire"]

_TOO_SOON = "the connection ended before the broker had accepted it"


@dataclass(frozen=True, slots=True)
class Message:
    """What goes over a wire, in either direction.

    Attributes
    ----------
    answer_to, correlation
        Topic of the answers that its sender wants, and what they carry: MQTT 5's own properties; over MQTT 3.1.1 they
        stay behind.
    """

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False
    answer_to: str = ""
    correlation: bytes = b""


class Wire(aiomqtt.Client):
    """A connection, within the ``async with`` that opens it.

    Parameters
    ----------
    heard
        Called with each message that arrives.
    confirmed
        Called with the number of each message that the broker has taken.
    arguments, options
        Of `aiomqtt.Client`.
    """

    def __init__(
        self, *arguments: Any, heard: Callable[[Message], None], confirmed: Callable[[int], None], **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self._heard, self._confirmed = heard, confirmed
        self._own_thread = threading.get_ident()
        self._is_newer = options.get("protocol") is aiomqtt.ProtocolVersion.V5
        self._collects = self._is_open = self._is_lost = False

    async def __aenter__(self) -> Self:
        try:
            await super().__aenter__()
            if self._is_lost:
                raise aiomqtt.MqttError(_TOO_SOON)
        except BaseException:
            self._client.disconnect()  # aiomqtt would leave it open
            self._client.loop_write()
            _look_at(self._connected)
            raise
        self._is_open = True
        return self

    async def __aexit__(self, *error: Any) -> None:
        try:
            await super().__aexit__(*error)
        finally:
            _look_at(self._disconnected)

    def put(self, messages: Iterable[Message]) -> list[int]:
        """Take messages to be sent in this order; return the numbers under which they will be confirmed."""
        self._collects = True
        try:
            return [
                self._client.publish(
                    message.topic, message.payload, message.qos, message.retain, self._properties_of(message)
                ).mid
                for message in messages
            ]
        finally:
            self._collects = False

    def send(self) -> None:
        """Send what was put; of a message at QoS 0 this confirms it."""
        self._write()

    def _properties_of(self, message: Message) -> Properties | None:
        if not self._is_newer or not (message.answer_to or message.correlation):
            return None
        found = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho's own
        if message.answer_to:
            found.ResponseTopic = message.answer_to
        if message.correlation:
            found.CorrelationData = message.correlation
        return found

    # ---------------------------------------------------------------- called by paho

    def _on_message(self, client: Client, userdata: Any, message: MQTTMessage) -> None:
        told = vars(message.properties) if message.properties is not None else {}
        self._heard(
            Message(
                message.topic,
                bytes(message.payload),
                message.qos,
                message.retain,
                told.get("ResponseTopic", ""),
                told.get("CorrelationData", b""),
            )
        )

    def _on_disconnect(self, *arguments: Any) -> None:
        if self._is_open:
            super()._on_disconnect(*arguments)
        elif not self._connected.done():  # aiomqtt would wait for an answer that nobody gives any more
            self._connected.set_exception(aiomqtt.MqttError(_TOO_SOON))
        else:  # aiomqtt would forget it
            self._is_lost = True

    def _on_publish(self, client: Client, userdata: Any, mid: int, *_: Any) -> None:
        self._confirmed(mid)

    def _on_socket_register_write(self, client: Client, userdata: Any, sock: Any) -> None:
        if threading.get_ident() != self._own_thread:
            self._loop.call_soon_threadsafe(self._write)  # it connects, in a thread that may wait
        elif not self._collects:
            self._loop.call_soon(self._write)

    def _on_socket_unregister_write(self, client: Client, userdata: Any, sock: Any) -> None:
        if sock.fileno() >= 0:
            self._loop.remove_writer(sock.fileno())

    def _write(self) -> None:
        """Write what waits; the rest when there is room for it."""
        try:
            self._client.loop_write()
        except Exception as error:  # as aiomqtt does: whatever it is, the connection is over
            if not self._disconnected.done():
                self._disconnected.set_exception(error)
            return
        sock = self._client.socket()
        if sock is not None and self._client.want_write():
            with contextlib.suppress(OSError):  # it was closed this instant
                self._loop.add_writer(sock.fileno(), self._write)


def _look_at(future: asyncio.Future[None]) -> None:
    """See what has become of a future: whoever waited for it, or nobody, has been told."""
    if future.done() and not future.cancelled():
        future.exception()
