"""What a check has found, as a person reads it: what can never hold first, then what depends."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cscsim.blocks_of_text import heading, section
from cscsim.style import duration
from procedures.checking import Finding, Verdict

if TYPE_CHECKING:
    from procedures.checking import CheckReport

__all__ = ["page_of"]

_MARKS = {Verdict.PROVED: ("✓", "green"), Verdict.REFUTED: ("✗", "bold red"), Verdict.OPEN: ("?", "yellow")}
MOST_FAILURES = 3
"""So many ways to fail are told."""
_TITLES = {
    Verdict.REFUTED: "Refuted: never so in any run without faults",
    Verdict.OPEN: "Open: it depends",
    Verdict.PROVED: "Proved: so in every run without faults",
}


def page_of(report: CheckReport, *, everything: bool) -> Iterator[RenderableType]:
    """Return a report, part by part."""
    yield from heading(report.name, report.title)
    shown = [Verdict.REFUTED, Verdict.OPEN, *([Verdict.PROVED] if everything else [])]
    for verdict in shown:
        alike: dict[tuple[str, ...], list[Finding]] = {}
        for finding in report.of(verdict):
            alike.setdefault((finding.where, finding.what, finding.that), []).append(finding)
        if alike:
            yield from section(_TITLES[verdict])
            for findings in alike.values():
                yield from _finding(findings[0], verdict, calls=len(findings))
    yield from _times(report, everything=everything)
    yield Text()
    yield _counts(report)
    yield Text.assemble(("takes    ", "dim"), _takes(report))
    if report.never_ends:
        yield from _failures(report)
    if not report.exhausted:
        yield Text(
            f"not exhausted: it was given up after {report.situations} situations, and nothing is certain; "
            "begin nearer, with --assume",
            style="red",
        )
    yield Text()


def _counts(report: CheckReport) -> Text:
    line = Text.assemble(("verdict  ", "dim"))
    for verdict in Verdict:
        mark, style = _MARKS[verdict]
        line.append(f"{mark} {len(report.of(verdict))} {verdict}   ", style=style)
    return line


def _takes(report: CheckReport) -> Text:
    span = report.duration
    if report.never_ends:
        return Text("it cannot come to its end", style="bold red")
    if span is None or not report.exhausted:
        return Text("not known")
    if math.isinf(span.high):
        return Text(f"at least {duration(span.low)}")
    return Text(f"{duration(span.low)} to {duration(span.high)}")


def _failures(report: CheckReport) -> Iterator[RenderableType]:
    """Say why it cannot come to its end: what stops it first."""
    for because, trail in list(report.failures.items())[:MOST_FAILURES]:
        yield Padding(Text(because, style="red"), (0, 0, 0, 9))
        if trail is not None:
            yield Padding(Text(f"after {' > '.join(trail.steps())}", style="dim"), (0, 0, 0, 9))


def _times(report: CheckReport, *, everything: bool) -> Iterator[RenderableType]:
    """Write how long steps take: those of the procedure itself that take any time, or all there are."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("step", overflow="fold")
    table.add_column("at least", justify="right", no_wrap=True)
    table.add_column("at most", justify="right", no_wrap=True)
    for place, span in report.durations.items():
        procedure, _, step = place.rpartition(" ")
        own = procedure == report.name and "/" not in step
        if place != "all" and (everything or (own and span.high > 0)):
            longest = "no limit" if math.isinf(span.high) else duration(span.high)
            table.add_row(place if everything else step, duration(span.low), longest)
    if table.row_count:
        yield from section("How long steps take")
        yield table


def _finding(finding: Finding, verdict: Verdict, *, calls: int) -> Iterator[RenderableType]:
    mark, style = _MARKS[verdict]
    often = f"  in {calls} calls" if calls > 1 else ""
    yield Text.assemble((f"{mark} ", style), (finding.where, "bold"), f"  {finding.what}", (often, "dim"))
    yield _under(finding.that)
    if verdict is Verdict.PROVED:
        return
    if finding.otherwise:
        yield _under(finding.otherwise, "italic")
    if finding.seen:
        yield _under(f"with {finding.seen}", "dim")
    if verdict is Verdict.OPEN and finding.assumption:
        yield _under(f"proved if {finding.assumption}", "cyan")
    if verdict is Verdict.REFUTED and finding.trail is not None:
        yield _under(f"after {' > '.join(finding.path)}", "dim")


def _under(text: str, style: str = "") -> RenderableType:
    return Padding(Text(text, style=style), (0, 0, 0, 4))
