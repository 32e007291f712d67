"""Coverage on a terminal: a table of components, one of procedures, and what was never tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cscsim.blocks_of_text import bullets, pairs, section
from cscsim.coverage_data import missing_of
from cscsim.coverage_universe import Universe
from procedures.coverage import Coverage, Figure, Part, percent

__all__ = ["LEGEND", "coverage_page", "least_first", "rehearsed_in", "style_of"]

LEGEND = (
    ("states, transitions", "of its machines and its summary state; a transition is a row of a table, from a state"),
    ("refusals", "what a command may be answered with instead of done: one for each reason in the data sheet"),
    ("faults", "declared faults, injected and cured"),
    ("errors", "error codes with which it goes to FAULT"),
    ("begun, done, failed", "steps that were begun, came to their end, or failed"),
    (
        "both, true, false",
        "conditions that were seen true and false, only true, or only false, of all; the rest was never looked at",
    ),
    ("faults × steps", "pairs: a declared fault struck while a step was under way; no part of the percentage"),
)
"""What the columns are."""


def coverage_page(
    coverage: Coverage, universe: Universe, notes: Sequence[str], *, missing: bool
) -> Iterator[RenderableType]:
    """Write what was seen of what there is.

    Parameters
    ----------
    missing
        Whether what was never tried is told item by item.
    """
    yield _headline(coverage)
    if coverage.components:
        yield from section("Components, with most that was never tried first")
        yield _components(coverage.components.values())
    if coverage.procedures:
        yield from section("Procedures")
        yield _procedures(coverage.procedures.values())
    yield Text()
    yield from pairs([(name, meaning) for name, meaning in LEGEND])
    if missing:
        yield from _missing(coverage, universe)
    yield Text()
    if not missing:
        yield Text("--missing says what was never tried, and what would; --component, --procedure choose", style="dim")
    yield from bullets(notes, style="yellow") if notes else ()


def _headline(coverage: Coverage) -> Panel:
    figure, runs = coverage.figure, coverage.seen.runs
    line = Text.assemble(
        (f"{percent(figure):.1f} %", f"bold {style_of(figure)}"), f"  {figure.seen} of {figure.of} items were tried"
    )
    procedures = ", ".join(rehearsed_in(coverage)) or "no procedure"
    where = Text(f"in {runs} run{'' if runs == 1 else 's'} of {procedures}", style="dim")
    return Panel(Group(line, where), title=" COVERAGE ", title_align="left")


def rehearsed_in(coverage: Coverage) -> list[str]:
    """Return the procedures that were rehearsed."""
    return list(dict.fromkeys(item[1] for item, _ in coverage.seen.of("run")))


def least_first(parts: Iterable[Part]) -> list[Part]:
    """Return parts, those first of which most was never tried."""
    return sorted(parts, key=lambda part: (part.figure.seen - part.figure.of, part.name))


def style_of(figure: Figure) -> str:
    """Return the colour of a figure: the less the redder."""
    part = percent(figure)
    return "red" if part < 25 else "yellow" if part < 75 else "green"


def _components(parts: Iterable[Part]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("component", no_wrap=True)
    for heading in ("states", "transitions", "refusals", "faults", "errors", "all"):
        table.add_column(heading, justify="right", no_wrap=True)
    for part in least_first(parts):
        table.add_row(part.name, *(_figure(group.figure) for group in part.groups.values()), _percent(part.figure))
    return table


def _procedures(parts: Iterable[Part]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("procedure", overflow="fold")
    for heading in ("begun", "done", "failed", "both", "true", "false", "of", "faults × steps", "all"):
        table.add_column(heading, justify="right", no_wrap=True)
    for part in least_first(parts):
        steps, words = part.groups["steps"], Counter(part.conditions().values())
        table.add_row(
            part.name.removesuffix(".py"),
            *(_figure(steps.ending(what)) for what in ("begun", "done", "failed")),
            *(str(words[word]) if words else "–" for word in ("both", "true", "false")),
            str(sum(words.values())) if words else "–",
            _figure(part.struck.figure),
            _percent(part.figure),
        )
    return table


def _figure(figure: Figure) -> Text:
    return Text(str(figure), style="" if figure.of and not figure.seen else "dim" if not figure.of else "")


def _percent(figure: Figure) -> Text:
    return Text(f"{percent(figure):.0f} %", style=style_of(figure))


def _missing(coverage: Coverage, universe: Universe) -> Iterator[RenderableType]:
    rehearsed = set(rehearsed_in(coverage))
    for name, groups in missing_of(coverage, universe).items():
        yield from section(f"Never tried: {name}")
        for group, lines in groups.items():
            yield Text(f"{group}: {len(lines)}", style="bold")
            table = Table.grid(padding=(0, 1))
            table.add_column(no_wrap=True)
            table.add_column(overflow="fold")
            for what, how in lines:
                told = Text(" ".join(what.split()))
                if how:
                    told.append(f"\n{' '.join(how.split())}", style="cyan")
                table.add_row(Text("•", style="dim"), told)
            yield table
    for name in sorted(rehearsed & coverage.procedures.keys()):
        yield from section(f"Never tried: faults at steps of {name}")
        yield Text(f"cscsim campaign --procedure {name} --faults all --at steps", style="cyan")
    yield Text()
    yield Text("What can come about at all, `cscsim explore COMPONENT --faults` tells.", style="dim")
