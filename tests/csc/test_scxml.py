"""Components and their machines as SCXML: in an independent engine they take the states that they take here.

What is compared. A machine alone: `fsm.Machine` beside the document of that machine, with the same values of outputs,
parameters and other machines, the same triggers and the same time. A component: the `Component` that runs in every
rehearsal, with a behaviour that computes nothing but returns given numbers, beside the document of the whole component;
both get the same commands and triggers from outside and the same time, and after each the summary state, every
machine and every stored output are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from csc import Behaviour, Blueprint, Catalogue, Command, load_catalogue
from csc.diagrams import charts_of
from csc.scxml import scxml_component, scxml_component_machine
from fsm import Name, Statechart, Value
from tests.csc import rig
from tests.csc.surroundings import arguments_of, values_of
from tests.csc.tiny import catalogue
from tests.fsm.diagrams.engine import Engine, running
from tests.fsm.rig import Bench

SEEDED = settings(derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
"""The same examples each time; a failure is told as it was found, for to shrink it takes minutes."""

_SCXML = "{http://www.w3.org/2005/07/scxml}"
_ATTRIBUTES = {
    "scxml": {"version", "datamodel", "name", "initial"},
    "datamodel": set(),
    "data": {"id", "expr"},
    "parallel": {"id"},
    "state": {"id", "initial"},
    "final": {"id"},
    "onentry": set(),
    "onexit": set(),
    "transition": {"event", "cond", "target"},
    "raise": {"event"},
    "assign": {"location", "expr"},
    "send": {"event", "target", "id", "delayexpr"},
    "param": {"name", "expr"},
    "cancel": {"sendid"},
}
_INSIDE = {
    "scxml": {"datamodel", "state", "parallel", "final"},
    "datamodel": {"data"},
    "parallel": {"state", "parallel", "onentry", "onexit", "transition"},
    "state": {"state", "parallel", "final", "onentry", "onexit", "transition"},
    "onentry": {"raise", "assign", "send", "cancel"},
    "onexit": {"raise", "assign", "send", "cancel"},
    "transition": {"raise", "assign", "send", "cancel"},
    "send": {"param"},
}
"""Which elements stand in which, of those that are used, and what they may carry: after the recommendation's schema."""


def check_scxml(text: str) -> None:
    """Check a document against SCXML's rules: elements, attributes, unique ids, targets that exist."""
    root = Xml.fromstring(text)
    assert root.tag == f"{_SCXML}scxml"
    for element in root.iter():
        tag = element.tag.removeprefix(_SCXML)
        assert {key for key in element.attrib if not key.startswith("{")} <= _ATTRIBUTES[tag]
        assert {child.tag.removeprefix(_SCXML) for child in element} <= _INSIDE.get(tag, set())
    ids = [
        element.attrib["id"]
        for element in root.iter()
        if element.tag.removeprefix(_SCXML) in ("state", "parallel", "final")
    ]
    assert len(ids) == len(set(ids))
    named = [element.attrib[key] for element in root.iter() for key in ("target", "initial") if key in element.attrib]
    assert {name for name in named if name != "#_internal"} <= set(ids)


TINY = catalogue("tiny", "peer", "wary")
PLANS: dict[str, Blueprint] = {**dict(load_catalogue()), **dict(TINY)}


@pytest.mark.parametrize("component", PLANS)
def test_the_document_of_a_component_and_those_of_its_machines_keep_the_rules(component: str) -> None:
    plan = PLANS[component]

    check_scxml(scxml_component(plan))
    for machine in charts_of(plan):
        check_scxml(scxml_component_machine(plan, machine))


# ----------------------------------------------------------------- machines alone


class Surrounded(Bench):
    """A bench on which a machine finds its own state by its name, and the fields of a command while it is given."""

    def __init__(self, chart: Statechart, values: Mapping[str, Value]) -> None:
        super().__init__(dict(values))
        self.argument: dict[str, Value] = {}
        self.scope = self  # type: ignore[assignment]  # it reads
        self.only = self.machine(chart)

    def read(self, name: Name) -> Value | None:
        if name.parts[0] == "argument":
            return self.argument.get(name.parts[1])
        machines = [machine.state for machine in self.machines if machine.name == str(name)]
        return machines[0] if machines else self.values.get(str(name))


def _defaults(plan: Blueprint) -> dict[str, Value]:
    """Return the values of a data sheet: of parameters, senses, stored outputs and machines at their beginning."""
    values: dict[str, Value] = {name: parameter.default for name, parameter in plan.parameters.items()}
    values |= {name: sense.default for name, sense in plan.senses.items()}
    values |= {name: output.initial for name, output in plan.outputs.items() if output.initial is not None}
    return values | {name: chart.initial for name, chart in charts_of(plan).items()}


@pytest.mark.parametrize(
    ("component", "machine"), [(component, name) for component, plan in PLANS.items() for name in charts_of(plan)]
)
@settings(SEEDED, max_examples=4)
@given(data=st.data())
def test_a_machine_takes_in_another_engine_the_states_that_it_takes_here(
    component: str, machine: str, data: st.DataObject
) -> None:
    plan, chart = PLANS[component], charts_of(PLANS[component])[machine]
    around = values_of([chart])
    around.pop(chart.name, None)
    begin = {**_defaults(plan), **data.draw(st.fixed_dictionaries(around))}
    bench = Surrounded(chart, begin)
    triggers = sorted(chart.triggers)
    what = ["give"] * 6 * bool(triggers) + ["wait"] + ["set"] * bool(around)
    ours, theirs = [], []

    with running(scxml_component_machine(plan, chart.name, begin)) as engine:
        for _ in range(25):
            match data.draw(st.sampled_from(what)):
                case "give":
                    trigger = data.draw(st.sampled_from(triggers))
                    command = plan.commands.get(trigger)
                    fields = data.draw(arguments_of(command.fields)) if command is not None else {}
                    bench.argument = fields
                    bench.fire(trigger)
                    bench.argument = {}
                    bench.pass_time(0.0)
                    engine.give(trigger, **fields)
                case "wait":
                    duration = data.draw(st.sampled_from([0.3, 4.1, 37.0, 1000.7]))
                    bench.pass_time(duration)
                    engine.pass_time(duration)
                case _:
                    name = data.draw(st.sampled_from(sorted(around)))
                    bench.values[name] = data.draw(around[name])
                    engine.set(name, bench.values[name])
            ours.append(bench.only.state)
            theirs.append(engine.state(chart.name))
        stored = [output for row in chart.transitions for output, _ in row.assign]
        assert theirs == ours
        assert {output: engine.value(output) for output in stored} == {
            output: bench.values[output] for output in stored
        }


# --------------------------------------------------------------- whole components


_NONE: Mapping[str, Value] = {"number": 0.0, "flag": False, "text": "", "list": (), "integer": 0}
"""What an output is by type, where no condition reads it."""


def _computes(plan: Blueprint, values: Mapping[str, Value]) -> type[Behaviour]:
    """Return a behaviour that computes nothing: outputs that are not stored have given values."""
    given = {
        name: (lambda self, name=name, kind=output.type: values.get(name, _NONE[kind]))
        for name, output in plan.outputs.items()
        if output.initial is None
    }
    return type("Given", (Behaviour,), given)


Deed = tuple[Any, ...]


def _deeds(plan: Blueprint, around: Mapping[str, st.SearchStrategy[Value]], data: st.DataObject) -> Iterator[Deed]:
    """Yield what happens to a component: a command with its fields, a trigger, a time that passes, another value."""
    commands = [command for command in plan.commands.values() if command.name != "setLogLevel"]
    own = [command for command in commands if not command.changes_state and command.simulated]
    triggers = {trigger for chart in plan.machines.values() for trigger in chart.triggers}
    triggers -= {f"{way}_{state}" for way in ("enter", "leave") for state in _summary_states(plan)}
    fired = sorted(triggers - set(plan.commands))
    kinds = ["wait"] * 2 + ["any"] + ["own"] * 4 * bool(own) + ["fire"] * 3 * bool(fired) + ["set"] * bool(around)
    for _ in range(40):
        match data.draw(st.sampled_from(kinds)):
            case "wait":
                yield "wait", data.draw(st.sampled_from([0.3, 4.1, 37.0, 1000.7]))
            case "fire":
                yield "fire", data.draw(st.sampled_from(fired))
            case "set":
                name = data.draw(st.sampled_from(sorted(around)))
                yield "set", name, data.draw(around[name])
            case whose:
                command = data.draw(st.sampled_from(own if whose == "own" else commands))
                yield "command", command, data.draw(arguments_of(command.fields))


def _awake(plan: Blueprint) -> list[Deed]:
    """Return what brings a component to ENABLED."""
    commands = [plan.commands[name] for name in ("start", "enable") if name in plan.commands]
    empty = [dict.fromkeys(command.fields, "") for command in commands]
    return [deed for each in zip(commands, empty, strict=True) for deed in (("command", *each), ("wait", 37.0))]


def _summary_states(plan: Blueprint) -> tuple[str, ...]:
    return plan.summary_chart.state_names if plan.summary_chart is not None else ()


async def _command(the: rig.Rig, name: str, command: Command, fields: Mapping[str, Any]) -> None:
    """Give a component a command, and forget that it waits for what would make it done."""
    component = the.component(name)
    own = {key: _times(value, 1.0 / command.fields[key].scale) for key, value in fields.items()}
    the.observatory.bus.send(name, command.name, own, identity="test", reply=lambda ack: None)
    await the.sleep(0.0)
    for pending in component.reception._pending:
        if pending.cancel_limit is not None:
            pending.cancel_limit()
    component.reception._pending.clear()


def _times(value: Any, scale: float) -> Any:
    if scale == 1.0:
        return value
    return [item * scale for item in value] if isinstance(value, list) else value * scale


def _seen(the: rig.Rig, name: str) -> dict[str, Any]:
    component = the.component(name)
    states = {machine.name: machine.state for machine in component.machines.values()}
    return states if component.summary_state is None else {**states, "summary": component.summary_state}


@pytest.mark.parametrize("component", PLANS)
@settings(SEEDED, max_examples=8)
@given(data=st.data())
def test_a_component_takes_in_another_engine_the_states_that_it_takes_here(component: str, data: st.DataObject) -> None:
    plan = PLANS[component]
    sheets: Catalogue = TINY if component in TINY else load_catalogue()
    guards = [guard.that for command in plan.commands.values() for guard in command.guards]
    guards += [command.ignored_when for command in plan.commands.values() if command.ignored_when is not None]
    around = {
        name: values
        for name, values in values_of(plan.machines.values(), guards).items()
        if name in plan.outputs and plan.outputs[name].initial is None
    }
    values: dict[str, Value] = data.draw(st.fixed_dictionaries(around))
    begin = dict(values)
    deeds = [*_awake(plan), *_deeds(plan, around, data)]
    name = component if not plan.indices else f"{component}:{next(iter(plan.indices))}"
    ours: list[dict[str, Any]] = []
    theirs: list[dict[str, Any]] = []

    async def scenario(the: rig.Rig) -> None:
        with running(scxml_component(plan, begin)) as engine:
            for deed in deeds:
                await _do(the, engine, name, deed, values)
                for _ in range(5):
                    await the.sleep(0.0)  # timers that are due at once
                ours.append(_seen(the, name))
                theirs.append({machine: engine.state(machine) for machine in charts_of(plan)})
            stored = [
                output for chart in plan.machines.values() for row in chart.transitions for output, _ in row.assign
            ]
            ours.append({output: the.component(name).variables[output] for output in stored})
            theirs.append({output: engine.value(output) for output in stored})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("csc.observatory.behaviour_of", lambda _plan: _computes(plan, values))
        rig.run(scenario, name, catalogue=sheets)

    assert theirs == ours


async def _do(the: rig.Rig, engine: Engine, name: str, deed: Deed, values: dict[str, Value]) -> None:
    match deed:
        case ("command", command, fields):
            await _command(the, name, command, fields)
            engine.give(command.name, **fields)
        case ("fire", trigger):
            the.component(name).fire(trigger)
            engine.give(trigger)
        case ("wait", duration):
            await the.sleep(duration)
            engine.pass_time(duration)
        case ("set", output, value):
            values[output] = value
            engine.set(output, value)


def test_a_command_that_no_machine_suits_changes_nothing_and_the_summary_state_changes_before_the_machines() -> None:
    with running(scxml_component(PLANS["Wary"])) as engine:
        engine.give("start")
        engine.give("enable")
        assert engine.state("eye") == "AFTER"

        engine.give("push")
        engine.give("disable")
        assert engine.state("summary") == "ENABLED"

        engine.give("push")
        engine.give("disable")
        assert engine.state("summary") == "DISABLED"
