"""Trouble with a broker, and what must be so after it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from csc import AckCode
from tests.mqtt.brokers import Mosquitto
from tests.mqtt.crowd import Order, crowd
from tests.mqtt.stage import Served, served

__all__ = ["WHO", "all_answered", "all_done", "check", "crowd_without_broker", "held", "killed", "troubled", "until"]

WHO = "ATDomeTrajectory"
"""The component that is commanded."""
_PATIENCE = 50.0
_MOMENT = 0.3  # s: what should not come would have come
_DOWN = 0.3  # s
_BETWEEN = 0.4  # s


@contextmanager
def troubled(trouble: Callable[[], None]) -> Iterator[None]:
    """Have trouble again and again, in a thread, while the ``with`` lasts."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(_BETWEEN):
            trouble()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def killed(broker: Mosquitto) -> None:
    """Kill it, and start it again: what it kept is lost."""
    broker.kill()
    time.sleep(_DOWN)
    broker.start()


def held(broker: Mosquitto, duration: float) -> None:
    """Have nothing move for a while [s]."""
    broker.pause()
    time.sleep(duration)
    broker.resume()


async def all_answered(orders: list[Order]) -> None:
    """Wait until all have their final acknowledgement."""
    async with asyncio.timeout(_PATIENCE):
        for order in orders:
            await order.done.wait()


async def all_done(orders: list[Order]) -> None:
    """Wait until then, and for what should not come after it."""
    await all_answered(orders)
    await asyncio.sleep(_MOMENT)


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(_PATIENCE):
        while not is_so():  # noqa: ASYNC110  # another thread makes it so
            await asyncio.sleep(0.001)


def check(served: Served, orders: list[Order]) -> None:
    """Every command was done once, and its client was told so once."""
    done = Counter(record["data"]["subsystem"] for record in served.of("command", WHO))
    assert done == {order.name: 1 for order in orders}
    assert Counter(len(order.final) for order in orders) == {1: len(orders)}
    assert {order.final[0].code for order in orders} == {AckCode.COMPLETE}
    finals = Counter(record["seq"] for record in served.of("ack", WHO, ack="COMPLETE"))
    assert set(finals.values()) == {1}


def crowd_without_broker(broker: Mosquitto, count: int) -> None:
    """Have many clients send commands, kill the broker while they are under way, and check what came of them."""
    with served(broker.address, WHO) as observatory:

        async def main() -> list[Order]:
            async with crowd(broker.address, observatory.sheet.observatory, count) as clients:
                orders = [each.mark(WHO) for _ in range(5) for each in clients]
                await until(lambda: len(observatory.of("command", WHO)) >= len(orders) // 10)
                assert len(observatory.of("command", WHO)) < len(orders)
                await asyncio.to_thread(killed, broker)
                await all_done(orders)
                return orders

        check(observatory, asyncio.run(main()))
