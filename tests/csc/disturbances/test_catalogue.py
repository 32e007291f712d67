"""What may befall any component."""

from __future__ import annotations

import pytest

from csc import load_catalogue
from csc.disturbances import DISTURBANCES, fault_of
from csc.disturbances.model import targets_of
from fsm import AuthorError
from tests.csc.rig import Rig
from tests.csc.tiny import run


def test_no_data_sheet_has_a_fault_of_the_same_name():
    for plan in load_catalogue().values():
        assert not set(plan.faults) & set(DISTURBANCES), plan.component


@pytest.mark.parametrize("name", DISTURBANCES)
def test_each_says_what_it_does_and_what_may_be_chosen(name):
    fault = DISTURBANCES[name].as_fault()

    assert fault.meaning.endswith(".")
    assert fault.seen
    assert fault.cure
    assert all(parameter.meaning for parameter in fault.parameters.values())


@pytest.mark.parametrize("name", DISTURBANCES)
def test_each_can_be_injected_and_cleared_and_leaves_nothing_behind(name):
    async def scenario(rig: Rig) -> None:
        target = {"output": "temperature"} if "output" in DISTURBANCES[name].as_fault().parameters else {}
        component = rig.component("Tiny")
        fault = rig.inject("Tiny", name, **target)
        await rig.sleep(0.5)
        component.faults.clear(fault)
        await rig.sleep(20.0)

        assert not rig.observatory.bus.interference
        assert not rig.component("Tiny").readings
        assert rig.component("Tiny").pace == 1.0
        assert rig.component("Tiny").faults.active == []

    run(scenario)


def test_a_disturbance_that_nobody_knows_is_refused_with_the_nearest():
    with pytest.raises(AuthorError, match="ATDome has no fault silnce; did you mean silence?"):
        fault_of(load_catalogue()["ATDome"], "silnce", {})


def test_every_component_has_something_to_aim_at():
    for plan in load_catalogue().values():
        for target in ("topic", "command"):
            assert targets_of(plan, target), plan.component
