"""Who else is there, and who is only said to be."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from csc.bus.mqtt.address import Address
from csc.bus.mqtt.bus import MqttBus
from csc.bus.mqtt.others import Others, absent, question
from csc.bus.mqtt.presence import ALIVE, GONE
from csc.bus.mqtt.topics import TopicTree
from csc.bus.mqtt.wire import Message
from fsm import Clock, Journal, simulate
from tests.csc.bus.test_contract import Device
from tests.mqtt.brokers import client, mosquitto, needs_mosquitto
from tests.mqtt.stage import served, served_elsewhere
from tests.mqtt.talk import receive

pytestmark = pytest.mark.mqtt
TREE = TopicTree("auxtel")


def word(who: str, payload: bytes = ALIVE, *, kept: bool = False) -> Message:
    return Message(TREE.of(who, "alive"), payload, retain=kept)


class Stage:
    """Others of whom some answer."""

    def __init__(self, *answering: str, most: int = 100) -> None:
        self.asked: list[str] = []
        self.answering = answering
        self.others = Others(TREE, self.ask, most)

    def ask(self, message: Message) -> None:
        who = message.topic.split("/")[3]
        self.asked.append(who)
        if who in self.answering:
            threading.Thread(target=self.others.hear, args=(who, word(who))).start()


def test_who_answers_is_there_and_who_does_not_has_gone(monkeypatch):
    monkeypatch.setattr("csc.bus.mqtt.others.ANSWER_WITHIN", 0.2)
    stage = Stage("ATDome")
    for who in ("ATDome", "ATMCS", "ATPtg"):
        stage.others.hear(who, word(who, kept=True))

    assert stage.others.call(["ATDome", "ATMCS", "ATAOS"]) == {"ATMCS"}

    assert stage.asked == ["ATDome", "ATMCS"]
    assert stage.others.there == {"ATDome", "ATPtg"}


def test_who_is_doubted_and_heard_meanwhile_is_not_asked():
    stage = Stage()
    for who in ("ATDome", "ATMCS", "ATPtg"):
        stage.others.hear(who, word(who))

    assert stage.others.doubt() == {"ATDome", "ATMCS", "ATPtg"}
    stage.others.hear("ATDome", word("ATDome"))
    stage.others.hear("ATMCS", word("ATMCS", kept=True))  # is no proof
    stage.others.hear("ATAOS", word("ATAOS", kept=True))
    asked = stage.others.ask()
    stage.others.hear("ATPtg", word("ATPtg"))

    assert stage.asked == ["ATAOS", "ATMCS", "ATPtg"]
    assert stage.others.drop(asked) == {"ATAOS", "ATMCS"}
    assert stage.others.there == {"ATDome", "ATPtg"}
    assert not stage.others.ask()


def test_who_answers_is_not_waited_for():
    stage = Stage("ATDome")
    stage.others.hear("ATDome", word("ATDome", kept=True))
    before = time.monotonic()

    assert not stage.others.call(["ATDome"])
    assert not stage.others.call(["ATMCS"])
    assert time.monotonic() - before < 0.5


def test_what_was_kept_is_no_answer(monkeypatch):
    monkeypatch.setattr("csc.bus.mqtt.others.ANSWER_WITHIN", 0.1)
    stage = Stage()
    stage.others._publish = lambda message: stage.others.hear("ATDome", word("ATDome", kept=True))
    stage.others.hear("ATDome", word("ATDome"))

    assert stage.others.call(["ATDome"]) == {"ATDome"}


def test_who_leaves_when_it_is_called_is_not_there_and_not_silent():
    stage = Stage()
    stage.others._publish = lambda message: stage.others.hear("ATDome", word("ATDome", GONE))
    stage.others.hear("ATDome", word("ATDome"))

    assert not stage.others.call(["ATDome"])
    assert not stage.others.there


def test_it_tells_who_has_come_just_now():
    others = Stage().others

    said = [others.hear("ATDome", word("ATDome", payload)) for payload in (ALIVE, ALIVE, GONE, b'{"alive": true}')]

    assert said == [True, False, False, True]


@pytest.mark.parametrize("payload", [GONE, b"", b"{", b"[]", b'{"alive": 1}', b'{"alive": "true"}', b"\xff"])
def test_whatever_else_is_said_means_that_it_is_not_there(payload):
    others = Stage().others
    others.hear("ATDome", word("ATDome"))

    others.hear("ATDome", word("ATDome", payload))

    assert not others.there


def test_not_more_are_remembered_than_is_said():
    others = Stage(most=3).others

    for number in range(10):
        others.hear(f"C{number}", word(f"C{number}"))

    assert len(others.there) == 3


def test_it_is_told_whether_a_broker_remembers_one_that_is_not_there():
    assert absent("auxtel", Address(host="h", port=1), remembered=False) == (
        "auxtel is not on mqtt://h:1 now; `cscsim serve auxtel` starts it"
    )
    assert absent("auxtel", Address(host="h", port=1), remembered=True) == (
        "auxtel is not on mqtt://h:1 now: the broker remembers it, but nobody answers; `cscsim serve auxtel` starts it"
    )


# ---------------------------------------------------------------- over a broker


def joined(address, name: str, who: str = "ATDome", **options) -> tuple[list[dict], list[bytes]]:
    """Have a component take part for a moment; return what was journaled of it, and what was said of it."""

    async def main(clock: Clock):
        journal = Journal(lambda: clock.now)
        bus = MqttBus(clock, journal, address, observatory=name, **options)
        try:
            bus.attach(who, Device(bus))
            bus.settle()
            with ThreadPoolExecutor() as aside:  # simulated time would not wait for it
                kept = aside.submit(asyncio.run, heard(address, f"cscsim/1/{name}/{who}/alive")).result()
        finally:
            bus.close()
        return [record for record in journal.records if record["kind"] == "wire"], kept

    found: tuple[list[dict], list[bytes]] = simulate(main)
    return found


async def heard(address, topic: str) -> list[bytes]:
    async with client(address) as late:
        await late.subscribe(topic, qos=1)
        return [bytes(message.payload) for message in await receive(late)]


def test_a_component_that_is_only_said_to_be_there_is_taken_on(broker):
    name = uuid4().hex

    async def claim() -> None:
        async with client(broker.address) as one:
            await one.publish(f"cscsim/1/{name}/ATDome/alive", ALIVE, qos=1, retain=True)

    asyncio.run(claim())
    [record], kept = joined(broker.address, name)

    assert (record["who"], record["what"]) == ("ATDome", "gone")
    assert record["because"] == "the broker said that it is there, and it has not answered for 1 s"
    assert kept == [ALIVE]


@needs_mosquitto()
def test_one_that_died_with_a_broker_that_remembers_it_is_taken_on(tmp_path):
    name = uuid4().hex
    settings = {"autosave_interval": 1, "autosave_on_changes": "true"}
    with mosquitto(tmp_path, settings=settings) as broker:
        with served_elsewhere(broker.address, name, "ATDome") as process:
            database = tmp_path / "mosquitto.db"
            deadline = time.monotonic() + 20.0
            while not (database.exists() and b"ATDome/alive" in database.read_bytes()):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            broker.kill()
            os.kill(process.pid, 9)
        broker.start()
        assert asyncio.run(heard(broker.address, f"cscsim/1/{name}/ATDome/alive")) == [ALIVE]

        records, kept = joined(broker.address, name)

    assert [record["what"] for record in records] == ["gone"]
    assert kept == [ALIVE]


def test_one_that_is_there_is_not_taken_on_however_busy_it_is(broker):
    with served(broker.address, "ATDome") as observatory:
        observatory.call(lambda: time.sleep(3.0))
        before = time.monotonic()

        with pytest.raises(ValueError, match="there is already a ATDome on the bus, in another process"):
            joined(broker.address, observatory.sheet.observatory)
        assert time.monotonic() - before < 2.5


@needs_mosquitto()
def test_one_that_is_there_is_not_taken_on_when_its_broker_comes_back(tmp_path):
    settings = {"autosave_interval": 1, "autosave_on_changes": "true"}
    with mosquitto(tmp_path, settings=settings) as broker, served(broker.address, "ATDome") as observatory:
        for _ in range(3):
            broker.kill()
            time.sleep(0.7)
            broker.start()

            with pytest.raises(ValueError, match="there is already a ATDome on the bus, in another process"):
                joined(broker.address, observatory.sheet.observatory)


def test_one_that_has_left_is_taken_on_at_once(broker):
    with served(broker.address, "ATDome") as observatory:
        name = observatory.sheet.observatory

    records, _ = joined(broker.address, name)

    assert not records


@pytest.mark.parametrize("payload", [GONE, b"", b'{"alive": true, "by": "a stranger"}', b"{", b"x" * 10_000])
def test_what_somebody_else_says_of_a_component_here_is_set_right(broker, payload):
    with served(broker.address, "ATDome") as observatory:
        topic = observatory.bus.tree.of("ATDome", "alive")

        async def main() -> None:
            async with client(broker.address) as one:
                await one.publish(topic, payload, qos=1, retain=True)
            async with asyncio.timeout(10.0):
                while await heard(broker.address, topic) != [ALIVE]:
                    pass

        asyncio.run(main())


def test_who_is_asked_all_the_time_answers_now_and_then(broker):
    with served(broker.address, "ATDome") as observatory:
        tree = observatory.bus.tree

        async def main() -> int:
            async with client(broker.address) as one:
                await one.subscribe(tree.of("ATDome", "alive"), qos=1)
                asks = question(tree, "ATDome")
                for _ in range(500):
                    await one.publish(asks.topic, asks.payload, qos=1)
                await one.publish(tree.of("ATDome", "alive"), b"end", qos=1)
                count = 0
                async for message in one.messages:
                    if message.payload == b"end":
                        return count
                    count += message.payload == ALIVE and not message.retain
            return 0

        before = time.monotonic()
        count = asyncio.run(main())

        assert 1 <= count <= 3 + (time.monotonic() - before) / 0.05
        assert not observatory.of("wire")
