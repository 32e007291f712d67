"""A stand-in for the console's server: it plays a session that stands still, so that the page can be tested alone.

What it says has the form of the console's protocol; components, topics and machines are the observatory's own. A test
may let it say more (`say`) and read what it was asked (`asked`).
"""

from __future__ import annotations

import mimetypes
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

import orjson
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from cscsim.console.sheets import sheet_of

from . import session

__all__ = ["StandIn"]

STATIC = Path(__file__).parents[2] / "cscsim" / "console" / "static"
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

_PATIENCE = 10.0  # [s, real]


class StandIn:
    """A server on loopback that knows one session.

    Parameters
    ----------
    role
        trainee or instructor.
    port
        0 takes one that is free.
    """

    def __init__(self, role: str = "trainee", port: int = 0) -> None:
        self.hello = session.hello(role)
        self.asked: list[dict[str, Any]] = []
        self._sockets: set[ServerConnection] = set()
        self._server: Server = serve(self._talk, "127.0.0.1", port, process_request=self._get, ping_interval=None)
        self.port: int = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        """End it, as a server does that is stopped."""
        for socket in tuple(self._sockets):
            socket.close()
        self._server.shutdown()
        self._thread.join()

    def wait_for(self, what: str, /, **fields: Any) -> None:
        """Wait until it was asked for something."""
        end = time.monotonic() + _PATIENCE
        while not any(asked["do"] == what and fields.items() <= asked.items() for asked in tuple(self.asked)):
            if time.monotonic() > end:
                raise AssertionError(f"nobody has asked for {what} {fields}: {self.asked}")
            time.sleep(0.02)

    def say(self, **batch: Any) -> None:
        """Send a batch to every page."""
        text = orjson.dumps({"kind": "batch", **self._head(), **batch}).decode()
        for socket in tuple(self._sockets):
            socket.send(text)

    def _head(self) -> dict[str, Any]:
        return {key: self.hello[key] for key in ("n", "t", "speed", "paused", "frozen", "ended")}

    def _get(self, _: ServerConnection, request: Request) -> Response | None:
        path = request.path.split("?")[0]
        if path == "/ws":
            return None
        if path.startswith("/images/"):
            return _response(HTTPStatus.OK, "image/png", session.picture())
        file = STATIC / ("index.html" if path == "/" else path.removeprefix("/static/"))
        if not file.resolve().is_relative_to(STATIC) or not file.is_file():
            return _response(HTTPStatus.NOT_FOUND, "text/plain", b"there is nothing")
        kind = mimetypes.guess_type(file.name)[0] or "text/plain"
        return _response(HTTPStatus.OK, kind, file.read_bytes())

    def _talk(self, socket: ServerConnection) -> None:
        self._sockets.add(socket)
        with suppress(ConnectionClosed):
            for text in socket:
                asked = orjson.loads(text)
                self.asked.append(asked)
                self._answer(socket, asked)
        self._sockets.discard(socket)

    def _answer(self, socket: ServerConnection, asked: dict[str, Any]) -> None:
        try:
            result = self._result(asked)
        except LookupError as error:
            socket.send(_text(kind="answer", id=asked["id"], ok=False, error=str(error.args[0])))
            return
        socket.send(_text(kind="answer", id=asked["id"], ok=True, result=result))
        if asked["do"] == "join":
            socket.send(_text(**self.hello))
        if asked["do"] == "subscribe":
            self._tell(socket, asked)
        if asked["do"] == "command":
            acks = [{"id": asked["id"], **session.ack(asked)}]
            socket.send(_text(kind="batch", **self._head(), acks=acks))

    def _tell(self, socket: ServerConnection, asked: Mapping[str, Any]) -> None:
        telemetry = {topic: session.TELEMETRY[topic] for topic in asked.get("topics", ()) if topic in session.TELEMETRY}
        explained = {name: session.explain(name) for name in asked.get("explain", ())}
        truth = dict.fromkeys(asked.get("truth", ()), session.TRUTH)
        live = {key: self.hello[key] for key in ("live", "steps")} if asked.get("procedure") else {}
        socket.send(_text(kind="batch", **self._head(), telemetry=telemetry, explain=explained, truth=truth, **live))

    def _result(self, asked: dict[str, Any]) -> Any:
        match asked["do"]:
            case "join":
                return {"role": self.hello["role"], "resumed": False}
            case "sheet":
                name = asked["component"]
                return sheet_of(name, session.blueprint(name), session.role(self.hello["role"]))
            case "look":
                return {"t": self.hello["t"], "topics": session.topics(asked["component"])}
            case "command":
                return {"seq": asked["id"]}
            case what if what in session.ANSWERS:
                return session.ANSWERS[what](asked)
            case _:
                return {}


def _text(**message: Any) -> str:
    return orjson.dumps(message).decode()


def _response(status: HTTPStatus, kind: str, body: bytes) -> Response:
    headers = Headers({"Content-Type": kind, "Content-Length": str(len(body)), "Content-Security-Policy": POLICY})
    return Response(status.value, status.phrase, headers, body)
