"""What a failed test tells of its observatory: how it was, and what happened last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cscsim.style import duration, time_of
from fsm import Record

if TYPE_CHECKING:
    from cscsim.pytest_plugin.running import RunningObservatory

__all__ = ["tell_observatory"]

_LAST = 12
"""So many of the last records are told."""
_WIDTH = 118
"""Characters of a line beyond which it is cut."""


def tell_observatory(running: RunningObservatory) -> list[str]:
    """Return what a person wants to know first."""
    given = running.circumstances
    lines = [f"observatory  {running.inner.sheet.observatory}, seed {given.seed}, after {duration(running.now)}"]
    lines += [f"scenario     {given.scenario}"] if given.scenario else []
    lines += [
        f"fault        {name}.{fault.plan.name}"
        for name, component in running.inner.components.items()
        for fault in component.faults.active
    ]
    told = [f"{time_of(record['t'])}  {_TOLD[record['kind']](record)}" for record in running.records(*_TOLD)]
    return [*lines, *(f"{title:<13}{line[:_WIDTH]}" for title, line in _titled("last", told[-_LAST:]))]


def _titled(title: str, lines: list[str]) -> list[tuple[str, str]]:
    return [(title if number == 0 else "", line) for number, line in enumerate(lines)]


def _values(data: Mapping[str, Any]) -> str:
    return " ".join(f"{key}={value}" for key, value in data.items())


_TOLD: Mapping[str, Callable[[Record], str]] = {
    "command": lambda record: f"{record['who']}.{record['command']} {_values(record['data'])}".rstrip(),
    "ack": lambda record: f"{record['who']}.{record['command']} {record['ack']} {record['result']}".rstrip(),
    "transition": lambda record: f"{record['who']}.{record['machine']} {record['source']} -> {record['state']}",
    "fault": lambda record: f"{record['who']}.{record['fault']} {record['what']}",
    "step": lambda record: f"step {record['step']} {record['what']} {record.get('because', '')}".rstrip(),
    "condition": lambda record: f"{record['where']}: {record.get('because', record['condition'])}",
}
"""The kinds of records that are told, and how."""
