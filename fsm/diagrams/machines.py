"""Statecharts as drawings: the tables that run are the tables that are drawn.

One machine is drawn flat; several stand in frames with their names, because machines of one component run side by
side, and many are put on shelves. The same machine gives the same drawing.

How a table becomes a picture:

* a state's box has its name, SAL's number in brackets, and rows that stay in the state below a line;
* a row that leaves every state, or nearly every one, comes from one dashed box: `any state`,
  `any other state` (all but the one it enters), `any but ON`;
* rows between the same states that are only triggers share an arrow;
* what only a fault triggers is a dashed red arrow, what only its cure triggers a dashed green one;
* a row that leads to FAULT is dashed, too, and names its error behind a sign; a state that only such rows enter is red;
* what a caller is told when a guard does not hold stands in a note.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from fsm.conditions import Scope
from fsm.diagrams.drawing import Drawing, Edge, Frame, Node, Shape
from fsm.diagrams.labels import explain_row, wrap_words
from fsm.diagrams.paint import PAINTS, Paint
from fsm.statechart import ANY, State, Statechart, Transition

__all__ = ["Manner", "draw_machine", "draw_machines", "note_lines"]

WIDTH = 24
"""Characters of a line."""
NOTE_WIDTH = 44
"""Characters of a line of a note."""
_COLUMN = 3
"""Notes in a column."""
_MANY = 3
"""From so many sources on a row may come from one dashed box."""
_EXCEPTIONS = 2
"""So many states, besides the one it enters, such a row may leave out."""
_SHELF = 24
"""Arrows of the machines on one shelf: some 1800 pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How machines are drawn, and what is known of them from elsewhere.

    Attributes
    ----------
    defaults
        Where the values of parameters are found that timed rows name.
    meanings
        Whether each state says what it means.
    causes
        Triggers that nothing in the ordinary run of things fires: name -> ``by_fault`` or ``by_cure``.
    paints
        Colours of states that have the same one everywhere, by machine and state.
    notes
        Notes beside machines, by machine, each as its lines.
    """

    defaults: Scope | None = None
    meanings: bool = False
    causes: Mapping[str, str] = field(default_factory=dict)
    paints: Mapping[tuple[str, str], Paint] = field(default_factory=dict)
    notes: Mapping[str, Sequence[tuple[str, ...]]] = field(default_factory=dict)


def draw_machine(chart: Statechart, *, title: str | None = None, manner: Manner | None = None) -> Drawing:
    """Draw one machine, without a frame; its name stands above if no title is given."""
    return Drawing(title=title or chart.name, frame=_frame(chart, manner or Manner(), title=""))


def draw_machines(charts: Iterable[Statechart], *, title: str, manner: Manner | None = None) -> Drawing:
    """Draw machines that run side by side, each in its frame, in rows under each other."""
    drawn = [_frame(chart, manner or Manner(), title=chart.name) for chart in charts]
    return Drawing(title=title, frame=Frame(id="m", rows=tuple(tuple(shelf) for shelf in _shelves(drawn))))


def note_lines(head: str, *paragraphs: str) -> tuple[str, ...]:
    """Break what a note says into lines."""
    return (head, *(line for text in paragraphs for line in wrap_words(f"• {text}", NOTE_WIDTH)))


def _shelves(frames: Iterable[Frame]) -> Iterator[list[Frame]]:
    shelf: list[Frame] = []
    used = 0
    for frame in frames:
        needed = max(5, sum(1 for edge in frame.edges if not edge.hidden))
        if shelf and used + needed > _SHELF:
            yield shelf
            shelf, used = [], 0
        shelf.append(frame)
        used += needed
    if shelf:
        yield shelf


def _frame(chart: Statechart, manner: Manner, *, title: str) -> Frame:
    rows = [piece for row in chart.transitions for piece in _pieces(row, chart, manner)]
    start = _id(chart.name, "__start")
    nodes = [Node(id=start, shape=Shape.START)]
    nodes += [_state(state, chart, rows, manner) for state in chart.states]
    boxes = dict.fromkeys(source for row in rows for source in row.sources if source not in chart.by_name)
    nodes += [_elsewhere(box, chart, rows, manner) for box in boxes]
    notes = [*manner.notes.get(chart.name, ()), *_refusals(chart)]
    nodes += [
        Node(id=_id(chart.name, f"__note{number}"), shape=Shape.NOTE, lines=lines, paint=PAINTS["note"])
        for number, lines in enumerate(notes, start=1)
    ]
    edges = [Edge(source=start, target=_id(chart.name, chart.initial))]
    edges += _arrows(chart, rows, manner)
    edges += _stacked([node.id for node in nodes if node.shape is Shape.NOTE])
    return Frame(id=_id(chart.name), title=title, nodes=tuple(nodes), edges=tuple(edges))


def _stacked(notes: Sequence[str]) -> Iterator[Edge]:
    """Keep notes under each other, so many in a column, for beside each other they would make a drawing wide."""
    for number, (upper, lower) in enumerate(itertools.pairwise(notes), start=1):
        if number % _COLUMN:
            yield Edge(source=upper, target=lower, hidden=True)


def _state(state: State, chart: Statechart, rows: Sequence[_Row], manner: Manner) -> Node:
    number = "" if state.value is None else f" ({state.value})"
    meaning = wrap_words(state.meaning, WIDTH + 4) if manner.meanings else []
    paint = manner.paints.get((chart.name, state.name))
    if paint is None:
        paint = PAINTS["fault" if _is_faulty(state.name, chart) else "plain"]
    return Node(
        id=_id(chart.name, state.name),
        shape=Shape.STATE,
        lines=(f"{state.name}{number}",),
        small=tuple(meaning),
        inner=_staying(state.name, rows, manner),
        paint=paint,
        key=(chart.name, state.name),
    )


def _elsewhere(box: str, chart: Statechart, rows: Sequence[_Row], manner: Manner) -> Node:
    return Node(
        id=_id(chart.name, box),
        shape=Shape.STATE,
        lines=tuple(wrap_words(box, WIDTH)),
        inner=_staying(box, rows, manner),
        paint=PAINTS["elsewhere"],
    )


class _Row:
    """A transition, or those of its triggers that have one cause, and the boxes from which it is drawn."""

    __slots__ = ("paint", "sources", "transition")

    def __init__(self, transition: Transition, sources: tuple[str, ...], paint: str) -> None:
        self.transition = transition
        self.sources = sources
        self.paint = paint

    @property
    def is_plain(self) -> bool:
        """Whether its triggers are all there is to it."""
        row = self.transition
        return row.after is None and row.guard is None and not row.emits and row.fault is None


def _pieces(row: Transition, chart: Statechart, manner: Manner) -> Iterator[_Row]:
    sources = _sources(row, chart)
    if row.after is not None or row.fault is not None:
        yield _Row(row, sources, "by_fault" if row.fault is not None else "arrow")
        return
    causes: dict[str, list[str]] = {}
    for trigger in row.on:
        causes.setdefault(manner.causes.get(trigger, "arrow"), []).append(trigger)
    for paint, triggers in causes.items():
        yield _Row(replace(row, on=tuple(triggers)), sources, paint)


def _sources(row: Transition, chart: Statechart) -> tuple[str, ...]:
    """Return the states from which a row is drawn, or the one box that stands for them."""
    left = tuple(state for state in chart.state_names if row.leaves(state))
    kept = [state for state in chart.state_names if not row.leaves(state)]
    if ANY in row.sources or not kept:
        return ("any state",)
    if len(left) >= _MANY and kept == [row.target]:
        return ("any other state",)
    if len(left) > _MANY and len([state for state in kept if state != row.target]) <= _EXCEPTIONS < len(left) - 1:
        return (f"any but {', '.join(kept)}",)
    return left


def _is_faulty(state: str, chart: Statechart) -> bool:
    """Tell whether only rows that lead to FAULT enter a state."""
    entering = [row for row in chart.transitions if row.target == state and row.sources != (state,)]
    return bool(entering) and state != chart.initial and all(row.fault is not None for row in entering)


def _staying(source: str, rows: Iterable[_Row], manner: Manner) -> tuple[str, ...]:
    staying = (row.transition for row in rows if row.transition.target is None and source in row.sources)
    return tuple(line for row in staying for line in explain_row(row, width=WIDTH, defaults=manner.defaults))


def _arrows(chart: Statechart, rows: Iterable[_Row], manner: Manner) -> Iterator[Edge]:
    """Yield arrows in the order of the table; rows that are only triggers share one."""
    arrows: dict[tuple[str, str, str, int | None], list[Transition]] = {}
    for number, row in enumerate(rows):
        target = row.transition.target
        if target is not None:
            for source in row.sources:
                key = (source, target, row.paint, None if row.is_plain else number)
                arrows.setdefault(key, []).append(row.transition)
    for (source, target, paint, _), together in arrows.items():
        first = replace(together[0], on=tuple(trigger for row in together for trigger in row.on))
        left = [state for state in chart.state_names if any(row.leaves(state) for row in together)]
        yield Edge(
            source=_id(chart.name, source),
            target=_id(chart.name, target),
            lines=tuple(explain_row(first, width=WIDTH, defaults=manner.defaults)),
            paint=PAINTS[paint],
            stands_for=tuple(
                ((chart.name, state), (chart.name, target)) for state in ([source] if source in left else left)
            ),
        )


def _refusals(chart: Statechart) -> Iterator[tuple[str, ...]]:
    """Yield a note for each row that says what a caller is told when it is not taken."""
    for row in chart.transitions:
        if row.raises is not None:
            unless = f" unless {row.guard}" if row.guard is not None else ""
            yield note_lines(
                f"{', '.join(row.on)} refused", f"{unless.strip()}: “{row.raises.text}”".removeprefix(": ")
            )


def _id(*words: str) -> str:
    """Name a box; the prefix keeps names apart from a format's own words."""
    return "__".join(re.sub(r"\W", "_", word) for word in ("m", *words))
