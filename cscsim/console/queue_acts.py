"""What may be asked of a script queue: each becomes one command of the queue, or of a script on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from csc.scriptqueue.enums import Location
from cscsim.console.acts import Act
from cscsim.console.asked import Asked
from cscsim.console.config_text import config_mistakes, script_page
from cscsim.console.desk import Desk
from fsm import OperatorError

__all__ = ["QUEUE_ACTS"]

_LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40}
_PLACES = tuple(place.name.lower() for place in Location)
_MOST = 400
"""Scripts that may be stopped at once."""

_Made = tuple[str, str, dict[str, Any]]
"""A component, its command and the fields."""


def queue(desk: Desk, asked: Asked) -> Any:
    """Do something to the queue."""
    name = asked.text("queue", desk.queues.names[0] if desk.queues.names else "")
    if name not in desk.queues.names:
        raise OperatorError(f"there is no script queue {name[:40]}; there is {', '.join(desk.queues.names) or 'none'}")
    make = _MADE[asked.one_of("what", tuple(_MADE))]
    component, command, fields = make(desk, asked, name)
    return desk.send(asked, component, command, fields)


def _add(desk: Desk, asked: Asked, name: str) -> _Made:
    path, config, standard = asked.text("path"), asked.text("config", ""), asked.flag("standard", True)
    mistakes = config_mistakes(desk.plan.site.library, path, config, standard=standard)
    if mistakes:
        raise OperatorError(f"CONFIG of {path}: {_told(mistakes[0])}")
    return (
        name,
        "add",
        {
            "isStandard": standard,
            "path": path,
            "config": config,
            "descr": f"added by {asked.by} at the console",
            "logLevel": _LEVELS[asked.one_of("log_level", tuple(_LEVELS), "INFO")],
            "pauseCheckpoint": _pattern(asked, "pause"),
            "stopCheckpoint": _pattern(asked, "stop"),
            **_place(asked, "last"),
        },
    )


def _told(mistake: Mapping[str, Any]) -> str:
    place = f"line {mistake['line']}, column {mistake['column']}: " if mistake["line"] is not None else ""
    return f"{place}{mistake['message']}"


def _pattern(asked: Asked, name: str) -> str:
    text = asked.text(name, "")
    try:
        re.compile(text)
    except re.error as error:
        raise OperatorError(f"{name} checkpoint {text[:80]!r} is not a regular expression: {error}") from None
    return text


def _place(asked: Asked, default: str | None = None) -> dict[str, Any]:
    place = Location[asked.one_of("position", _PLACES, default).upper()]
    return {"location": int(place), "locationSalIndex": asked.whole("anchor", 0)}


def _move(desk: Desk, asked: Asked, name: str) -> _Made:
    return name, "move", {"scriptSalIndex": asked.whole("index"), **_place(asked)}


def _requeue(desk: Desk, asked: Asked, name: str) -> _Made:
    return name, "requeue", {"scriptSalIndex": asked.whole("index"), **_place(asked, "last")}


def _stop(desk: Desk, asked: Asked, name: str) -> _Made:
    given = asked.data.get("indices")
    if not isinstance(given, list) or not 0 < len(given) <= _MOST or not all(type(each) is int for each in given):
        raise OperatorError(f"queue indices: a list of 1 to {_MOST} whole numbers is expected")
    return (
        name,
        "stopScripts",
        {
            "length": len(given),
            "salIndices": given,
            "terminate": asked.flag("terminate", False),
        },
    )


def _of_script(command: str) -> Callable[[Desk, Asked, str], _Made]:
    def make(desk: Desk, asked: Asked, name: str) -> _Made:
        who = f"Script:{asked.whole('index')}"
        if who not in desk.observatory.components:
            raise OperatorError(f"{who} is not there (any more)")
        fields = {} if command == "resume" else {"pause": _pattern(asked, "pause"), "stop": _pattern(asked, "stop")}
        return who, command, fields

    return make


def _plain(command: str) -> Callable[[Desk, Asked, str], _Made]:
    return lambda desk, asked, name: (name, command, {})


_MADE: Mapping[str, Callable[[Desk, Asked, str], _Made]] = {
    "add": _add,
    "move": _move,
    "requeue": _requeue,
    "stop": _stop,
    "pause": _plain("pause"),
    "resume": _plain("resume"),
    "resume_script": _of_script("resume"),
    "checkpoints": _of_script("setCheckpoints"),
    "show": _plain("showQueue"),
}


def schema(desk: Desk, asked: Asked) -> dict[str, Any]:
    """Return what a script takes."""
    path, standard = asked.text("path"), asked.flag("standard", True)
    page = script_page(desk.plan.site.library, path, standard=standard)
    name = asked.text("queue", desk.queues.names[0] if desk.queues.names else "")
    return {**page, "last_config": desk.queues.last_config(name, path)}


QUEUE_ACTS: Mapping[str, Act] = {"queue": queue, "schema": schema}
