"""What comes of a fault, whenever it happens, on a terminal: a strip of letters, intervals, and the worst moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cscsim.blocks_of_text import bullets, pairs, section
from cscsim.campaign_page import STYLES
from cscsim.campaign_result import letter_of, meaning_of
from cscsim.style import duration, time_of
from cscsim.worst_moment import WorstMoment
from procedures.campaign.badness import CLASSES_BY_BADNESS
from procedures.campaign.search import Timeline

__all__ = ["meaning_of_label", "worst_page"]

WIDEST = 96
"""Letters of a strip at the most."""
_UNSAFE = "unsafe"
_MEANING = "however the run ended, something is left that should not be so, such as a lamp that is on"


def meaning_of_label(label: str) -> str:
    """Say what a class on a timeline means."""
    return _MEANING if label == _UNSAFE else meaning_of(label)


def worst_page(found: WorstMoment, report_file: str | None, seconds: float) -> Iterator[RenderableType]:
    """Write it.

    Parameters
    ----------
    report_file
        The page that was written.
    seconds
        How long it took [real s].
    """
    worst, timeline = found.timeline.worst, found.timeline
    headline = Text.assemble(("worst: ", "dim"), (_words(worst.label), _style(worst.label)), f" at {time_of(worst.t)}")
    headline.append(f", during {found.step_at(worst.t)}" if found.step_at(worst.t) else "")
    yield Panel(Group(Text(found.title, style="bold"), headline), title=" WORST MOMENT ", title_align="left")
    yield from section(f"Of {len(timeline.samples)} moments")
    yield _Strip(timeline)
    yield Text()
    yield _intervals(found)
    yield from section("The worst")
    verdict = worst.row.verdict
    if verdict is not None and verdict.detected_after is not None:
        yield Text(f"noticed {duration(verdict.detected_after)} after it happened, by {verdict.detected_by}")
    yield from bullets([each for each in verdict.harm[:4] or (verdict.because,) if each] if verdict is not None else ())
    yield from bullets([f"not safe: {each}" for each in verdict.unsafe] if verdict is not None else (), style="yellow")
    yield from section("How to read it")
    labels = {each.label for each in timeline.samples}
    yield from pairs(
        [
            (f"{_letter(name)}  {_words(name)}", Text(meaning_of_label(name)))
            for name in CLASSES_BY_BADNESS
            if name in labels
        ]
    )
    yield Text()
    yield from pairs(
        [
            ("replay", Text(worst.row.case.command, style="cyan")),
            ("digest", worst.row.run.digest),
            ("time", duration(seconds)),
            ("report", report_file or ""),
        ]
    )


@dataclass(frozen=True, slots=True)
class _Strip:
    """The procedure from beginning to end: letters for what comes of the fault then, a mark below the worst."""

    timeline: Timeline

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        timeline, width = self.timeline, min(WIDEST, options.max_width)
        strip = Text()
        for number in range(width):
            label = timeline.label_at((number + 0.5) / width * timeline.duration)
            strip.append(_letter(label), style=_style(label))
        yield strip
        place = min(width - 1, int(timeline.worst.t / max(timeline.duration, 1.0) * width))
        yield Text(" " * place + "▲", style="bold")
        begins, ends = time_of(0.0), time_of(timeline.duration)
        yield Text(f"{begins}{ends:>{width - len(begins)}}", style="dim")


def _intervals(found: WorstMoment) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("from", "to", "is", "tries", "images lost", "noticed after", "during"):
        table.add_column(heading, justify="right" if heading in ("tries", "images lost", "noticed after") else "left")
    for each in found.timeline.intervals:
        images = [sample.badness.images for sample in each.samples]
        after = [
            sample.row.verdict.detected_after
            for sample in each.samples
            if sample.row.verdict is not None and sample.row.verdict.detected_after is not None
        ]
        table.add_row(
            time_of(each.begins),
            time_of(each.ends),
            Text(_words(each.label), style=_style(each.label)),
            str(len(each.samples)),
            _span([str(min(images)), str(max(images))]),
            _span([duration(min(after)), duration(max(after))]) if after else "",
            found.steps_in(each),
        )
    return table


def _span(ends: list[str]) -> str:
    return " – ".join(dict.fromkeys(ends))


def _letter(label: str) -> str:
    return "!" if label == _UNSAFE else letter_of(label)


def _style(label: str) -> str:
    return "yellow" if label == _UNSAFE else STYLES[label]


def _words(label: str) -> str:
    return label.replace("_", " ")
