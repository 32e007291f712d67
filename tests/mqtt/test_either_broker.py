"""What cscsim needs of a broker, of whichever kind."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import replace

import aiomqtt
import pytest

from csc.bus.mqtt.connect_packet import ConnectPacket
from csc.bus.mqtt.embedded import EmbeddedBroker
from csc.bus.mqtt.payload import LARGEST
from csc.bus.mqtt.roles import Role, may
from tests.mqtt.brokers import client
from tests.mqtt.conftest import USERS
from tests.mqtt.talk import END, TOPICS, RawClient, heard, receive, written_by

pytestmark = pytest.mark.mqtt
EVENT = "cscsim/1/auxtel/ATDome/event/summaryState"
COMMAND = "cscsim/1/auxtel/ATDome/command/start"
ALIVE = "cscsim/1/auxtel/ATDome/alive"
ALL = "cscsim/1/auxtel/#"


def as_user(address, name):
    return client(address, (name, USERS[name].password))


def test_who_comes_late_hears_what_was_kept(broker):
    async def main():
        async with client(broker.address) as dome, client(broker.address) as late:
            await dome.publish(EVENT, b"5", qos=1, retain=True)
            await dome.publish(EVENT, b"1", qos=1, retain=True)
            await late.subscribe(ALL, qos=1)
            (message,) = await receive(late)
            return message.payload, message.retain, await heard(late, dome)

    assert asyncio.run(main()) == (b"1", True, [])


def test_an_empty_message_ends_what_was_kept(broker):
    async def main():
        async with client(broker.address) as dome, client(broker.address) as late:
            await dome.publish(EVENT, b"5", qos=1, retain=True)
            await dome.publish(EVENT, b"", qos=1, retain=True)
            await late.subscribe(ALL, qos=1)
            return await heard(late, dome)

    assert asyncio.run(main()) == []


def test_nobody_hears_what_was_kept_before_subscribing_to_it(broker):
    async def main():
        async with client(broker.address) as dome, client(broker.address) as early:
            await dome.publish(EVENT, b"5", qos=1, retain=True)
            await early.subscribe(ALL)
            async with client(broker.address) as other:
                await other.subscribe(END)
                return await heard(other, dome)

    assert asyncio.run(main()) == []


def test_a_component_that_dies_is_said_to_be_dead(broker):
    async def main():
        async with client(broker.address) as watcher:
            await watcher.subscribe(ALIVE, qos=1)
            with RawClient(broker.address) as dome:
                # QoS 1, retained
                assert dome.connect(ConnectPacket(client="d", will=(ALIVE, b"dead"), will_flags=0x28)) == 0
            (message,) = await receive(watcher)
        async with client(broker.address) as late:
            await late.subscribe(ALIVE)
            (kept,) = await receive(late)
        return message.payload, kept.payload, kept.retain

    assert asyncio.run(main()) == (b"dead", b"dead", True)


def test_a_component_that_is_silent_for_too_long_is_dead(broker):
    async def main():
        async with client(broker.address) as watcher:
            await watcher.subscribe(ALIVE, qos=1)
            with RawClient(broker.address) as dome:
                packet = ConnectPacket(client="d", keep_alive=1, will=(ALIVE, b"dead"), will_flags=0x08)
                assert dome.connect(packet) == 0
                return (await receive(watcher))[0].payload

    assert asyncio.run(main()) == b"dead"


def test_a_component_that_says_goodbye_leaves_no_last_will(broker):
    async def main():
        async with client(broker.address) as watcher:
            await watcher.subscribe(ALL, qos=1)
            async with client(broker.address, will=aiomqtt.Will(ALIVE, b"dead", qos=1)) as dome:
                await dome.publish(EVENT, b"5", qos=1)
            return await heard(watcher, watcher)

    assert asyncio.run(main()) == [(EVENT, b"5")]


def test_messages_of_one_sender_keep_their_order(broker):
    count = 500

    async def main():
        async with client(broker.address) as sender, client(broker.address) as receiver:
            await receiver.subscribe(EVENT, qos=1)
            async with asyncio.TaskGroup() as group:
                for number in range(count):
                    group.create_task(sender.publish(EVENT, str(number).encode(), qos=1))
            return [int(message.payload) for message in await receive(receiver, count)]

    assert asyncio.run(main()) == list(range(count))


def test_subscribing_does_not_lose_messages_for_others(broker):
    count = 300

    async def main():
        async with (
            client(broker.address) as sender,
            client(broker.address) as earlier,
            client(broker.address) as receiver,
            client(broker.address) as restless,
        ):
            await earlier.subscribe(ALL)
            await receiver.subscribe(EVENT, qos=1)

            async def come_and_go():
                for number in range(count):
                    await restless.subscribe(f"cscsim/1/auxtel/+/event/e{number}")
                    await restless.unsubscribe(f"cscsim/1/auxtel/+/event/e{number - 2}")

            async with asyncio.TaskGroup() as group:
                group.create_task(come_and_go())
                for number in range(count):
                    await sender.publish(EVENT, str(number).encode(), qos=1)
            return [int(message.payload) for message in await receive(receiver, count)]

    assert asyncio.run(main()) == list(range(count))


def test_a_client_that_comes_back_gets_what_it_missed(broker):
    async def main():
        async with client(broker.address) as dome:
            async with client(broker.address, identifier="d", clean_session=False) as away:
                await away.subscribe(EVENT, qos=1)
            for number in range(100):
                await dome.publish(EVENT, str(number).encode(), qos=1)
            async with client(broker.address, identifier="d", clean_session=False) as back:
                missed = [int(message.payload) for message in await receive(back, 100)]
                await dome.publish(EVENT, b"now", qos=1)
                return missed, (await receive(back))[0].payload

    assert asyncio.run(main()) == (list(range(100)), b"now")


def test_a_client_that_starts_anew_gets_nothing_of_the_past(broker):
    async def main():
        async with client(broker.address) as dome:
            async with client(broker.address, identifier="d", clean_session=False) as away:
                await away.subscribe(EVENT, qos=1)
            await dome.publish(EVENT, b"missed", qos=1)
            async with client(broker.address, identifier="d", clean_session=True) as anew:
                await anew.subscribe(END)
                return await heard(anew, dome)

    assert asyncio.run(main()) == []


def test_a_client_that_connects_twice_is_served_on_the_new_connection(broker):
    async def main():
        async with client(broker.address) as sender:
            for _ in range(3):
                with RawClient(broker.address) as held:
                    held.connect(ConnectPacket(client="d", clean=False))
                    async with client(broker.address, identifier="d", clean_session=False) as again:
                        await again.subscribe(EVENT, qos=1)
                        await sender.publish(EVENT, b"5", qos=1)
                        assert [message.payload for message in await receive(again)] == [b"5"]
                    assert held.take(1) == b""

    asyncio.run(main())


def test_what_was_not_confirmed_is_sent_again_by_mosquitto_only(broker):
    async def main():
        async with client(broker.address) as sender:
            with RawClient(broker.address) as dome:
                dome.connect(ConnectPacket(client="d", clean=False))
                dome.subscribe(EVENT, qos=1)
                await sender.publish(EVENT, b"lost?", qos=1)
                assert dome.take(1) == b"\x32"  # it has come, at QoS 1
            await sender.publish(END, b"let the broker see that it has gone", qos=1)
            async with client(broker.address, identifier="d", clean_session=False) as back:
                await back.subscribe(END, qos=1)
                return [payload for _, payload in await heard(back, sender)]

    # docs/how-to/use-mosquitto.md says so
    assert asyncio.run(main()) == ([] if isinstance(broker, EmbeddedBroker) else [b"lost?"])


@pytest.mark.parametrize(("asked", "sent"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_a_subscription_gets_the_lower_quality_of_service_except_from_the_embedded_broker(broker, asked, sent):
    async def main():
        async with client(broker.address) as one:
            await one.subscribe(EVENT, qos=asked)
            await one.publish(EVENT, b"5", qos=sent)
            return (await receive(one))[0].qos

    # docs/how-to/use-mosquitto.md says so
    assert asyncio.run(main()) == (asked if isinstance(broker, EmbeddedBroker) else min(asked, sent))


def test_what_is_too_long_reaches_nobody(broker):
    async def main():
        async with client(broker.address) as receiver, client(broker.address) as sender:
            await receiver.subscribe(ALL, qos=1)
            await sender.publish(EVENT, b"x" * LARGEST, qos=1)
            with RawClient(broker.address) as other:
                other.connect(ConnectPacket(client="long"))
                other.publish(EVENT, b"x" * (LARGEST + 100_000))
                with contextlib.suppress(ConnectionError):
                    other.socket.sendall(b"\xc0\x00")  # is anybody there? mosquitto says so, the embedded one hangs up
                other.take(2)
            return [len(payload) for _, payload in await heard(receiver, receiver)]

    assert asyncio.run(main()) == [LARGEST]


def test_who_speaks_something_else_is_not_answered(broker):
    for words in (b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 100, b"\x10\xff\xff\xff\xff\xff", b"\x10\x02\x00\x09"):
        with RawClient(broker.address) as other:
            other.socket.sendall(words)
            assert other.take(1) == b""

    with RawClient(broker.address) as one:
        assert one.connect(ConnectPacket(client="c")) == 0


def test_an_unknown_user_and_a_wrong_password_are_refused(guarded):
    for login in [None, ("operator", ""), ("operator", "sees"), ("nobody", "acts"), ("", "")]:

        async def main(login=login):
            async with client(guarded.address, login):
                pass

        with pytest.raises(aiomqtt.MqttError, match=r"(?i)not authorized|bad user name|bad username"):
            asyncio.run(main())


def test_each_role_writes_what_it_may_and_nothing_else(guarded):
    said = asyncio.run(written_by(guarded.address, USERS))

    assert said == {name: {topic for topic in TOPICS if may(USERS[name].role, "write", topic)} for name in USERS}
    assert len({len(topics) for topics in said.values()}) == len(Role)


def test_each_role_reads_its_observatories(guarded):
    async def main():
        async with as_user(guarded.address, "stage") as stage:
            await stage.publish(EVENT, b"5", qos=1, retain=True)
            for name in USERS:
                async with as_user(guarded.address, name) as reader:
                    await reader.subscribe(ALL, qos=1)
                    assert [message.payload for message in await receive(reader)] == [b"5"]

    asyncio.run(main())


def test_a_last_will_does_what_its_client_may_and_no_more(guarded):
    def lose(packet):
        with RawClient(guarded.address) as raw:
            return raw.connect(packet)

    async def main():
        async with as_user(guarded.address, "stage") as stage:
            await stage.subscribe("cscsim/1/auxtel/#", qos=1)
            for name in ("observer", "operator"):
                packet = ConnectPacket(client=name, will=(COMMAND, name.encode()), will_flags=0x08)
                lose(replace(packet, user=name, password=USERS[name].password))
            return [payload for _, payload in await heard(stage, stage)]

    assert asyncio.run(main()) == [b"operator"]


def test_with_tls_all_is_encrypted_for_who_trusts_the_authority(start_broker, authority, stranger):
    with start_broker(users=USERS, tls=authority) as running:
        trusted = replace(running.address, tls=True, ca_file=authority.authority)

        async def main():
            async with as_user(trusted, "stage") as stage:
                await stage.subscribe(EVENT)
                await stage.publish(EVENT, b"5")
                return (await receive(stage))[0].payload

        assert asyncio.run(main()) == b"5"

        for ca_file in (stranger.authority, None):
            context = replace(trusted, ca_file=ca_file).tls_context()
            assert context is not None
            with pytest.raises(ssl.SSLCertVerificationError), RawClient(running.address) as wrong:
                context.wrap_socket(wrong.socket, server_hostname="127.0.0.1").close()
        with RawClient(running.address) as plain:
            plain.socket.sendall(ConnectPacket(client="plain", user="stage", password="plays").packet())
            assert plain.take(4) in (b"", b"\x15\x03\x03\x00", b"\x15\x03\x01\x00")
