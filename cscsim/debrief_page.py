"""A debrief on a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cscsim.blocks_of_text import bullets, entry, heading, section
from cscsim.debrief_words import circumstances, fault_facts, guide_line, how_it_ended, image_counts, shown, story
from cscsim.style import time_of
from procedures.debrief import Debrief
from procedures.scoring import Score
from procedures.training import Training

__all__ = ["debrief_page"]

_SIGNS = {"✓": "green", "✗": "bold red", "–": "yellow", "+": "cyan"}


def debrief_page(debrief: Debrief, training: Training | None) -> Iterator[RenderableType]:
    """Return the page, part by part."""
    yield from heading(debrief.title, debrief.subject)
    yield Text(circumstances(debrief), style="dim")
    for note in debrief.notes:
        yield Text.assemble(("! ", "bold yellow"), note)
    good = debrief.outcome == "passed"
    yield Text(how_it_ended(debrief), style="bold green" if good else "bold red" if debrief.is_whole else "bold yellow")
    if training is not None:
        yield from section("What was to be learnt")
        yield Text(" ".join(training.learn.split()))
    if debrief.score is not None:
        yield from _score(debrief.score)
    yield from section("What happened")
    yield _story(debrief)
    facts = fault_facts(debrief)
    if facts:
        yield from section("What went wrong")
        for fact in facts:
            yield from entry(fact.name, fact.effect, [("seen", fact.seen), ("cure", fact.cure)])
    if debrief.guide:
        yield from section(f"What the guide would have done ({debrief.circumstances['procedure']})")
        yield _guide(debrief)
    if debrief.contingency:
        yield from section("What it says for when something goes wrong")
        yield from bullets(debrief.contingency)
    images = image_counts(debrief)
    if images:
        yield from section("Images")
        yield Text("; ".join(f"{number} × {kind} {time}" for kind, time, number in images))
    yield Text()
    violated = len(debrief.timeline.violations)
    yield Text(f"{debrief.checked} conditions checked, {violated} did not hold; {debrief.records} records", style="dim")


def _score(score: Score) -> Iterator[RenderableType]:
    yield from section("Score")
    table = _columns()
    for figure in score.figures():
        records = f" {[*figure.records]}" if figure.records else ""
        table.add_row(figure.name, Text(shown(figure), style="bold"), Text(f"{figure.because}{records}", style="dim"))
    yield table
    yield from section("Goals")
    table = _columns()
    for goal in score.goals:
        sign = {True: "✓", False: "✗", None: "–"}[goal.reached]
        at = time_of(goal.deed.t) if goal.deed is not None else ""
        table.add_row(Text(sign, style=_SIGNS[sign]), Text(at, style="dim"), goal.title)
    yield table


def _story(debrief: Debrief) -> Table:
    table = _columns()
    for line in story(debrief):
        style = "red" if line.is_trouble else ""
        table.add_row(Text(time_of(line.t), style="dim"), Text(line.what, style="dim"), Text(line.text, style=style))
    return table


def _guide(debrief: Debrief) -> Table:
    table = _columns()
    for each in debrief.guide:
        line = guide_line(each)
        done = "\n".join(line.done) or line.otherwise
        table.add_row(Text(line.sign, style=_SIGNS[line.sign]), Text(f"{'  ' * each.depth}{line.name}"), Text(done))
    return table


def _columns() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(overflow="fold")
    table.add_column(overflow="fold", no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    return table
