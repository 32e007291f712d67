"""Clients that mean no good: no component falls, and every message is answered or journaled."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from csc import AckCode
from csc.bus.mqtt.connect_packet import ConnectPacket
from csc.bus.mqtt.payload import LARGEST
from csc.bus.mqtt.presence import ALIVE, GONE
from tests.mqtt.brokers import Mosquitto, client, embedded, mosquitto, needs_mosquitto
from tests.mqtt.conftest import USERS, AnyBroker, StartBroker
from tests.mqtt.crowd import member
from tests.mqtt.hostile import Assault, Shot, shots
from tests.mqtt.stage import Served, served, served_auxtel
from tests.mqtt.talk import RawClient, receive

pytestmark = pytest.mark.mqtt
WHO = "ATDomeTrajectory"
OBSERVATORY = "target"
ROOT = f"cscsim/1/{OBSERVATORY}"
COMMAND = f"{ROOT}/{WHO}/command/setLogLevel"
STATE = f"{ROOT}/{WHO}/event/summaryState"
REPLY = f"{ROOT}/reply/me"
_MOMENT = 0.2  # s: what should not come would have come


@pytest.fixture(scope="module", params=["embedded", pytest.param("mosquitto", marks=needs_mosquitto())])
def start_lasting(request, tmp_path_factory) -> StartBroker:
    """Run a broker of either kind; arguments are those of `embedded`."""
    if request.param == "embedded":
        return embedded
    return lambda **options: mosquitto(tmp_path_factory.mktemp("mosquitto"), **options)


@pytest.fixture(scope="module")
def lasting(start_lasting) -> Iterator[AnyBroker]:
    """One broker for all tests after which nothing is left on it that was not there before."""
    with start_lasting() as running:
        yield running


@pytest.fixture(scope="module")
def guarded(start_lasting) -> Iterator[AnyBroker]:
    """One broker with one user for each role."""
    with start_lasting(users=USERS) as running:
        yield running


def as_user(address, name):
    return replace(address, user=name, password=USERS[name].password)


async def published(address, *shots: Shot) -> None:
    async with client(address) as one:
        for shot in shots:
            await one.publish(shot.topic, shot.payload, shot.qos, shot.retain)


async def answered(address) -> None:
    """Have a command done as it should be: what was sent before has been looked at."""
    async with member(address, OBSERVATORY, "fence") as one, asyncio.timeout(20.0):
        order = one.mark(WHO)
        await order.done.wait()
        assert [ack.code for ack in order.acks] == [AckCode.COMPLETE]


def refusals(observatory: Served, who: str = WHO) -> list[str]:
    return [record["because"] for record in observatory.of("wire", who, what="refused")]


# ---------------------------------------------------------------- anything


@pytest.mark.slow
def test_whatever_is_sent_no_component_falls_and_every_message_is_answered_or_journaled(broker):
    with (
        served_auxtel(broker.address, faults=True, keep=False) as observatory,
        Assault(broker.address, observatory) as all,
    ):

        @settings(
            max_examples=40 if isinstance(broker, Mosquitto) else 15,  # of twenty messages; `make soak` has 50 000
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.lists(shots(observatory), min_size=20, max_size=20))
        def fire(some):
            for shot in some:
                all.fire(shot)

        fire()

        all.heal()
        for who in observatory.sheet.components:
            all.ask(who)


@pytest.mark.parametrize("topic", [b"#", b"cscsim/1/target/+/command/start", b"a\0b", b"\xff\xfe", b""])
def test_a_topic_that_is_none_hurts_nobody(lasting, topic):
    with served(lasting.address, WHO, name=OBSERVATORY), RawClient(lasting.address) as raw:
        raw.connect(ConnectPacket(client="raw"))
        body = len(topic).to_bytes(2, "big") + topic + b"{}"
        raw.socket.sendall(b"\x30" + bytes([len(body)]) + body)

        asyncio.run(answered(lasting.address))


def test_bytes_that_are_no_mqtt_hurt_nobody(lasting):
    with served(lasting.address, WHO, name=OBSERVATORY), RawClient(lasting.address) as raw:
        raw.socket.sendall(b"GET / HTTP/1.1\r\n\r\n" * 100)

        asyncio.run(answered(lasting.address))


# ---------------------------------------------------------------- commands


@pytest.mark.parametrize(
    ("payload", "because"),
    [
        (b"{", "no JSON"),
        (b"[1, 2]", "a JSON object is expected"),
        (b"\xff", "no JSON"),
        (b'{"a": 1} trailing', "no JSON"),
        (b"[" * 200_000, "no JSON"),
        (b'{"a":' * 20 + b"1" + b"}" * 20, "nested deeper than 16 levels"),
        (b'{"private_replyTo": 3}', "private_replyTo is 3"),
        (b'{"private_replyTo": "#"}', "the reply topic is '#'"),
        (b'{"private_replyTo": "cscsim/1/target/reply/+"}', "the reply topic is"),
        (b'{"private_replyTo": "cscsim/1/target/reply/a\\u0000b"}', "private_replyTo is"),
        (b'{"private_replyTo": "cscsim/1/target/ATDome/command/stop"}', "the reply topic is"),
        (b'{"private_correlation": "%s"}' % (b"x" * 257), "at most 256 printable characters"),
        (b'{"private_identity": "\\u202e"}', "at most 256 printable characters"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_command_that_cannot_be_read_is_refused_where_everybody_hears_it(lasting, payload, because):
    with served(lasting.address, WHO, name=OBSERVATORY) as observatory:

        async def main() -> dict[str, object]:
            async with client(lasting.address) as one:
                await one.subscribe(f"{ROOT}/{WHO}/ack/+", qos=1)
                await one.publish(COMMAND, payload, 1)
                (message,) = await receive(one)
                found: dict[str, object] = json.loads(message.payload)
                return found

        ack = asyncio.run(main())

        assert (ack["command"], ack["ack"]) == ("setLogLevel", AckCode.FAILED)
        assert because in str(ack["result"])
        assert [because in text for text in refusals(observatory)] == [True]
        assert not observatory.of("command", WHO)


def test_the_longest_command_is_read(lasting):
    with served(lasting.address, WHO, name=OBSERVATORY) as observatory:
        text = "🌌" * 65_500
        payload = json.dumps({"level": 10, "subsystem": text}, ensure_ascii=False).encode()
        assert LARGEST - 200 < len(payload) <= LARGEST

        asyncio.run(published(lasting.address, Shot(COMMAND, payload)))
        asyncio.run(answered(lasting.address))

        [first, *_] = observatory.of("command", WHO)
        assert first["data"]["subsystem"] == text


def test_a_command_that_the_broker_has_kept_is_not_done_when_an_observatory_comes(broker):
    asyncio.run(published(broker.address, Shot(COMMAND, b'{"level": 10, "subsystem": "kept"}', retain=True)))
    with served(broker.address, WHO, name=OBSERVATORY) as observatory:
        asyncio.run(answered(broker.address))

        assert "kept" not in {record["data"]["subsystem"] for record in observatory.of("command", WHO)}
        assert ["kept it" in text for text in refusals(observatory)] == [True]


@needs_mosquitto()
def test_a_command_that_the_broker_has_kept_is_not_done_again_when_the_broker_is_back(tmp_path):
    with mosquitto(tmp_path) as broker, served(broker.address, WHO, name=OBSERVATORY) as observatory:
        asyncio.run(published(broker.address, Shot(COMMAND, b'{"level": 10, "subsystem": "kept"}', retain=True)))
        asyncio.run(answered(broker.address))

        broker.stop()
        broker.start()
        asyncio.run(answered(broker.address))

        done = [record["data"]["subsystem"] for record in observatory.of("command", WHO)]
        assert done.count("kept") == 1


def test_nobody_can_use_the_name_of_the_observatory_to_be_overheard(lasting):
    with served(lasting.address, WHO, name=OBSERVATORY) as observatory:
        told = {"level": 10, "subsystem": "odd", "private_correlation": f"{observatory.bus.client}-1"}
        told["private_replyTo"] = REPLY

        async def main() -> dict[str, object]:
            async with client(lasting.address) as one:
                await one.subscribe(REPLY, qos=1)
                await one.publish(COMMAND, json.dumps(told), 1)
                (message,) = await receive(one)
                found: dict[str, object] = json.loads(message.payload)
                return found

        assert asyncio.run(main())["ack"] == AckCode.COMPLETE


def test_a_flood_of_requests_is_remembered_within_bounds(lasting):
    with served(lasting.address, WHO, name=OBSERVATORY, keep=False) as observatory:

        async def main() -> None:
            async with client(lasting.address) as one:
                for number in range(300):
                    name = f"{number}" + "x" * 30_000
                    await one.publish(f"{ROOT}/{WHO}/command/{name}", b'{"private_correlation": "1"}', 0)
            await answered(lasting.address)

        asyncio.run(main())

        requests = observatory.bus._requests
        assert sum(len("".join(key)) for key in requests._known) < 10_000


# ---------------------------------------------------------------- what others say in a component's name


@pytest.mark.parametrize("payload", [b'{"summaryState": 3}', b"", b"{", b"x" * 10_000])
def test_an_event_in_the_name_of_a_component_that_is_here_is_set_right(lasting, payload):
    with served(lasting.address, WHO, name=OBSERVATORY) as observatory:
        asyncio.run(published(lasting.address, Shot(STATE, payload, retain=True)))
        asyncio.run(answered(lasting.address))

        async def main() -> bytes:
            async with client(lasting.address) as late:
                await late.subscribe(STATE, qos=1)
                return bytes((await receive(late))[0].payload)

        assert json.loads(asyncio.run(main()))["summaryState"] == 2
        last = observatory.bus.last(WHO, "summaryState")
        assert last is not None
        assert last.summaryState == 2
        assert refusals(observatory) == ["it is here, and has not said this"]


def test_an_event_that_a_component_has_not_is_taken_off_the_broker(broker):
    topic = f"{ROOT}/{WHO}/event/noSuchEvent"
    with served(broker.address, WHO, name=OBSERVATORY):
        asyncio.run(published(broker.address, Shot(topic, b'{"a": 1}', retain=True)))
        asyncio.run(answered(broker.address))

        async def main() -> list[str]:
            async with client(broker.address) as late:
                await late.subscribe(f"{ROOT}/{WHO}/event/+", qos=1)
                await asyncio.sleep(_MOMENT)
                return [str(message.topic) for message in await receive(late, len(late.messages))]

        assert topic not in asyncio.run(main())


def test_nobody_can_say_of_a_component_that_it_is_gone(lasting):
    topic = f"{ROOT}/{WHO}/alive"
    with served(lasting.address, WHO, name=OBSERVATORY):
        asyncio.run(published(lasting.address, Shot(topic, GONE, retain=True)))
        asyncio.run(answered(lasting.address))

        async def main() -> bytes:
            await asyncio.sleep(_MOMENT)
            async with client(lasting.address) as late:
                await late.subscribe(topic, qos=1)
                return bytes((await receive(late))[0].payload)

        assert asyncio.run(main()) == ALIVE


@pytest.mark.parametrize("topic", ["target", "position", "summaryState", "detailedState", "azimuthPosition"])
def test_what_a_component_elsewhere_says_makes_nobody_here_fall(lasting, topic):
    payloads = [b"{}", b"{", b'{"azimuth": "x", "elevation": []}', b'{"summaryState": 99}', b'{"private_t": 1e308}']
    with served(lasting.address, WHO, "ATAOS", name=OBSERVATORY, elsewhere=("ATMCS", "ATDome")) as observatory:
        said = [Shot(f"{ROOT}/{who}/event/{topic}", each) for who in ("ATMCS", "ATDome") for each in payloads]
        asyncio.run(published(lasting.address, *said))

        asyncio.run(answered(lasting.address))
        assert any("no JSON" in text for text in refusals(observatory, "ATMCS"))


def test_names_that_others_invent_are_remembered_within_bounds(broker, monkeypatch):
    monkeypatch.setattr("csc.bus.mqtt.bus._KNOWN", 50)
    with served(broker.address, WHO, name=OBSERVATORY, elsewhere=("ATMCS",)) as observatory:
        before = len(observatory.bus._last)
        said = [Shot(f"{ROOT}/ATMCS/event/e{number}", b"{}") for number in range(200)]
        said += [Shot(f"{ROOT}/C{number}/alive", ALIVE) for number in range(200)]
        asyncio.run(published(broker.address, *said))
        asyncio.run(answered(broker.address))

        assert len(observatory.bus._last) <= max(50, before)
        assert len(observatory.bus.elsewhere) <= 50


def test_cadences_that_others_ask_for_are_bounded(lasting):
    with served(lasting.address, "ATDome", WHO, name=OBSERVATORY) as observatory:
        said = [Shot(f"{ROOT}/ATDome/demand/position/{number}", b"{}") for number in range(1, 100)]
        said += [
            Shot(f"{ROOT}/ATDome/demand/position", b'{"lease": "for ever"}'),
            Shot(f"{ROOT}/ATDome/demand/position/{'9' * 1000}", b"{}"),
            Shot(f"{ROOT}/ATDome/demand/noSuchTopic", b"{}"),
            Shot(f"{ROOT}/ATDome/demand", b"{}"),
        ]
        asyncio.run(published(lasting.address, *said))
        asyncio.run(answered(lasting.address))

        assert len(refusals(observatory, "ATDome")) == 79 + 3
        assert refusals(observatory, observatory.bus.client) == ["nothing is known of this topic"]


# ---------------------------------------------------------------- roles


@pytest.fixture
def target(guarded):
    with served(as_user(guarded.address, "stage"), WHO, "ATDome", name=OBSERVATORY, faults=True) as observatory:
        yield observatory


@pytest.mark.parametrize("reply_to", [REPLY, f"{ROOT}/reply/another"])
@pytest.mark.parametrize(
    ("user", "topic", "is_done"),
    [
        ("observer", f"{WHO}/command/setLogLevel", False),
        ("operator", f"{WHO}/command/setLogLevel", True),
        ("observer", "ATDome/inject/encoder_slip", False),
        ("operator", "ATDome/inject/encoder_slip", False),
        ("instructor", "ATDome/inject/encoder_slip", True),
    ],
)
def test_what_a_role_may_not_is_not_done_whoever_would_be_told(guarded, target, user, topic, is_done, reply_to):
    told = {"private_replyTo": reply_to, "private_correlation": "1"}
    told |= {"level": 10, "subsystem": "x"} if "command" in topic else {"action": "begin"}

    async def main() -> None:
        async with client(guarded.address, (user, USERS[user].password)) as one:
            await one.publish(f"{ROOT}/{topic}", json.dumps(told), 1)
        await answered(as_user(guarded.address, "operator"))

    asyncio.run(main())

    kind = "command" if "command" in topic else "fault"
    done = [record for record in target.of(kind) if record.get("by") != "fence"]
    assert len(done) == is_done


def test_faults_are_refused_where_none_may_be_injected(lasting):
    with served(lasting.address, "ATDome", WHO, name=OBSERVATORY) as observatory:
        shot = Shot(f"{ROOT}/ATDome/inject/encoder_slip", json.dumps({"private_replyTo": REPLY}).encode())

        async def main() -> dict[str, object]:
            async with client(lasting.address) as one:
                await one.subscribe(REPLY, qos=1)
                await one.publish(shot.topic, shot.payload, 1)
                found: dict[str, object] = json.loads((await receive(one))[0].payload)
                return found

        assert asyncio.run(main())["ack"] == AckCode.NOPERM
        assert not observatory.of("fault")


@pytest.mark.parametrize("user", ["observer", "operator", "instructor"])
def test_only_the_stage_may_speak_in_a_components_name(guarded, target, user):
    async def main() -> None:
        async with client(guarded.address, (user, USERS[user].password)) as one:
            for topic, payload in ((STATE, b"{}"), (f"{ROOT}/{WHO}/alive", GONE), (REPLY, b"{}")):
                await one.publish(topic, payload, 1, retain=True)
        await answered(as_user(guarded.address, "operator"))

    asyncio.run(main())

    assert not refusals(target)
