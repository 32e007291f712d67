"""Many clients at once, each with commands under way; and what they were told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from csc import Ack
from csc.bus.mqtt.address import Address
from csc.bus.mqtt.bus import MqttBus
from csc.client.bus import ClientBus
from csc.client.following import FollowingClock, FollowingLoop

__all__ = ["Member", "Order", "crowd", "member"]


@dataclass
class Order:
    """A command that somebody has sent, and its acknowledgements."""

    name: str
    acks: list[Ack] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def reply(self, ack: Ack) -> None:
        self.acks.append(ack)
        if ack.code.is_final:
            self.done.set()

    @property
    def final(self) -> list[Ack]:
        """Its final acknowledgements; there should be one."""
        return [ack for ack in self.acks if ack.code.is_final]


class _Deaf(ClientBus):
    """A client's bus that hears no events: two hundred clients in one process would do nothing else."""

    def _hear(self, topic: str) -> None:
        if topic != self.tree.of("+", "event", "+"):
            super()._hear(topic)


class Member:
    """A client that commands, and hears nothing else."""

    def __init__(self, bus: MqttBus, name: str) -> None:
        self.bus, self.name = bus, name
        self.orders: list[Order] = []

    def send(self, to: str, command: str, **fields: object) -> Order:
        """Send a command."""
        order = Order(f"{self.name}-{len(self.orders)}")
        self.orders.append(order)
        self.bus.send(to, command, fields, identity=self.name, reply=order.reply)
        return order

    def mark(self, to: str = "ATDomeTrajectory") -> Order:
        """Send a command that the component's journal knows again by the order's name."""
        return self.send(to, "setLogLevel", level=10, subsystem=f"{self.name}-{len(self.orders)}")


@contextlib.asynccontextmanager
async def crowd(address: Address, observatory: str, count: int) -> AsyncIterator[list[Member]]:
    """Have so many clients for a while."""
    async with contextlib.AsyncExitStack() as stack:
        entered = (stack.enter_async_context(member(address, observatory, f"client{n}")) for n in range(count))
        yield list(await asyncio.gather(*entered))


@contextlib.asynccontextmanager
async def member(address: Address, observatory: str, name: str = "client") -> AsyncIterator[Member]:
    """Have a client for a while."""
    clock = FollowingClock(FollowingLoop(asyncio.get_running_loop()))
    bus = await asyncio.to_thread(_Deaf, clock, address, observatory=observatory, is_sampled=lambda who, topic: False)
    try:
        yield Member(bus, name)
    finally:
        bus.leave()
        await asyncio.to_thread(bus.close)
