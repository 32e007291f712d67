"""A debrief as one page that stands alone: to be read on a screen, to be kept and to be printed; nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from string import Template

from csc.palette import SUMMARY_COLOURS
from cscsim.debrief_pictures import Picture, Pictures
from cscsim.debrief_timeline import legend, timeline_svg
from cscsim.debrief_words import circumstances, fault_facts, guide_line, how_it_ended, image_counts, shown, story
from cscsim.style import counts, time_of
from procedures.debrief import Debrief, Guided
from procedures.scoring import Score
from procedures.training import Training

__all__ = ["html_page"]


def html_page(debrief: Debrief, *, training: Training | None = None, pictures: Pictures | None = None) -> str:
    """Return the page.

    Parameters
    ----------
    training
        What was to be learnt; it is told to the trainee now.
    pictures
        Images of the run.
    """
    template = Template(files("cscsim").joinpath("debrief_report.html").read_text(encoding="utf-8"))
    states = "\n".join(
        f"svg.timeline .is-state-{state.lower()} rect {{ fill: {colour.fill}; }} "
        f"svg.timeline .is-state-{state.lower()} text {{ fill: {colour.ink}; }}"
        for state, colour in SUMMARY_COLOURS.items()
    )
    title = f"Debrief: {debrief.subject or debrief.title}"
    body = "\n".join(_body(debrief, title, training, pictures or Pictures()))
    return template.substitute(title=escape(title), states=states, body=body)


def _body(debrief: Debrief, title: str, training: Training | None, pictures: Pictures) -> Iterator[str]:
    yield f"<h1>{escape(title)}</h1>"
    yield f"<p class=soft>{escape(circumstances(debrief))}</p>"
    for note in (*debrief.notes, *pictures.notes):
        yield f"<p class=note>{escape(note)}</p>"
    yield f"<p><b>{escape(how_it_ended(debrief))}</b></p>"
    yield from _tiles(debrief)
    if training is not None:
        yield f"<h2>What was to be learnt</h2><p>{escape(' '.join(training.learn.split()))}</p>"
    if debrief.score is not None:
        yield from _score(debrief.score)
    yield "<h2>Timeline</h2>"
    yield (
        "<p class=soft>Simulated time runs to the right. What stands under the pointer says more; a click leads to its "
        "line.</p>"
    )
    yield f"<p class=soft>People: {escape(legend())}.</p>"
    yield f'<div class="scroll">{timeline_svg(debrief)}</div>'
    yield from _story(debrief)
    yield from _faults(debrief)
    yield from _guide(debrief)
    yield from _images(debrief, pictures)
    yield from _transitions(debrief)
    yield "<h2>Where it comes from</h2>"
    yield (
        f"<p class=soft>Everything on this page was read off the journal: {debrief.records} records, digest "
        f"<code>{debrief.digest}</code>. A number in brackets is that of a record.</p>"
    )


def _tiles(debrief: Debrief) -> Iterator[str]:
    timeline = debrief.timeline
    tiles = [
        (time_of(debrief.seconds), "simulated time"),
        (str(len(timeline.acts)), "acts of people"),
        (str(len(timeline.faults)), "faults"),
        (str(len(timeline.violations)), f"of {debrief.checked} conditions did not hold"),
        (str(len(timeline.images)), "images"),
    ]
    score = debrief.score
    if score is not None:
        reached = f"{score.goals_reached} of {len(score.goals)}" if score.goals[0].reached is not None else "–"
        tiles.insert(0, (reached, "goals reached"))
    yield '<div class="tiles">'
    yield from (f'<div class="tile"><b>{escape(value)}</b><span>{escape(name)}</span></div>' for value, name in tiles)
    yield "</div>"


def _score(score: Score) -> Iterator[str]:
    yield "<h2>Score</h2>"
    yield from _table(
        ("what", "value", "why", "records"),
        [
            (figure.name, shown(figure), figure.because, ", ".join(f"[{n}]" for n in figure.records))
            for figure in score.figures()
        ],
    )
    yield "<h3>Goals</h3>"
    yield from _table(
        ("goal", "wanted", "state", "at", "because"),
        [
            (
                goal.title,
                {"once": "once", "at_end": "at the end", "never": "never otherwise"}[goal.holds],
                {True: "✓ reached", False: "✗ missing", None: "? not known"}[goal.reached],
                "" if goal.deed is None else time_of(goal.deed.t),
                "" if goal.deed is None else goal.deed.text,
            )
            for goal in score.goals
        ],
    )
    for title, deeds in (
        ("Wrong cures", score.wrong_cures),
        ("Wrong reports", score.wrong_reports),
        ("Right cures", tuple(deed for cause in score.causes for deed in cause.right_cures)),
    ):
        if deeds:
            yield f"<h3>{title}</h3>"
            yield from _table(("at", "what", "record"), [(time_of(d.t), d.text, f"[{d.n}]") for d in deeds])
    yield f"<p class=soft>Par is {escape(time_of(score.par))}. {escape(score.par_because)}</p>"


def _story(debrief: Debrief) -> Iterator[str]:
    yield "<h2>What happened</h2>"
    yield '<div class="scroll"><table><tr><th class=short>at</th><th class=short>what</th><th>in words</th>'
    yield "<th class=short>record</th></tr>"
    for line in story(debrief):
        style = ' class="bad"' if line.is_trouble else ""
        yield (
            f'<tr id="n{line.n}"><td class=short>{time_of(line.t)}</td><td class=short>{escape(line.what)}</td>'
            f"<td{style}>{escape(line.text)}</td><td class=short>[{line.n}]</td></tr>"
        )
    yield "</table></div>"


def _faults(debrief: Debrief) -> Iterator[str]:
    facts = fault_facts(debrief)
    if facts:
        yield "<h2>What went wrong</h2>"
        yield from _table(
            ("fault", "what happens", "how it is seen", "the cure"),
            [(each.name, each.effect, each.seen, each.cure) for each in facts],
        )


def _guide(debrief: Debrief) -> Iterator[str]:
    if not debrief.guide:
        return
    yield "<h2>What the guide would have done</h2>"
    name = escape(str(debrief.circumstances["procedure"]))
    yield f"<p class=soft>The steps of {name}, and beside each what was done.</p>"
    yield '<div class="scroll"><table><tr><th>step</th><th>the guide</th><th>was done</th></tr>'
    for each in debrief.guide:
        yield _guided(each)
    yield "</table></div>"
    if debrief.contingency:
        yield "<h3>For when something goes wrong it says</h3><ul>"
        yield from (f"<li>{escape(' '.join(text.split()))}</li>" for text in debrief.contingency)
        yield "</ul>"


def _guided(each: Guided) -> str:
    line = guide_line(each)
    mark = f"{line.sign} " if line.sign else ""
    done = "<br>".join(escape(text) for text in line.done) or escape(line.otherwise)
    indent = f"short in{min(each.depth, 3)}"
    does = escape(line.does)
    return f'<tr><td class="{indent}">{escape(line.name)}</td><td>{does}</td><td>{mark}{done}</td></tr>'


def _images(debrief: Debrief, pictures: Pictures) -> Iterator[str]:
    if not debrief.timeline.images:
        return
    yield "<h2>Images</h2>"
    yield from _table(("type", "exposure", "how many"), image_counts(debrief))
    if not pictures.chosen:
        return
    yield (
        "<p class=soft>Of each kind the first and the last, and those where the light has changed. Each picture has a "
        "scale of its own; the bar below it tells how bright it is beside the brightest.</p>"
    )
    yield '<div class="figures">'
    brightest = max((picture.shot.counts or 0.0 for picture in pictures.chosen), default=0.0)
    yield from (_figure(picture, brightest) for picture in pictures.chosen)
    yield "</div>"


def _figure(picture: Picture, brightest: float) -> str:
    shot = picture.shot
    image = f'<img src="{picture.source}" alt="{escape(shot.name)}">' if picture.source else ""
    level = "" if shot.counts is None else f"{counts(shot.counts)} adu{', saturated' if shot.saturated else ''}"
    share = 100.0 * max(shot.counts or 0.0, 0.0) / brightest if brightest > 0 else 0.0
    light = " ~ ".join(each for each in (shot.filter, shot.grating) if each)
    return (
        f'<figure>{image}<div class="level"><i style="width: {share:.1f}%"></i></div>'
        f"<figcaption><b>{escape(shot.image_type)} {shot.exposure_time:g} s</b>, {escape(level)}<br>"
        f"{escape(light)}<br><small>{escape(shot.name)}</small></figcaption></figure>"
    )


def _transitions(debrief: Debrief) -> Iterator[str]:
    timeline = debrief.timeline
    if not timeline.transitions:
        return
    names = ", ".join(timeline.states)
    yield "<h2>Transitions</h2>"
    yield (
        f"<details><summary>{len(timeline.transitions)} of {timeline.transition_count} transitions: those of "
        f"{escape(names)}</summary>"
    )
    yield from _table(
        ("at", "what", "record"), [(time_of(each.t), each.text, f"[{each.n}]") for each in timeline.transitions]
    )
    yield "</details>"


_SHORT = frozenset({"at", "record", "wanted", "value", "state", "type", "exposure", "fault"})
"""Titles of columns whose lines are not broken."""


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    classes = [" class=short" if title in _SHORT else "" for title in titles]
    yield '<div class="scroll"><table>'
    yield "<tr>" + "".join(f"<th{of}>{escape(title)}</th>" for title, of in zip(titles, classes, strict=True)) + "</tr>"
    for row in rows:
        yield "<tr>" + "".join(f"<td{of}>{escape(cell)}</td>" for cell, of in zip(row, classes, strict=True)) + "</tr>"
    yield "</table></div>"
