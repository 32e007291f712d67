"""How much of the real interface is declared, as a table for people.

A row a component: commands, events and telemetry that are declared, of those that the component has, generics left
out; in brackets how many of them are not simulated. Below a row stands what is missing.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from csc.blueprint import Blueprint
from tests.csc.interface.comparison import Coverage, count
from tests.csc.interface.sal_xml import KINDS, Interface

__all__ = ["Row", "row_of", "table"]

_WIDTH = 110
_FEW = 6
"""So many missing names are shown where not all are wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is said of one component."""

    component: str
    counts: tuple[Coverage, ...]
    not_simulated: tuple[int, ...]


def row_of(plan: Blueprint, interface: Interface) -> Row:
    """Count for one component."""
    marked = {
        "command": [name for name, command in plan.commands.items() if not command.simulated],
        "event": [name for name, topic in plan.topics.items() if not topic.telemetry and not topic.simulated],
        "telemetry": [name for name, topic in plan.topics.items() if topic.telemetry and not topic.simulated],
    }
    return Row(
        component=plan.component,
        counts=tuple(count(plan, interface)),
        not_simulated=tuple(len(set(marked[kind]) & set(interface.own(kind))) for kind in KINDS),
    )


def table(rows: Iterable[Row], *, all_names: bool) -> Iterator[str]:
    """Yield the lines of the table."""
    yield f"{'declared / real (not simulated)':32}" + "".join(f"{kind:>16}" for kind in KINDS)
    for row in sorted(rows, key=lambda row: row.component):
        cells = zip(row.counts, row.not_simulated, strict=True)
        yield f"{row.component:32}" + "".join(f"{_cell(each, marked):>16}" for each, marked in cells)
        for each in row.counts:
            yield from _missing(each, all_names=all_names)


def _cell(counted: Coverage, not_simulated: int) -> str:
    marked = f" ({not_simulated})" if not_simulated else ""
    return f"{counted.declared}/{counted.real}{marked}"


def _missing(counted: Coverage, *, all_names: bool) -> Iterator[str]:
    if not counted.missing:
        return
    names = counted.missing if all_names else counted.missing[:_FEW]
    rest = len(counted.missing) - len(names)
    text = f"missing {counted.kind}: {', '.join(names)}" + (
        f" and {rest} more; `make interface` names them" if rest else ""
    )
    yield from textwrap.wrap(text, _WIDTH, initial_indent="    ", subsequent_indent="        ")
