"""What comes of a fault, whenever it happens, as one page that stands alone."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from importlib.resources import files
from string import Template

from cscsim.campaign_result import ORDER
from cscsim.style import duration, time_of
from cscsim.worst_moment import WorstMoment
from cscsim.worst_page import meaning_of_label
from procedures.campaign.badness import CLASSES_BY_BADNESS
from procedures.campaign.judging import Verdict
from procedures.campaign.search import Sample

__all__ = ["html_page"]

_STYLE = """
.strip { position: relative; height: 3.2rem; border-radius: 6px; overflow: hidden; display: flex; }
.strip span { display: block; overflow: hidden; font-size: .8rem; font-weight: 600; padding: .3rem; white-space: nowrap;
  border-right: 1px solid var(--page); }
.chip.unsafe, .strip .unsafe { background: var(--unsafe); color: var(--page); }
.ticks { position: relative; height: 1.4rem; font-size: .8rem; color: var(--soft); }
.ticks i { position: absolute; top: 0; width: 1px; height: .4rem; background: var(--ink); }
.ticks b { position: absolute; top: .2rem; color: var(--ink); transform: translateX(-50%); }
"""

MOST = 6
"""So much harm of the worst run is told."""


def html_page(found: WorstMoment) -> str:
    """Return the page."""
    template = Template(files("cscsim").joinpath("campaign_report.html").read_text(encoding="utf-8"))
    chips = "\n".join(f".{name} {{ background: var(--{name}); color: var(--on-{name}); }}" for name in ORDER)
    body = "\n".join(_body(found))
    return template.substitute(title=escape(found.title), chips=f"{chips}\n{_STYLE}", body=body)


def _body(found: WorstMoment) -> Iterator[str]:
    timeline, worst = found.timeline, found.timeline.worst
    yield f"<h1>{escape(found.title)}</h1>"
    yield (
        "<p>A procedure was rehearsed again and again against simulated components, each time with the same fault at "
        f"another moment: {len(timeline.samples)} runs, seed {found.case.seed}. Each was held against the run in which "
        "nothing goes wrong. The strip is the procedure from its beginning to its end; its colours and words say what "
        "comes of the fault if it happens then, the marks below it which moments were tried.</p>"
    )
    yield from _strip(found)
    yield "<table>"
    labels = {each.label for each in timeline.samples}
    for name in CLASSES_BY_BADNESS:
        if name in labels:
            yield f"<tr><td>{_chip(name)}</td><td>{escape(meaning_of_label(name))}</td></tr>"
    yield "</table><h2>The worst moment</h2>"
    yield (
        f"<p>{_chip(worst.label)} at {time_of(worst.t)}, during the step <code>{escape(found.step_at(worst.t))}</code>."
        "</p><ul>"
    )
    verdict = worst.row.verdict
    for each in (*_harm(verdict), *verdict.unsafe) if verdict is not None else ():
        yield f"<li>{escape(each)}</li>"
    yield f"</ul><pre>{escape(worst.row.case.command)}</pre>"
    yield f"<p class=soft>digest <code>{worst.row.run.digest}</code></p>"
    yield "<h2>From when to when</h2><table><tr><th>from</th><th>to</th><th>is</th><th>tries</th><th>during</th></tr>"
    for interval in timeline.intervals:
        yield (
            f"<tr><td>{time_of(interval.begins)}</td><td>{time_of(interval.ends)}</td><td>{_chip(interval.label)}</td>"
            f"<td>{len(interval.samples)}</td><td>{escape(found.steps_in(interval))}</td></tr>"
        )
    yield "</table><h2>Every moment</h2>"
    for sample in timeline.samples:
        yield from _entry(found, sample)


def _harm(verdict: Verdict) -> Iterator[str]:
    yield from verdict.harm[:MOST] or (verdict.because,)
    if len(verdict.harm) > MOST:
        yield f"and {len(verdict.harm) - MOST} others"


def _strip(found: WorstMoment) -> Iterator[str]:
    timeline = found.timeline
    whole = max(timeline.duration, 1.0)
    yield '<div class="strip">'
    for each in timeline.intervals:
        width = 100 * (each.ends - each.begins) / whole
        words = escape(each.label.replace("_", " "))
        span = f"{time_of(each.begins)} to {time_of(each.ends)}: {words}"
        shown = words if width > 6 else ""
        yield f'<span class="{each.label}" style="width:{width:.3f}%" title="{span}">{shown}</span>'
    yield '</div><div class="ticks">'
    for sample in timeline.samples:
        yield f'<i style="left:{100 * sample.t / whole:.3f}%"></i>'
    yield f'<b style="left:{100 * timeline.worst.t / whole:.3f}%">▲</b></div>'


def _entry(found: WorstMoment, sample: Sample) -> Iterator[str]:
    verdict = sample.row.verdict
    yield (
        f"<details><summary>{_chip(sample.label)} {time_of(sample.t)} "
        f"<span class=soft>{escape(found.step_at(sample.t))}</span></summary><dl>"
    )
    facts = {"images lost": str(sample.badness.images)}
    if verdict is not None:
        facts["why"] = verdict.because
        if verdict.detected_by and verdict.detected_after is not None:
            facts["noticed by"] = f"{verdict.detected_by}, {duration(verdict.detected_after)} after the fault"
        facts["not safe"] = "; ".join(verdict.unsafe)
    for name, text in facts.items():
        if text:
            yield f"<dt>{name}</dt><dd>{escape(text)}</dd>"
    yield f"</dl><pre>{escape(sample.row.case.command)}</pre></details>"


def _chip(label: str) -> str:
    return f'<span class="chip {label}">{escape(label.replace("_", " "))}</span>'
