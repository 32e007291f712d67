"""What is fact and what is chosen here, counted and listed from the data sheets."""

from __future__ import annotations

from collections.abc import Iterator

from csc import Blueprint, Parameter, load_catalogue
from fsm import format_value
from reference_pages.markdown import GENERATED, code, prose, table

__all__ = ["pages"]


def pages() -> Iterator[tuple[str, str]]:
    """Yield the count for each component, and the list of what is chosen."""
    plans = [plan for _, plan in sorted(load_catalogue().items())]
    yield "generated/sources.md", GENERATED + _counts(plans)
    yield "generated/choices.md", "\n".join(_choices(plans))


def _counts(plans: list[Blueprint]) -> str:
    rows = []
    for plan in plans:
        chosen = sum(map(_is_chosen, plan.parameters.values()))
        rows.append((plan.component, len(plan.parameters) - chosen, chosen))
    rows.append(("**together**", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    return table(
        ("component", "parameters with a public source", "chosen here"),
        [(name, str(sourced), str(chosen)) for name, sourced, chosen in rows if sourced or chosen],
    )


def _choices(plans: list[Blueprint]) -> Iterator[str]:
    yield GENERATED
    for plan in plans:
        rows = [
            (
                code(parameter.name),
                prose(format_value(parameter.default, parameter.unit)),
                prose(parameter.meaning),
                prose((parameter.source or "").removeprefix("chosen here").lstrip(":; ")),
            )
            for parameter in plan.parameters.values()
            if _is_chosen(parameter)
        ]
        if rows:
            yield f"## {plan.component}\n"
            yield table(("parameter", "value", "meaning", "why"), rows)


def _is_chosen(parameter: Parameter) -> bool:
    return not parameter.source or "chosen here" in parameter.source
