"""A websocket from its beginning to its end: who it is, what it asks for, what it is sent."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from cscsim.console.limits import LARGEST, Allowance
from cscsim.console.page import Page
from cscsim.console.pictures import no_pictures
from cscsim.console.roles import Role, Tokens
from cscsim.console.room import Room
from cscsim.console.safety import Doors

__all__ = ["Connection"]

_ENDED, _WRONG_TOKEN, _FOREIGN, _TOO_MUCH, _TOO_SLOW = 4000, 4001, 4003, 4008, 4009
_AT_ONCE, _A_SECOND = 100, 40
_STRIKES = 200
"""Requests too many before a page is sent away."""
_UNDER_WAY = 200
"""Requests of a page that may wait for their end."""
_WAITING = 1000
"""Answers and acknowledgements that may wait for a page to take them."""
_JOIN_WITHIN = 10.0
_SEND_WITHIN = 10.0
"""Real time [s] to join, and to take what is sent."""
_LONGEST_NAME = 40


class _Leave(Exception):  # it ends a connection; most that do are no errors
    """The connection ends, for this reason."""

    def __init__(self, code: int, because: str) -> None:
        super().__init__(because)
        self.code, self.because = code, because


class Connection:
    """One websocket.

    Parameters
    ----------
    socket
        It.
    room, tokens, doors
        Whom it speaks with, and who may.
    """

    def __init__(self, socket: WebSocket, room: Room, tokens: Tokens, doors: Doors) -> None:
        self._socket, self._room, self._tokens, self._doors = socket, room, tokens, doors
        self._due = asyncio.Event()
        self._page: Page | None = None
        self._allowance = Allowance(_AT_ONCE, _A_SECOND)
        self._strikes = 0

    async def serve(self) -> None:
        """Serve it until it ends."""
        socket = self._socket
        address = socket.client.host if socket.client is not None else "somebody"
        foreign = self._doors.refusal(socket.headers.get("host", ""), socket.headers.get("origin"))
        await socket.accept()
        try:
            if foreign:
                await self._room.refuse(address, "a connection", foreign)
                raise _Leave(_FOREIGN, foreign)
            self._page = await self._join(address)
            await self._room.enter(self._page)
            await self._talk(self._page)
        except _Leave as leave:
            await self._say_goodbye(leave)
        except WebSocketDisconnect:
            pass
        finally:
            if self._page is not None:
                self._room.pages.discard(self._page)

    async def _talk(self, page: Page) -> None:
        """Read and write until one of them ends."""
        tasks = [asyncio.ensure_future(self._read(page)), asyncio.ensure_future(self._write(page))]
        self._due.set()
        try:
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
                task.add_done_callback(_look_at_its_end)
            await asyncio.wait(tasks)
        for task in ended:
            task.result()

    async def _say_goodbye(self, leave: _Leave) -> None:
        socket = self._socket
        if socket.application_state is not WebSocketState.CONNECTED:
            return
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
            async with asyncio.timeout(1.0):
                if leave.code != _TOO_SLOW:  # it takes nothing anyway
                    await socket.send_text(json.dumps({"kind": "bye", "because": leave.because}))
                await socket.close(leave.code, leave.because[:100])

    # ------------------------------------------------------------ what comes

    async def _receive(self) -> dict[str, Any]:
        text = await self._socket.receive_text()
        if len(text) > LARGEST or len(text.encode("utf-8", "replace")) > LARGEST:
            who = self._page.by if self._page is not None else "somebody"
            because = f"a request of {len(text)} characters; at most {LARGEST} bytes are taken"
            await self._room.refuse(who, "a request", because)
            raise _Leave(_TOO_MUCH, because)
        try:
            data = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            return {"id": None, "do": None, "error": f"not JSON: {error}"}
        if not isinstance(data, dict):
            return {"id": None, "do": None, "error": "a JSON object is expected"}
        identity = data.get("id")
        if isinstance(identity, bool) or not isinstance(identity, int | str | None):
            data["id"] = None
        return data

    async def _join(self, address: str) -> Page:
        try:
            async with asyncio.timeout(_JOIN_WITHIN):
                data = await self._receive()
        except TimeoutError:
            raise _Leave(_WRONG_TOKEN, f"nobody has joined within {_JOIN_WITHIN:g} s") from None
        if data.get("do") != "join":
            raise _Leave(_WRONG_TOKEN, "the first request must be join")
        token, name = data.get("token", ""), data.get("name", "")
        role = self._tokens.role_of(token) if isinstance(token, str) else None
        if role is None:
            await self._room.refuse(address, "to join", "wrong token" if token else "a token is needed")
            raise _Leave(_WRONG_TOKEN, "wrong token" if token else "a token is needed: open the printed address")
        page = Page(role=role, name=_clean(name), wake=self._due.set)
        room = self._room
        run, after = data.get("run"), data.get("after")
        resumed = (
            run == str(room.run.number)
            and isinstance(after, int)
            and not isinstance(after, bool)
            and 0 <= after
            and room.history.has_all_after(after)
        )
        if resumed and isinstance(after, int):
            page.resume(room.run.number, after, len(room.pieces.images))
        result = {"role": str(role), "resumed": resumed, "name": page.name}
        page.tell({"kind": "answer", "id": data.get("id"), "ok": True, "result": result})
        return page

    async def _read(self, page: Page) -> None:
        under_way: set[asyncio.Task[None]] = set()
        try:
            while True:
                data = await self._receive()
                if not self._allowance.take():
                    await self._strike(page, data)
                    continue
                waiting = len(page.messages) + len(page.acks)
                if waiting > _WAITING:
                    raise _Leave(_TOO_SLOW, f"too slow: {waiting} answers were waiting")
                if len(under_way) >= _UNDER_WAY:
                    because = f"{_UNDER_WAY} requests are under way; wait for the end of some"
                    page.tell({"kind": "answer", "id": data.get("id"), "ok": False, "error": because})
                    continue
                if "error" in data and data.get("do") is None:
                    await self._room.refuse(page.by, "a request", str(data["error"]))
                    page.tell({"kind": "answer", "id": data.get("id"), "ok": False, "error": data["error"]})
                    continue
                task = asyncio.ensure_future(self._room.ask(page, data))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
        finally:
            for task in under_way:
                task.cancel()

    async def _strike(self, page: Page, data: dict[str, Any]) -> None:
        because = f"too many requests: {_A_SECOND} a second are taken"
        page.tell({"kind": "answer", "id": data.get("id"), "ok": False, "error": because})
        self._strikes += 1
        if self._strikes == 1:
            await self._room.refuse(page.by, "requests", because)
        if self._strikes > _STRIKES:
            raise _Leave(_TOO_MUCH, because)

    # ------------------------------------------------------------ what goes

    async def _write(self, page: Page) -> None:
        room = self._room
        while True:
            await self._due.wait()
            self._due.clear()
            messages, page.messages = page.messages, []
            for message in messages:
                await self._send(orjson.dumps(message, default=str, option=orjson.OPT_SERIALIZE_NUMPY))
            if not page.needs_hello and page.lags(room.history):
                raise _Leave(_TOO_SLOW, "too slow: records are gone that this page has not taken")
            if page.needs_hello:
                await self._send(page.hello(room.run.number, self._first(page), room.history, room.pieces))
            elif page.has_news:
                batch = page.batch(room.history, room.pieces)
                if batch is not None:
                    await self._send(batch)

    def _first(self, page: Page) -> dict[str, Any]:
        first = {**self._room.first, "no_pictures": no_pictures()}
        if page.role is Role.INSTRUCTOR:
            first["trainees"] = self._room.see_pages()
            first["journal"] = str(self._room.run.journal)
        return first

    async def _send(self, message: bytes) -> None:
        try:
            async with asyncio.timeout(_SEND_WITHIN):
                await self._socket.send_text(message.decode())
        except TimeoutError:
            raise _Leave(_TOO_SLOW, f"too slow: nothing was taken for {_SEND_WITHIN:g} s") from None
        except RuntimeError as error:  # it was closed meanwhile
            raise WebSocketDisconnect(1006) from error


def _look_at_its_end(task: asyncio.Task[None]) -> None:
    """Take note of how a task has ended: of two that end together only one is told."""
    if not task.cancelled():
        task.exception()


def _clean(name: object) -> str:
    """Return a name as the journal may have it: no colon, no line breaks, not too long."""
    if not isinstance(name, str):
        return ""
    kept = "".join(letter for letter in name if letter.isprintable() and letter != ":" and not _half(letter))
    return " ".join(kept.split())[:_LONGEST_NAME]


def _half(letter: str) -> bool:
    return "\ud800" <= letter <= "\udfff"
