"""What a data sheet says of its behaviour is held: nothing else happens, and nothing without its condition."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from csc import Behaviour
from csc.catalogue import behaviour_of, load_catalogue
from csc.foresight import Member
from tests.csc.deeds import deeds_of
from tests.csc.refusals import refused_by
from tests.csc.rig import Rig
from tests.csc.tiny import give, run

COMPONENTS = [plan.component for plan in load_catalogue().values() if behaviour_of(plan) is not None]


def _broken(rig: Rig) -> list[dict[str, Any]]:
    return rig.records("condition", "Tiny")


def test_an_output_that_only_rows_set_is_refused_to_the_behaviour() -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(
            AttributeError, match=r"Tiny stores set_power for its rows; say `set_by: behaviour` in tiny\.yaml"
        ):
            rig.behaviour("Tiny").v.set_power = 3.0

        assert rig.output("Tiny", "set_power") == 0.0

    run(scenario)


def test_a_trigger_that_the_sheet_does_not_name_is_refused() -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(
            TypeError, match=r"Tiny: tiny\.yaml says nothing of light_lots in `fires`; did you mean light_lost"
        ):
            rig.behaviour("Tiny").fire("light_lots")

    run(scenario)


def test_an_error_that_the_sheet_does_not_name_is_refused() -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(TypeError, match=r"Tiny: tiny\.yaml says nothing of BURNT in `fails`"):
            rig.behaviour("Tiny").fault("BURNT")

        assert rig.state("Tiny") == "ENABLED"

    run(scenario)


def test_a_trigger_that_nothing_listens_to_now_breaks_no_promise() -> None:
    async def scenario(rig: Rig) -> None:
        rig.behaviour("Tiny").fire("light_lost")

        assert _broken(rig) == []

    run(scenario)


def test_an_error_without_its_condition_is_journaled_as_a_broken_promise() -> None:
    async def scenario(rig: Rig) -> None:
        rig.behaviour("Tiny").fault("OVERHEATED")

        (record,) = _broken(rig)
        assert record["where"] == "Tiny fails with OVERHEATED"
        assert record["condition"] == "temperature > 80 deg_C"
        assert record["because"] == "temperature is 20 deg_C, not > 80 deg_C"
        assert rig.state("Tiny") == "FAULT"

    run(scenario)


def test_an_error_with_its_condition_breaks_no_promise() -> None:
    async def scenario(rig: Rig) -> None:
        rig.behaviour("Tiny").v.temperature = 90.0
        rig.behaviour("Tiny").fault("OVERHEATED")

        assert _broken(rig) == []

    run(scenario)


def test_after_a_fault_nothing_is_promised_any_more() -> None:
    async def scenario(rig: Rig) -> None:
        rig.component("Tiny").faults.clear(rig.inject("Tiny", "bad_bulb"))
        rig.behaviour("Tiny").fault("OVERHEATED")

        assert _broken(rig) == []

    run(scenario)


@pytest.mark.parametrize(("seconds", "broken"), [(10.0, []), (10.5, ["Tiny takes over set at most"])])
def test_a_command_that_takes_longer_than_stated_is_a_broken_promise(
    seconds: float, broken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(Behaviour):
        async def do_set(self, data: SimpleNamespace) -> None:
            await self.clock.sleep(seconds)

    give(monkeypatch, Tiny=Slow)

    async def scenario(rig: Rig) -> None:
        await rig.command("Tiny", "set", int=1)

        assert [record["where"] for record in _broken(rig)] == broken
        assert all(record["because"] == f"it took {seconds:g} s" for record in _broken(rig))

    run(scenario)


@pytest.mark.parametrize("component", COMPONENTS)
def test_of_a_command_over_which_a_behaviour_takes_time_a_sheet_says_how_long(component: str) -> None:
    member = Member(component, load_catalogue()[component], {})

    silent = [
        command.name
        for command in member.plan.commands.values()
        if member.takes_time(command) and command.takes is None and command.endless is None
    ]

    assert silent == []


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_sheet_says_which_commands_its_behaviour_may_refuse(component: str) -> None:
    plan = load_catalogue()[component]
    behaviour = behaviour_of(plan)
    assert behaviour is not None

    stated = {command.name for command in plan.commands.values() if command.refuses}

    assert stated == refused_by(behaviour) & set(plan.commands)


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_sheet_states_what_its_behaviour_does_and_nothing_else(component: str) -> None:
    plan = load_catalogue()[component]
    behaviour = behaviour_of(plan)
    assert behaviour is not None

    deeds = deeds_of(behaviour)

    stated = [output.name for output in plan.outputs.values() if output.set_by_behaviour]
    assert deeds.unstated("sets", stated) == []
    assert deeds.unused("sets", stated) == []
    assert deeds.unstated("fires", plan.fires) == []
    assert deeds.unused("fires", plan.fires) == []
    assert deeds.unstated("fails", plan.fails) == []
    assert deeds.unused("fails", plan.fails) == []


@pytest.mark.parametrize("component", sorted(load_catalogue()))
def test_commands_that_a_sheet_says_it_sends_exist(component: str) -> None:
    catalogue = load_catalogue()

    unknown = [
        f"{sending.component}.{sending.command}"
        for sending in catalogue[component].sends
        if sending.command not in catalogue[sending.component].commands
    ]

    assert unknown == []
