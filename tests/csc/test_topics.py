"""Topics that need no Python: what always says the same, and what is declared but never sent."""

from __future__ import annotations

import ast
import inspect
import sys
from typing import Any

import pytest

from csc import AckError, load_catalogue
from csc.blueprint import Blueprint, Topic
from csc.catalogue import Catalogue, behaviour_of, read_sheets
from csc.generic import generic_topics
from tests.csc import rig
from tests.csc.programs import FakeBlocks, FakeCatalogue
from tests.csc.rig import Rig
from tests.csc.tiny import SHEETS, run

SHEET = """
component: Teller
title: Teller
summary: Tells what it is made of.
generics: [csc, configurable]
parameters:
  limit: {default: 2 m, meaning: a limit}
configurations:
  far.yaml: {meaning: a larger limit, parameters: {limit: 5 m}}
events:
  settings:
    fields:
      limit: {type: double, unit: m, value: limit}
      speed: {type: float, unit: mm/s, value: 0.5 m/s}
      count: {type: long, value: 3}
      name: {type: string, value: north}
      names: {type: string, value: "a,b"}
      sizes: {type: double, unit: s, length: 3, value: [1 s, 1 min]}
      free: {type: double}
  silent: {simulated: false, fields: {speed: {type: float, value: 1.0}}}
telemetry:
  sizes: {cadence: 1 s, fields: {count: {type: long, value: 7}}}
  quiet: {cadence: 1 s, simulated: false, fields: {count: {type: long}}}
"""


CATALOGUE = load_catalogue()


@pytest.fixture
def sheets(tmp_path) -> Catalogue:
    path = tmp_path / "teller.yaml"
    path.write_text(SHEET, encoding="utf-8")
    return read_sheets([path, SHEETS / "tiny.yaml"])


def perform(sheets: Catalogue, scenario: Any) -> Any:
    return run(scenario, "Teller", sheets=sheets, states={"Teller": "STANDBY"})


def test_what_always_says_the_same_goes_out_once_when_the_csc_connects(sheets):
    async def scenario(rig: Rig) -> None:
        assert rig.event("Teller", "settings") is None
        await rig.enable("Teller")

        assert dict(rig.event("Teller", "settings").data) == {
            "limit": 2.0,
            "speed": 500.0,
            "count": 3,
            "name": "north",
            "names": "a,b",
            "sizes": (1.0, 60.0, 0.0),
            "free": 0.0,
        }
        assert [record["topic"] for record in rig.records("event", "Teller")].count("settings") == 1

    perform(sheets, scenario)


def test_a_parameter_is_told_as_it_was_configured(sheets):
    async def scenario(rig: Rig) -> None:
        await rig.enable("Teller", override="far.yaml")

        assert rig.event("Teller", "settings").limit == 5.0

    perform(sheets, scenario)


def test_telemetry_tells_it_too(sheets):
    async def scenario(rig: Rig) -> None:
        reader = rig.remote("Teller").telemetry("sizes")
        await rig.enable("Teller")

        assert (await reader.next(flush=True, timeout=2.0)).count == 7

    perform(sheets, scenario)


def test_what_is_not_simulated_is_never_sent(sheets):
    async def scenario(rig: Rig) -> None:
        reader = rig.remote("Teller").telemetry("quiet")
        await rig.enable("Teller")
        await rig.sleep(5.0)

        assert rig.event("Teller", "silent") is None
        assert reader.get() is None

    perform(sheets, scenario)


def test_a_behaviour_that_sends_it_is_wrong(sheets):
    async def scenario(rig: Rig) -> None:
        with pytest.raises(AttributeError, match="Teller does not simulate the event silent"):
            rig.component("Teller").publisher.write("silent", {"speed": 2.0})

    perform(sheets, scenario)


# ----------------------------------------------- the data sheets keep their word


def words_in_code(plan: Blueprint) -> set[str]:
    """Every text in the modules of a component's behaviour, and every name of a method."""
    behaviour = behaviour_of(plan)
    modules = {item.__module__ for item in behaviour.__mro__} if behaviour else set()
    words = set()
    for module in modules:
        if module.startswith("csc."):
            for node in ast.walk(ast.parse(inspect.getsource(sys.modules[module]))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    words.add(node.value)
                elif isinstance(node, ast.FunctionDef):
                    words.add(node.name)
    return words


def is_sent(name: str, topic: Topic, plan: Blueprint, words: set[str]) -> bool:
    """Whether something can send a topic: the sheet carries it, or the behaviour speaks of it."""
    states = any(field.value is not None or field.parameter is not None for field in topic.fields.values())
    sampled = topic.telemetry and (f"sample_{name}" in words or any(field.stamp for field in topic.fields.values()))
    ending = any(name.endswith(word) for word in words if len(word) > len("Started"))
    return name in plan.carried or states or sampled or name in words or ending


@pytest.mark.parametrize("component", CATALOGUE)
def test_what_nothing_can_send_is_marked_as_not_simulated(component):
    plan = CATALOGUE[component]
    own = {name: topic for name, topic in plan.topics.items() if name not in generic_topics(plan.generics)}
    words = words_in_code(plan)

    unmarked = [name for name, topic in own.items() if topic.simulated and not is_sent(name, topic, plan, words)]

    assert unmarked == []


@pytest.mark.parametrize("component", CATALOGUE)
def test_a_command_that_is_not_simulated_is_refused_with_its_name(component):
    wanted = [command for command in CATALOGUE[component].commands.values() if not command.simulated]
    if not wanted:
        return

    async def scenario(bench: Rig) -> None:
        for command in wanted:
            fields = {name: min(field.enum.values()) for name, field in command.fields.items() if field.enum}
            with pytest.raises(AckError, match=f"Failed: {placed}.{command.name} is not simulated"):
                await bench.command(placed, command.name, **fields)

    index = next(iter(CATALOGUE[component].indices), None)
    placed = component if index is None else f"{component}:{index}"
    services = {"scripts": FakeCatalogue(), "blocks": FakeBlocks()}
    rig.run(scenario, placed, states={placed: "ENABLED"}, services=services)
