"""One page a component, from its data sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from csc import Blueprint, Command, Fault, Output, Parameter, Topic, load_catalogue
from csc.diagrams import mermaid_component_machine
from csc.generic import generic_commands, generic_topics
from csc.palette import SUMMARY_PAINTS
from cscsim.locate import open_site
from fsm import format_value
from fsm.diagrams import Manner, draw_machine, write_mermaid
from reference_pages.machines import machine
from reference_pages.markdown import GENERATED, aside, code, joined, prose, table, target
from reference_pages.messages import command_section, topic_table

__all__ = ["pages"]

GROUPS = {
    "The telescope and its dome": (
        "ATMCS",
        "ATPtg",
        "ATAOS",
        "ATPneumatics",
        "ATHexapod",
        "ATDome",
        "ATDomeTrajectory",
    ),
    "The instrument": ("ATCamera", "ATSpectrograph", "ATHeaderService", "ATOODS"),
    "The calibration light": ("ATWhiteLight", "ATMonochromator", "Electrometer", "FiberSpectrograph"),
    "ComCam": ("CCCamera", "CCHeaderService", "CCOODS"),
    "Building and services": ("ATBuilding", "ESS", "OCPS", "Scheduler", "ScriptQueue", "Script", "Watcher"),
}
"""In which order components are listed; one that no group names comes last."""


def pages() -> Iterator[tuple[str, str]]:
    """Yield the list of components, and the page of each."""
    catalogue = load_catalogue()
    yield "reference/components/index.md", _index(catalogue)
    yield "reference/components/every_csc.md", _every_csc(catalogue)
    for plan in catalogue.values():
        yield f"reference/components/{plan.component}.md", "\n".join(_page(plan))


def _index(catalogue: Mapping[str, Blueprint]) -> str:
    grouped = {name for names in GROUPS.values() for name in names}
    groups = {**GROUPS, "Others": tuple(name for name in catalogue if name not in grouped)}
    parts = [GENERATED, "# Components\n", "What each one states about itself in its data sheet.\n"]
    parts.append("All CSCs share what stands on [](every_csc.md); the pages below leave it out.\n")
    for title, names in groups.items():
        found = [catalogue[name] for name in names if name in catalogue]
        if found:
            rows = [
                (f"[{plan.component}]({plan.component}.md)", prose(plan.title), *map(str, _sizes(plan)))
                for plan in found
            ]
            parts += [f"## {title}\n", table(("name", "title", "machines", "commands", "faults"), rows)]
    listed = "\n".join(["every_csc", *sorted(catalogue)])
    parts.append(f"```{{toctree}}\n:hidden:\n\n{listed}\n```\n")
    return "\n".join(parts)


def _sizes(plan: Blueprint) -> tuple[int, int, int]:
    return len(plan.machines), len(_own_commands(plan)), len(plan.faults)


def _every_csc(catalogue: Mapping[str, Blueprint]) -> str:
    """Write what the generics give, so that no other page repeats it."""
    some = next(plan for plan in catalogue.values() if plan.is_csc and "enterControl" not in plan.generics)
    chart = some.summary_chart
    if chart is None:  # pragma: no cover  # one with a summary state was chosen
        raise TypeError("a CSC has a summary state")
    parts = [GENERATED, "# What every CSC has\n"]
    parts.append("SAL gives every CSC a summary state, commands that change it, and a few events.\n")
    drawing = draw_machine(chart, title="Summary state", manner=Manner(paints=SUMMARY_PAINTS))
    parts += ["## Summary state\n", *machine(chart, write_mermaid(drawing))]
    parts.append("A condition names it by the component alone: `ATDome is ENABLED`.\n")
    parts.append("## Commands\n")
    for name, command in generic_commands(("csc", "enterControl")).items():
        parts += command_section(name, command, "every csc")
    parts += ["## Events\n", topic_table(generic_topics(("csc",)))]
    parts.append("Some CSCs have more of SAL's generics; their pages name them.\n")
    for category in ("configurable", "largeFileObjectAvailable", "clockOffset", "statusCode"):
        own = {name: topic for name, topic in generic_topics((category,)).items() if name not in generic_topics(())}
        parts += [f"### {category}\n", topic_table(own)]
    return "\n".join(parts)


def _page(plan: Blueprint) -> Iterator[str]:
    yield GENERATED
    yield f"({target('component', plan.component)})=\n"
    yield f"# {plan.component}\n"
    yield f"**{prose(plan.title)}.** {prose(plan.summary)}\n"
    yield table(("", ""), _facts(plan))
    if plan.machines:
        yield "## Machines\n"
        beside = ", beside the summary state" if plan.is_csc else ""
        yield f"They run side by side{beside}. Each begins in the state that is set in bold.\n"
        for name, chart in plan.machines.items():
            yield f"({target('machine', plan.component, name)})=\n"
            yield f"### {name}\n"
            yield from machine(chart, mermaid_component_machine(plan, name))
    if own := _own_commands(plan):
        yield "## Commands\n"
        yield "Unless it says otherwise, a command is taken in `ENABLED`.\n"
        for name, command in own.items():
            yield from command_section(name, command, plan.component)
    events = {name: topic for name, topic in _own_topics(plan).items() if not topic.telemetry}
    telemetry = {name: topic for name, topic in _own_topics(plan).items() if topic.telemetry}
    if events:
        yield f"## Events\n\n{topic_table(events)}"
    if telemetry:
        yield f"## Telemetry\n\nSampled only while somebody listens.\n\n{topic_table(telemetry)}"
    if plan.outputs:
        yield "## Outputs\n"
        yield f"What conditions may name, as `{plan.component}.{next(iter(plan.outputs))}`.\n"
        yield _outputs(plan.outputs)
    if plan.parameters:
        yield f"## Parameters\n\n{_parameters(plan.parameters)}"
    if plan.configurations:
        yield f"## Configuration overrides\n\nWhat `start` takes by name.\n\n{_overrides(plan)}"
    if plan.errors:
        rows = [(str(number), code(name), prose(text)) for name, (number, text) in plan.errors.items()]
        yield f"## Errors\n\n{table(('code', 'name', 'text'), rows)}"
    if plan.faults:
        yield "## Faults\n"
        for fault in plan.faults.values():
            yield from _fault(plan, fault)
    if plan.sources:
        yield "## Sources\n"
        yield "\n".join(f"- {prose(source)}" for source in plan.sources) + "\n"


def _facts(plan: Blueprint) -> list[tuple[str, str]]:
    indices = [f"{index} {prose(meaning)}" for index, meaning in plan.indices.items()]
    senses = [
        f"{code(f'{sense.component}.{sense.output}')} as {code(name)}" for name, sense in sorted(plan.senses.items())
    ]
    rows = [
        ("data sheet", code(f"csc/{plan.folder}/{plan.file}")),
        ("like", f"[{plan.like}]({plan.like}.md), but for what this page says otherwise" if plan.like else ""),
        ("also called", joined(plan.aliases)),
        ("indices", ", ".join(indices)),
        ("SAL's generics", joined(plan.generics)),
        ("not simulated", _not_simulated(plan)),
        ("listens to", ", ".join(f"[{name}]({name}.md)" for name in plan.remotes)),
        ("senses", ", ".join(senses)),
    ]
    return [(f"**{label}**", value) for label, value in rows if value]


def _not_simulated(plan: Blueprint) -> str:
    """Name what the interface has and nobody carries out or sends here."""
    commands = [name for name, command in plan.commands.items() if not command.simulated]
    topics = [name for name, topic in plan.topics.items() if not topic.simulated]
    parts = [f"{label} {joined(names)}" for label, names in (("commands", commands), ("topics", topics)) if names]
    return "; ".join(parts)


def _own_commands(plan: Blueprint) -> dict[str, Command]:
    """Return the commands that the page of every CSC does not tell already."""
    shared = generic_commands(plan.generics)
    return {name: command for name, command in plan.commands.items() if not _is_shared(command, shared.get(name))}


def _is_shared(command: Command, generic: Command | None) -> bool:
    return generic is not None and (command.guards, command.fields.keys()) == ((), generic.fields.keys())


def _own_topics(plan: Blueprint) -> dict[str, Topic]:
    shared = generic_topics(plan.generics)
    return {name: topic for name, topic in plan.topics.items() if name not in shared}


# --------------------------------------------------------- outputs, parameters


def _outputs(outputs: Mapping[str, Output]) -> str:
    rows = [
        (
            code(output.name),
            output.unit or (output.type if output.type != "number" else ""),
            prose(output.meaning) + ("; an angle that wraps" if output.wraps else "") + aside(_carried(output)),
        )
        for output in outputs.values()
    ]
    return table(("name", "unit", "meaning, and what carries it"), rows)


def _carried(output: Output) -> str:
    return joined(f"{topic}.{field}" for topic, field in output.topics) or "not published"


def _parameters(parameters: Mapping[str, Parameter]) -> str:
    rows = [
        (
            code(parameter.name),
            prose(format_value(parameter.default, parameter.unit)),
            _span(parameter),
            prose(parameter.meaning) + (aside(prose(parameter.source)) if parameter.source else ""),
        )
        for parameter in parameters.values()
    ]
    return table(("name", "default", "allowed", "meaning and source"), rows)


def _span(parameter: Parameter) -> str:
    if parameter.range is not None:
        return " – ".join(format_value(end, parameter.unit) for end in parameter.range)
    return ", ".join(parameter.choices or ())


def _overrides(plan: Blueprint) -> str:
    rows = [
        (
            code(name),
            "; ".join(
                f"{code(key)} {prose(format_value(value, plan.parameters[key].unit))}" for key, value in values.items()
            )
            or "nothing",
        )
        for name, values in plan.configurations.items()
    ]
    return table(("name", "changes"), rows)


# ---------------------------------------------------------------------- faults


def _fault(plan: Blueprint, fault: Fault) -> Iterator[str]:
    yield f"({target('fault', plan.component, fault.name)})=\n"
    yield f"### {fault.name}\n"
    yield f"{prose(fault.meaning)}\n"
    cured = joined(fault.cured_by) or "nothing in the observatory; it is cleared by hand"
    rows = [
        ("**seen**", prose(fault.seen)),
        ("**cure**", prose(fault.cure)),
        ("**ended by**", cured),
        ("**source**", prose(fault.source)),
    ]
    yield table(("", ""), [row for row in rows if row[1]])
    yield _parameters(fault.parameters)
    yield f"```text\n--fault {_example_of(plan, fault)}\n```\n"


def _example_of(plan: Blueprint, fault: Fault) -> str:
    """Write a fault as it is typed, with its defaults, for the name that the component has at the telescope."""
    placed = open_site().sheet.components
    name = next((name for name in placed if name.partition(":")[0] == plan.component), plan.component)
    values = [
        f"{each.name}={format_value(each.default, each.unit, exact=True).replace(' ', '')}"
        for each in fault.parameters.values()
    ]
    return f"{name}.{fault.name}" + (f":{','.join(values)}" if values else "")
