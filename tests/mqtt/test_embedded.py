"""The embedded broker as a process: it starts, says why it does not, and ends with whoever started it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from csc.bus.mqtt.address import Address
from csc.bus.mqtt.connect_packet import ConnectPacket, Refusal
from csc.bus.mqtt.embedded import EmbeddedBroker, KeyPair
from csc.bus.mqtt.roles import Role
from csc.bus.mqtt.topics import TopicTree
from csc.bus.mqtt.users import User, hashed
from fsm import AuthorError, OperatorError
from tests.mqtt.brokers import client, embedded, free_port
from tests.mqtt.conftest import USERS
from tests.mqtt.talk import RawClient, heard

pytestmark = pytest.mark.mqtt
SOMEBODY = {"ann": User(role=Role.OPERATE, password=hashed("acts"))}
COMMAND = "cscsim/1/auxtel/ATDome/command/start"


def is_gone(address: Address) -> bool:
    """Wait until nobody listens there any more; say whether that came about."""
    deadline = time.monotonic() + 10.0
    while time.monotonic() < deadline:
        try:
            socket.create_connection((address.host, address.port)).close()
        except OSError:
            return True
        time.sleep(0.01)
    return False


def test_it_is_a_process_of_its_own_on_loopback_and_ends_with_the_block():
    with EmbeddedBroker() as broker:
        assert broker.address.is_loopback
        assert broker.pid != os.getpid()
        assert os.getsid(broker.pid) != os.getsid(0)  # Ctrl-C is not for it
        with RawClient(broker.address) as one:
            assert one.connect(ConnectPacket(client="c")) == 0

    assert is_gone(broker.address)
    with pytest.raises(OperatorError, match="the embedded broker does not run"):
        _ = broker.pid


def test_a_port_may_be_given():
    port = free_port()

    with EmbeddedBroker(port=port) as broker:
        assert str(broker.address) == f"mqtt://127.0.0.1:{port}"


def test_a_port_that_is_taken_is_named():
    with (
        EmbeddedBroker() as first,
        pytest.raises(OperatorError, match=rf":{first.address.port}: another program .* 0 for a free one"),
        EmbeddedBroker(port=first.address.port),
    ):
        pass


def test_a_host_that_is_not_here_is_named():
    with pytest.raises(OperatorError, match=r"192\.0\.2\.1:1883: cannot listen there"):
        EmbeddedBroker(host="192.0.2.1", port=1883, users=SOMEBODY, plain=True).__enter__()


def test_without_amqtt_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(OperatorError, match=r"pip install 'cscsim\[mqtt\]'"):
        EmbeddedBroker().__enter__()


def test_a_process_that_does_not_start_says_why(monkeypatch):
    monkeypatch.setattr("csc.bus.mqtt.embedded._environment", lambda: {})
    monkeypatch.setattr("sys.executable", "/bin/false")

    with pytest.raises(OperatorError, match="the embedded broker does not start: no answer"):
        EmbeddedBroker().__enter__()


def test_beyond_this_machine_it_wants_users():
    nobody: dict[str, User] = {}
    for users in (None, nobody):
        with pytest.raises(OperatorError, match=r"mqtt://0\.0\.0\.0:0: .* wants users; .* or listen on 127\.0\.0\.1"):
            EmbeddedBroker(host="0.0.0.0", users=users).__enter__()


def test_beyond_this_machine_passwords_are_encrypted_unless_somebody_says_that_they_need_not_be():
    with pytest.raises(OperatorError, match="passwords would be heard by others; name a certificate .* or say plain"):
        EmbeddedBroker(host="0.0.0.0", users=SOMEBODY).__enter__()


@pytest.mark.parametrize("how", ["tls", "plain"])
def test_beyond_this_machine_with_users_it_listens(monkeypatch, authority, how):
    monkeypatch.setattr(Address, "is_loopback", property(lambda self: False))
    options = {"tls": authority.server} if how == "tls" else {"plain": True}

    with EmbeddedBroker(users=SOMEBODY, **options) as broker:
        assert broker.address.tls is (how == "tls")


def test_a_certificate_that_cannot_be_read_is_named(authority, stranger, tmp_path):
    for pair in (
        KeyPair(tmp_path / "none.crt", authority.server.key),
        KeyPair(authority.authority, stranger.server.key),
    ):
        with pytest.raises(AuthorError, match=rf"{pair.certificate.name}.*: no certificate with its key"):
            EmbeddedBroker(tls=pair).__enter__()


STARTER = """
import sys, time
from csc.bus.mqtt.embedded import EmbeddedBroker
with EmbeddedBroker() as broker:
    print(broker.pid, broker.address.port, flush=True)
    time.sleep(60)
"""


def test_it_ends_with_its_parent_even_if_that_is_killed():
    root = str(Path(__file__).parents[2])
    environment = os.environ | {"PYTHONPATH": root}
    with subprocess.Popen([sys.executable, "-c", STARTER], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        pid, port = map(int, parent.stdout.readline().split())
        os.kill(pid, 0)

        parent.send_signal(signal.SIGKILL)

        assert is_gone(Address(port=port))


def test_one_that_was_killed_can_be_closed():
    with EmbeddedBroker() as broker:
        os.kill(broker.pid, signal.SIGKILL)

        assert is_gone(broker.address)


def test_a_user_cannot_take_over_the_session_of_another():
    async def main(address: Address) -> list[tuple[str, bytes]]:
        async with client(address, ("stage", USERS["stage"].password)) as stage:
            await stage.subscribe("cscsim/1/auxtel/#", qos=1)
            packet = ConnectPacket(client="same", user="operator", password="acts", clean=False)
            with RawClient(address) as operator, RawClient(address) as observer:
                assert operator.connect(packet) == 0
                assert observer.connect(replace(packet, user="observer", password="wrong")) == Refusal.CREDENTIALS
            with RawClient(address) as operator, RawClient(address) as observer:
                assert operator.connect(packet) == 0
                assert observer.connect(replace(packet, user="observer", password="sees")) == 0
                observer.publish(COMMAND, b"observer")
                operator.publish(COMMAND, b"operator")
                observer.publish(COMMAND, b"observer")
                operator.socket.sendall(b"\xc0\x00")
                assert operator.take(2) == b"\xd0\x00"  # it is still served
                return await heard(stage, stage)

    with embedded(users=USERS) as broker:
        assert asyncio.run(main(broker.address)) == [(COMMAND, b"operator")]


def test_rights_are_for_one_observatory_if_it_is_named():
    async def main(address: Address) -> list[tuple[str, bytes]]:
        async with client(address, ("stage", USERS["stage"].password)) as stage:
            await stage.subscribe("cscsim/1/auxtel/#", qos=1)
            await stage.publish("cscsim/1/other/clock", b"elsewhere", qos=1)
            await stage.publish("cscsim/1/auxtel/clock", b"here", qos=1)
            return await heard(stage, stage)

    with embedded(users=USERS, tree=TopicTree("auxtel")) as broker:
        assert asyncio.run(main(broker.address)) == [("cscsim/1/auxtel/clock", b"here")]


def test_a_filter_that_reaches_beyond_the_observatories_is_refused():
    with embedded(users=USERS) as broker, RawClient(broker.address) as observer:
        observer.connect(ConnectPacket(client="o", user="observer", password="sees"))

        assert observer.subscribe("cscsim/1/+/#") == 0
        assert observer.subscribe("#") == 0x80


@pytest.mark.parametrize("level", [3, 5])
def test_other_versions_of_the_protocol_are_refused(level):
    with embedded() as broker, RawClient(broker.address) as one:
        assert one.connect(ConnectPacket(client="c", level=level)) == Refusal.PROTOCOL


def test_a_session_that_is_kept_needs_a_name():
    with embedded() as broker, RawClient(broker.address) as one:
        assert one.connect(ConnectPacket(clean=False)) == Refusal.CLIENT_NAME


def test_two_hundred_clients_at_once_hear_the_same():
    count = 200

    async def main(address: Address) -> int:
        heard_by = []

        async def listen(ready: asyncio.Semaphore) -> None:
            async with client(address) as one:
                await one.subscribe("cscsim/1/auxtel/#", qos=1)
                ready.release()
                async for message in one.messages:
                    heard_by.append(message.payload)
                    return

        ready = asyncio.Semaphore(0)
        async with asyncio.TaskGroup() as group:
            for _ in range(count):
                group.create_task(listen(ready))
            for _ in range(count):
                await ready.acquire()
            async with client(address) as speaker:
                await speaker.publish(COMMAND, b"all", qos=1)
        return len(heard_by)

    with embedded() as broker:
        assert asyncio.run(main(broker.address)) == count
