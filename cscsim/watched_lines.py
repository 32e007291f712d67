"""How what is watched is written: when, who, and the fields that have changed, with their units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
from rich.console import Console
from rich.text import Text

from csc import AckCode, Field, SummaryState
from csc.fields import shown
from cscsim.served_lines import clock_time
from cscsim.watched import Chosen
from cscsim.watching import Heard

__all__ = ["WatchedLines"]

_NAME_WIDTH = 36
_DIGITS = 6
_STATES: Mapping[str, int] = {state.name: state for state in SummaryState}


class WatchedLines:
    """Writes what is heard, a line each.

    Parameters
    ----------
    console
        Where to.
    chosen
        What is watched.
    as_json
        Whether each line is a JSON object.
    """

    def __init__(self, console: Console, chosen: Chosen, *, as_json: bool) -> None:
        self._console, self._chosen = console, chosen
        self._write: Callable[[Heard, Mapping[str, Any]], None] = self._as_json if as_json else self._as_text
        self._last: dict[tuple[str, str], Mapping[str, Any]] = {}

    def see(self, heard: Heard) -> None:
        """Write a message."""
        fields = heard.fields
        changed: Mapping[str, Any] = fields
        if heard.place.kind in ("event", "telemetry"):
            key = heard.place.who, heard.place.what
            before = self._last.get(key)
            self._last[key] = fields
            if before is not None:
                changed = {name: value for name, value in fields.items() if value != before.get(name, self)}
        self._write(heard, changed)

    def _as_json(self, heard: Heard, _: Mapping[str, Any]) -> None:
        place, private = heard.place, heard.private
        line: dict[str, Any] = {"tai": private.sndStamp, "t": private.t, "component": place.who, "kind": place.kind}
        line |= {"topic": place.what, "identity": private.identity, "data": heard.fields}
        self._console.file.write(orjson.dumps(line).decode() + "\n")
        self._console.file.flush()

    def _as_text(self, heard: Heard, changed: Mapping[str, Any]) -> None:
        place, private = heard.place, heard.private
        when = clock_time(private.sndStamp) if private.sndStamp > 0.0 else "--:--:--.-"
        name = f"{place.who}.{place.what}"
        line = Text.assemble((when, "dim"), "  ", (f"{name:<{_NAME_WIDTH}}", "dim" if heard.kept else "bold"), "  ")
        for part in self._parts(heard, changed):
            line.append_text(part)
        self._console.print(line, soft_wrap=True)

    def _parts(self, heard: Heard, changed: Mapping[str, Any]) -> Iterator[Text]:
        if heard.place.kind == "ack":
            yield _ack(heard.fields)
            return
        if heard.place.kind == "command":
            yield Text("command ", style="cyan")
        fields = self._chosen.fields(heard.place)
        if not changed:
            yield Text("as before" if heard.fields else "", style="dim")
        for number, (name, value) in enumerate(changed.items()):
            yield Text.assemble("  " if number else "", (f"{name} ", "dim"), _value(value, fields.get(name)))
        if heard.place.kind == "command":
            yield Text(f"  by {heard.private.identity or 'somebody'}", style="dim")


def _ack(fields: Mapping[str, Any]) -> Text:
    code = fields.get("ack")
    name = AckCode(code).name if code in tuple(AckCode) else shown(code)
    style = {"COMPLETE": "green", "ACK": "yellow", "INPROGRESS": "yellow"}.get(name, "bold red")
    more = (
        f", at most {fields['timeout']:g} s more"
        if isinstance(fields.get("timeout"), float) and fields["timeout"]
        else ""
    )
    return Text.assemble((name, style), f"{more} {str(fields.get('result', '')).removeprefix('Failed: ')}".rstrip())


def _value(value: Any, field: Field | None) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_one(item, None) for item in value)}]" + _unit(field)
    return _one(value, field) + _unit(field)


def _unit(field: Field | None) -> str:
    unit = field.sent_unit if field is not None else ""
    return f" {unit}" if unit else ""


def _one(value: Any, field: Field | None) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.{_DIGITS}g}" if abs(value) < 1e6 else f"{value:.3f}"
    known = {} if field is None else _STATES if field.name == "summaryState" else field.enum or {}
    names = {number: name for name, number in known.items()}
    if isinstance(value, int) and value in names:
        return f"{names[value]} ({value})"
    return shown(value) if isinstance(value, str) else str(value)
