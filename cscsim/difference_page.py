"""Where two runs part, on a terminal: both records field by field, and how the runs differ afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cscsim.blocks_of_text import section
from cscsim.style import time_of
from fsm import Record
from procedures.replay import Comparison, Digested, in_words
from procedures.replay.tracker import Begun

__all__ = ["circumstances_table", "difference_page", "records_table", "where_it_parts"]

_MOST = 8


def difference_page(found: Comparison, first: str, second: str) -> Iterator[RenderableType]:
    """Return the page, part by part."""
    if found.circumstances:
        yield Text("The circumstances are not the same:", style="yellow")
        yield circumstances_table(found.circumstances, first, second)
    if found.number is None:
        beside = " beside the circumstances" if found.circumstances else ""
        records = found.first.records - bool(found.circumstances)
        same = f"all {records} records{beside} are the same, up to {time_of(found.common)}"
        yield Text.assemble(("The same: ", "bold green"), same)
        return
    yield Text.assemble(("Different: ", "bold red"), where_it_parts(found.number, found.common, found.step))
    for name, record in ((first, found.a), (second, found.b)):
        yield Text.assemble((f"  {name}  ", "cyan"), _told(record))
    yield from section(f"Record #{found.number}")
    yield records_table(found.fields, first, second)
    yield from section("What came of them")
    yield _outcomes(found.first, found.second, first, second)


def where_it_parts(number: int, common: float, step: Begun | None) -> str:
    """Say up to where all is the same."""
    same = f"up to {time_of(common)} all {number - 1} records are the same"
    if step is None:
        return same
    return f"{same}; the last step to begin in both, at {time_of(step.t)}, is {step.id} of {step.who}: {step.name}"


def _told(record: Record | None) -> str:
    if record is None:
        return "has ended"
    return f"at {record['t']:g} s: {in_words(record)}"


def circumstances_table(different: Sequence[tuple[str, Any, Any]], first: str, second: str) -> Table:
    """Write what differs of the circumstances."""
    return _table(("", first, second), [(key, _value(a), _value(b)) for key, a, b in different], range(len(different)))


def records_table(fields: Sequence[tuple[str, Any, Any]], first: str, second: str) -> Table:
    """Write two records field by field; what differs stands out."""
    rows = [(key, _value(a), _value(b)) for key, a, b in fields]
    return _table(("", first, second), rows, [number for number, (_, a, b) in enumerate(fields) if a != b])


def _outcomes(one: Digested, other: Digested, first: str, second: str) -> Table:
    rows = [
        ("outcome", *(f"{each.outcome}{': ' if each.because else ''}{each.because}" for each in (one, other))),
        ("end", time_of(one.end), time_of(other.end)),
        ("records", str(one.records), str(other.records)),
        ("steps done", str(one.steps), str(other.steps)),
        ("images", str(one.images), str(other.images)),
        ("faults", *(_listed([f"{time_of(t)} {name}" for t, name in each.faults]) for each in (one, other))),
        (
            "did not hold",
            *(_listed([f"{time_of(t)} {where}: {why}" for t, where, why in each.violated]) for each in (one, other)),
        ),
    ]
    return _table(("", first, second), rows, [number for number, (_, a, b) in enumerate(rows) if a != b])


def _listed(items: Sequence[str]) -> str:
    more = [f"and {len(items) - _MOST} more"] if len(items) > _MOST else []
    return "\n".join([*items[:_MOST], *more]) or "none"


def _value(value: Any) -> str:
    return "–" if value is None else str(value)


def _table(heads: tuple[str, str, str], rows: Sequence[tuple[str, ...]], different: Sequence[int]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="cyan")
    for number, head in enumerate(heads):
        table.add_column(head, overflow="fold", no_wrap=number == 0)
    for number, (label, a, b) in enumerate(rows):
        style = "bold" if number in different else "dim"
        mark = "≠" if number in different else " "
        table.add_row(Text(f"{mark} {label}", style=style), Text(a, style=style), Text(b, style=style))
    return table
