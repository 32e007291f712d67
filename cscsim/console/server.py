"""The web server: the page and its files, pictures, the debrief, and the websocket that carries everything else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from cscsim.console.connection import Connection
from cscsim.console.pictures import no_pictures
from cscsim.console.roles import Role, Tokens
from cscsim.console.room import Room
from cscsim.console.safety import DEBRIEF_HEADERS, HEADERS, Doors
from fsm import CscsimError, OperatorError

__all__ = ["make_app"]

_SIZES = (64, 2048)
"""Pixels of a side of a picture."""


def make_app(room: Room, tokens: Tokens, host: str = "127.0.0.1") -> Starlette:
    """Return the server of a room.

    Parameters
    ----------
    host
        Address at which it will listen.
    """
    doors = Doors(host)
    pages = _Pages(room, tokens)

    async def connect(socket: WebSocket) -> None:
        await Connection(socket, room, tokens, doors).serve()

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await room.open()
        try:
            yield
        finally:
            await room.close()

    static = Path(str(files("cscsim.console") / "static"))
    app = Starlette(
        lifespan=lifespan,
        routes=[
            Route("/", lambda _: FileResponse(static / "index.html")),
            Route("/favicon.ico", lambda _: FileResponse(static / "icon.svg", media_type="image/svg+xml")),
            Route("/images/{name}.png", pages.image),
            Route("/debrief", pages.debrief),
            Route("/debrief.json", pages.debrief_json),
            Route("/journal", pages.journal),
            WebSocketRoute("/ws", connect),
            Mount("/static", StaticFiles(directory=static, check_dir=False)),
        ],
    )
    app.add_middleware(_Guard, doors=doors)
    return app


class _Guard:
    """Lets nobody in through another's door, and says to browsers what the answers may do."""

    def __init__(self, app: ASGIApp, doors: Doors) -> None:
        self._app, self._doors = app, doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # a websocket is answered by its connection, which journals a refusal
            await self._app(scope, receive, send)
            return
        sent = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        why = self._doors.refusal(sent.get("host", ""), sent.get("origin"))
        if why:
            await PlainTextResponse(why, 403)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {key.lower() for key, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(
                        (key.lower().encode(), value.encode())
                        for key, value in HEADERS.items()
                        if key.lower().encode() not in there
                    ),
                ]
            await send(message)

        await self._app(scope, receive, send_with_headers)


class _Pages:
    """What is fetched by address."""

    def __init__(self, room: Room, tokens: Tokens) -> None:
        self._room, self._tokens = room, tokens
        self._one_at_a_time = asyncio.Lock()

    async def image(self, request: Request) -> Response:
        """Draw an image."""
        role = self._role(request)
        if role is None:
            return _refused("wrong token")
        size_text = request.query_params.get("size", "600")
        if not size_text.isascii() or not size_text.isdigit() or not _SIZES[0] <= int(size_text) <= _SIZES[1]:
            return PlainTextResponse(f"size: a whole number from {_SIZES[0]} to {_SIZES[1]} is expected", 400)
        name, size = request.path_params["name"], int(size_text)
        run = self._room.run
        try:
            exposure = run.desk.images[name]
        except KeyError:
            return PlainTextResponse("there is no such image", 404)
        try:
            picture = await self._room.pictures.draw(run.number, exposure, size, partial(_is_there, request))
        except OperatorError as error:
            return PlainTextResponse(str(error), 501 if no_pictures() else 503)
        return Response(picture, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})

    async def debrief(self, request: Request) -> Response:
        """Return the debrief as a page."""
        refused = self._not_yet(request)
        if refused is not None:
            return refused
        try:
            text = await self._debriefed(_debrief_page)
        except CscsimError as error:
            return PlainTextResponse(str(error), 500)
        return HTMLResponse(text, headers=dict(DEBRIEF_HEADERS))

    async def debrief_json(self, request: Request) -> Response:
        """Return the debrief as data."""
        refused = self._not_yet(request)
        if refused is not None:
            return refused
        try:
            text = await self._debriefed(_debrief_data)
        except CscsimError as error:
            return JSONResponse({"error": str(error)}, 500)
        return Response(text, media_type="application/json", headers={"Cache-Control": "no-store"})

    async def journal(self, request: Request) -> Response:
        """Return the journal."""
        refused = self._not_yet(request)
        if refused is not None:
            return refused
        path = self._room.run.journal
        return Response(
            await asyncio.to_thread(path.read_bytes),
            media_type="application/jsonl",
            headers={"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{path.name}"'},
        )

    async def _debriefed(self, make: Any) -> Any:
        async with self._one_at_a_time:
            return await asyncio.to_thread(make, self._room.run.journal)

    def _role(self, request: Request) -> Role | None:
        return self._tokens.role_of(request.query_params.get("token", ""))

    def _not_yet(self, request: Request) -> Response | None:
        role = self._role(request)
        if role is None:
            return _refused("wrong token")
        if role is Role.TRAINEE and not self._room.run.ended:
            return _refused("the debrief tells what went wrong: it can be read once the session has ended")
        return None


async def _is_there(request: Request) -> bool:
    return not await request.is_disconnected()


def _refused(why: str) -> Response:
    return PlainTextResponse(why, 403, headers={"Cache-Control": "no-store"})


def _debrief_page(journal: Path) -> str:
    from cscsim.debrief_html import html_page
    from cscsim.debrief_pictures import draw_pictures
    from cscsim.debriefed import open_journal

    found = open_journal(journal)
    return html_page(found.debrief, training=found.training, pictures=draw_pictures(found, is_drawn=True))


def _debrief_data(journal: Path) -> bytes:
    from cscsim.console.hub import encode
    from cscsim.debriefed import open_journal

    return encode(open_journal(journal).debrief.as_dict())
