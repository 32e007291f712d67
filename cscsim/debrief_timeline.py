"""The timeline of a debrief as SVG that stands in a page: lanes one below the other, simulated time to the right.

Each mark has its words in a title, which a browser shows under the pointer and a screen reader says; what is told by a
colour is told by a letter or a shape, too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from cscsim.style import STATES, time_of
from procedures.debrief import Debrief, Span, Timeline

__all__ = ["legend", "timeline_svg"]

_WIDTH, _LEFT, _RIGHT = 1180.0, 282.0, 16.0
_ROW, _GAP, _TOP = 18.0, 8.0, 26.0
_TICKS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 240, 480, 1440)
"""Distances [min] of ticks; the first that leaves at most twelve is taken."""
_LETTER, _LANE = 5.8, 88.0
"""Width [pixels] of a letter, and of the names of the lanes."""

_ACTS = {
    "command": ("C", "act", "command"),
    "script": ("S", "act", "script added"),
    "block": ("B", "act", "block added"),
    "report": ("R", "report", "report"),
    "hand": ("H", "hand", "by hand"),
    "hint": ("?", "hint", "hint"),
    "note": ("N", "act", "note"),
    "pause": ("‖", "act", "clock stopped or let go"),
    "confirm": ("A", "act", "answer"),
    "announce": ("!", "act", "announcement"),
}
"""Letter and class of each kind of act, and what it is called."""


def timeline_svg(debrief: Debrief) -> str:
    """Draw a timeline; its colours are those of the page's style."""
    drawing = _Drawing(max(debrief.timeline.end, 1.0))
    for title, rows in _lanes(debrief.timeline):
        drawing.lane(title, rows)
    return drawing.svg(f"Timeline of {debrief.title}")


def legend() -> str:
    """Say what the letters of people's acts mean."""
    return ", ".join(f"{letter} {name}" for letter, _, name in _ACTS.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """Something on a row: at one time, or from one to another.

    Attributes
    ----------
    shape
        bar, tick, flag, cross or badge.
    n
        Record whose line it leads to; 0 for none.
    """

    shape: str
    begin: float
    end: float
    style: str
    text: str
    title: str
    n: int


_Row = tuple[str, list[_Mark]]


def _lanes(timeline: Timeline) -> Iterator[tuple[str, list[_Row]]]:
    """Yield each lane that has something on it, with its rows."""
    end = timeline.end
    lanes: list[tuple[str, list[_Row]]] = [
        ("people", _packed([_act(act.kind, act.t, act.n, str(act)) for act in timeline.acts], end, 12.0)),
        ("steps", _packed([_bar(span, end, span.what) for span in timeline.steps], end)),
        ("scripts", _packed([_bar(span, end, span.what) for span in timeline.scripts], end)),
        ("faults", [(span.label, [_bar(span, end, "fault", "")]) for span in timeline.faults]),
        ("states", [(name, [_state(span, end) for span in spans]) for name, spans in timeline.states.items() if spans]),
        ("transitions", [(name, _changes(name, timeline)) for name in timeline.states]),
        ("does not hold", [("", [_point("cross", "violation", m.t, m.n, "×", m.text) for m in timeline.violations])]),
        ("goals", [("", [_point("flag", _goal(m.text), m.t, m.n, "", m.text) for m in timeline.goals])]),
        ("images", [("", [_image(each.t, each.image_type, _words(each)) for each in timeline.images])]),
    ]
    for title, rows in lanes:
        full = [row for row in rows if row[1]]
        if full:
            yield title, full


def _changes(component: str, timeline: Timeline) -> list[_Mark]:
    of = [each for each in timeline.transitions if each.text.startswith(f"{component}.")]
    return [_point("tick", "change", each.t, 0, "", each.text) for each in of]


def _goal(text: str) -> str:
    return "lost" if " is lost " in text else "reached"


def _words(image: object) -> str:
    name, kind = getattr(image, "name", ""), getattr(image, "image_type", "")
    return f"{name} {kind} {getattr(image, 'exposure_time', 0.0):g} s"


def _act(kind: str, t: float, n: int, text: str) -> _Mark:
    letter, style, _ = _ACTS.get(kind, ("·", "act", kind))
    return _Mark(shape="badge", begin=t, end=t, style=style, text=letter, title=f"{time_of(t)}  {text}", n=n)


def _point(shape: str, style: str, t: float, n: int, text: str, words: str) -> _Mark:
    return _Mark(shape=shape, begin=t, end=t, style=style, text=text, title=f"{time_of(t)}  {words}", n=n)


def _image(t: float, kind: str, words: str) -> _Mark:
    style = kind.lower() if kind in ("BIAS", "DARK", "FLAT") else "other"
    return _point("tick", f"image-{style}", t, 0, "", words)


def _bar(span: Span, end: float, style: str, label: str | None = None) -> _Mark:
    until = end if span.end is None else span.end
    how = f"{span.what}{f', {span.text}' if span.text else ''}"
    title = f"{time_of(span.begin)} to {time_of(until)}  {span.label}: {how}"
    return _Mark(
        shape="bar",
        begin=span.begin,
        end=until,
        style=f"is-{style.lower()}",
        text=span.label.rpartition("/")[2] if label is None else label,
        title=title,
        n=span.n,
    )


def _state(span: Span, end: float) -> _Mark:
    letter, _ = STATES.get(span.what, ("–", ""))
    return _bar(span, end, f"state-{span.what}", letter)


def _packed(marks: Sequence[_Mark], end: float, least: float = 3.0) -> list[_Row]:
    """Lay marks onto as few rows as hold them side by side; at most six, then they cover each other.

    Parameters
    ----------
    least
        Width [pixels] that a mark takes.
    """
    width = least / (_WIDTH - _LEFT - _RIGHT) * max(end, 1.0)
    rows: list[list[_Mark]] = []
    for mark in sorted(marks, key=lambda each: (each.begin, each.n)):
        free = next((row for row in rows if max(row[-1].end, row[-1].begin + width) <= mark.begin), None)
        if free is None and len(rows) < 6:
            free = []
            rows.append(free)
        (free if free is not None else min(rows, key=lambda row: row[-1].end)).append(mark)
    return [("", row) for row in rows]


@dataclass(slots=True)
class _Drawing:
    """A drawing that grows downwards."""

    end: float
    y: float = _TOP
    parts: list[str] = field(default_factory=list)

    def x(self, t: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * t / self.end

    def lane(self, title: str, rows: Sequence[_Row]) -> None:
        self.parts.append(
            f'<line class="rule" x1="0" x2="{_WIDTH:.0f}" y1="{self.y - _GAP / 2:.1f}" y2="{self.y - _GAP / 2:.1f}"/>'
        )
        self.parts.append(f'<text class="lane" x="4" y="{self.y + 13:.1f}">{escape(title)}</text>')
        for label, marks in rows:
            short = _short(label, (_LEFT - _LANE - 6.0) / _LETTER)
            self.parts.append(
                f'<text class="label" x="{_LEFT - 6:.0f}" y="{self.y + 13:.1f}" text-anchor="end">'
                f"{escape(short)}<title>{escape(label)}</title></text>"
            )
            self.parts += [self._mark(mark) for mark in marks]
            self.y += _ROW
        self.y += _GAP

    def _mark(self, mark: _Mark) -> str:
        left, right = self.x(mark.begin), self.x(mark.end)
        drawn = _SHAPES[mark.shape](left, max(right - left, 0.0), self.y, mark)
        inner = f"{drawn}<title>{escape(mark.title)}</title>"
        if not mark.n:
            return f'<g class="{escape(mark.style)}">{inner}</g>'
        return f'<a href="#n{mark.n}" class="{escape(mark.style)}">{inner}</a>'

    def svg(self, title: str) -> str:
        bottom = self.y
        axis = []
        for minute in _minutes(self.end):
            x = self.x(minute * 60.0)
            axis.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 6:.0f}" y2="{bottom:.1f}"/>')
            anchor = "end" if x > _WIDTH - 40 else "middle"
            axis.append(f'<text class="tick" x="{x:.1f}" y="12" text-anchor="{anchor}">{time_of(minute * 60)}</text>')
        return (
            f'<svg class="timeline" viewBox="0 0 {_WIDTH:.0f} {bottom + 4:.0f}" role="img" '
            f'aria-label="{escape(title)}" xmlns="http://www.w3.org/2000/svg">\n'
            + "\n".join([*axis, *self.parts])
            + "\n</svg>"
        )


def _minutes(end: float) -> Iterator[int]:
    step = next((each for each in _TICKS if end / 60.0 / each <= 12), math.ceil(end / 60.0 / 12))
    return iter(range(0, int(end / 60.0) + 1, step))


def _short(text: str, letters: float) -> str:
    """Shorten a label to what has room; its end tells more than its beginning."""
    return text if len(text) <= letters else f"…{text[-int(letters - 1) :]}"


def _draw_bar(x: float, width: float, y: float, mark: _Mark) -> str:
    wide = max(width, 1.5)
    drawn = f'<rect x="{x:.1f}" y="{y + 2:.1f}" width="{wide:.1f}" height="{_ROW - 4:.0f}" rx="2"/>'
    room = int(wide / _LETTER)
    if mark.text and room >= min(len(mark.text), 6):
        text = mark.text if len(mark.text) <= room else f"{mark.text[: room - 1]}…"
        drawn += f'<text x="{x + 3:.1f}" y="{y + 13:.1f}">{escape(text)}</text>'
    return drawn


def _draw_tick(x: float, width: float, y: float, mark: _Mark) -> str:
    return f'<rect x="{x:.1f}" y="{y + 2:.1f}" width="1.6" height="{_ROW - 4:.0f}"/>'


def _draw_flag(x: float, width: float, y: float, mark: _Mark) -> str:
    sign = "✓" if mark.style == "reached" else "✗"
    return f'<text class="sign" x="{x:.1f}" y="{y + 14:.1f}" text-anchor="middle">{sign}</text>'


def _draw_cross(x: float, width: float, y: float, mark: _Mark) -> str:
    return f'<text class="sign" x="{x:.1f}" y="{y + 14:.1f}" text-anchor="middle">{escape(mark.text)}</text>'


def _draw_badge(x: float, width: float, y: float, mark: _Mark) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y + 2:.1f}" width="12" height="{_ROW - 4:.0f}" rx="3"/>'
        f'<text x="{x + 6:.1f}" y="{y + 13:.1f}" text-anchor="middle">{escape(mark.text)}</text>'
    )


_SHAPES: dict[str, Callable[[float, float, float, _Mark], str]] = {
    "bar": _draw_bar,
    "tick": _draw_tick,
    "flag": _draw_flag,
    "cross": _draw_cross,
    "badge": _draw_badge,
}
