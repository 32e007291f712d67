"""Outputs, parameters and faults on a page: values with their units, where they come from, what cures them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from docutils import nodes

from csc import Blueprint, Fault, Output, Parameter
from cscsim.locate import Site
from cscsim.pages import example_of
from cscsim.sphinx.words import Words, aside, code, facts, joined, paragraph, said, table
from fsm import format_value

__all__ = ["Anchor", "fault", "outputs", "overrides", "parameters"]

Anchor = Callable[[str], Words]
"""What stands before a name, so that it can be linked to."""


def outputs(plans: Mapping[str, Output], anchor: Anchor) -> list[nodes.Node]:
    """Return outputs with what carries them."""
    rows = [
        (
            [*anchor(output.name), code(output.name)],
            [nodes.Text(output.unit or (output.type if output.type != "number" else ""))],
            [
                paragraph(said(output.meaning), "; an angle that wraps" if output.wraps else ""),
                aside(joined(f"{topic}.{field}" for topic, field in output.topics) or "not published"),
            ],
        )
        for output in plans.values()
    ]
    return table(("name", "unit", "meaning, and what carries it"), rows)


def parameters(plans: Mapping[str, Parameter], anchor: Anchor = lambda name: ()) -> list[nodes.Node]:
    """Return parameters with their defaults, what is allowed, and where that is known from."""
    rows = [
        (
            [*anchor(parameter.name), code(parameter.name)],
            [nodes.Text(format_value(parameter.default, parameter.unit))],
            [nodes.Text(_allowed(parameter))],
            [paragraph(said(parameter.meaning)), *([aside(said(parameter.source))] if parameter.source else [])],
        )
        for parameter in plans.values()
    ]
    return table(("name", "default", "allowed", "meaning and source"), rows)


def _allowed(parameter: Parameter) -> str:
    if parameter.range is not None:
        return " – ".join(format_value(end, parameter.unit) for end in parameter.range)
    return ", ".join(parameter.choices or ())


def overrides(plan: Blueprint) -> list[nodes.Node]:
    """Return what `start` takes by name, and what each changes."""
    rows = [
        (
            [code(name)],
            joined(
                (
                    [code(key), nodes.Text(f" {format_value(value, plan.parameters[key].unit)}")]
                    for key, value in values.items()
                ),
                "; ",
            )
            or [nodes.Text("nothing")],
        )
        for name, values in plan.configurations.items()
    ]
    return table(("name", "changes"), rows)


def fault(plan: Blueprint, fault: Fault, site: Site) -> Iterator[nodes.Node]:
    """Yield what stands below a fault's heading.

    Parameters
    ----------
    plan
        The component that has it.
    fault
        The fault.
    site
        Where the component is, with the name that it has there.
    """
    yield paragraph(said(fault.meaning))
    yield from facts(
        [
            ("seen", said(fault.seen)),
            ("cure", said(fault.cure)),
            ("ended by", joined(fault.cured_by) or [nodes.Text("nothing in the observatory; it is cleared by hand")]),
            ("source", said(fault.source)),
        ]
    )
    yield from parameters(fault.parameters)
    text = f"--fault {_typed(plan, fault, site)}"
    yield nodes.literal_block(text, text, language="text")


def _typed(plan: Blueprint, fault: Fault, site: Site) -> str:
    """Write a fault as it is typed, with its defaults, for the name that the component has at the telescope."""
    placed = site.sheet.components
    name = next((name for name in placed if name.partition(":")[0] == plan.component), plan.component)
    return example_of(name, fault)
