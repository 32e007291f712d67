"""The pages of `cscsim show`: whatever can be found by name, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import singledispatch
from shlex import quote

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from csc import Blueprint, Command, Fault, ObservatorySheet, Parameter, ParameterSet, load_catalogue
from cscsim.blocks_of_text import bullets, entry, heading, indented, pairs, section
from cscsim.find import FaultOf, Found, MachineOf
from cscsim.style import STATES, StateChips, duration
from fsm import Condition, Statechart, Value, format_value
from procedures import Procedure, Scenario
from procedures.blocks import Block
from procedures.training import Training

__all__ = ["page_of"]


def page_of(found: Found) -> Iterator[RenderableType]:
    """Return the page about something, part by part."""
    if isinstance(found, Procedure):
        from cscsim.procedure_page import procedure_page

        return procedure_page(found)
    return _page(found)


@singledispatch
def _page(found: object) -> Iterator[RenderableType]:
    raise TypeError(f"there is no page about a {type(found).__name__}")


def _columns(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in names:
        table.add_column(name, overflow="fold", no_wrap=name in ("name", "state"))
    return table


# ------------------------------------------------------------------- component


@_page.register
def _component_page(plan: Blueprint) -> Iterator[RenderableType]:
    yield from heading(plan.component, plan.title, plan.summary)
    yield Text()
    yield from pairs(
        [
            ("like", plan.like or ""),
            ("also called", ", ".join(plan.aliases)),
            ("indices", ", ".join(f"{index} {meaning}" for index, meaning in plan.indices.items())),
            ("listens to", ", ".join(plan.remotes)),
            ("overrides", ", ".join(plan.configurations)),
            ("errors", ", ".join(f"{code} {name}" for name, (code, _) in plan.errors.items())),
            ("data sheet", f"csc/{plan.folder}/{plan.file}"),
        ]
    )
    if plan.machines:
        yield from section("Machines")
        for chart in plan.machines.values():
            yield from _machine(chart)
    if plan.commands:
        yield from section("Commands")
        for command in plan.commands.values():
            yield from _command(command)
    if plan.outputs:
        yield from section("Outputs")
        table = _columns("name", "unit", "topic", "meaning")
        for output in plan.outputs.values():
            topics = ", ".join(f"{topic}.{field}" for topic, field in output.topics)
            carried = Text(topics) if topics else Text("not published", style="dim")
            table.add_row(Text(output.name, style="bold"), output.unit or output.type, carried, output.meaning)
        yield table
    if plan.parameters:
        yield from section("Parameters")
        yield _parameters(plan.parameters)
    if plan.faults:
        yield from section("Faults")
        for fault in plan.faults.values():
            yield from fault_entry(fault.name, fault)
    if plan.sources:
        yield from section("Sources")
        yield from bullets(plan.sources)


def _machine(chart: Statechart, *, with_rows: bool = False) -> Iterator[RenderableType]:
    yield Text.assemble((chart.name, "bold"), f"  {' '.join(chart.meaning.split())}")
    table = _columns("state", "SAL", "meaning")
    table.show_header = False
    for state in chart.states:
        mark = "▸ " if state.name == chart.initial else "  "
        _, style = STATES.get(state.name, ("", "")) if chart.name == "summary" else ("", "")
        table.add_row(
            Text.assemble((mark, "dim"), (state.name, style or "cyan")),
            "" if state.value is None else str(state.value),
            state.meaning,
        )
    yield Padding(table, (0, 0, 0, 2))
    if with_rows:
        yield from section("Transitions")
        yield _transitions(chart)


def _transitions(chart: Statechart) -> Table:
    table = _columns("from", "on", "to", "if")
    for row in chart.transitions:
        cause = f"after {row.after}" if row.after is not None else ", ".join(row.on)
        guard = Text(str(row.guard) if row.guard is not None else "")
        for label, words in (("sends", ", ".join(row.emits)), ("fault", row.fault or "")):
            if words:
                guard.append("\n" if guard else "").append(f"{label} ", style="dim").append(words)
        table.add_row(", ".join(row.sources), Text(cause, style="bold"), row.target or "stays", guard)
    return table


def _command(command: Command) -> Iterator[RenderableType]:
    fields = ", ".join(
        f"{name} [{field.sent_unit}]" if field.sent_unit else name for name, field in command.fields.items()
    )
    states = "" if command.states == ("ENABLED",) else f"  in {' or '.join(command.states)}"
    if len(command.states) == len(STATES):
        states = "  in any state"
    yield Text.assemble((command.name, "bold"), f"({fields})", (states, "yellow"), f"  {command.meaning}")
    rows: list[tuple[str, RenderableType]] = [
        ("needs", _guard(guard.that, guard.otherwise.text)) for guard in command.guards
    ]
    rows.extend(("takes", f"{name}: {field.meaning}") for name, field in command.fields.items() if field.meaning)
    if command.ignored_when is not None:
        rows.append(("nothing", f"if {command.ignored_when}"))
    if command.done is not None:
        rows.append(("done when", str(command.done)))
    if command.endless is not None:
        rows.append(("no limit", command.endless))
    yield from indented(pairs(rows))


def _guard(that: Condition, otherwise: str) -> Text:
    return Text.assemble(str(that), ("  else: ", "dim"), (otherwise, "italic"))


def _parameters(parameters: Mapping[str, Parameter]) -> Table:
    table = _columns("name", "default", "range", "meaning")
    for parameter in parameters.values():
        span = ""
        if parameter.range is not None:
            span = " – ".join(format_value(end, parameter.unit) for end in parameter.range)
        elif parameter.choices is not None:
            span = ", ".join(parameter.choices)
        default = format_value(parameter.default, parameter.unit)
        table.add_row(Text(parameter.name, style="bold"), default, span, parameter.meaning)
    return table


@_page.register
def _machine_page(found: MachineOf) -> Iterator[RenderableType]:
    yield from heading(f"{found.component.component}.{found.machine.name}", "")
    yield from _machine(found.machine, with_rows=True)


# ---------------------------------------------------------------------- others


@_page.register
def _fault_page(found: FaultOf) -> Iterator[RenderableType]:
    fault, component = found.fault, found.component.component
    yield from heading(f"{component}.{fault.name}", fault.meaning)
    yield Text()
    yield from pairs(
        [
            ("seen", fault.seen),
            ("cure", fault.cure),
            ("cured by", ", ".join(fault.cured_by) or "nothing in the observatory: it is cleared by hand"),
            ("source", fault.source or ""),
        ]
    )
    if fault.parameters:
        yield from section("Parameters")
        yield _parameters(fault.parameters)
    yield from section("To try it")
    yield Text(f"cscsim rehearse weekly --fault {quote(example_of(component, fault))}", style="cyan")


def fault_entry(name: str, fault: Fault) -> Iterator[RenderableType]:
    """Write what a list tells of a fault: its parameters with defaults, effect, how it is seen and cured."""
    defaults = ", ".join(f"{key}={format_value(each.default, each.unit)}" for key, each in fault.parameters.items())
    return entry(name, defaults, [("effect", fault.meaning), ("seen", fault.seen), ("cure", fault.cure)])


def example_of(component: str, fault: Fault) -> str:
    """Write a fault as it is typed, with its defaults."""
    values = ",".join(f"{key}={_typed(each.default, each.unit)}" for key, each in fault.parameters.items())
    return f"{component}.{fault.name}{':' + values if values else ''}"


def _typed(value: Value, unit: str | None) -> str:
    return "..." if value == "" else format_value(value, unit, exact=True).replace(" ", "")


@_page.register
def _scenario_page(scenario: Scenario) -> Iterator[RenderableType]:
    yield from heading(scenario.name, scenario.title, scenario.summary)
    yield Text()
    rows: list[tuple[str, RenderableType]] = [("meant for", scenario.procedure)]
    rows.extend(("fault", str(fault)) for fault in scenario.faults)
    rows.extend(("state", f"{component} begins in {state}") for component, state in scenario.states.items())
    rows.extend(
        ("machine", f"{component}.{machine} begins in {state}")
        for component, machines in scenario.machines.items()
        for machine, state in machines.items()
    )
    rows.extend(
        ("parameter", f"{component}.{key} = {value}")
        for component, values in scenario.parameters.items()
        for key, value in values.items()
    )
    yield from pairs(rows)
    if scenario.expect is not None:
        yield from section("What will come of it")
        yield from bullets(list(scenario.expect.told()))
    if scenario.lesson:
        yield from section("What is to be learnt")
        yield Text(" ".join(scenario.lesson.split()))
    yield from section("To try it")
    yield Text(f"cscsim rehearse {scenario.procedure} --scenario {scenario.name}", style="cyan")


@_page.register
def _training_page(training: Training) -> Iterator[RenderableType]:
    """Say what a trainee may know before it; what goes wrong, and the hints, are kept back."""
    yield from heading(training.name, training.title)
    yield Text()
    yield Text(" ".join(training.briefing.split()))
    yield Text()
    yield from pairs(
        [
            ("number", str(training.number)),
            ("procedure", training.procedure),
            ("observatory", training.observatory),
            ("hints", str(len(training.hints))),
            ("par", duration(training.par)),
        ]
    )
    yield from section("What is to be reached")
    yield from bullets([goal.title + _HOLDS[goal.holds] for goal in training.goals])
    yield from section("Afterwards")
    yield Text("cscsim debrief JOURNAL", style="cyan")


_HOLDS = {"once": "", "at_end": ", at the end", "never": ""}
"""When a goal is to hold, in words."""


@_page.register
def _observatory_page(sheet: ObservatorySheet) -> Iterator[RenderableType]:
    yield from heading(sheet.observatory, sheet.title, sheet.summary)
    yield Text()
    rows: list[tuple[str, RenderableType]] = [("begins at", f"{sheet.start} TAI")]
    left = dict(sheet.components)
    for group, members in sheet.groups.items():
        rows.append((group, StateChips((name, left.pop(name).state) for name in members if name in left)))
    rows.append(("others", StateChips((name, placed.state) for name, placed in left.items())))
    yield from pairs(rows)


@_page.register
def _parameter_set_page(values: ParameterSet) -> Iterator[RenderableType]:
    yield from heading(values.name, values.title, values.summary)
    if not values.values:
        return
    yield Text()
    catalogue = load_catalogue()
    table = _columns("component", "parameter", "value", "instead of")
    for component, parameters in values.values.items():
        for key, value in parameters.items():
            usual = catalogue[component].parameters[key]
            table.add_row(component, key, Text(str(value), style="bold"), format_value(usual.default, usual.unit))
    yield table
    yield from section("Sources")
    yield from bullets(values.sources)


@_page.register
def _block_page(block: Block) -> Iterator[RenderableType]:
    yield from heading(block.program, block.name)
    yield from section("Scripts, one after the other")
    for number, script in enumerate(block.scripts, start=1):
        yield Text.assemble((f"{number}  ", "cyan"), (script.name, "bold"))
        if script.parameters:
            yield Padding(Text(script.text.rstrip(), style="dim"), (0, 0, 0, 5))
