"""Coverage as one page that stands alone: figures first, then what was never tried, part by part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files
from string import Template

from cscsim.coverage_data import missing_of
from cscsim.coverage_page import LEGEND, least_first, rehearsed_in
from cscsim.coverage_universe import Universe
from procedures.coverage import COMPONENT_GROUPS, Coverage, Figure, Part, percent

__all__ = ["figures_tables", "html_page"]

_INTRODUCTION = """\
A <em>component</em> is a set of state machines, stated in a data sheet; a <em>procedure</em> is a list of steps with
conditions. What they state is an <em>item</em> each: a state, a transition, a reason to refuse a command, a fault, an
error, a step, a condition. An item is <em>tried</em> if it came about in one of the runs. What was never tried is no
mistake: it is what nobody knows anything about yet. Everything is counted, also what can hardly come about."""


def html_page(coverage: Coverage, universe: Universe, notes: Sequence[str]) -> str:
    """Return the page."""
    template = Template(files("cscsim").joinpath("campaign_report.html").read_text(encoding="utf-8"))
    body = "\n".join(_body(coverage, universe, notes))
    return template.substitute(title="What was tried, and what never was", chips="", body=body)


def _body(coverage: Coverage, universe: Universe, notes: Sequence[str]) -> Iterator[str]:
    runs, procedures = coverage.seen.runs, " and ".join(rehearsed_in(coverage)) or "no procedure"
    yield "<h1>What was tried, and what never was</h1>"
    yield f"<p class=soft>{runs} run{'' if runs == 1 else 's'} of {escape(procedures)}.</p>"
    yield '<div class="tiles">'
    yield f'<div class="tile"><b>{percent(coverage.figure):.1f} %</b>{_meter(coverage.figure)}of all items</div>'
    for name in COMPONENT_GROUPS:
        yield f'<div class="tile"><b>{coverage.total(name)}</b>{_meter(coverage.total(name))}{name}</div>'
    yield "</div>"
    for note in notes:
        yield f'<p><span class="unsafe">!</span> {escape(note)}</p>'
    yield f"<h2>How to read it</h2><p>{_INTRODUCTION}</p><dl>"
    for name, meaning in LEGEND:
        yield f"<dt>{escape(name)}</dt><dd>{escape(meaning)}</dd>"
    yield "</dl>"
    for heading, table in figures_tables(coverage, linked=True):
        yield f"<h2>{heading}</h2><p>Those of which most was never tried come first.</p>{table}"
    for name in rehearsed_in(coverage):
        if name in coverage.procedures:
            yield from _matrix(coverage.procedures[name])
    yield from _missing(coverage, universe)


def figures_tables(coverage: Coverage, *, linked: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the tables of components and of procedures, each with its heading.

    Parameters
    ----------
    linked
        Whether each name leads to what was never tried of it, on the same page.
    """
    if coverage.components:
        heads = ("component", *COMPONENT_GROUPS, "all")
        yield "Components", _table(heads, _components(coverage.components.values(), linked=linked))
    if coverage.procedures:
        heads = ("procedure", "begun", "done", "failed", "both", "true", "false", "of", "faults × steps", "all")
        yield "Procedures", _table(heads, _procedures(coverage.procedures.values(), linked=linked))


def _table(heads: Iterable[str], rows: Iterable[str]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    return f'<div class="scroll"><table class="figures"><tr>{head}</tr>{"".join(rows)}</table></div>'


def _components(parts: Iterable[Part], *, linked: bool) -> Iterator[str]:
    for part in least_first(parts):
        cells = "".join(_cell(group.figure) for group in part.groups.values())
        yield f"<tr>{_name(part, linked=linked)}{cells}{_percent(part.figure)}</tr>"


def _procedures(parts: Iterable[Part], *, linked: bool) -> Iterator[str]:
    for part in least_first(parts):
        steps, words = part.groups["steps"], Counter(part.conditions().values())
        cells = "".join(_cell(steps.ending(what)) for what in ("begun", "done", "failed"))
        counts = [str(words[word]) if words else "–" for word in ("both", "true", "false")]
        counts.append(str(sum(words.values())) if words else "–")
        cells += "".join(f"<td>{count}</td>" for count in counts) + _cell(part.struck.figure)
        yield f"<tr>{_name(part, linked=linked)}{cells}{_percent(part.figure)}</tr>"


def _name(part: Part, *, linked: bool) -> str:
    name = escape(part.name.removesuffix(".py"))
    has_more = linked and part.figure.seen < part.figure.of
    return f'<td><a href="#{escape(part.name)}">{name}</a></td>' if has_more else f"<td>{name}</td>"


def _cell(figure: Figure) -> str:
    none = ' class="none"' if figure.of and not figure.seen else ""
    return f"<td{none}>{figure}</td>"


def _percent(figure: Figure) -> str:
    return f"<td class=short>{_meter(figure)}<span class=part>{percent(figure):.0f} %</span></td>"


def _meter(figure: Figure) -> str:
    return f'<span class="meter"><i style="width:{percent(figure):.0f}%"></i></span>'


def _matrix(part: Part) -> Iterator[str]:
    """Yield a table of faults and steps: a mark where one struck the other."""
    struck = part.struck
    if not struck.faults:
        return
    yield f"<h2>{escape(part.name)}: faults and steps</h2><p>"
    if not struck.pairs:
        yield "No fault has struck while a step was under way, or only before the first step.</p>"
        yield f"<pre>cscsim campaign --procedure {escape(part.name)} --faults all --at steps</pre>"
        return
    yield "<b>×</b>: the fault struck while the step was under way; a step is under way while steps inside it are.</p>"
    heads = "".join(f"<th><span>{escape(step)}</span></th>" for step in struck.steps)
    yield f'<div class="scroll"><table class="matrix"><thead><tr><th></th>{heads}</tr></thead><tbody>'
    for fault in struck.faults:
        marks = "".join(
            f'<td class="{"struck" if (step, fault) in struck.pairs else ""}">'
            f"{'×' if (step, fault) in struck.pairs else '·'}</td>"
            for step in struck.steps
        )
        yield f'<tr><th class="fault">{escape(fault)}</th>{marks}</tr>'
    yield "</tbody></table></div>"


def _missing(coverage: Coverage, universe: Universe) -> Iterator[str]:
    found = missing_of(coverage, universe)
    if not found:
        return
    yield "<h2>Never tried</h2><p>What never came about, and under it what would bring it about.</p>"
    parts = {part.name: part for part in (*coverage.components.values(), *coverage.procedures.values())}
    for part in least_first(parts[name] for name in found):
        figure = part.figure
        yield (
            f'<details id="{escape(part.name)}"><summary><b>{escape(part.name.removesuffix(".py"))}</b> '
            f"<span class=soft>{figure.of - figure.seen} of {figure.of} never</span></summary>"
        )
        for group, lines in found[part.name].items():
            yield f"<h3>{group}: {len(lines)}</h3><ul>"
            for what, how in lines:
                yield f"<li>{escape(what)}{f'<br><code>{escape(how)}</code>' if how else ''}</li>"
            yield "</ul>"
        yield "</details>"
