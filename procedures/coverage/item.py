"""Items of coverage: what there is and may come about, each a plain key that is the same in every run and process.

A key is a tuple of texts: its kind, whose it is, and which one. A component goes by its data sheet, so that OCPS:1 and
OCPS:2 cover the same machines; a procedure by its name in the library.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from csc import Blueprint
from csc.diagrams import charts_of
from fsm import ANY, Transition
from procedures.coverage.refusals import reasons_of
from procedures.model import Check, Expect, Procedure, Repeat, Step, Wait, When
from procedures.walk import walk_steps

__all__ = [
    "COMPONENT_GROUPS",
    "PROCEDURE_GROUPS",
    "Item",
    "all_steps",
    "component_items",
    "conditions_of",
    "errors_of",
    "label_of",
    "procedure_items",
    "sources_of",
]

Item: TypeAlias = tuple[str, ...]
"""Kind, owner, and what tells it from the others.

- ``state``, component, machine, state
- ``transition``, component, machine, source, target or empty, label of the row; of a row from every state, what is
  there has the source ``*``, what was seen the state that it left
- ``refusal``, component, command, reason
- ``fault``, component, fault, ``injected`` or ``cured``
- ``error``, component, code
- ``step``, procedure, step, ``begun``, ``done`` or ``failed``
- ``condition``, procedure, step or empty, what it is for, its text, ``true``, ``false`` or ``unknown``
- ``struck``, procedure, step, component and fault
- ``run``, procedure, its file or empty, observatory, its file or empty
"""

COMPONENT_GROUPS: Mapping[str, str] = {
    "states": "state",
    "transitions": "transition",
    "refusals": "refusal",
    "faults": "fault",
    "errors": "error",
}
"""What is counted of a component, and the kind of its items."""
PROCEDURE_GROUPS: Mapping[str, str] = {"steps": "step", "conditions": "condition"}
"""What is counted of a procedure, besides the faults that struck its steps."""


def component_items(plan: Blueprint) -> list[Item]:
    """Return what there is of a component, in the order of its data sheet.

    A row that may be taken from every state is one item; of the others, each state that they leave is one.
    """
    name, charts = plan.component, charts_of(plan)
    found: list[Item] = [("state", name, chart.name, state) for chart in charts.values() for state in chart.state_names]
    for chart in charts.values():
        for row in chart.transitions:
            what = (row.target or "", label_of(row))
            found += [("transition", name, chart.name, source, *what) for source in sources_of(row)]
    for command in plan.commands.values():
        found += [("refusal", name, command.name, reason) for reason in reasons_of(plan, command)]
    found += [("fault", name, fault, what) for fault in plan.faults for what in ("injected", "cured")]
    found += [("error", name, str(code)) for code in errors_of(plan)]
    return list(dict.fromkeys(found))


def sources_of(row: Transition) -> tuple[str, ...]:
    """Return the states that a row leaves, as items have them."""
    return (ANY,) if ANY in row.sources else row.sources


def label_of(row: Transition) -> str:
    """Return what tells a row from others between the same states: its triggers or its time, and its guard."""
    when = ", ".join(row.on) if row.after is None else f"after {row.after}"
    return when if row.guard is None else f"{when} [{row.guard}]"


def errors_of(plan: Blueprint) -> dict[int, str]:
    """Return the error codes, each with the names that it has in the data sheet."""
    found: dict[int, list[str]] = {}
    for name, (code, _) in plan.errors.items():
        found.setdefault(code, []).append(name)
    return {code: ", ".join(names) for code, names in found.items()}


def procedure_items(procedure: Procedure) -> list[Item]:
    """Return what there is of a procedure, in the order of its file."""
    steps = [step.id for step in all_steps(procedure)]
    found: list[Item] = [("step", procedure.name, step, what) for step in steps for what in ("begun", "done", "failed")]
    for step, what, check in conditions_of(procedure):
        found += [("condition", procedure.name, step, what, str(check.that), truth) for truth in ("true", "false")]
    return list(dict.fromkeys(found))


def all_steps(procedure: Procedure) -> list[Step]:
    """Return all steps, those inside others and those for failures included."""
    return list(walk_steps((*procedure.steps, *procedure.on_failure, *procedure.cleanup)))


def conditions_of(procedure: Procedure) -> list[tuple[str, str, Check]]:
    """Return each condition with the step that asks for it, empty for the procedure's own, and what it is for."""
    found = [("", "precondition", check) for check in procedure.preconditions]
    for step in all_steps(procedure):
        for what in ("precondition", "invariant", "postcondition"):
            found += [(step.id, what, check) for check in getattr(step, f"{what}s")]
        match step:
            case Expect():
                found.append((step.id, "expect", step.check))
            case Wait(until=until) if until is not None:
                found.append((step.id, "wait", Check(that=until)))
                found += [(step.id, "unless", Check(that=item.when)) for item in step.unless]
            case When():
                found.append((step.id, "when", Check(that=step.condition)))
            case Repeat(until=until) if until is not None:
                found.append((step.id, "until", Check(that=until)))
    return [*found, *(("", "postcondition", check) for check in procedure.postconditions)]
