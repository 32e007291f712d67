"""Opens the server's door, says where it is, and ends everything in order."""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import webbrowser
from pathlib import Path

import click
import uvicorn

from cscsim.console.plan import Plan
from cscsim.console.roles import Tokens
from cscsim.console.room import Room
from cscsim.console.safety import Doors
from cscsim.console.server import make_app
from cscsim.errors import Breakdown, Complaint

__all__ = ["run_console"]

_LARGEST_FRAME = 1_048_576
"""Bytes of a websocket frame that are read at all, to say that it is too large."""


def run_console(plan: Plan, journal: Path, *, speed: float, host: str, port: int, opens_browser: bool) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Raises
    ------
    Complaint
        If it cannot listen there.
    """
    door = _listen(host, port)
    with door:
        tokens = Tokens(needs_one=Doors(host).is_wide)
        room = Room(plan, journal, speed)
        trainee, instructor = _addresses(host, door.getsockname()[1], tokens)
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        config = uvicorn.Config(
            make_app(room, tokens, host),
            log_level="warning",
            ws="websockets-sansio",
            ws_max_size=_LARGEST_FRAME,
            ws_max_queue=8,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=2,
            lifespan="on",
            access_log=False,
            server_header=False,
        )
        server = _Server(config, trainee, instructor, opens_browser=opens_browser)
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
        try:
            server.run(sockets=[door])
        except KeyboardInterrupt:
            pass  # it has ended in order; the second time it was in a hurry
        finally:
            signal.signal(signal.SIGTERM, before)
    if not server.started:
        raise Breakdown("cscsim console: it has not begun")
    _tell_end(room)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, so that asyncio lets no batch wait until the browser has confirmed the one before.
    door = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
    except (OSError, OverflowError) as error:
        door.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            words = f"port {port} is taken; name another by --port, or 0 for any"
            raise Breakdown(f"cscsim console: {words}") from error
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise Complaint(f"--host {host}: cannot listen there: {reason}") from error
    return door


def _addresses(host: str, port: int, tokens: Tokens) -> tuple[str, str]:
    name = f"[{host}]" if ":" in host else host
    if host in ("0.0.0.0", "::"):  # somebody has asked for it
        name = socket.gethostname()
    trainee = f"?token={tokens.trainee}" if tokens.needs_one else ""
    return f"http://{name}:{port}/{trainee}", f"http://{name}:{port}/?token={tokens.instructor}#/instructor"


class _Server(uvicorn.Server):
    """Says where it is once it can be reached."""

    def __init__(self, config: uvicorn.Config, trainee: str, instructor: str, *, opens_browser: bool) -> None:
        super().__init__(config)
        self._trainee, self._instructor, self._opens_browser = trainee, instructor, opens_browser

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        click.echo(f"trainee:    {self._trainee}")
        click.echo(f"instructor: {self._instructor}")
        click.echo("Ctrl-C ends it.")
        if self._opens_browser:
            webbrowser.open(self._trainee)


def _tell_end(room: Room) -> None:
    click.echo()
    for path in room.journals:
        click.echo(f"journal: {path}")
    click.echo(f"cscsim debrief {room.journals[-1]} tells how it went; --report FILE.html writes a page to keep.")
    error = room.run.error
    if error is not None:
        raise error
