"""That components are there: said when they come and when somebody asks, taken back when they go or by a last will.

MQTT has one will for a connection, so that each component has a connection beside the link of its process, over which
nothing else goes. It has no thread and no task of its own: the loop looks at all of them together, once in a while.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import Any

import orjson
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from csc.bus.mqtt.address import Address

__all__ = ["ALIVE", "ASKED", "GONE", "Presence", "says_alive"]

ALIVE, GONE = orjson.dumps({"alive": True}), orjson.dumps({"alive": False})
"""What is said of a component that is there, and the will of one that was."""
ASKED = "alive"
"""What a component is asked for by who wants to know whether it is there: its ``demand/alive``."""
_LOG = logging.getLogger(__name__)
_KEEPALIVE = 60  # [s]: a machine that is gone is missed after one and a half of it
_LOOK_EVERY = 5.0  # [s]
_ANSWER_EVERY = 0.05  # [s]: who is asked more often answers all together


def says_alive(payload: bytes) -> bool:
    """Tell whether a message says that a component is there, in whatever way its JSON is written."""
    if payload == ALIVE:
        return True
    try:
        fields = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return False
    return isinstance(fields, dict) and fields.get("alive") is True


class Presence:
    """The connections that hold the last wills of components.

    Parameters
    ----------
    address
        Where the broker is.
    loop
        The loop, in real time, in which all of this is done.
    """

    def __init__(self, address: Address, loop: asyncio.AbstractEventLoop) -> None:
        self._address = address
        self._loop = loop
        self._clients: dict[str, paho.Client] = {}
        self._answered: dict[str, bool] = {}  # just now; and whether it was asked for again since
        self._looking: asyncio.TimerHandle | None = None

    def tell(self, topic: str, client: str) -> None:
        """Say that a component is there, until `untell` or the end of this process."""
        found = paho.Client(CallbackAPIVersion.VERSION2, client_id=client, reconnect_on_failure=False)
        if self._address.user is not None:
            found.username_pw_set(self._address.user, self._address.password)
        context = self._address.tls_context()
        if context is not None:
            found.tls_set_context(context)
        found.will_set(topic, GONE, qos=1, retain=True)
        found.on_connect = partial(self._connected, topic)
        found.on_socket_open = self._opened
        found.on_socket_close = self._closed
        found.on_socket_register_write = self._wants_to_write
        found.on_socket_unregister_write = self._has_written
        self._clients[topic] = found
        self._connect(found)
        if self._looking is None:
            self._looking = self._loop.call_later(_LOOK_EVERY, self._look)

    def renew(self) -> None:
        """Say so of all again, and connect those at once that have lost their connection."""
        for topic in tuple(self._clients):
            self.repeat(topic)

    def repeat(self, topic: str) -> None:
        """Say again that a component is there, if it is."""
        client = self._clients.get(topic)
        if client is None:
            return
        if client.is_connected():
            client.publish(topic, ALIVE, qos=1, retain=True)
        elif client.socket() is None:
            self._connect(client)

    def answer(self, topic: str) -> None:
        """Say so because somebody asks."""
        if topic in self._answered:
            self._answered[topic] = True
            return
        self._answered[topic] = False
        self._loop.call_later(_ANSWER_EVERY, self._answer_again, topic)
        self.repeat(topic)

    def _answer_again(self, topic: str) -> None:
        if self._answered.pop(topic):
            self.answer(topic)

    def untell(self, topic: str) -> None:
        """Say that a component has gone, in order."""
        client = self._clients.pop(topic, None)
        if client is None or client.socket() is None:
            return
        if client.is_connected():
            client.publish(topic, GONE, qos=1, retain=True)
            client.loop_write()
        client.on_connect = None  # it may be about to hear that it is connected
        client.disconnect()
        client.loop_write()

    def close(self) -> None:
        """Say so of all."""
        if self._looking is not None:
            self._looking.cancel()
        for topic in tuple(self._clients):
            self.untell(topic)

    def _connect(self, client: paho.Client) -> None:
        try:
            client.connect(self._address.host, self._address.port, keepalive=_KEEPALIVE)
        except OSError as error:
            _LOG.info("no last will at %s: %s; tried again soon", self._address, error)

    def _look(self) -> None:
        """Ping where it is due, and connect again those that have lost their connection."""
        for client in self._clients.values():
            if client.loop_misc() is not MQTTErrorCode.MQTT_ERR_SUCCESS and not client.is_connected():
                self._connect(client)
        self._looking = self._loop.call_later(_LOOK_EVERY, self._look)

    @staticmethod
    def _connected(topic: str, client: paho.Client, *_: Any) -> None:
        client.publish(topic, ALIVE, qos=1, retain=True)

    def _opened(self, client: paho.Client, _: Any, socket: Any) -> None:
        self._loop.add_reader(socket, client.loop_read)

    def _closed(self, client: paho.Client, _: Any, socket: Any) -> None:
        self._loop.remove_reader(socket)

    def _wants_to_write(self, client: paho.Client, _: Any, socket: Any) -> None:
        self._loop.add_writer(socket, client.loop_write)

    def _has_written(self, client: paho.Client, _: Any, socket: Any) -> None:
        self._loop.remove_writer(socket)
