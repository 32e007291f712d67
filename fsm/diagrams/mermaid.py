"""State diagrams in Mermaid's language (``stateDiagram-v2``, Mermaid 10.5 or newer).

One machine is drawn flat; several stand beside each other, each in a frame with its name, because machines
of one component run side by side; many are put on shelves. The same machine gives the same text, character
by character.

How a table becomes a picture:

* a state's box has its name, SAL's number in brackets, and rows that stay in the state below a line;
* a row that leaves every state, or nearly every one, comes from one dashed box: `any state`,
  `any other state` (all but the one it enters), `any but ON`;
* rows between the same states that are only triggers share an arrow;
* a row that leads to FAULT names its error behind a sign, and a state that only such rows enter is red.

References
----------
Mermaid's documentation, "State diagrams" and "Entity codes to escape characters": a label ends at a line's
end or a semicolon, so what Mermaid would take for its own is written as ``#59;``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from fsm.conditions import Scope
from fsm.diagrams.labels import explain_row, wrap_words
from fsm.statechart import ANY, State, Statechart, Transition

__all__ = ["mermaid_machine", "mermaid_machines"]

_WIDTH = 24
"""Characters of a line: what Mermaid shows in a label without breaking it itself."""
_MANY = 3
"""From so many sources on a row may come from one dashed box."""
_EXCEPTIONS = 2
"""So many states, besides the one it enters, such a row may leave out."""
_SHELF = 24
"""Arrows of the machines on one shelf: some 1800 pixels."""
_ENTITIES = {
    "#": "#35;",
    ";": "#59;",
    ":": "#58;",
    '"': "#quot;",
    "&": "#amp;",
    "<": "#lt;",
    ">": "#gt;",
    "`": "#96;",
    "\\": "#92;",
    "{": "#123;",
    "}": "#125;",
    "*": "#42;",
}
_ESCAPED = re.compile(f"[{re.escape(''.join(_ENTITIES))}]|%(?=%)|(?<!\\w)_|_(?!\\w)")
_HEAD = """\
---
title: {title}
config:
  themeVariables:
    compositeTitleBackground: "#f4f4fa"
    compositeBackground: "#ffffff"
    altBackground: "#ffffff"
    edgeLabelBackground: "#ffffff"
  state:
    nodeSpacing: 60
    rankSpacing: 40
---
stateDiagram-v2
"""
_CLASSES = {
    "active": "fill:#ffe08a,stroke:#7a5c00,stroke-width:3px,color:#000",
    "fault": "fill:#fbe3e0,stroke:#a4262c,color:#000",
    "anywhere": "fill:none,stroke:#777,stroke-dasharray:4 3",
}


def mermaid_machine(
    chart: Statechart,
    *,
    active: str | None = None,
    notes: bool = False,
    title: str | None = None,
    defaults: Scope | None = None,
) -> str:
    """Draw one machine.

    Parameters
    ----------
    chart
        The machine.
    active
        The state to be marked as the present one.
    notes
        Whether each state says what it means.
    title
        What stands above; the machine's name if left out.
    defaults
        Where the values of parameters are found that timed rows name.
    """
    drawing = _Drawing(notes, defaults)
    drawing.add(chart, active, indent="    ")
    return drawing.text(title or chart.name)


def mermaid_machines(
    charts: Iterable[Statechart],
    *,
    title: str,
    active: Mapping[str, str] | None = None,
    notes: bool = False,
    defaults: Scope | None = None,
) -> str:
    """Draw machines that run side by side.

    Parameters
    ----------
    charts
        The machines, in the order in which they are drawn.
    title
        What stands above.
    active
        The present states by the machines' names.
    notes
        Whether each state says what it means.
    defaults
        Where the values of parameters are found that timed rows name.
    """
    drawing = _Drawing(notes, defaults)
    shelves = list(_shelves(charts))
    if len(shelves) > 1:
        drawing.line("direction LR", "    ")  # shelves lie above each other, and on them machines side by side
    for number, shelf in enumerate(shelves, start=1):
        indent = "    "
        if len(shelves) > 1:
            drawing.line(f'state " " as shelf{number} {{', indent)
            indent += "    "
            drawing.line("direction TB", indent)
        for chart in shelf:
            drawing.line(f'state "{_escape(chart.name)}" as {_id(chart.name)} {{', indent)
            if len(shelves) > 1:
                drawing.line("direction TB", indent + "    ")
            drawing.add(chart, (active or {}).get(chart.name), indent=indent + "    ")
            drawing.line("}", indent)
        if len(shelves) > 1:
            drawing.line("}", "    ")
    return drawing.text(title)


def _shelves(charts: Iterable[Statechart]) -> Iterator[list[Statechart]]:
    shelf: list[Statechart] = []
    used = 0
    for chart in charts:
        needed = max(5, sum(1 for _ in _arrows(_rows(chart))))
        if shelf and used + needed > _SHELF:
            yield shelf
            shelf, used = [], 0
        shelf.append(chart)
        used += needed
    if shelf:
        yield shelf


class _Drawing:
    """The lines of a diagram and who wears which style."""

    def __init__(self, notes: bool, defaults: Scope | None) -> None:
        self._notes = notes
        self._defaults = defaults
        self._lines: list[str] = []
        self._styled: dict[str, list[str]] = {name: [] for name in _CLASSES}

    def line(self, text: str, indent: str) -> None:
        self._lines.append(f"{indent}{text}")

    def text(self, title: str) -> str:
        head = _HEAD.format(title=_quoted(title))
        styles = [f"    classDef {name} {_CLASSES[name]}" for name, ids in self._styled.items() if ids]
        styles += [f"    class {','.join(ids)} {name}" for name, ids in self._styled.items() if ids]
        return head + "\n".join([*self._lines, *styles]) + "\n"

    def add(self, chart: Statechart, active: str | None, *, indent: str) -> None:
        """Draw one machine."""
        if active is not None and active not in chart.by_name:
            raise ValueError(f"{chart.name} has no state {active}")
        rows = _rows(chart)
        for state in chart.states:
            self.line(f'state "{self._caption(state)}" as {_id(chart.name, state.name)}', indent)
        boxes = dict.fromkeys(source for row in rows for source in row.sources if source not in chart.by_name)
        for box in boxes:
            self.line(f'state "{"<br/>".join(wrap_words(box, _WIDTH))}" as {_id(chart.name, box)}', indent)
            self._styled["anywhere"].append(_id(chart.name, box))
        for source, row in _staying(rows):
            self.line(f"{_id(chart.name, source)} : {self._label([row])}", indent)
        self.line(f"[*] --> {_id(chart.name, chart.initial)}", indent)
        for source, target, together in _arrows(rows):
            label = self._label(together)
            self.line(f"{_id(chart.name, source)} --> {_id(chart.name, target)} : {label}", indent)
        for state in chart.states:
            if state.name == active:
                self._styled["active"].append(_id(chart.name, state.name))
            elif _is_faulty(state.name, chart):
                self._styled["fault"].append(_id(chart.name, state.name))

    def _caption(self, state: State) -> str:
        number = "" if state.value is None else f" ({state.value})"
        caption = _escape(f"{state.name}{number}")
        if self._notes and state.meaning:
            meaning = "<br/>".join(_escape(line) for line in wrap_words(state.meaning, _WIDTH + 4))
            caption += f"<br/><small>{meaning}</small>"
        return caption

    def _label(self, rows: Sequence[Transition]) -> str:
        first = replace(rows[0], on=tuple(trigger for row in rows for trigger in row.on))
        return "<br/>".join(_escape(line) for line in explain_row(first, width=_WIDTH, defaults=self._defaults))


class _Row:
    """A transition and the boxes from which it is drawn."""

    __slots__ = ("sources", "transition")

    def __init__(self, transition: Transition, sources: tuple[str, ...]) -> None:
        self.transition = transition
        self.sources = sources

    @property
    def is_plain(self) -> bool:
        """Whether its triggers are all there is to it."""
        row = self.transition
        return row.after is None and row.guard is None and not row.emits and row.fault is None


def _is_faulty(state: str, chart: Statechart) -> bool:
    """Tell whether only faults lead to a state."""
    entering = [row for row in chart.transitions if row.target == state and row.sources != (state,)]
    return bool(entering) and state != chart.initial and all(row.fault is not None for row in entering)


def _rows(chart: Statechart) -> list[_Row]:
    return [_Row(row, _sources(row, chart)) for row in chart.transitions]


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


def _staying(rows: Iterable[_Row]) -> Iterator[tuple[str, Transition]]:
    for row in rows:
        if row.transition.target is None:
            for source in row.sources:
                yield source, row.transition


def _arrows(rows: Iterable[_Row]) -> Iterator[tuple[str, str, list[Transition]]]:
    """Yield source, target and the rows that share an arrow, in the order of the table."""
    arrows: dict[tuple[str, str, int | None], list[Transition]] = {}
    for number, row in enumerate(rows):
        target = row.transition.target
        if target is not None:
            for source in row.sources:
                arrows.setdefault((source, target, None if row.is_plain else number), []).append(row.transition)
    for (source, target, _), together in arrows.items():
        yield source, target, together


def _id(*words: str) -> str:
    """Name a box; the prefix keeps names apart from Mermaid's own words."""
    return "__".join(re.sub(r"\W", "_", word) for word in ("m", *words))


def _escape(text: str) -> str:
    return _ESCAPED.sub(lambda found: _ENTITIES.get(found[0], f"#{ord(found[0])};"), text)


def _quoted(text: str) -> str:
    """Write a text for the YAML head."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
