"""A machine on a page: its states, its picture, its table."""

from __future__ import annotations

from collections.abc import Iterator

from docutils import nodes

from cscsim.sphinx.elements import diagram, fold
from cscsim.sphinx.words import Words, code, joined, paragraph, said, strong, table
from fsm import Statechart, Transition
from fsm.diagrams import Drawing

__all__ = ["machine"]


def machine(chart: Statechart, drawing: Drawing, form: str) -> Iterator[nodes.Node]:
    """Yield what stands below a machine's heading.

    Parameters
    ----------
    chart
        The machine.
    drawing
        Its diagram.
    form
        The diagram's format; empty for that of the configuration.
    """
    if chart.meaning:
        yield paragraph(said(chart.meaning))
    if chart.carrier:
        yield paragraph("Published in ", code(chart.carrier), ".")
    rows = [
        (
            [strong(state.name) if state.name == chart.initial else nodes.Text(state.name)],
            [] if state.value is None else [nodes.Text(str(state.value))],
            said(state.meaning),
            joined((f"{key} = {_written(value)}" for key, value in state.publishes), "; "),
            joined(state.invariants, "; "),
        )
        for state in chart.states
    ]
    yield from table(("state", "SAL", "meaning", "publishes", "invariants"), rows)
    if chart.transitions:
        if len(chart.states) > 1:
            yield diagram.of(drawing, alt=f"State diagram of {drawing.title}", form=form)
        yield fold.of(f"Transitions of {chart.name}", *_transitions(chart))


def _transitions(chart: Statechart) -> list[nodes.Node]:
    rows = [
        (
            [nodes.Text(", ".join("any state" if source == "*" else source for source in row.sources))],
            [nodes.Text("after "), code(row.after)] if row.after is not None else joined(row.on),
            [nodes.Text(row.target or "stays")],
            [] if row.guard is None else [code(row.guard)],
            _effects(row),
        )
        for row in chart.transitions
    ]
    return table(("from", "on", "to", "if", "does"), rows)


def _effects(row: Transition) -> Words:
    effects: list[Words] = [[nodes.Text("sends "), *joined(row.emits)]] if row.emits else []
    effects += [[code(output), nodes.Text(" becomes "), code(value)] for output, value in row.assign]
    effects += [[nodes.Text("leads to FAULT by "), code(row.fault)]] if row.fault else []
    effects += [[nodes.Text("logs “"), *said(row.log[1].text), nodes.Text("”")]] if row.log else []
    return joined(effects, "; ")


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
