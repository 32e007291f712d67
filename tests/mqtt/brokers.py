"""Brokers for tests, on this machine: the embedded one, and mosquitto, which may be killed, held and started again.

Where mosquitto is not installed the tests that need it are skipped, unless CSCSIM_MOSQUITTO=required.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import aiomqtt
import pytest

from csc.bus.mqtt.address import Address
from csc.bus.mqtt.embedded import EmbeddedBroker, KeyPair
from csc.bus.mqtt.roles import ANY_OBSERVATORY, Role, acl_file
from csc.bus.mqtt.topics import TopicTree
from csc.bus.mqtt.users import User, hashed, password_file

__all__ = [
    "Certificates",
    "Login",
    "Mosquitto",
    "certificates",
    "client",
    "embedded",
    "free_port",
    "is_required",
    "mosquitto",
    "needs_mosquitto",
    "program",
]

_VARIABLE = "CSCSIM_MOSQUITTO"
_PATIENCE = 10.0
_FOLDERS = (":/usr/sbin:/usr/local/sbin",)  # where Debian puts a daemon; not on everybody's PATH


class Login(NamedTuple):
    """What a user may do, and the password as it is typed."""

    role: Role
    password: str


class Certificates(NamedTuple):
    """An authority of our own, and what it has signed for this machine."""

    authority: Path
    server: KeyPair


def is_required() -> bool:
    """Tell whether it is a failure that mosquitto is absent."""
    return os.environ.get(_VARIABLE) == "required"


def program(name: str) -> str | None:
    """Return where a program of mosquitto's is."""
    return shutil.which(name, path=os.environ.get("PATH", os.defpath) + "".join(_FOLDERS))


def needs_mosquitto() -> pytest.MarkDecorator:
    """Mark a test that runs mosquitto or its clients: without them it is skipped, or fails where they are required."""
    absent = [name for name in ("mosquitto", "mosquitto_pub", "mosquitto_passwd") if program(name) is None]
    return pytest.mark.skipif(
        bool(absent) and not is_required(), reason=f"{', '.join(absent)} not installed: make system"
    )


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def client(address: Address, login: tuple[str, str] | None = None, **options: Any) -> aiomqtt.Client:
    """Return a client that does not wait for more to send."""
    user, password = login or (None, None)
    return aiomqtt.Client(
        address.host,
        address.port,
        username=user,
        password=password,
        tls_context=address.tls_context(),
        timeout=_PATIENCE,
        socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        **options,
    )


@contextlib.contextmanager
def embedded(
    *, users: Mapping[str, Login] | None = None, tls: Certificates | None = None, tree: TopicTree = ANY_OBSERVATORY
) -> Iterator[EmbeddedBroker]:
    """Run the embedded broker."""
    known = None if users is None else _users(users)
    with EmbeddedBroker(users=known, tls=None if tls is None else tls.server, tree=tree) as broker:
        yield broker


def _users(users: Mapping[str, Login]) -> dict[str, User]:
    return {name: User(role=login.role, password=hashed(login.password)) for name, login in users.items()}


class Mosquitto:
    """mosquitto, with its files in a folder of the test.

    Parameters
    ----------
    configuration
        A file; what it says of ports must be `address`.
    """

    def __init__(self, configuration: Path, address: Address) -> None:
        self.configuration, self.address = configuration, address
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What it says."""
        return self.configuration.with_suffix(".log")

    @property
    def pid(self) -> int:
        """Number of its process."""
        assert self._process is not None, "mosquitto does not run"
        return self._process.pid

    def start(self) -> None:
        """Start it, and return when it accepts connections."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [program("mosquitto") or "mosquitto", "-c", str(self.configuration)],
                cwd=self.configuration.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + _PATIENCE
        while not _accepts(self.address):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                pytest.fail(f"mosquitto does not start:\n{self.log.read_text(encoding='utf-8')}", pytrace=False)
            time.sleep(0.01)

    def stop(self) -> None:
        """End it as its administrator would: it saves what it keeps."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it: what it has not saved is lost."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Hold it: connections stay, and nothing moves."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGCONT)
            process.send_signal(how)
            process.wait(_PATIENCE)


@contextlib.contextmanager
def mosquitto(
    folder: Path,
    *,
    users: Mapping[str, Login] | None = None,
    tls: Certificates | None = None,
    tree: TopicTree = ANY_OBSERVATORY,
    settings: Mapping[str, object] | None = None,
) -> Iterator[Mosquitto]:
    """Run mosquitto on a free port of loopback.

    Parameters
    ----------
    folder
        For its files; what it keeps survives there if it is stopped and started again.
    users
        Without them everybody may do everything.
    tls
        Without it nothing is encrypted.
    settings
        Lines of the configuration, by their names, beside or instead of those here.
    """
    port = free_port()
    lines: dict[str, object] = {
        "persistence": "true",
        "persistence_location": f"{folder}/",
        "max_queued_messages": 10_000,
        "message_size_limit": 262_144,
        "set_tcp_nodelay": "true",
        "allow_anonymous": "true" if users is None else "false",
    }
    if os.getuid() == 0:
        lines["user"] = "root"  # or it becomes one who may not read the folder of the test
    if users is not None:
        roles = {name: login.role for name, login in users.items()}
        lines |= {"password_file": folder / "passwords", "acl_file": folder / "acl"}
        (folder / "passwords").write_text(password_file(_users(users)), encoding="utf-8")
        (folder / "acl").write_text(acl_file(tree, roles), encoding="utf-8")
    lines |= settings or {}
    listener: dict[str, object] = {"listener": f"{port} 127.0.0.1"}
    if tls is not None:
        listener |= {"certfile": tls.server.certificate, "keyfile": tls.server.key}
    configuration = folder / "mosquitto.conf"
    text = "".join(f"{name} {value}\n" for name, value in [*lines.items(), *listener.items()])
    configuration.write_text(text, encoding="utf-8")
    authority = None if tls is None else tls.authority
    broker = Mosquitto(configuration, Address(port=port, tls=tls is not None, ca_file=authority))
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


def _accepts(address: Address) -> bool:
    try:
        socket.create_connection((address.host, address.port), timeout=1.0).close()
    except OSError:
        return False
    return True


def certificates(folder: Path, name: str = "authority") -> Certificates:
    """Make an authority, and have it sign a certificate for this machine."""
    authority, authority_key = folder / f"{name}.crt", folder / f"{name}.key"
    server = KeyPair(folder / f"{name}-server.crt", folder / f"{name}-server.key")
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    _run(*new, "-subj", f"/CN={name}", "-keyout", authority_key, "-out", authority)
    _run(
        *new, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
        "-addext", "basicConstraints=critical,CA:FALSE",
        "-CA", authority, "-CAkey", authority_key, "-keyout", server.key, "-out", server.certificate,
    )  # fmt: skip
    return Certificates(authority, server)


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
