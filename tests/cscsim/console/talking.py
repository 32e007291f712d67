"""A page without a browser: what it asks, what it is sent."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from cscsim.console.plan import Plan, find_plan
from cscsim.console.roles import Tokens
from cscsim.console.room import Room
from cscsim.console.server import make_app

HOST = "127.0.0.1:8700"
TOKENS = Tokens(trainee="the-trainees", instructor="the-instructors")


class Talk:
    """One websocket."""

    def __init__(self, socket) -> None:
        self.socket = socket
        self.seen: list[dict[str, Any]] = []
        self.joined: dict[str, Any] = {}
        self.hello: dict[str, Any] = {}
        self.live: dict[str, Any] = {"current": None}
        self.steps: dict[str, Any] = {}
        self._count = 0

    def receive(self):
        message = json.loads(self.socket.receive_text())
        self.seen.append(message)
        self.live |= message.get("live", {})
        self.steps |= message.get("steps", {})
        return message

    def until(self, wanted, *, seen=False):
        """Return the first message that is wanted, of those to come, or of those seen too."""
        if seen:
            for message in self.seen:
                if wanted(message):
                    return message
        while True:
            message = self.receive()
            if wanted(message):
                return message

    def raw(self, **request):
        self._count += 1
        self.socket.send_text(json.dumps({"id": self._count, **request}))
        number = self._count
        return self.until(lambda message: message["kind"] == "answer" and message["id"] == number)

    def ask(self, do, **request):
        answer = self.raw(do=do, **request)
        assert answer["ok"], answer["error"]
        return answer["result"]

    def refused(self, do, **request):
        answer = self.raw(do=do, **request)
        assert not answer["ok"], answer["result"]
        return answer["error"]

    def command(self, component, command, **fields):
        """Send a command; return its final acknowledgement."""
        self.ask("command", component=component, command=command, fields=fields)
        return self.final_ack(self._count)

    def final_ack(self, number):
        """Return the final acknowledgement of the command that was sent by a request."""

        def found(message):
            return next((ack for ack in message.get("acks", ()) if ack["id"] == number and ack["final"]), None)

        return found(self.until(found, seen=True))

    def record(self, wanted):
        """Return the first record that is wanted, seen or to come."""
        batch = self.until(lambda message: any(map(wanted, message.get("records", ()))), seen=True)
        return next(record for record in batch["records"] if wanted(record))


class Open:
    """A console that is open."""

    def __init__(self, client: TestClient, room: Room) -> None:
        self.client, self.room = client, room

    @contextmanager
    def joined(self, token="", **more):
        with self.socket() as socket:
            talk = Talk(socket)
            joined = talk.ask("join", **({"token": token} if token else {}), **more)
            talk.joined = joined
            if not joined["resumed"]:
                talk.hello = talk.until(lambda message: message["kind"] == "hello", seen=True)
            yield talk

    @contextmanager
    def socket(self, host=HOST, **headers):
        with self.client.websocket_connect(f"ws://{host}/ws", headers=headers) as socket:
            yield socket

    def trainee(self, **more):
        return self.joined(**more)

    def instructor(self, **more):
        return self.joined(token=TOKENS.instructor, **more)


def plan_of(what=None, scenario=None, training=None) -> Plan:
    return find_plan(what, scenario=scenario, training=training)


@contextmanager
def console(folder: Path, plan: Plan, *, speed: float = 60.0, host: str = "127.0.0.1", tokens: Tokens = TOKENS):
    """Open a console in this process."""
    room = Room(plan, folder / "journal.jsonl", speed)
    with TestClient(make_app(room, tokens, host), base_url=f"http://{HOST}") as client:
        yield Open(client, room)
