"""What came of a campaign, on a terminal: silent first, then each fault, or a matrix of letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cscsim.blocks_of_text import bullets, pairs, section
from cscsim.campaign_result import ORDER, Matrix, Result, ResultRow, letter_of, meaning_of, severity
from cscsim.style import duration
from procedures.coverage import COMPONENT_GROUPS, percent

__all__ = ["campaign_page"]

STYLES = {
    "silent": "bold red",
    "stuck": "bold magenta",
    "crashed": "bold magenta",
    "detected": "green",
    "recovered": "cyan",
    "harmless": "bright_black",
    "not_injected": "bright_black",
}
_MOST = 12
"""Faults that are told in full; the rest is in the report and the store."""
_LEAST = 5
"""Components that are named because least of them was tried."""


def campaign_page(
    result: Result, *, report_file: str | None = None, junit_file: str | None = None
) -> Iterator[RenderableType]:
    """Write what came of a campaign."""
    yield _headline(result)
    yield from _findings(result)
    yield from _unsafe(result)
    for matrix in result.matrices():
        yield from section(f"{matrix.procedure}: every fault")
        yield from _wide(matrix) if matrix.is_wide else _narrow(matrix)
    yield from _coverage(result)
    yield from section("How to read it")
    yield from _legend(result)
    yield Text()
    yield from pairs(
        [
            ("replay", Text(_recipe(result), style="cyan")),
            ("runs", _how_many(result)),
            ("time", duration(result.wall_seconds)),
            ("store", result.store),
            ("report", report_file or ""),
            ("JUnit", junit_file or ""),
        ]
    )


def _how_many(result: Result) -> str:
    kept = f", of which {result.kept} were there already" if result.kept else ""
    return f"{len(result.rows)}{kept}, and {len(result.baselines)} without a fault; {result.workers} workers"


def _headline(result: Result) -> Panel:
    rows, counts = result.rows, result.counts
    line = Text()
    for name, count in counts.items():
        line.append("  " if line else "").append(f"{count} {name.replace('_', ' ')}", style=STYLES[name])
    unsafe = sum(bool(row.unsafe) for row in rows)
    ends = Text(f"{unsafe} of {len(rows)} runs did not end safe", style="yellow" if unsafe else "green")
    title = (
        result.plan.title or f"{', '.join(result.plan.procedures)}: {len(rows)} runs, each with something going wrong"
    )
    return Panel(Group(Text(title, style="bold"), line, ends), title=" CAMPAIGN ", title_align="left")


def _findings(result: Result) -> Iterator[RenderableType]:
    for name in ("silent", "stuck", "crashed"):
        found = [row for row in result.rows if row.classification == name]
        if not found:
            continue
        yield from section(f"{name.capitalize()}: {len(found)} of {len(result.rows)} runs")
        yield Text(meaning_of(name), style="dim")
        faults: dict[tuple[str, str], list[ResultRow]] = {}
        for row in found:
            faults.setdefault((row.case.procedure, row.case.fault), []).append(row)
        for (procedure, fault), rows in list(faults.items())[:_MOST]:
            row = rows[0]
            yield Text.assemble((fault, STYLES[name]), (f"  {procedure}, at {_when(rows)}", "dim"))
            yield from bullets(row.verdict.harm[:4] or (row.verdict.because,))
            yield Text(f"  {row.case.command}", style="cyan")
        if len(faults) > _MOST:
            yield Text(f"and {len(faults) - _MOST} more: in the report, or in the store", style="dim")


def _unsafe(result: Result) -> Iterator[RenderableType]:
    broken = result.unsafe_conditions()
    if not broken:
        return
    yield from section("Not safe at the end: what should hold and does not, in how many runs")
    yield from pairs([(str(count), name) for name, count in broken.items()])


def _when(rows: Sequence[ResultRow]) -> str:
    moments = list(dict.fromkeys(row.moment for row in rows))
    seeds = sorted({row.case.seed for row in rows})
    return f"{', '.join(moments)} · seed {', '.join(map(str, seeds))}"


def _narrow(matrix: Matrix) -> Iterator[RenderableType]:
    """One line a fault."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading, options in (
        ("fault", {"no_wrap": True}),
        ("is", {"no_wrap": True}),
        ("noticed by, or what came of it", {"overflow": "fold", "ratio": 1}),
        ("after", {"justify": "right", "no_wrap": True}),
        ("safe end", {"no_wrap": True}),
    ):
        table.add_column(heading, **options)
    lines = [(fault, [row for rows in by.values() for row in rows]) for fault, by in matrix.cells.items()]
    for fault, rows in sorted(lines, key=lambda line: (severity(worst_of(line[1]).classification), line[0])):
        worst = worst_of(rows)
        verdict = worst.verdict
        after = duration(verdict.detected_after) if verdict.detected_after is not None else ""
        what = worst.detected_by or "; ".join(verdict.harm[:2]) or verdict.because
        table.add_row(fault, _classes(rows), Text(what), after, _safe(rows))
    yield table


def _wide(matrix: Matrix) -> Iterator[RenderableType]:
    """One letter a cell; the worst of its seeds."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("fault", no_wrap=True)
    for number, _ in enumerate(matrix.moments, start=1):
        table.add_column(str(number), justify="left", no_wrap=True)
    for fault, by in sorted(matrix.cells.items()):
        table.add_row(fault, *(_letter(by.get(moment, ())) for moment in matrix.moments))
    yield table
    steps = "  ".join(f"{number} {moment}" for number, moment in enumerate(matrix.moments, start=1))
    yield Text(f"at the beginning of: {steps}", style="dim")


def _letter(rows: Sequence[ResultRow]) -> Text:
    if not rows:
        return Text("·", style="dim")
    name = worst_of(rows).classification
    return Text(letter_of(name) + ("!" if any(row.unsafe for row in rows) else ""), style=STYLES[name])


def worst_of(rows: Sequence[ResultRow]) -> ResultRow:
    """Return the run that matters most."""
    return min(rows, key=lambda row: severity(row.classification))


def _classes(rows: Sequence[ResultRow]) -> Text:
    counted = Counter(row.classification for row in rows)
    text = Text()
    for name in ORDER:
        if counted[name]:
            count = f" {counted[name]}/{len(rows)}" if len(counted) > 1 else ""
            text.append(" " if text else "").append(name.replace("_", " ") + count, style=STYLES[name])
    return text


def _safe(rows: Sequence[ResultRow]) -> Text:
    unsafe = [row for row in rows if row.unsafe]
    if not unsafe:
        return Text("safe", style="green")
    return Text("NOT" if len(unsafe) == len(rows) else f"NOT {len(unsafe)}/{len(rows)}", style="yellow")


def _coverage(result: Result) -> Iterator[RenderableType]:
    """Say how much was tried of what there is, and which faults never were."""
    coverage, never = result.tried, result.never_tried()
    figure = coverage.figure
    if not figure.of:
        return
    yield from section(f"Coverage: {figure.seen} of {figure.of} items were tried, {percent(figure):.0f} %")
    totals = [f"{name} {coverage.total(name)}" for name in COMPONENT_GROUPS]
    words = Counter(word for part in coverage.procedures.values() for word in part.conditions().values())
    totals.append(f"conditions both true and false {words['both']}/{words.total()}")
    faults = [
        f"{name}.{words.split()[0]}"
        for name, groups in never.items()
        for words in groups.get("faults", ())
        if words.endswith("injected")
    ]
    least = sorted(coverage.components.values(), key=lambda part: percent(part.figure))[:_LEAST]
    yield from pairs(
        [
            ("of components", " · ".join(totals)),
            ("least of", ", ".join(f"{part.name} {percent(part.figure):.0f} %" for part in least)),
            ("faults never tried", _some(list(dict.fromkeys(faults)))),
            ("all of it", Text(f"cscsim coverage {result.store} --missing", style="cyan")),
        ]
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + more


def _legend(result: Result) -> Iterator[RenderableType]:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name in result.counts:
        table.add_row(Text(f"{letter_of(name)}  {name.replace('_', ' ')}", style=STYLES[name]), meaning_of(name))
    unsafe = (
        "the run did not end safe: conditions such as that the lamp is off do not hold, which hold without the fault"
    )
    table.add_row(Text("!  NOT safe", style="yellow"), unsafe)
    yield table


def _recipe(result: Result) -> str:
    rows = result.rows
    if not rows:
        return ""
    if len(rows) == 1:
        return rows[0].case.command
    case = rows[0].case
    when = "@step STEP" if case.at_step is not None else "@TIME" if rows[0].moment == "random" else ""
    return f'{case.baseline.command.replace(f"--seed {case.seed}", "--seed SEED")} --fault "FAULT{when}"'
