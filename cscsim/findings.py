"""What a check has found, as a person reads it: what can never hold first, then what depends."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from cscsim.blocks_of_text import heading, section
from cscsim.style import duration
from procedures.checking import Finding, Verdict

if TYPE_CHECKING:
    from csc.foresight import Span
    from procedures.checking import CheckReport

__all__ = ["page_of"]

_MARKS = {Verdict.PROVED: ("✓", "green"), Verdict.REFUTED: ("✗", "bold red"), Verdict.OPEN: ("?", "yellow")}
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
        findings = report.of(verdict)
        if findings:
            yield from section(_TITLES[verdict])
            for finding in findings:
                yield from _finding(finding, verdict)
    yield Text()
    yield _counts(report)
    yield Text.assemble(("takes    ", "dim"), _takes(report.duration))
    if not report.exhausted:
        yield Text(
            f"not exhausted: only {report.situations} situations were looked at; nothing is certain", style="red"
        )
    yield Text()


def _counts(report: CheckReport) -> Text:
    line = Text.assemble(("verdict  ", "dim"))
    for verdict in Verdict:
        mark, style = _MARKS[verdict]
        line.append(f"{mark} {len(report.of(verdict))} {verdict}   ", style=style)
    return line


def _takes(span: Span | None) -> Text:
    if span is None:
        return Text("it cannot come to its end", style="bold red")
    if math.isinf(span.high):
        return Text(f"at least {duration(span.low)}")
    return Text(f"{duration(span.low)} to {duration(span.high)}")


def _finding(finding: Finding, verdict: Verdict) -> Iterator[RenderableType]:
    mark, style = _MARKS[verdict]
    yield Text.assemble((f"{mark} ", style), (finding.where, "bold"), f"  {finding.what}")
    yield Padding(Text(finding.that), (0, 0, 0, 4))
    if verdict is Verdict.PROVED:
        return
    if finding.otherwise:
        yield Padding(Text(finding.otherwise, style="italic"), (0, 0, 0, 4))
    if finding.seen:
        yield Padding(Text(f"with {finding.seen}", style="dim"), (0, 0, 0, 4))
    if verdict is Verdict.REFUTED and finding.trail is not None:
        yield Padding(Text(f"after {' > '.join(finding.path)}", style="dim"), (0, 0, 0, 4))
