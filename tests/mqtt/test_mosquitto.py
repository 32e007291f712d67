"""mosquitto: the page on it is run as printed; and what its fixture can do to it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import aiomqtt
import pytest

from csc.bus.mqtt.address import Address
from csc.bus.mqtt.connect_packet import ConnectPacket, Refusal
from csc.bus.mqtt.payload import LARGEST
from csc.bus.mqtt.roles import Role, acl_file, may
from csc.bus.mqtt.topics import TopicTree
from tests.docs.blocks import DOCS, GAP, matches
from tests.docs.guide import Step, steps_of
from tests.mqtt.brokers import Login, client, free_port, mosquitto, needs_mosquitto, program
from tests.mqtt.talk import RawClient, receive, written_by

pytestmark = [pytest.mark.mqtt, needs_mosquitto()]
PAGE = DOCS / "how-to" / "use-mosquitto.md"
FILES = DOCS.parent / "sim_configs" / "mosquitto"
ROLES = dict(zip(("observer", "operator", "instructor", "stage"), Role, strict=True))
EVENT = "cscsim/1/auxtel/ATDome/event/summaryState"


class Printed:
    """The broker of the page, in a folder: what its steps write, and what remains to be done to end it."""

    def __init__(self, folder: Path) -> None:
        self.tls, self.plain = Address(host="localhost", port=free_port()), Address(port=free_port())
        self.clone, self.folder = folder, folder / "broker"
        files = folder / "sim_configs" / "mosquitto"
        files.mkdir(parents=True)
        text = self.put((FILES / "mosquitto.conf").read_text(encoding="utf-8"))
        # Nobody but us connects, and no other user is there to become.
        text = text.replace(f"listener {self.tls.port}", f"listener {self.tls.port} 127.0.0.1")
        (files / "mosquitto.conf").write_text(text + ("user root\n" if os.getuid() == 0 else ""), encoding="utf-8")
        (files / "acl").write_text((FILES / "acl").read_text(encoding="utf-8"), encoding="utf-8")
        *self.steps, self.last = steps_of(PAGE.read_text(encoding="utf-8"))

    def put(self, text: str) -> str:
        """Return a text with the ports, and the folder of the program, of this test."""
        text = re.sub(r"\b8883\b", str(self.tls.port), text)
        text = re.sub(r"\b1883\b", str(self.plain.port), text)
        return text.replace("/usr/sbin/mosquitto ", f"{program('mosquitto')} ")

    def run(self) -> None:
        """Run all steps but the last, in one shell."""
        script = ["set -u -o pipefail"]
        for number, step in enumerate(self.steps):
            script += ["set -e" if not step.code else "set +e", self.put(step.text), f"echo end {number} $?"]
        told = self._shell("\n".join(script), self.clone)
        for number, step in enumerate(self.steps):
            output, end, told = told.partition(f"end {number} {step.code}\n")
            assert end, f"{PAGE.name}:{step.line}\n{output}"
            self._check(step, output)

    def stop(self) -> None:
        """Run the last step."""
        self._shell(self.last.text, self.folder)

    def logins(self) -> dict[str, Login]:
        """Return the users of the page."""
        return {
            name: Login(role, (self.folder / f"{name}.password").read_text(encoding="utf-8").strip())
            for name, role in ROLES.items()
        }

    def pid(self) -> int | None:
        """Return the number of the broker's process, None if there is none any more."""
        path = self.folder / "mosquitto.pid"
        return int(path.read_text(encoding="utf-8")) if path.exists() else None

    @staticmethod
    def _check(step: Step, output: str) -> None:
        for part in step.parts:
            assert matches([GAP, *part, GAP], output.splitlines()), f"{PAGE.name}:{step.line}\n{output}"

    @staticmethod
    def _shell(script: str, folder: Path) -> str:
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-c", script],
            cwd=folder,
            env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=50.0,
            check=False,
        )
        return done.stdout


@contextlib.contextmanager
def printed_in(folder: Path) -> Iterator[Printed]:
    """Do what the page says, in a folder."""
    page = Printed(folder)
    try:
        page.run()
        yield page
    finally:
        if (pid := page.pid()) is not None:
            os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Printed]:
    """The broker of the page, for those who only look at it."""
    with printed_in(tmp_path_factory.mktemp("printed")) as page:
        yield page


def test_the_page_makes_a_broker_with_the_four_roles(printed):
    said = asyncio.run(written_by(printed.plain, printed.logins()))

    topics = set().union(*said.values())
    assert said == {
        name: {topic for topic in topics if may(role, "write", topic, TopicTree("auxtel"))}
        for name, role in ROLES.items()
    }
    assert len({len(each) for each in said.values()}) == len(Role)


def test_the_authority_of_the_page_is_trusted_and_no_other(printed, stranger):
    def shake_hands(ca_file: Path) -> str | None:
        context = ssl.create_default_context(cafile=str(ca_file))
        with RawClient(printed.tls) as one, context.wrap_socket(one.socket, server_hostname="localhost") as safe:
            return safe.version()

    assert shake_hands(printed.folder / "ca.crt") in ("TLSv1.2", "TLSv1.3")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(stranger.authority)


def test_nobody_gets_in_without_a_password_or_without_tls(printed):
    stage = printed.logins()["stage"].password
    for user, password in ((None, None), ("stage", "wrong"), ("nobody", stage)):
        with RawClient(printed.plain) as one:
            assert one.connect(ConnectPacket(client="c", user=user, password=password)) == Refusal.NOT_ALLOWED
    welcome = ConnectPacket(client="c", user="stage", password=stage)
    with RawClient(printed.tls) as one:
        one.socket.sendall(welcome.packet())
        assert one.take(1) != b"\x20"  # how every answer to such a packet begins
    with RawClient(printed.plain) as one:
        assert one.connect(welcome) == 0


def test_private_files_of_the_page_are_read_by_their_owner_only(printed):
    for name in ("ca.key", "server.key", "passwords", "stage.password"):
        assert (printed.folder / name).stat().st_mode & 0o077 == 0


def test_the_page_stops_what_it_has_started(tmp_path):
    with printed_in(tmp_path) as page:
        assert page.pid() is not None

        page.stop()

        deadline = time.monotonic() + 10.0
        while page.pid() is not None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert page.pid() is None
        assert (page.folder / "mosquitto.db").exists()


def test_the_rights_that_come_along_are_those_of_the_table():
    assert (FILES / "acl").read_text(encoding="utf-8") == acl_file(TopicTree("auxtel"), ROLES)


def test_the_longest_message_is_that_of_the_bus():
    text = (FILES / "mosquitto.conf").read_text(encoding="utf-8")

    assert f"\nmessage_size_limit {LARGEST}\n" in text


def test_what_is_kept_survives_a_restart_of_the_broker(tmp_path):
    async def say(address):
        async with client(address) as one:
            await one.publish(EVENT, b"5", qos=1, retain=True)

    async def hear(address):
        async with client(address) as one:
            await one.subscribe(EVENT)
            return (await receive(one))[0].payload

    with mosquitto(tmp_path) as broker:
        asyncio.run(say(broker.address))
        broker.stop()
        broker.start()

        assert asyncio.run(hear(broker.address)) == b"5"


def test_a_broker_that_is_killed_comes_back_at_the_same_place(tmp_path):
    with mosquitto(tmp_path) as broker:
        first = broker.pid
        broker.kill()
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((broker.address.host, broker.address.port))

        broker.start()

        assert broker.pid != first
        with RawClient(broker.address) as one:
            assert one.connect(ConnectPacket(client="c")) == 0


def test_a_broker_that_is_held_says_nothing_and_then_goes_on(tmp_path):
    async def main(broker):
        async with client(broker.address) as one:
            broker.pause()
            with pytest.raises(aiomqtt.MqttError):
                await one.publish(EVENT, b"5", qos=1, timeout=0.1)
            broker.resume()
            await one.publish(EVENT, b"6", qos=1)

    with mosquitto(tmp_path) as broker:
        asyncio.run(main(broker))


@pytest.mark.parametrize("protocol", [aiomqtt.ProtocolVersion.V311, aiomqtt.ProtocolVersion.V5])
def test_what_is_shared_goes_to_one_of_a_group_and_so_do_commands(tmp_path, protocol):
    count = 100

    async def main(address: Address, login: Login) -> list[int]:
        def connect() -> aiomqtt.Client:
            return client(address, ("stage", login.password), protocol=protocol)

        async with connect() as first, connect() as second, connect() as sender:
            for one in (first, second):
                await one.subscribe("$share/group/cscsim/1/auxtel/#", qos=1)
            for number in range(count):
                await sender.publish("cscsim/1/auxtel/ATDome/command/start", str(number).encode(), qos=1)
            got: list[list[int]] = [[], []]
            all_came = asyncio.Event()

            async def listen(one: aiomqtt.Client, numbers: list[int]) -> None:
                async for message in one.messages:
                    numbers.append(int(bytes(message.payload)))
                    if sum(map(len, got)) == count:
                        all_came.set()

            listeners = [asyncio.create_task(listen(*pair)) for pair in zip((first, second), got, strict=True)]
            async with asyncio.timeout(10.0):
                await all_came.wait()
            for listener in listeners:
                listener.cancel()
            await asyncio.gather(*listeners, return_exceptions=True)
            assert sorted(got[0] + got[1]) == list(range(count))
            return sorted(map(len, got))

    users = {"stage": Login(Role.STAGE, "plays")}
    with mosquitto(tmp_path, users=users) as broker:
        assert asyncio.run(main(broker.address, users["stage"])) == [count // 2, count // 2]
