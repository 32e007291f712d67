"""The broker that comes along: amqtt in a process of its own, for one machine or a few people.

What clients do cannot hold up whoever started it, nor the other way round; and it ends with them, also when they are
killed. Nothing is kept on disk. For more, and beyond one machine, there is mosquitto: docs/how-to/use-mosquitto.md.
"""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import json
import os
import select
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple, Self

from csc.bus.mqtt.address import Address
from csc.bus.mqtt.roles import ANY_OBSERVATORY
from csc.bus.mqtt.topics import TopicTree
from csc.bus.mqtt.users import User
from fsm import AuthorError, OperatorError

__all__ = ["EmbeddedBroker", "KeyPair"]

_PATIENCE = 30.0  # to start, and to end [s, real]
_WAITING = 128  # connections that wait to be accepted


class KeyPair(NamedTuple):
    """Files, in PEM: a certificate with those that sign it, and its key."""

    certificate: Path
    key: Path


class EmbeddedBroker:
    """A broker while the ``with`` lasts.

    Parameters
    ----------
    host
        Where to listen. Beyond this machine only with users, and with TLS.
    port
        0 for one that is free.
    users
        Who may connect, with the rights of their roles; None: everybody on this machine, to everything.
    tls
        Encrypt what is said, so that passwords are not heard.
    plain
        Listen beyond this machine without TLS: passwords travel as they are.
    tree
        The observatory that rights are for; any by default.

    Raises
    ------
    OperatorError
        On entering: if amqtt is not installed, the port is taken, or others could connect without users or TLS.
    AuthorError
        On entering: if the certificate or its key cannot be read.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        users: Mapping[str, User] | None = None,
        tls: KeyPair | None = None,
        plain: bool = False,
        tree: TopicTree = ANY_OBSERVATORY,
    ) -> None:
        self._wanted = Address(host=host, port=port, tls=tls is not None)
        self._users, self._tls, self._plain, self._tree = users, tls, plain, tree
        self._process: subprocess.Popen[bytes] | None = None
        self._port = port

    @property
    def address(self) -> Address:
        """Where clients find it; without a user."""
        return Address(host=self._wanted.host, port=self._port, tls=self._wanted.tls)

    @property
    def pid(self) -> int:
        """Number of its process.

        Raises
        ------
        OperatorError
            If it does not run.
        """
        if self._process is None or self._process.poll() is not None:
            raise OperatorError(f"{self.address}: the embedded broker does not run")
        return self._process.pid

    def __enter__(self) -> Self:
        self._check()
        self._begin()
        return self

    def wait(self) -> int:
        """Wait until its process has ended, whoever has ended it; return how, as `subprocess` does."""
        process = self._process
        return 0 if process is None else process.wait()

    def restart(self) -> None:
        """Start it again at the same place, after it has died.

        Raises
        ------
        OperatorError
            If it does not start, or the port is taken meanwhile.
        """
        self.close()
        self._begin()

    def _begin(self) -> None:
        with self._listen() as listener, tempfile.TemporaryFile() as complaints:
            self._port = listener.getsockname()[1]
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "csc.bus.mqtt.embedded_process"],
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                pass_fds=[listener.fileno()],
                start_new_session=True,  # Ctrl-C is for us: the broker ends after we have said goodbye
            )
            try:
                self._start(self._process, listener.fileno(), complaints)
            except BaseException:
                self.close()
                raise

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End it; clients see their connection lost."""
        process, self._process = self._process, None
        if process is None:
            return
        with process:  # closes the pipe, which is what it waits for
            if process.stdin is not None:
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.close()
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()

    def _check(self) -> None:
        where = self._wanted
        if self._tls is not None:
            _try_key(self._tls)
        if importlib.util.find_spec("amqtt") is None:
            raise OperatorError("the embedded broker needs amqtt: pip install 'cscsim[mqtt]', or name another broker")
        if where.is_loopback:
            return
        if not self._users:
            raise OperatorError(
                f"{where}: a broker that other machines can reach wants users; name a file of them, or listen on "
                "127.0.0.1"
            )
        if self._tls is None and not self._plain:
            raise OperatorError(
                f"{where}: passwords would be heard by others; name a certificate and its key, or say plain where "
                "the network is yours alone"
            )

    def _listen(self) -> socket.socket:
        where = self.address
        try:
            family, *_, place = socket.getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)[0]
            return socket.create_server(place[:2], family=family, backlog=_WAITING)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise OperatorError(
                    f"{where}: another program listens there, perhaps a broker; name another port, 0 for a free one"
                ) from None
            raise OperatorError(f"{where}: cannot listen there: {error.strerror or error}") from None

    def _start(self, process: subprocess.Popen[bytes], listener: int, complaints: IO[bytes]) -> None:
        if process.stdin is None or process.stdout is None:
            raise TypeError("its pipes are missing")
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(self._settings(listener)).encode() + b"\n")
            process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], _PATIENCE)
        if not ready or process.stdout.readline() != b"ready\n":
            complaints.seek(0)
            last = complaints.read().decode(errors="replace").strip().splitlines()[-1:]
            raise OperatorError(f"{self._wanted}: the embedded broker does not start: {' '.join(last) or 'no answer'}")

    def _settings(self, listener: int) -> dict[str, Any]:
        users = self._users
        return {
            "socket": listener,
            "observatory": self._tree.observatory,
            "users": None if users is None else {name: (each.role, each.password) for name, each in users.items()},
            "certificate": None if self._tls is None else str(self._tls.certificate.absolute()),
            "key": None if self._tls is None else str(self._tls.key.absolute()),
        }


def _environment() -> dict[str, str]:
    """Return ours, in which the broker finds the same code as runs here."""
    here = str(Path(__file__).parents[3])
    return os.environ | {"PYTHONPATH": os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])}


def _try_key(tls: KeyPair) -> None:
    try:
        # A key that wants a password must not ask for it on the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*tls, password=lambda: "")
    except (OSError, ssl.SSLError) as error:
        raise AuthorError(f"{tls.certificate}, {tls.key}: no certificate with its key: {error}") from None
