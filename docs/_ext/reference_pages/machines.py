"""A machine on a page: its states, its picture, its table."""

from __future__ import annotations

from collections.abc import Iterator

from fsm import Statechart, Transition
from reference_pages.markdown import code, diagram, folded, joined, prose, table

__all__ = ["machine"]


def machine(chart: Statechart, drawing: str) -> Iterator[str]:
    """Yield what stands below a machine's heading.

    Parameters
    ----------
    chart
        The machine.
    drawing
        Its diagram in Mermaid's language.
    """
    yield f"{prose(chart.meaning)}\n"
    if chart.carrier:
        yield f"Published in {code(chart.carrier)}.\n"
    rows = [
        (
            f"**{state.name}**" if state.name == chart.initial else state.name,
            "" if state.value is None else str(state.value),
            prose(state.meaning),
            "; ".join(code(f"{key} = {_written(value)}") for key, value in state.publishes),
            "; ".join(code(condition) for condition in state.invariants),
        )
        for state in chart.states
    ]
    yield table(("state", "SAL", "meaning", "publishes", "invariants"), rows)
    if chart.transitions:
        if len(chart.states) > 1:
            yield diagram(drawing)
        yield folded(f"Transitions of {chart.name}", _transitions(chart))


def _transitions(chart: Statechart) -> str:
    rows = [
        (
            ", ".join("any state" if source == "*" else source for source in row.sources),
            f"after {code(row.after)}" if row.after is not None else joined(row.on),
            row.target or "stays",
            "" if row.guard is None else code(row.guard),
            _effects(row),
        )
        for row in chart.transitions
    ]
    return table(("from", "on", "to", "if", "does"), rows)


def _effects(row: Transition) -> str:
    effects = [f"sends {joined(row.emits)}"] if row.emits else []
    effects += [f"{code(output)} becomes {code(value)}" for output, value in row.assign]
    effects += [f"leads to FAULT by {code(row.fault)}"] if row.fault else []
    effects += [f"logs “{prose(row.log[1].text)}”"] if row.log else []
    return "; ".join(effects)


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
