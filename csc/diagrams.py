"""Components as pictures: the summary state and every machine of a data sheet, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from csc.blueprint import Blueprint
from fsm import Name, Statechart, Value
from fsm.diagrams import mermaid_machine, mermaid_machines

__all__ = ["DefaultScope", "mermaid_component", "mermaid_component_machine"]


class DefaultScope:
    """Reads the parameters of a component as its data sheet gives them; all else is unknown.

    Parameters
    ----------
    blueprint
        The component.
    """

    def __init__(self, blueprint: Blueprint) -> None:
        self._parameters = blueprint.parameters

    def read(self, name: Name) -> Value | None:
        """Return a parameter's default in its canonical unit."""
        plan = self._parameters.get(name.parts[0]) if len(name.parts) == 1 else None
        return None if plan is None else plan.default


def mermaid_component(blueprint: Blueprint, *, active: Mapping[str, str] | None = None, notes: bool = False) -> str:
    """Draw a component's machines in Mermaid's language.

    Parameters
    ----------
    blueprint
        The component.
    active
        The present states by the machines' names; ``summary`` is the summary state.
    notes
        Whether each state says what it means.
    """
    charts = [*([_summary(blueprint)] if blueprint.is_csc else []), *blueprint.machines.values()]
    return mermaid_machines(
        charts, title=blueprint.component, active=active, notes=notes, defaults=DefaultScope(blueprint)
    )


def mermaid_component_machine(
    blueprint: Blueprint, machine: str, *, active: str | None = None, notes: bool = False
) -> str:
    """Draw one of a component's machines in Mermaid's language; ``summary`` is the summary state.

    Raises
    ------
    KeyError
        If it has no such machine.
    """
    chart = _summary(blueprint) if machine == "summary" and blueprint.is_csc else blueprint.machines[machine]
    return mermaid_machine(
        chart,
        active=active,
        notes=notes,
        title=f"{blueprint.component}.{machine}",
        defaults=DefaultScope(blueprint),
    )


def _summary(blueprint: Blueprint) -> Statechart:
    """Return the summary-state machine without the commands that the component does not have."""
    chart = blueprint.summary_chart
    if chart is None:  # pragma: no cover  # callers have asked
        raise ValueError(f"{blueprint.component} has no summary state")
    rows = tuple(row for row in chart.transitions if row.on == ("fault",) or set(row.on) & set(blueprint.commands))
    return replace(chart, transitions=rows)
