"""What a scenario has expected of a rehearsal, told beside what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cscsim.blocks_of_text import section
from cscsim.style import duration
from procedures import Rehearsal, Report

__all__ = ["judged", "verdict"]


def judged(rehearsal: Rehearsal, report: Report) -> Iterator[RenderableType]:
    """Return the section about what the scenario expects: whether each of it came, and what was seen."""
    scenario, judgement = rehearsal.scenario, report.expectations
    if scenario is None or scenario.expect is None:
        return
    yield from section("What the scenario expects")
    if judgement is None:
        yield Text(f"It is meant for {scenario.procedure}; what it expects is not asked of {rehearsal.procedure.name}.")
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for each in judgement.judged:
        line = Text(each.expected)
        if each.because:
            line.append(f"  {each.because}", style="dim" if each.met else "red")
        table.add_row(Text("✓", style="green") if each.met else Text("✗ not so", style="red"), line)
    if judgement.detected_after is not None and judgement.detected_by is not None:
        when = f"{duration(judgement.detected_after)} after the first fault, by "
        table.add_row(Text("noticed", style="dim"), Text.assemble(when, (judgement.detected_by, "bold")))
    elif scenario.faults:
        table.add_row(Text("noticed", style="dim"), Text("by nothing in the procedure"))
    if scenario.lesson:
        table.add_row(Text("to learn", style="dim"), Text(" ".join(scenario.lesson.split())))
    yield table


def verdict(report: Report) -> Text:
    """Return in a few words whether all came as the scenario expects; nothing if it expects nothing."""
    if report.expectations is None:
        return Text()
    if report.expectations.as_expected:
        return Text(", as expected", style="green not bold")
    return Text(", NOT as expected", style="bold red")
