"""What the tests of brokers say to them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping

import aiomqtt

from csc.bus.mqtt.address import Address
from csc.bus.mqtt.connect_packet import ConnectPacket, packed_length
from tests.mqtt.brokers import Login, client

__all__ = ["END", "TOPICS", "RawClient", "heard", "published", "receive", "receive_until", "written_by"]

END = "cscsim/1/auxtel/end"
"""What is published last, so that a test knows that all before it has been heard."""
TOPICS = (
    *(
        f"cscsim/1/auxtel/{below}"
        for below in (
            "ATDome/command/start",
            "ATDome/command/start/more",
            "ATDome/inject/slip",
            "ATDome/demand/position",
            "ATDome/demand/position/10",
            "ATDome/event/summaryState",
            "ATDome/telemetry/position",
            "ATDome/ack/start",
            "ATDome/alive",
            "reply/ann",
            "clock",
        )
    ),
    "cscsim/2/auxtel/ATDome/command/start",
    "elsewhere",
)
"""One of each kind."""
_PATIENCE = 20.0


async def receive(client: aiomqtt.Client, count: int = 1) -> list[aiomqtt.Message]:
    """Return the next messages of a client; they must come."""
    found: list[aiomqtt.Message] = []
    async with asyncio.timeout(_PATIENCE):
        async for message in client.messages:
            found.append(message)
            if len(found) == count:
                break
    return found


async def receive_until(client: aiomqtt.Client, topic: str) -> list[aiomqtt.Message]:
    """Return the messages before the next one on a topic."""
    found: list[aiomqtt.Message] = []
    while str((message := (await receive(client))[0]).topic) != topic:
        found.append(message)
    return found


async def heard(client: aiomqtt.Client, speaker: aiomqtt.Client) -> list[tuple[str, bytes]]:
    """Return what a client has heard that is subscribed to all, until somebody who may has said the last word."""
    await speaker.publish(END, b"end", qos=1)
    return [(str(message.topic), bytes(message.payload)) for message in await receive_until(client, END)]


async def written_by(address: Address, users: Mapping[str, Login]) -> dict[str, set[str]]:
    """Have each user publish on all topics; return which of it arrived. One of them is ``stage``."""
    said = {}
    async with client(address, ("stage", users["stage"].password)) as stage:
        await stage.subscribe("cscsim/1/auxtel/#", qos=1)
        for name, login in users.items():
            async with client(address, (name, login.password)) as speaker:
                for topic in TOPICS:
                    await speaker.publish(topic, name.encode(), qos=1)
            said[name] = {topic for topic, payload in await heard(stage, stage) if payload == name.encode()}
    return said


class RawClient:
    """A client that does no more than it is told: for what no library would do."""

    def __init__(self, address: Address) -> None:
        self.socket = socket.create_connection((address.host, address.port), timeout=_PATIENCE)
        self.socket.settimeout(_PATIENCE)

    def __enter__(self) -> RawClient:
        return self

    def __exit__(self, *exception: object) -> None:
        self.socket.close()

    def connect(self, packet: ConnectPacket) -> int:
        """Connect; return the broker's answer, 0 for welcome."""
        self.socket.sendall(packet.packet())
        return self.take(4)[3]

    def take(self, length: int) -> bytes:
        """Return so many bytes of what comes; fewer if the broker hangs up."""
        data = b""
        while len(data) < length:
            try:
                part = self.socket.recv(length - len(data))
            except ConnectionResetError:
                break
            if not part:
                break
            data += part
        return data

    def publish(self, topic: str, payload: bytes) -> None:
        """Publish at QoS 0."""
        self.socket.sendall(published(topic, payload))

    def subscribe(self, topics: str, qos: int = 0) -> int:
        """Subscribe; return what quality of service the broker grants, 0x80 for nothing."""
        body = b"\x00\x01" + len(topics).to_bytes(2, "big") + topics.encode() + bytes([qos])
        self.socket.sendall(b"\x82" + bytes([len(body)]) + body)
        return self.take(5)[4]


def published(topic: str, payload: bytes) -> bytes:
    """Return a message at QoS 0 as it travels."""
    body = len(topic).to_bytes(2, "big") + topic.encode() + payload
    return b"\x30" + packed_length(len(body)) + body
