"""The summary of a rehearsal, for a person: what happened when, what was seen, what did not hold and why.

A new observer reads it from top to bottom: how it ended, the timeline, the images, what went wrong with the values
seen and what the procedure says to do about it, and how the observatory was left.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten

from rich.console import RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from csc.disturbances import fault_of
from csc.latiss.images import Exposure
from cscsim.blocks_of_text import bullets, section
from cscsim.chronicle import Chronicle, Message, ScriptRun
from cscsim.expected import judged, verdict
from cscsim.gauges import of_snapshot, read_gauges
from cscsim.outline import Place, outline_of
from cscsim.style import StateChips, counts, duration, outcome_mark, readings_line, time_of, took
from fsm import Record, format_value
from procedures import Rehearsal, Report
from procedures.report import StepReport

__all__ = ["summary"]

_LONGEST_NAME = 80
_MOST_ROWS = 60
_MOST_WARNINGS = 12
_WARNING = 30
_COLOURS = {"passed": "green", "failed": "red", "aborted": "yellow"}


def summary(rehearsal: Rehearsal, report: Report, chronicle: Chronicle) -> Iterator[RenderableType]:
    """Return the summary, part by part.

    Parameters
    ----------
    rehearsal, report
        What was rehearsed and what came of it.
    chronicle
        What was seen meanwhile.
    """
    yield _banner(rehearsal, report)
    yield from section("What happened")
    yield _timeline(report, outline_of(rehearsal.procedure, rehearsal.library), chronicle.scripts.values())
    if report.images:
        yield from section(f"Images: {len(report.images)}")
        yield _images(report.images)
    if chronicle.faults:
        yield from section("What was done to the observatory")
        yield _faults(chronicle)
    warnings = [message for message in chronicle.messages if message.level >= _WARNING and not message.is_condition]
    if warnings:
        yield from section("Warnings and errors in the logs")
        yield _warnings(warnings)
    yield from judged(rehearsal, report)
    if report.violations:
        yield from section("Conditions that did not hold")
        yield _violations(report)
    if rehearsal.procedure.contingency and not (report.passed or report.because == "interrupted"):
        yield from section("What the procedure says to do now")
        yield from bullets(rehearsal.procedure.contingency)
    yield from section("How the observatory was left")
    yield _final_states(rehearsal, report)
    yield Text()
    yield _figures(report, rehearsal.journal)


# ---------------------------------------------------------------------- banner


def _banner(rehearsal: Rehearsal, report: Report) -> Panel:
    colour = _COLOURS[report.outcome]
    body = Text.assemble((rehearsal.procedure.title, "bold"), "\n")
    if report.passed:
        holding = "the 1 condition" if report.checked == 1 else f"all {report.checked} conditions"
        body.append(f"{len(report.steps)} steps done, {holding} held.")
    elif report.outcome == "aborted":
        body.append(f"Ended before its time: {report.because}.")
    else:
        body.append(report.because)
    where = _stopped_at(report)
    if where is not None:
        body.append("\nIt stopped at ").append(f"step {where.id} {where.name}", style="bold")
        body.append(f", {duration(report.simulated_seconds)} after the start.")
    words = [f"observatory {rehearsal.observatory.observatory}", f"seed {rehearsal.seed}"]
    if rehearsal.scenario is not None:
        words.append(f"scenario {rehearsal.scenario.name}")
    words.extend(f"fault {fault}" for fault in rehearsal.faults)
    words.extend(f"{key}={value}" for key, value in rehearsal.config.items())
    body.append("\n" + " · ".join(words), style="dim")
    title = Text(f" {report.outcome.upper()} ", style=f"bold {colour} reverse")
    return Panel(body, title=title, title_align="left", border_style=colour)


def _stopped_at(report: Report) -> StepReport | None:
    """Return the innermost step that was not finished."""
    if report.passed:
        return None
    return next((step for step in reversed(report.steps) if step.outcome in ("stopped", "failed", "running")), None)


# -------------------------------------------------------------------- timeline


@dataclass(frozen=True, slots=True)
class _Row:
    depth: int
    name: str
    label: str
    outcome: str
    start: float
    end: float | None
    is_script: bool = False


def _timeline(report: Report, outline: Mapping[str, Place], scripts: Iterable[ScriptRun]) -> Table:
    rows = list(_rows(report, outline))
    for run in scripts:
        if run.start is not None:
            # Behind the scripts that began at the same time, before the steps that did.
            later = (n for n, row in enumerate(rows) if (row.start, not row.is_script) > (run.start, False))
            place = next(later, len(rows))
            outcome = "running" if run.end is None else run.state.lower()
            name = f"{run.path.removesuffix('.py')} {run.filters}".rstrip()
            depth = next((row.depth for row in reversed(rows[:place]) if not row.is_script), 0) + 1
            row = _Row(depth, name, run.index, outcome, run.start, run.end, is_script=True)
            rows.insert(place, row)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("start", justify="right", no_wrap=True)
    table.add_column("took", justify="right", no_wrap=True)
    table.add_column("id", no_wrap=True, style="cyan", max_width=16, overflow="ellipsis")
    table.add_column("step", overflow="fold")
    table.add_column("", no_wrap=True)
    for row in rows:
        table.add_row(
            time_of(row.start),
            "–" if row.end is None else took(row.end - row.start),
            row.label,
            Padding(
                Text(shorten(row.name, _LONGEST_NAME, placeholder=" …"), style="" if row.depth else "bold"),
                (0, 0, 0, 2 * row.depth),
            ),
            outcome_mark(row.outcome),
        )
    return table


def _rows(report: Report, outline: Mapping[str, Place]) -> Iterator[_Row]:
    """Yield the steps that are worth a line: inner ones only if there is room, failed ones always."""
    found = [(step, outline.get(step.id)) for step in report.steps]
    found = [(step, place) for step, place in found if step.outcome != "done" or not (place and place.is_quiet)]
    depths = [place.depth if place else step.id.count("/") for step, place in found]
    for deepest in (2, 1, 0):
        shown = [step.outcome != "done" or depth <= deepest for (step, _), depth in zip(found, depths, strict=True)]
        if sum(shown) <= _MOST_ROWS:
            break
    for (step, _), depth, is_shown in zip(found, depths, shown, strict=True):
        if is_shown:
            yield _Row(depth, step.name, step.id.rpartition("/")[2], step.outcome, step.start, step.end)


# ---------------------------------------------------------------------- images


def _images(images: Sequence[Exposure]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name, justify in (("filter", "left"), ("grating", "left"), ("type", "left"), ("n", "right")):
        table.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]  # left or right
    for name in ("exposure", "median counts", "saturated"):
        table.add_column(name, justify="right", no_wrap=True)
    before: tuple[str, ...] = ()
    for number, exposures in enumerate(_sets(images)):
        first = exposures[0]
        group = (first.group_id, first.filter, first.grating)
        if number and group != before:
            table.add_section()
        shown = (first.filter, first.grating) if group != before else ("", "")
        before = group
        saturated = sum(exposure.saturated for exposure in exposures)
        table.add_row(
            *shown,
            first.image_type,
            str(len(exposures)),
            _exposure_times(exposures),
            f"{counts(statistics.median(exposure.counts for exposure in exposures))} adu",
            Text(str(saturated), style="yellow") if saturated else Text("–", style="dim"),
        )
    return table


def _sets(images: Sequence[Exposure]) -> Iterator[list[Exposure]]:
    """Yield the images of one group, type, filter and grating together, in the order of their first ones."""
    found: dict[tuple[str, ...], list[Exposure]] = {}
    for image in images:
        key = (image.group_id, image.filter, image.grating, image.image_type)
        found.setdefault(key, []).append(image)
    yield from found.values()


def _exposure_times(exposures: Sequence[Exposure]) -> str:
    times = sorted({exposure.exposure_time for exposure in exposures})
    return f"{times[0]:g} s" if len(times) == 1 else f"{times[0]:g} – {times[-1]:g} s"


# ------------------------------------------------------------- what went wrong


def _faults(chronicle: Chronicle) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, justify="right")
    table.add_column(overflow="fold")
    for record in chronicle.faults:
        line = Text.assemble((f"{record['who']}.{record['fault']}", "bold"), f" {record['what']}")
        line.append(f"  {', '.join(_fault_values(record, chronicle))}", style="dim")
        table.add_row(time_of(record["t"]), line)
    return table


def _fault_values(record: Record, chronicle: Chronicle) -> Iterator[str]:
    if chronicle.observatory is not None:
        given = record.get("parameters", {})
        blueprint = chronicle.observatory.catalogue[record["who"].partition(":")[0]]
        for key, value in given.items():
            unit = fault_of(blueprint, record["fault"], given).parameters[key].unit
            yield f"{key} {format_value(value, unit)}"


def _warnings(messages: Sequence[Message]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, justify="right")
    table.add_column(no_wrap=True, style="cyan")
    table.add_column(overflow="fold")
    for message in messages[:_MOST_WARNINGS]:
        table.add_row(
            time_of(message.t), message.who, Text(message.text, style="red" if message.level > _WARNING else "yellow")
        )
    if len(messages) > _MOST_WARNINGS:
        table.add_row("", "", Text(f"and {len(messages) - _MOST_WARNINGS} more in the journal", style="dim"))
    return table


def _violations(report: Report) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for violation in report.violations:
        table.add_row("where", Text(violation.where, style="cyan"))
        table.add_row("condition", Text(violation.condition, style="bold"))
        table.add_row("because", Text(violation.because, style="red"))
        if violation is not report.violations[-1]:
            table.add_row("", "")
    return table


# ------------------------------------------------------------------ at the end


def _final_states(rehearsal: Rehearsal, report: Report) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    left = list(report.components)
    for group, members in (*rehearsal.observatory.groups.items(), ("others", None)):
        names = [name for name in left if members is None or name in members]
        left = [name for name in left if name not in names]
        if names:
            table.add_row(group, StateChips((name, report.components[name]["summary_state"]) for name in names))
    for label, readings in read_gauges(of_snapshot(report.components)):
        table.add_row(label, readings_line(readings))
    return table


def _figures(report: Report, journal: Path | None) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    ratio = report.simulated_seconds / max(report.wall_seconds, 1e-9)
    outcome = Text(report.outcome.upper(), style=f"bold {_COLOURS[report.outcome]}")
    where = _stopped_at(report)
    if where is not None:
        outcome.append(f" at step {where.id} {where.name}", style="default not bold")
    outcome.append(verdict(report))
    table.add_row("outcome", outcome)
    times = f"{duration(report.simulated_seconds)} simulated in {duration(report.wall_seconds)}"
    table.add_row("time", f"{times}: {counts(ratio)} times faster" if ratio >= 1.05 else times)
    table.add_row("journal", f"{report.records} records" + (f" in {journal}" if journal else ""))
    table.add_row("digest", report.digest)
    return table
