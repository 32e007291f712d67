"""The process of the embedded broker: amqtt behind a gate, until its standard input ends.

``python -m csc.bus.mqtt.embedded_process`` reads one line of settings, writes ``ready``, and serves. The pipe that it
reads from is held by whoever started it: it ends with them, however they end.

Of amqtt's broker some is set right here, each with a test: it would send retained messages to clients that have not
subscribed to them; forget messages while somebody subscribes; keep nothing for a persistent client without a user; and
queue for one without limit. What else it lacks, the documentation says: docs/how-to/use-mosquitto.md.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import resource
import socket
import ssl
import sys
from collections.abc import Mapping
from typing import Any

from amqtt.broker import Broker, RetainedApplicationMessage
from amqtt.contexts import Action, BrokerConfig, ListenerConfig, ListenerType
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.session import Session

from csc.bus.mqtt.connect_packet import ConnectPacket, Refusal
from csc.bus.mqtt.gate import Gate
from csc.bus.mqtt.roles import Role, may
from csc.bus.mqtt.topics import TopicTree
from csc.bus.mqtt.users import User, is_password

_FORGET = 7 * 86_400
"""A session whose client does not come back is forgotten after this time [s, real]."""
_QUEUED = 10_000
"""Messages kept for a client that is away; of more the oldest are dropped."""
_BACKLOG = 1000
"""Messages that wait to be handed on, above which nobody is read from."""
_BACKLOG_CHECK = 0.01  # [s, real]
_FILES = 4096  # open at a time, where the system lets us: a connection is one
_READY = "cscsim.ready"  # of a session: it has heard all that was kept for it


class _Broker(Broker):  # type: ignore[misc]  # amqtt says nothing of its types
    """amqtt's broker without listeners of its own."""

    def __init__(self, rights: _Rights) -> None:
        config = BrokerConfig(
            listeners={"default": ListenerConfig(type=ListenerType.EXTERNAL)},
            session_expiry_interval=_FORGET,
            plugins={},
        )
        super().__init__(config)
        self._rights = rights

    async def room(self) -> None:
        """Wait until not too much is under way."""
        while self._broadcast_queue.qsize() > _BACKLOG:  # noqa: ASYNC110  # amqtt's queue has no such event
            await asyncio.sleep(_BACKLOG_CHECK)

    async def _authenticate(self, session: Session, _: ListenerConfig) -> bool:
        return True  # the gate has asked; and no session is marked anonymous, for which nothing would be kept

    async def _topic_filtering(self, session: Session, topic: str, action: Action) -> bool:
        # No plugin: while amqtt waits for one, its tables of subscriptions may change under its loops.
        return self._rights.allow(session.username, action, topic)

    async def _client_message_loop(self, client_session: Session, handler: BrokerProtocolHandler) -> None:
        client_session.attributes[_READY] = True
        try:
            await super()._client_message_loop(client_session, handler)
        finally:
            client_session.attributes[_READY] = False

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        if session.attributes.get(_READY):  # on connecting, amqtt goes through everybody's subscriptions
            await super()._publish_retained_messages_for_subscription(subscription, session)

    async def _retain_broadcast_message(self, broadcast: dict[str, Any], qos: int, target_session: Session) -> None:
        kept = target_session.retained_messages
        while kept.qsize() >= _QUEUED:
            kept.get_nowait()
        kept.put_nowait(RetainedApplicationMessage(broadcast["session"], broadcast["topic"], broadcast["data"], qos))


class _Rights:
    """Who is admitted, and to what; without users everybody to everything."""

    def __init__(self, users: Mapping[str, User] | None, tree: TopicTree) -> None:
        self._users, self._tree = users, tree

    async def admit(self, packet: ConnectPacket) -> Refusal | None:
        """Say why a client may not connect; None if it may."""
        if self._users is None:
            return None
        user = self._users.get(packet.user or "")
        kept = None if user is None else user.password
        if not await asyncio.to_thread(is_password, packet.password or "", kept):
            return Refusal.CREDENTIALS
        # amqtt publishes a last will without asking whether its client may.
        allowed = packet.will is None or self.allow(packet.user, Action.PUBLISH, packet.will[0])
        return None if allowed else Refusal.NOT_ALLOWED

    def allow(self, user: str | None, action: Action, topic: str) -> bool:
        """Tell whether a user may do something with a topic."""
        if self._users is None or action is Action.RECEIVE:  # who may subscribe to it may receive it
            return True
        return user is not None and may(
            self._users[user].role, "write" if action is Action.PUBLISH else "read", topic, self._tree
        )


async def _serve(settings: Mapping[str, Any]) -> None:
    users = settings["users"]
    rights = _Rights(
        None if users is None else {name: User(role=Role(each[0]), password=each[1]) for name, each in users.items()},
        TopicTree(settings["observatory"]),
    )
    broker = _Broker(rights)
    await broker.start()
    gate = Gate(rights.admit, lambda reader, writer: broker.external_connected(reader, writer, "default"), broker.room)
    tls = None
    if settings["certificate"] is not None:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(settings["certificate"], settings["key"])
    server = await asyncio.start_server(gate.enter, sock=socket.socket(fileno=settings["socket"]), ssl=tls)
    async with server:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.buffer.read)
        os._exit(0)  # there is nothing to save, and clients are left as when a broker dies


def _main() -> None:
    logging.basicConfig(level=logging.CRITICAL)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
    asyncio.run(_serve(json.loads(sys.stdin.buffer.readline())))


if __name__ == "__main__":
    _main()
