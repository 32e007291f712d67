"""What a page asks of the room rather than of the desk: what it wants to see, pixels, another run, the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from cscsim.console.asked import Asked
from cscsim.console.config_text import config_mistakes
from cscsim.console.page import Page, Subscription
from cscsim.console.roles import Role
from fsm import OperatorError

if TYPE_CHECKING:
    from cscsim.console.room import Room

__all__ = ["ROOM_ACTS", "RoomAct"]

RoomAct: TypeAlias = "Callable[[Room, Page, Asked], Awaitable[dict[str, Any]]]"
"""Does what a page asks for."""

_FASTEST, _SLOWEST = 0.1, 60.0
"""Real time [s] between samples that a page may have."""
_MOST_TOPICS = 200


async def _subscribe(room: Room, page: Page, asked: Asked) -> dict[str, Any]:
    given, wants = asked.data, page.wants
    topics = wants.topics if "topics" not in given else frozenset(asked.words("topics")[:_MOST_TOPICS])
    explain = wants.explain if "explain" not in given else frozenset(_names(room, asked.words("explain")))
    truth = wants.truth if "truth" not in given else frozenset(_names(room, asked.words("truth")))
    if "truth" in given and page.role is not Role.INSTRUCTOR:
        raise OperatorError("the truth is for an instructor")
    for key in topics:
        who, _, topic = key.rpartition(".")
        plan = room.run.desk.seen.vocabulary().blueprints.get(who)
        if plan is None or topic not in plan.topics:
            raise OperatorError(f"nobody publishes {key[:80]}")
    every = min(max(asked.number("every", wants.every), _FASTEST), _SLOWEST)
    procedure = asked.flag("procedure", wants.procedure)
    page.subscribe(Subscription(topics=topics, every=every, explain=explain, truth=truth, procedure=procedure))
    room.hurry()
    return {"topics": sorted(topics), "every": every}


def _names(room: Room, given: Sequence[str]) -> list[str]:
    return [room.run.desk.name_of(each) for each in given]


async def _panel(room: Room, page: Page, asked: Asked) -> dict[str, Any]:
    page.shows = {
        "panel": asked.text("hash")[:200],
        "detail": asked.text("detail", "")[:200],
        "since": room.pieces.head.get("t", 0.0),
    }
    for each in room.pages:
        if each.role is Role.INSTRUCTOR:
            each.tell({"kind": "trainees", "trainees": room.see_pages()})
    return {}


async def _validate(room: Room, page: Page, asked: Asked) -> dict[str, Any]:
    path, config, standard = asked.text("path"), asked.text("config"), asked.flag("standard", True)
    mistakes = await asyncio.to_thread(config_mistakes, room.plan.site.library, path, config, standard=standard)
    return {"valid": not mistakes, "errors": mistakes}


async def _image(room: Room, page: Page, asked: Asked) -> dict[str, Any]:
    name = asked.text("name")
    try:
        exposure = room.run.desk.images[name]
    except KeyError:
        raise OperatorError(f"there is no image {name[:60]}") from None
    return await room.pictures.measure(exposure)


async def _rewind(room: Room, page: Page, asked: Asked) -> dict[str, Any]:
    if page.role is not Role.INSTRUCTOR:
        raise OperatorError("rewind is for an instructor")
    return await room.rewind(asked.number("to"))


async def _end(room: Room, page: Page, asked: Asked) -> dict[str, Any]:
    return await room.end()


ROOM_ACTS: Mapping[str, RoomAct] = {
    "subscribe": _subscribe,
    "panel": _panel,
    "validate": _validate,
    "image": _image,
    "rewind": _rewind,
    "end": _end,
}
