"""What pages and summaries are put together from: headings, sections, lists, labelled lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

__all__ = ["bullets", "entry", "heading", "indented", "pairs", "section"]


def heading(name: str, title: str, summary: str = "") -> Iterator[RenderableType]:
    """Write what the page is about."""
    yield Text.assemble((name, "bold cyan"), "  ", (title, "bold"))
    if summary.strip():
        yield Padding(" ".join(summary.split()), (0, 0, 0, 2))


def section(title: str) -> Iterator[RenderableType]:
    """Begin a section."""
    yield Text()
    yield Rule(Text(title, style="bold"), align="left", style="bright_black")


def pairs(rows: Sequence[tuple[str, RenderableType]]) -> Iterator[RenderableType]:
    """Write labels with what belongs to each; without those that have nothing."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in rows:
        if value:
            table.add_row(label, value)
    if table.row_count:
        yield table


def entry(name: str, detail: str, rows: Sequence[tuple[str, RenderableType]]) -> Iterator[RenderableType]:
    """Write a name, something short about it, and labelled lines under them."""
    yield Text.assemble((name, "bold"), ("  " if detail else "", ""), (detail, "dim"))
    yield from indented(pairs(rows))


def bullets(texts: Sequence[str], *, style: str = "") -> Iterator[RenderableType]:
    """Write a list."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for text in texts:
        table.add_row(Text("•", style="dim"), Text(" ".join(text.split()), style=style))
    yield table


def indented(parts: Iterable[RenderableType]) -> Iterator[RenderableType]:
    """Move parts two columns to the right."""
    for part in parts:
        yield Padding(part, (0, 0, 0, 2))
