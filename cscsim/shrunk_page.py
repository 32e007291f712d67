"""What is left of a scenario, on a terminal: what was tried, and the command that does it again."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cscsim.blocks_of_text import bullets, indented, pairs, section
from cscsim.campaign_page import STYLES
from cscsim.shrinking import ShrunkScenario
from cscsim.style import duration
from procedures.campaign import Row
from procedures.campaign.shrink import Try

__all__ = ["shrunk_page"]


def shrunk_page(found: ShrunkScenario, seconds: float) -> Iterator[RenderableType]:
    """Write what is left.

    Parameters
    ----------
    seconds
        How long it took [real s].
    """
    shrunk = found.shrunk
    yield _headline(found)
    yield from section("What is left")
    yield from bullets([str(piece) for piece in shrunk.mixture.pieces])
    yield from _what_comes_of_it(shrunk.row)
    smaller = [each for each in shrunk.tries if each.keeps]
    if smaller:
        yield from section("Still so")
        yield _table(smaller)
    lost = [each for each in shrunk.tries if not each.keeps]
    if lost:
        yield from section("No more so")
        yield _table(lost)
    yield Text()
    yield from pairs(
        [
            ("replay", Text(found.row.case.command, style="cyan")),
            ("digest", found.row.run.digest),
            ("tries", str(len(shrunk.tries))),
            ("time", duration(seconds)),
            ("scenario", found.written.case.scenario or "" if found.written is not None else ""),
        ]
    )


def _headline(found: ShrunkScenario) -> Panel:
    whole, left = len(found.prepared.mixture.pieces), len(found.shrunk.mixture.pieces)
    pieces = f"{whole} things that are otherwise" if whole > 1 else "one thing that is otherwise"
    title = f"{found.prepared.whole.procedure}: of {pieces}, {left} {'is' if left == 1 else 'are'} left"
    kept = Text.assemble(("kept: ", "dim"), (found.finding.words, STYLES[found.shrunk.row.classification]))
    end = (
        Text("without any part of it, or said more simply, it is lost", style="green")
        if found.shrunk.is_minimal
        else Text("the tries were used up: it may become smaller; go on with more --tries", style="yellow")
    )
    return Panel(Group(Text(title, style="bold"), kept, end), title=" SHRUNK ", title_align="left")


def _what_comes_of_it(row: Row) -> Iterator[RenderableType]:
    if row.verdict is not None and row.run.outcome == "passed" and row.verdict.harm:
        yield from indented(bullets(row.verdict.harm[:4], style="dim"))
    elif row.verdict is not None and row.verdict.because:
        yield Padding(Text(row.verdict.because, style="dim"), (0, 0, 0, 2))


def _table(tries: list[Try]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for each in tries:
        name, verdict = each.row.classification, each.row.verdict
        by = f"\nby {verdict.detected_by}" if verdict is not None and verdict.detected_by and not each.keeps else ""
        table.add_row(Text(name.replace("_", " "), style=STYLES[name]), Text.assemble(each.what, (by, "dim")))
    return table
