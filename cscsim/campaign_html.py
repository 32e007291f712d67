"""What came of a campaign as one page that stands alone: for somebody who has never seen cscsim.

Letters and words first, colour beside them; no script is needed to read it, and nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from itertools import groupby
from string import Template

from cscsim.campaign_page import worst_of
from cscsim.campaign_result import ORDER, Matrix, Result, ResultRow, letter_of, meaning_of, severity
from cscsim.coverage_html import figures_tables
from cscsim.style import duration
from procedures.coverage import percent

__all__ = ["html_page"]

_INTRODUCTION = """\
A <em>procedure</em> is a list of steps by which an observatory does something, here rehearsed against simulated
components: state machines that behave like the real ones. Each <em>run</em> of this campaign is one rehearsal in which
one thing goes wrong: a fault of a component. Each was held against the same rehearsal in which nothing goes wrong. The
question is what the procedure notices. A fault that does harm and that the procedure lets pass is <em>silent</em>;
those come first."""


def html_page(result: Result) -> str:
    """Return the page."""
    template = Template(files("cscsim").joinpath("campaign_report.html").read_text(encoding="utf-8"))
    chips = "\n".join(f".{name} {{ background: var(--{name}); color: var(--on-{name}); }}" for name in ORDER)
    title = result.plan.title or f"What {_and(result.plan.procedures)} notices when something goes wrong"
    body = "\n".join(_body(result, title, _Anchors(result.rows)))
    return template.substitute(title=escape(title), chips=chips, body=body)


class _Anchors:
    """Where the entry of a run is on the page."""

    def __init__(self, rows: Sequence[ResultRow]) -> None:
        self._numbers = {row.case.key: number for number, row in enumerate(rows, start=1)}

    def of(self, row: ResultRow) -> str:
        return f"run-{self._numbers[row.case.key]}"


def _body(result: Result, title: str, anchors: _Anchors) -> Iterator[str]:
    yield f"<h1>{escape(title)}</h1>"
    yield f"<p class=soft>{escape(_what_was_run(result))}</p>"
    yield '<div class="tiles">'
    for name, count in result.counts.items():
        yield f'<div class="tile"><b>{count}</b>{_chip(name)}</div>'
    unsafe = sum(bool(row.unsafe) for row in result.rows)
    yield f'<div class="tile"><b>{unsafe}</b><span class="unsafe">! not safe at the end</span></div>'
    yield "</div>"
    yield "<h2>How to read it</h2>"
    yield f"<p>{_INTRODUCTION}</p>"
    yield from _legend(result)
    yield from _findings(result, anchors)
    yield from _unsafe(result)
    for matrix in result.matrices():
        yield from _table(matrix, anchors) if not matrix.is_wide else _matrix(matrix, anchors)
    yield from _coverage(result)
    yield from _entries(result, anchors)
    yield from _colophon(result)


def _what_was_run(result: Result) -> str:
    rows, plan = result.rows, result.plan
    faults = len({row.case.fault for row in rows})
    moments = len({row.moment for row in rows})
    when = "at the beginning" if moments == 1 else f"at up to {moments} moments each"
    seeds = f"{len(plan.seeds)} seeds" if len(plan.seeds) > 1 else f"seed {plan.seeds[0]}"
    if moments == 1 and rows and rows[0].moment != "beginning":
        when = f"at the moment: {rows[0].moment}"
    return f"Procedure {_and(plan.procedures)}: {len(rows)} runs, {faults} different faults, {when}, {seeds}."


def _legend(result: Result) -> Iterator[str]:
    yield "<table>"
    for name in result.counts:
        yield f"<tr><td>{_chip(name)}</td><td>{escape(meaning_of(name))}</td></tr>"
    yield (
        '<tr><td><span class="unsafe">! not safe</span></td><td>however the run ended, it left something behind that '
        "should not be so, such as a lamp that is on; what is so without the fault, too, is not asked</td></tr>"
    )
    yield "</table>"
    yield (
        "<p>Every run can be done again, with the same result to the last record: its command is in its entry below. "
        "It prints the <em>digest</em> that is given there.</p>"
    )


def _findings(result: Result, anchors: _Anchors) -> Iterator[str]:
    for name in ("silent", "stuck", "crashed"):
        found = [row for row in result.rows if row.classification == name]
        if not found:
            if name == "silent":
                yield "<h2>Silent</h2><p>No fault that did harm has passed without notice.</p>"
            continue
        yield f"<h2>{name.capitalize()}: {len(found)} of {len(result.rows)} runs</h2><p>{escape(meaning_of(name))}.</p>"
        yield '<div class="scroll"><table><tr><th>fault</th><th>when</th><th>harm</th></tr>'
        for fault, rows in groupby(sorted(found, key=lambda row: row.case.fault), key=lambda row: row.case.fault):
            yield from _finding(fault, list(rows), anchors)
        yield "</table></div>"


def _finding(fault: str, rows: Sequence[ResultRow], anchors: _Anchors) -> Iterator[str]:
    links = ", ".join(
        f'<a href="#{anchors.of(row)}">{escape(row.moment)}{f" ({row.case.seed})" if _several_seeds(rows) else ""}</a>'
        for row in rows
    )
    harm = list(dict.fromkeys(each for row in rows for each in (row.verdict.harm or (row.verdict.because,))))
    more = [f"and {len(harm) - 4} others"] if len(harm) > 4 else []
    told = "<br>".join(escape(each) for each in (*harm[:4], *more))
    yield f"<tr><td><code>{escape(fault)}</code></td><td>{links}</td><td>{told}</td></tr>"


def _several_seeds(rows: Sequence[ResultRow]) -> bool:
    return len({row.case.seed for row in rows}) > 1


def _unsafe(result: Result) -> Iterator[str]:
    broken = result.unsafe_conditions()
    if not broken:
        return
    yield "<h2>Not safe at the end</h2><p>What should hold when a run is over and does not, whatever came of it.</p>"
    yield "<table><tr><th>should hold</th><th>does not in</th></tr>"
    for name, count in broken.items():
        yield f"<tr><td>{escape(name)}</td><td>{count} of {len(result.rows)} runs</td></tr>"
    yield "</table>"


def _table(matrix: Matrix, anchors: _Anchors) -> Iterator[str]:
    yield f"<h2>{escape(matrix.procedure)}: every fault</h2>"
    yield '<div class="scroll"><table><tr><th>fault</th><th>is</th><th>noticed by, or what came of it</th>'
    yield "<th>after</th><th>end</th></tr>"
    lines = [(fault, [row for rows in by.values() for row in rows]) for fault, by in matrix.cells.items()]
    for fault, rows in sorted(lines, key=lambda line: (severity(worst_of(line[1]).classification), line[0])):
        row = worst_of(rows)
        after = duration(row.verdict.detected_after) if row.verdict.detected_after is not None else ""
        what = row.detected_by or "; ".join(row.verdict.harm[:2]) or row.verdict.because
        end = '<span class="unsafe">! not safe</span>' if any(each.unsafe for each in rows) else "safe"
        several = (
            f" {sum(each.classification == row.classification for each in rows)} of {len(rows)}" if rows[1:] else ""
        )
        yield (
            f'<tr><td><a href="#{anchors.of(row)}"><code>{escape(fault)}</code></a></td>'
            f"<td>{_chip(row.classification)}{several}</td><td>{escape(what)}</td>"
            f"<td class=short>{after}</td><td class=short>{end}</td></tr>"
        )
    yield "</table></div>"


def _matrix(matrix: Matrix, anchors: _Anchors) -> Iterator[str]:
    yield f"<h2>{escape(matrix.procedure)}: faults and moments</h2>"
    yield (
        "<p>A row is a fault, a column the step at whose beginning it happens, in the order of the procedure. A letter "
        "says what came of it, <b>!</b> that the end was not safe. A click leads to the run.</p>"
    )
    heads = "".join(
        f"<th><span>{number}. {escape(at)}</span></th>" for number, at in enumerate(matrix.moments, start=1)
    )
    yield f'<div class="scroll"><table class="matrix"><thead><tr><th></th>{heads}</tr></thead><tbody>'
    present = None
    for fault, by in sorted(matrix.cells.items()):
        component = next(iter(by.values()))[0].case.component
        if component != present:
            span = len(matrix.moments) + 1
            yield f'<tr><th class="component" colspan="{span}">{escape(component or "scenarios")}</th></tr>'
            present = component
        name = fault.removeprefix(f"{component}.")
        cells = "".join(f"<td>{_cell(by.get(moment, ()), anchors)}</td>" for moment in matrix.moments)
        yield f'<tr><th class="fault">{escape(name)}</th>{cells}</tr>'
    yield "</tbody></table></div>"


def _cell(rows: Sequence[ResultRow], anchors: _Anchors) -> str:
    if not rows:
        return ""
    row = worst_of(rows)
    mark = "!" if any(each.unsafe for each in rows) else ""
    title = f"{row.classification.replace('_', ' ')}: {row.detected_by or row.verdict.because}\n{row.case.command}"
    return (
        f'<a class="{row.classification}" href="#{anchors.of(row)}" title="{escape(title)}">'
        f"{letter_of(row.classification)}{mark}</a>"
    )


def _coverage(result: Result) -> Iterator[str]:
    """Yield how much was tried of what there is, and what never was."""
    coverage, never = result.tried, result.never_tried()
    figure = coverage.figure
    if not figure.of:
        return
    yield f"<h2>Coverage: {figure.seen} of {figure.of} items were tried, {percent(figure):.0f} %</h2>"
    yield (
        "<p>What no run has tried is no mistake: nobody knows what would come of it. An item is a state, a transition, "
        "a reason to refuse a command, a fault, an error, a step, a condition. All of it, with what would reach it: "
        f"<code>cscsim coverage {escape(result.store)} --report coverage.html</code></p>"
    )
    for heading, table in figures_tables(coverage):
        yield f"<details><summary>{heading}</summary>{table}</details>"
    yield "<details><summary>Never tried</summary><dl>"
    for name, groups in never.items():
        yield from _lines(name, [f"{group}: {', '.join(words)}" for group, words in groups.items()])
    yield "</dl></details>"


def _entries(result: Result, anchors: _Anchors) -> Iterator[str]:
    yield "<h2>Every run</h2>"
    yield "<p>What came of each, and the command that does it again.</p>"
    for row in sorted(result.rows, key=lambda row: severity(row.classification)):
        verdict = row.verdict
        mark = ' <span class="unsafe">!</span>' if row.unsafe else ""
        seed = f", seed {row.case.seed}" if len(result.plan.seeds) > 1 else ""
        yield (
            f'<details id="{anchors.of(row)}"><summary>{_chip(row.classification)}{mark} <code>{escape(row.case.fault)}'
            f"</code> <span class=soft>{escape(row.case.procedure)}, {escape(row.moment)}{seed}</span></summary><dl>"
        )
        meaning = result.meaning_of_fault(row)
        yield from _lines("the fault", [meaning] if meaning else [])
        ended = row.run.outcome or "not at all"
        yield from _lines("ended", [f"{ended}: {row.run.because}" if row.run.because else ended])
        if verdict.injected_at is not None:
            yield from _lines("the fault came", [f"{duration(verdict.injected_at)} after the beginning"])
        if verdict.detected_after is not None:
            yield from _lines("noticed by", [f"{row.detected_by}, {duration(verdict.detected_after)} after the fault"])
        yield from _lines("harm", verdict.harm if row.run.outcome == "passed" else ())
        yield from _lines("also said", verdict.noticed[:6])
        yield from _lines("not safe", row.unsafe)
        yield from _lines("why", [verdict.because] if verdict.because and row.run.outcome == "passed" else [])
        yield f"</dl><pre>{escape(row.case.command)}</pre>"
        yield f"<p class=soft>digest <code>{row.run.digest or 'none'}</code></p></details>"


def _lines(name: str, texts: Sequence[str]) -> Iterator[str]:
    if not texts:
        return
    told = (
        escape(texts[0])
        if len(texts) == 1
        else "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in texts) + "</ul>"
    )
    yield f"<dt>{escape(name)}</dt><dd>{told}</dd>"


def _colophon(result: Result) -> Iterator[str]:
    yield "<h2>Where it comes from</h2><dl>"
    for case, run in result.baselines.items():
        took = f"{duration(run.seconds)} simulated, digest {run.digest}"
        yield from _lines("without a fault", [f"{case.command} ({took})"])
    never = [fault for each in result.coverage()["procedures"].values() for fault in each["faults_never_tried"]]
    yield from _lines("faults not tried", [", ".join(dict.fromkeys(never))] if never else [])
    yield from _lines("kept in", [result.store])
    yield "</dl>"


def _chip(name: str) -> str:
    return f'<span class="chip {name}">{letter_of(name)} {name.replace("_", " ")}</span>'


def _and(names: Sequence[str]) -> str:
    return " and ".join(names)
