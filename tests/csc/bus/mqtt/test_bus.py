"""The bus over MQTT, beyond what every bus promises: how it holds, what it sends again, and what is bounded."""

from __future__ import annotations

import asyncio
import json
import queue
import threading
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import uuid4

import aiomqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from csc import Ack, AckCode, Remote, Sample
from csc.bus.mqtt.bus import MqttBus
from csc.bus.mqtt.link import Link, Message, Unreachable
from fsm import Clock, Journal, simulate
from tests.csc.bus.test_contract import Device
from tests.mqtt.brokers import client, needs_mosquitto
from tests.mqtt.stage import served
from tests.mqtt.talk import receive

pytestmark = pytest.mark.mqtt
_PATIENCE = 20.0


class Bench:
    """A bus with one device on it."""

    def __init__(self, clock: Clock, address, **options: Any) -> None:
        self.clock = clock
        self.journal = Journal(lambda: clock.now)
        self.bus = MqttBus(clock, self.journal, address, observatory=uuid4().hex, **options)
        self.device = Device(self.bus)
        self.bus.attach("ATDome", self.device)
        self.bus.settle()

    def wire(self) -> list[dict[str, Any]]:
        return [record for record in self.journal.records if record["kind"] == "wire"]


Scenario = Callable[[Bench], Coroutine[Any, Any, Any]]


@pytest.fixture
def on_bus(broker) -> Callable[..., Any]:
    return lambda scenario, **options: run(scenario, broker.address, **options)


def run(scenario: Scenario, address, *, speed: float = float("inf"), **options: Any) -> Any:
    async def main(clock: Clock) -> Any:
        clock.loop.expects_outside = speed != float("inf")
        bench = Bench(clock, address, **options)
        try:
            return await scenario(bench)
        finally:
            bench.bus.close()

    return simulate(main, speed=speed)


class Losing:
    """Has a bus's link lose messages, as often as is said."""

    def __init__(self, bus: MqttBus, is_lost: Callable[[Message], bool], times: int = 1_000_000) -> None:
        self.lost = 0
        publish = bus._link.publish

        def lose(message: Message) -> None:
            if is_lost(message) and self.lost < times:
                self.lost += 1
            else:
                publish(message)

        bus._link.publish = lose  # type: ignore[method-assign]


# ---------------------------------------------------------------- holding


def test_a_message_that_a_broker_has_dropped_is_sent_once_more(on_bus, monkeypatch):
    monkeypatch.setattr("csc.bus.mqtt.holding._DOUBT", 0.05)

    async def scenario(bench: Bench) -> Ack:
        bench.device.answers = [Ack(AckCode.COMPLETE, 0, "Done")]
        losing = Losing(bench.bus, lambda message: "/command/" in message.topic, times=2)
        ack = await Remote(bench.bus, bench.clock, "ATDome", "test").command("open")
        assert losing.lost == 2
        return ack

    assert on_bus(scenario).code is AckCode.COMPLETE


def test_a_run_ends_if_a_message_does_not_come_back(on_bus):
    async def scenario(bench: Bench) -> None:
        Losing(bench.bus, lambda message: "/command/" in message.topic)
        holding = bench.bus._holding
        with pytest.raises(Unreachable, match=r"has not brought cscsim/1/.*/ATDome/command/open for 0.2 s"):
            holding.wait(holding.send(Message(bench.bus.tree.of("ATDome", "command", "open"), b"{}")))

    on_bus(scenario, patience=0.2)


def test_telemetry_that_is_lost_is_not_heard_and_not_waited_for_again(on_bus, monkeypatch):
    monkeypatch.setattr("csc.bus.mqtt.holding._TELEMETRY_PATIENCE", 0.1)
    monkeypatch.setattr("csc.bus.mqtt.holding._UNDER_WAY", 3)

    async def scenario(bench: Bench) -> None:
        heard: list[Sample] = []
        bench.bus.subscribe("ATDome", "position", heard.append)
        losing = Losing(bench.bus, lambda message: message.qos == 0, times=10)
        await bench.clock.sleep(25.0)

        assert losing.lost == 10
        assert [sample.number for sample in heard] == [11, 12]
        assert len(bench.bus._flights) == 0

    on_bus(scenario)


def test_not_too_much_is_under_way_at_once(on_bus, monkeypatch):
    monkeypatch.setattr("csc.bus.mqtt.holding._UNDER_WAY", 5)

    async def scenario(bench: Bench) -> int:
        heard: list[Sample] = []
        bench.bus.subscribe("ATDome", "door", heard.append)
        most = 0
        for number in range(100):
            bench.bus.publish("ATDome", "door", {"number": number}, {})
            most = max(most, len(bench.bus._flights))
        await bench.clock.sleep(1.0)
        assert [sample.number for sample in heard] == list(range(100))
        return most

    assert on_bus(scenario) <= 5


def test_a_link_that_has_failed_ends_the_run(on_bus):
    async def scenario(bench: Bench) -> None:
        bench.bus._link.failure = OSError("the cable is cut")
        try:
            with pytest.raises(OSError, match="the cable is cut"):
                bench.bus.settle()
        finally:
            bench.bus._link.failure = None

    on_bus(scenario)


def test_an_event_that_nobody_would_read_is_not_sent_and_heard_all_the_same_here(on_bus):
    async def scenario(bench: Bench) -> None:
        heard: list[Sample] = []
        bench.bus.subscribe("ATDome", "door", heard.append)
        bench.bus.publish("ATDome", "door", {"text": "x" * 300_000}, {})
        await bench.clock.sleep(1.0)

        assert len(heard[0].text) == 300_000
        [record] = bench.wire()
        assert (record["who"], record["what"], record["topic"]) == ("ATDome", "not sent", "door")
        assert "too long" in record["because"]

    on_bus(scenario)


# ---------------------------------------------------------------- others


def test_more_than_can_wait_is_counted_and_left(on_bus, monkeypatch):
    monkeypatch.setattr("csc.bus.mqtt.inbox._WAITING", 10)

    async def scenario(bench: Bench) -> None:
        topic = bench.bus.tree.of("ATDome", "command", "open")
        bench.bus.settle()
        bench.bus._look()
        for number in range(25):
            bench.bus._heard(Message(topic, b'{"n": %d}' % number))
        bench.bus._look()

        assert [message.data["n"] for message in bench.device.messages] == list(range(10))
        [record] = bench.wire()
        assert (record["what"], record["number"]) == ("left unread", 15)

    on_bus(scenario)


def test_not_too_many_bytes_wait(on_bus, monkeypatch):
    monkeypatch.setattr("csc.bus.mqtt.inbox._WAITING_BYTES", 100_000)

    async def scenario(bench: Bench) -> None:
        topic = bench.bus.tree.of("ATDome", "command", "open")
        bench.bus.settle()
        bench.bus._look()
        for _ in range(2):
            for _ in range(10):
                bench.bus._heard(Message(topic, b'{"text": "%s"}' % (b"x" * 30_000)))
            bench.bus._look()

        assert len(bench.device.messages) == 6
        assert [record["number"] for record in bench.wire()] == [7, 7]

    on_bus(scenario)


def test_a_component_that_another_process_has_is_not_taken_on(broker):
    with served(broker.address, "ATDome", name="taken"):

        async def main(clock: Clock) -> None:
            bus = MqttBus(clock, Journal(lambda: clock.now), broker.address, observatory="taken")
            assert bus.elsewhere == {"ATDome"}
            with pytest.raises(ValueError, match="there is already a ATDome on the bus, in another process"):
                bus.attach("ATDome", Device(bus))
            bus.close()

        simulate(main)


def test_it_is_closed_once(on_bus):
    async def scenario(bench: Bench) -> None:
        bench.bus.close()
        bench.bus.close()

    on_bus(scenario)


def test_what_was_said_last_is_there_when_a_run_is_over(broker):
    async def scenario(bench: Bench) -> str:
        for number in range(300):
            bench.bus.publish("ATDome", f"door{number}", {"number": number}, {})
        return bench.bus.tree.observatory

    name = run(scenario, broker.address)

    async def main() -> set[int]:
        async with client(broker.address) as late:
            await late.subscribe(f"cscsim/1/{name}/ATDome/event/+", qos=1)
            return {json.loads(message.payload)["number"] for message in await receive(late, 300)}

    assert asyncio.run(main()) == set(range(300))


def test_the_time_is_told_to_who_comes_late(broker):
    async def scenario(bench: Bench) -> dict[str, Any]:
        await bench.clock.sleep(30.0)
        bench.bus.announce(60.0)
        bench.bus.settle()
        found: queue.SimpleQueue[Message] = queue.SimpleQueue()
        link = Link(broker.address, "late", found.put)
        link.open()
        link.subscribe(bench.bus.tree.clock)
        message = found.get(timeout=_PATIENCE)
        link.close()
        told: dict[str, Any] = json.loads(message.payload)
        return told

    told = run(scenario, broker.address)

    assert (told["t"], told["tai"], told["speed"]) == (30.0, 30.0, 60.0)
    assert told["wall"] > 1.7e9


# ---------------------------------------------------------------- clients


def test_a_command_that_is_forgotten_is_not_sent_again(on_bus):
    async def scenario(bench: Bench) -> None:
        kept, forgotten = (
            bench.bus.send("ATMCS", "stop", {}, identity="test", reply=lambda ack: None) for _ in range(2)
        )
        bench.bus.forget(forgotten)

        waiting = [number for number in (kept, forgotten) if f"{bench.bus.client}-{number}" in bench.bus._unanswered]
        assert waiting == [kept]

    on_bus(scenario)


def test_a_command_is_sent_again_to_a_component_that_was_not_there(broker):
    name = uuid4().hex

    async def main(clock: Clock) -> Ack:
        clock.loop.expects_outside = True
        bus = MqttBus(clock, Journal(lambda: clock.now), broker.address, observatory=name, elsewhere=("ATDome",))
        acked = clock.loop.create_future()
        bus.send("ATDome", "setLogLevel", {"level": 10}, identity="test", reply=acked.set_result)
        bus.settle()
        observatory = served(broker.address, "ATDome", name=name)
        try:
            with observatory:
                ack: Ack = await acked
                return ack
        finally:
            bus.close()

    assert simulate(main, speed=60.0).code is AckCode.COMPLETE


def test_telemetry_is_sampled_for_who_asks_for_it_and_as_long(broker):
    with served(broker.address, "ATDome", speed=60.0) as observatory:
        root = observatory.bus.tree.root

        async def main() -> list[str]:
            async with client(broker.address) as one:
                await one.subscribe(f"{root}/ATDome/telemetry/#", qos=0)
                await one.publish(f"{root}/ATDome/demand/position/30", b'{"lease": 2.0}', 1)
                found = [str(message.topic) for message in await receive(one, 40)]
                await asyncio.sleep(2.5)
                async with asyncio.timeout(_PATIENCE):
                    while True:
                        before = len(one.messages)
                        await asyncio.sleep(0.3)
                        if len(one.messages) == before:
                            return found

        topics = asyncio.run(main())

        slow = topics.count(f"{root}/ATDome/telemetry/position/30")
        assert 0 < slow < len(topics) // 10
        assert set(topics) == {f"{root}/ATDome/telemetry/position", f"{root}/ATDome/telemetry/position/30"}


@needs_mosquitto()
def test_a_client_that_speaks_mqtt_5_only_is_answered_in_its_own_way(real):
    with served(real.address, "ATDome") as observatory:
        tree = observatory.bus.tree
        asks = Properties(PacketTypes.PUBLISH)
        asks.ResponseTopic, asks.CorrelationData = tree.reply("five"), b"\xff\x00\x01"

        async def main() -> aiomqtt.Message:
            async with client(real.address, protocol=aiomqtt.ProtocolVersion.V5) as five:
                await five.subscribe(tree.reply("five"), qos=1)
                await five.publish(
                    tree.of("ATDome", "command", "setLogLevel"), b'{"level": 10}', qos=1, properties=asks
                )
                (message,) = await receive(five)
                return message

        message = asyncio.run(main())

        assert json.loads(message.payload)["ack"] == AckCode.COMPLETE
        assert message.properties is not None
        assert vars(message.properties)["CorrelationData"] == b"\xff\x00\x01"


@needs_mosquitto()
def test_telemetry_that_was_under_way_when_a_broker_died_is_waited_for_until_there_is_one(real, monkeypatch):
    monkeypatch.setattr("csc.bus.mqtt.holding._TELEMETRY_PATIENCE", 0.3)

    async def scenario(bench: Bench) -> bool:
        real.kill()
        flight = bench.bus._holding.send(Message(bench.bus.tree.of("ATDome", "telemetry", "position"), b"{}", 0))
        bench.bus.subscribe("ATDome", "position", lambda sample: None)
        back = threading.Timer(1.5, real.start)
        back.start()
        try:
            return bench.bus._holding.wait(flight)
        finally:
            back.join()

    assert run(scenario, real.address)
