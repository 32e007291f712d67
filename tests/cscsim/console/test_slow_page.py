"""A page that takes nothing, or asks for too much, costs only itself."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.websockets import WebSocketDisconnect, WebSocketState

from cscsim.console import connection
from cscsim.console.connection import Connection
from cscsim.console.safety import Doors
from tests.cscsim.console.talking import HOST, TOKENS


class Socket:
    """A websocket whose page takes so many messages, and then none."""

    def __init__(self, takes, asks=()):
        self.client = SimpleNamespace(host="127.0.0.1")
        self.headers = {"host": HOST}
        self.application_state = WebSocketState.CONNECTED
        self.sent, self.code, self.because = [], None, ""
        self._takes, self._asks = takes, [{"id": 1, "do": "join"}, *asks]

    async def accept(self):
        await asyncio.sleep(0)

    async def receive_text(self):
        if self._asks:
            await asyncio.sleep(0.002)  # its answers come in between
            return json.dumps(self._asks.pop(0))
        await asyncio.Event().wait()

    async def send_text(self, text):
        if len(self.sent) >= self._takes:
            await asyncio.Event().wait()
        self.sent.append(json.loads(text))

    async def close(self, code, because):
        self.code, self.because = code, because


def connected(opened, socket: Any):
    return Connection(socket, opened.room, TOKENS, Doors("127.0.0.1"))


def serve(opened, socket):
    """Serve a socket in the server's thread until it is sent away."""

    async def work():
        async with asyncio.timeout(20.0):
            await connected(opened, socket).serve()

    opened.client.portal.call(work)
    return socket


def test_a_page_that_takes_nothing_is_sent_away_and_nobody_waits_for_it(training, monkeypatch):
    monkeypatch.setattr(connection, "_SEND_WITHIN", 1.0)
    with training.trainee() as page:
        slow = Socket(takes=2)
        ended = training.client.portal.start_task_soon(connected(training, slow).serve)
        page.ask("speed", to="max")
        page.ask("state", of="ATCS", to="ENABLED")
        assert not ended.done()
        ended.result(20.0)

        assert slow.code == 4009
        assert slow.because == "too slow: nothing was taken for 1 s"
        assert len(slow.sent) == 2
        assert len(training.room.pages) == 1
        assert page.ask("look", component="ATDome")["topics"]["summaryState"]["data"]["summaryState"] == 2


def test_answers_that_nobody_takes_are_not_piled_up(training, monkeypatch):
    monkeypatch.setattr(connection, "_WAITING", 20)
    asks = [{"id": number, "do": "look", "component": "ATDome"} for number in range(2, 90)]
    slow = serve(training, Socket(takes=2, asks=asks))

    assert slow.code == 4009
    assert slow.because.endswith("answers were waiting")


def test_requests_that_do_not_end_are_bounded(training, monkeypatch):
    monkeypatch.setattr(connection, "_UNDER_WAY", 3)
    with training.trainee() as page:
        page.ask("speed", to="pause")
        for number in range(100, 103):
            page.socket.send_text(json.dumps({"id": number, "do": "state", "of": "ATCS", "to": "ENABLED"}))
        assert page.refused("look", component="ATDome") == "3 requests are under way; wait for the end of some"


def test_a_page_that_has_slept_too_long_is_sent_away_rather_than_told_half(training, monkeypatch):
    with training.trainee() as page:
        [seen] = training.room.pages
        seen._n = -100
        training.room.history._lines.popleft()
        with pytest.raises(WebSocketDisconnect) as end:
            page.until(lambda message: False)

    assert end.value.code == 4009
