"""The report of an exploration on a terminal: how much there is, what is grave, what is worth a look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from csc.exploration import GRAVE, KINDS, Exploration, Finding
from cscsim.style import duration

__all__ = ["page_of"]

_MOST_LINES = 40
"""A longer way to something is cut in the middle."""
_VERDICTS = {"commands": "green", "its cure": "default", "nothing": "bold red", "not exhausted": "yellow"}
_MINOR = ("dead state", "unreached state", "dead row", "outside", "overlap", "only a cure", "order")


def page_of(report: Exploration, *, faults: bool, everything: bool) -> Iterator[RenderableType]:
    """Yield the parts of the page.

    Parameters
    ----------
    faults
        Whether faults were let happen: only then something that never came about never can.
    everything
        Whether to show what is only worth a look.
    """
    yield _extent(report)
    yield from _together(report)
    if report.faults:
        yield Text()
        yield _recoveries(report)
    for answer in report.invariants:
        yield Text()
        style = {"holds": "green", "broken": "bold red"}.get(answer.verdict, "yellow")
        more = "" if answer.exhausted or answer.verdict == "broken" else " in what was reached"
        if answer.verdict == "open":
            more += ": it hangs on what only a behaviour computes"
        yield Text.assemble((f"{answer.verdict}{more}", style), "  ", answer.condition)
        yield from _way(answer.seen, answer.trace)
    grave = [finding for finding in report.findings if finding.kind in GRAVE]
    yield from _findings(grave, ways=True)
    minor = [finding for finding in report.findings if finding.kind in _MINOR]
    if not faults:
        yield from _unbroken(minor)
        minor = [finding for finding in minor if finding.kind in ("outside", "overlap", "order")]
    shown = [finding for finding in minor if everything or finding.kind not in ("only a cure", "order")]
    yield from _findings(shown, ways=False)
    left = len(minor) - len(shown)
    if left:
        yield Text()
        yield Text(f"{left} more {'is' if left == 1 else 'are'} only worth a look; --all shows them", style="dim")


def counts(number: float) -> str:
    """Write a number of situations with gaps between thousands."""
    return f"{number:,.0f}".replace(",", " ")


def _extent(report: Exploration) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("explored together", "situations", "", "deep", "took", "a second"):
        table.add_column(name, justify="left" if name in ("explored together", "") else "right")
    for group in report.groups:
        whole = Text("all", style="green") if group.exhausted else Text("not exhausted", style="bold yellow")
        same = group.standing_for == group.situations
        number = counts(group.situations) + ("" if same else f" for {counts(group.standing_for)}")
        speed = counts(group.situations / max(group.seconds, 1e-3))
        table.add_row(" + ".join(group.components), number, whole, str(group.depth), duration(group.seconds), speed)
    return table


def _together(report: Exploration) -> Iterator[Text]:
    for apart in report.apart:
        yield Text(
            f"{', '.join(apart)} read each other, but are too many to be explored together: each was for itself",
            style="yellow",
        )
    if len(report.groups) > 1:
        bound = "" if report.exhausted else "at least "
        yield Text(
            "None of these reads another one, so together they can be in every combination: "
            f"{bound}{counts(report.together)} situations, counted and not enumerated."
            if report.is_product
            else "Each was explored for itself; what it reads of the others may be anything."
        )


def _recoveries(report: Exploration) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("fault", "situations", "brought back by"):
        table.add_column(name, justify="right" if name == "situations" else "left")
    for component, recoveries in report.faults.items():
        for each in recoveries:
            verdict = Text(each.verdict, style=_VERDICTS[each.verdict])
            table.add_row(f"{component}.{each.fault}", counts(each.situations), verdict)
    return table


def _findings(findings: Sequence[Finding], *, ways: bool) -> Iterator[RenderableType]:
    for kind, some in groupby(findings, key=lambda finding: finding.kind):
        yield Text()
        style = "bold red" if kind in GRAVE else "bold"
        yield Text.assemble((kind, style), f": {KINDS[kind]}")
        for finding in some:
            because = f" ({finding.because})" if finding.because and not ways else ""
            yield Padding(Text(f"{finding.component}  {finding.subject}{because}"), (0, 0, 0, 2))
            if ways:
                yield from _way(finding.because, finding.trace)


def _way(seen: str, trace: Sequence[str]) -> Iterator[RenderableType]:
    if seen:
        yield Padding(Text(seen, style="dim"), (0, 0, 0, 4))
    lines = list(trace)
    if len(lines) > _MOST_LINES:
        half = _MOST_LINES // 2
        lines = [*lines[:half], f"... {len(lines) - 2 * half} more ...", *lines[-half:]]
    for number, line in enumerate(lines, 1):
        yield Padding(Text(f"{number:3}  {line}", style="dim"), (0, 0, 0, 4))


def _unbroken(findings: Sequence[Finding]) -> Iterator[RenderableType]:
    """Say how much never comes about while nothing is broken; most of it is for when something is."""
    states = sum(finding.kind == "unreached state" for finding in findings)
    rows = sum(finding.kind == "dead row" for finding in findings)
    if states or rows:
        yield Text()
        yield Text(
            f"While nothing is broken {states} states and {rows} transitions never come about; "
            "--faults tells which of them never can"
        )
