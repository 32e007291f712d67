"""MQTT: what the bus makes of a broker, against a bare client of the same library on the same broker.

Rates are by the clock on the wall: a broker is a process of its own, and so is the observatory where a client of it is
measured. The machine should have nothing else to do; read the ratios.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.bus import Echo
from csc import Remote
from csc.bus.mqtt.address import Address
from fsm import Clock, Journal, simulate

__all__ = ["BROKERS", "OF_MANY", "PEERS", "RATES", "rate"]

BROKERS = ("mosquitto", "embedded")
MANY = 1000
"""Components on one broker, each with a connection that holds its last will."""
_AT_ONCE = 200
_COUNT = 3000
_WARM = 200
_LARGE = 20_000  # messages of which nobody waits for each
_NAME = "benchmark"
_ECHO = "Echo:{}"
_IDLE = 10.0  # s


@contextlib.contextmanager
def _running(broker: str) -> Iterator[Address]:
    from tests.mqtt.brokers import embedded, mosquitto

    if broker == "embedded":
        with embedded() as running:
            yield running.address
    else:
        with (
            tempfile.TemporaryDirectory() as folder,
            mosquitto(Path(folder), settings={"max_queued_messages": 0}) as running,
        ):
            yield running.address


# ---------------------------------------------------------------- a bare client


async def _bare(address: Address) -> float:
    """Publish at QoS 1 and receive it oneself, one after the other."""
    from tests.mqtt.brokers import client

    async with client(address) as one:
        await one.subscribe("bare", qos=1)
        arriving = aiter(one.messages)

        async def once() -> None:
            await one.publish("bare", b"{}", qos=1)
            await anext(arriving)

        return await _one_after_the_other(once)


async def _bare_pair(address: Address) -> float:
    """Send a command to another client, and receive its acknowledgement."""
    from tests.mqtt.brokers import client

    async with client(address) as one, client(address) as other:
        await one.subscribe("ack", qos=1)
        await other.subscribe("command", qos=1)

        async def answer() -> None:
            async for message in other.messages:
                await other.publish("ack", message.payload, qos=1)

        answering = asyncio.create_task(answer())
        arriving = aiter(one.messages)

        async def once() -> None:
            await one.publish("command", b"{}", qos=1)
            await anext(arriving)

        try:
            return await _one_after_the_other(once)
        finally:
            while not answering.done():  # one that has just been confirmed does not hear it
                answering.cancel()
                await asyncio.sleep(0.01)


async def _bare_stream(address: Address) -> float:
    """Publish at QoS 1, 100 under way at once, while another client listens."""
    from tests.mqtt.brokers import client

    async with client(address, max_inflight_messages=100) as one, client(address) as other:
        one.pending_calls_threshold = 100
        await other.subscribe("event", qos=1)
        payload = json.dumps({"number": 1, "text": "x" * 200}).encode()

        async def publish(count: int) -> None:
            for _ in range(count):
                await one.publish("event", payload, qos=1, timeout=60.0)

        arriving = aiter(other.messages)
        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(100):
                group.create_task(publish(_LARGE // 100))
            for _ in range(_LARGE):
                await anext(arriving)
        return _LARGE / (time.perf_counter() - started)


async def _one_after_the_other(once: Callable[[], Awaitable[object]]) -> float:
    for _ in range(_WARM):
        await once()
    started = time.perf_counter()
    for _ in range(_COUNT):
        await once()
    return _COUNT / (time.perf_counter() - started)


async def _at_once(once: Callable[[], Awaitable[object]]) -> float:
    async def some() -> None:
        for _ in range(_LARGE // _AT_ONCE):
            await once()

    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(some())
    return _LARGE / (time.perf_counter() - started)


# ---------------------------------------------------------------- ours


def _rehearsed(address: Address) -> float:
    """Command a component on the same bus, as a rehearsal does: each message goes over the broker and back."""
    from csc.bus.mqtt.bus import MqttBus

    async def main(clock: Clock) -> float:
        bus = MqttBus(clock, Journal(lambda: clock.now, keep=False), address, observatory=_NAME)
        bus.attach("Echo", Echo(bus))
        bus.settle()
        try:
            return await _one_after_the_other(partial(_command, Remote(bus, clock, "Echo", "benchmark")))
        finally:
            bus.close()

    return simulate(main)


async def _command(remote: Remote) -> None:
    await remote.command("echo", value=3.0)


async def _client(address: Address, measure: Callable[[Callable[[], Awaitable[object]]], Awaitable[float]]) -> float:
    """Command a component of another process."""
    with _elsewhere(address):
        async with _connected(address) as remote:
            return await measure(partial(_command, remote))


@contextlib.asynccontextmanager
async def _connected(address: Address, who: str = _ECHO.format(0)) -> Any:
    from csc.client.bus import ClientBus
    from csc.client.following import FollowingClock, FollowingLoop

    clock = FollowingClock(FollowingLoop(asyncio.get_running_loop()))
    bus = await asyncio.to_thread(ClientBus, clock, address, observatory=_NAME, is_sampled=lambda who, topic: False)
    try:
        yield Remote(bus, clock, who, "benchmark")
    finally:
        bus.leave()
        await asyncio.to_thread(bus.close)


async def _events(address: Address) -> float:
    """Publish events from another process, and listen with a bare client."""
    from tests.mqtt.brokers import client

    async with client(address) as listener:
        await listener.subscribe(f"cscsim/1/{_NAME}/+/event/+", qos=1)
        with _elsewhere(address, events=_LARGE):
            arriving = aiter(listener.messages)
            await anext(arriving)
            started = time.perf_counter()
            for _ in range(_LARGE - 1):
                await anext(arriving)
            return _LARGE / (time.perf_counter() - started)


@contextlib.contextmanager
def _elsewhere(address: Address, *, components: int = 1, events: int = 0) -> Iterator[tuple[int, float]]:
    """Run components that answer in a process of their own; give its number, and the time [s] until all are there."""
    command = [sys.executable, "-m", "benchmarks.mqtt", str(address), str(components), str(events)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise TypeError("its pipes are missing")
        try:
            yield process.pid, float(process.stdout.readline())
        finally:
            process.stdin.close()


def _serve(address: Address, components: int, events: int) -> None:
    """Attach components, say how long that took, publish events, and answer until the standard input ends."""
    from csc.bus.mqtt.bus import MqttBus

    async def main(clock: Clock) -> None:
        clock.loop.expects_outside = True
        bus = MqttBus(clock, Journal(lambda: clock.now, keep=False), address, observatory=_NAME)
        started = time.perf_counter()
        for number in range(components):
            bus.attach(_ECHO.format(number), Echo(bus))
        bus.settle()
        print(time.perf_counter() - started, flush=True)
        data = {"number": 1, "text": "x" * 100}
        for number in range(events):
            bus.publish(_ECHO.format(0), "door", {**data, "number": number}, {"number": number})
            if number % 100 == 0:
                await clock.sleep(0)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        bus.close()

    simulate(main, speed=1.0)


RATES: Mapping[str, tuple[str, Callable[[Address], Any]]] = {
    "bare": ("a bare client's round trips a second, one after the other", _bare),
    "bare pair": ("bare commands and acknowledgements a second between two clients", _bare_pair),
    "bare stream": ("bare messages a second, 100 under way, to one who listens", _bare_stream),
    "rehearsed": ("commands and acknowledgements a second within a rehearsal", _rehearsed),
    "client": (
        "commands and acknowledgements a second of a client, one after the other",
        partial(_client, measure=_one_after_the_other),
    ),
    "clients": (f"the same, {_AT_ONCE} at once", partial(_client, measure=_at_once)),
    "events": ("events a second to one who listens", _events),
}


PEERS: Mapping[str, str] = {
    "rehearsed": "bare",
    "client": "bare pair",
    "clients": "bare",
    "events": "bare stream",
}
"""Which rate of a bare client each of ours is held against."""


def rate(broker: str, what: str) -> float:
    """Return how many a second."""
    with _running(broker) as address:
        found = RATES[what][1](address)
        return float(asyncio.run(found) if asyncio.iscoroutine(found) else found)


# ---------------------------------------------------------------- many components


def _attach_seconds() -> float:
    with _running("mosquitto") as address, _elsewhere(address, components=MANY) as (_, seconds):
        return seconds


def _rate_of_many() -> float:
    async def main(address: Address) -> float:
        async with _connected(address) as remote:
            number = 0

            async def once() -> None:
                nonlocal number
                number = (number + 1) % MANY
                remote.name = _ECHO.format(number)
                await _command(remote)

            return await _one_after_the_other(once)

    with _running("mosquitto") as address, _elsewhere(address, components=MANY):
        return asyncio.run(main(address))


def _bytes_each() -> float:
    return (_resident(MANY) - _resident(1)) / (MANY - 1)


def _resident(components: int) -> float:
    import psutil

    with _running("mosquitto") as address, _elsewhere(address, components=components) as (pid, _):
        return float(psutil.Process(pid).memory_info().rss)


def _idle_share() -> float:
    import psutil

    with _running("mosquitto") as address, _elsewhere(address, components=MANY) as (pid, _):
        time.sleep(1.0)
        share: float = psutil.Process(pid).cpu_percent(_IDLE) / 100.0
        return share


OF_MANY: Mapping[str, tuple[str, Callable[[], float]]] = {
    "attach": (f"seconds until {MANY} components are on a broker", _attach_seconds),
    "client": (f"a client's commands and acknowledgements a second, to {MANY} components in turn", _rate_of_many),
    "memory": ("bytes of a component's place on the bus", _bytes_each),
    "idle": (f"share of a processor that {MANY} components take with nothing to do", _idle_share),
}


if __name__ == "__main__":
    _serve(Address.read(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
