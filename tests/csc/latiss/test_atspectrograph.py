"""The spectrograph: names and slots, moves and their times, what is refused, and how it breaks."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from csc import AckError
from tests.csc import rig as bench
from tests.csc.rig import Rig

SPECTROGRAPH = "ATSpectrograph"
CAMERA = "ATCamera"


def run(scenario: Callable[[Rig], Coroutine[Any, Any, Any]], *others: str, override: str = "", **kwargs: Any) -> Any:
    async def main(rig: Rig) -> Any:
        await rig.enable(SPECTROGRAPH, override=override)
        return await scenario(rig)

    return bench.run(main, SPECTROGRAPH, *others, **kwargs)


async def refused(rig: Rig, command: str, match: str, **fields: Any) -> None:
    """Check that a command is refused and that nothing but the command and its answer happens."""
    before = rig.component(SPECTROGRAPH).snapshot()
    count = rig.journal.count
    with pytest.raises(AckError, match=match):
        await rig.command(SPECTROGRAPH, command, **fields)
    assert rig.component(SPECTROGRAPH).snapshot() == before
    assert [record["kind"] for record in rig.journal.records[count:]] == ["command", "ack"]


# ------------------------------------------------------------ wheels


def test_a_filter_is_chosen_by_name():
    async def scenario(rig):
        await rig.command(SPECTROGRAPH, "changeFilter", name="SDSSr_65mm")

        sample = rig.event(SPECTROGRAPH, "reportedFilterPosition")
        assert (sample.slot, sample.name, sample.band) == (2, "SDSSr_65mm", "r")
        assert sample.centralWavelength == 623.0
        assert sample.focusOffset == -0.0379
        assert rig.output(SPECTROGRAPH, "filter") == "SDSSr_65mm"

    run(scenario)


def test_a_filter_is_chosen_by_slot():
    async def scenario(rig):
        await rig.command(SPECTROGRAPH, "changeFilter", filter=3, name="")
        assert rig.output(SPECTROGRAPH, "filter") == "OG550_65mm_1"

        await rig.command(SPECTROGRAPH, "changeFilter", filter=0)

        assert rig.output(SPECTROGRAPH, "filter") == "empty_1"

    run(scenario)


def test_a_disperser_is_chosen_by_name_or_slot():
    async def scenario(rig):
        await rig.command(SPECTROGRAPH, "changeDisperser", name="holo4_003")
        sample = rig.event(SPECTROGRAPH, "reportedDisperserPosition")
        assert (sample.slot, sample.name, sample.band) == (3, "holo4_003", "H4-003")
        assert sample.pointingOffsets == (-0.6, 1.1)

        await rig.command(SPECTROGRAPH, "changeDisperser", disperser=2)

        assert rig.output(SPECTROGRAPH, "grating") == "SDSSy_65mm"

    run(scenario)


def test_the_override_brings_other_filters():
    async def scenario(rig):
        await rig.command(SPECTROGRAPH, "changeFilter", name="SDSSz_65mm")

        assert rig.event(SPECTROGRAPH, "reportedFilterPosition").centralWavelength == 877.0
        names = rig.event(SPECTROGRAPH, "settingsAppliedValues").filterNames
        assert names == "empty_1,SDSSg_65mm,SDSSr_65mm,SDSSz_65mm"

    run(scenario, override="anytime_survey.yaml")


def test_another_configuration_renames_the_filter_in_the_light():
    async def scenario(rig):
        await rig.command(SPECTROGRAPH, "changeFilter", filter=1)
        assert rig.output(SPECTROGRAPH, "filter") == "BG40_65mm_1"

        await rig.set_state(SPECTROGRAPH, "STANDBY")
        await rig.set_state(SPECTROGRAPH, "DISABLED", "anytime_survey.yaml")

        assert rig.event(SPECTROGRAPH, "reportedFilterPosition").name == "SDSSg_65mm"

    run(scenario)


@pytest.mark.parametrize(
    ("command", "fields", "events"),
    [
        ("changeFilter", {"name": "SDSSr_65mm"}, ("fwState", "filterInPosition")),
        ("changeDisperser", {"disperser": 1}, ("gwState", "disperserInPosition")),
    ],
)
def test_a_wheel_turns_for_some_seconds(command, fields, events):
    async def scenario(rig):
        task = rig.later(SPECTROGRAPH, command, **fields)
        await rig.sleep(1.0)
        assert rig.event(SPECTROGRAPH, events[0]).state == 2
        assert rig.event(SPECTROGRAPH, events[1]).inPosition is False

        await task

        assert rig.now == pytest.approx(7.5)
        assert rig.event(SPECTROGRAPH, events[0]).state == 3
        assert rig.event(SPECTROGRAPH, events[1]).inPosition is True

    run(scenario)


def test_no_filter_change_is_permitted_during_one():
    async def scenario(rig):
        task = rig.later(SPECTROGRAPH, "changeFilter", filter=1)
        await rig.sleep(1.0)
        assert rig.event(SPECTROGRAPH, "filterChangePermitted").value is False

        await task

        assert rig.event(SPECTROGRAPH, "filterChangePermitted").value is True

    run(scenario)


def test_a_filter_that_is_there_already_takes_the_exchange_alone():
    async def scenario(rig):
        await rig.command(SPECTROGRAPH, "changeFilter", name="empty_1")

        assert rig.now == pytest.approx(2.5)

    run(scenario)


def test_both_wheels_and_the_stage_move_at_once():
    async def scenario(rig):
        tasks = [
            rig.later(SPECTROGRAPH, "changeFilter", name="SDSSr_65mm"),
            rig.later(SPECTROGRAPH, "changeDisperser", name="SDSSy_65mm"),
            rig.later(SPECTROGRAPH, "moveLinearStage", distanceFromHome=66.0),
        ]
        for task in tasks:
            await task

        assert rig.now == pytest.approx(7.5)

    run(scenario)


@pytest.mark.parametrize(
    ("command", "fields", "match"),
    [
        (
            "changeFilter",
            {"name": "SDSSg_65mm"},
            "Invalid filter name 'SDSSg_65mm'; installed are empty_1, BG40_65mm_1, SDSSr_65mm, OG550_65mm_1",
        ),
        ("changeDisperser", {"name": "ronchi90lpmm"}, "Invalid grating name 'ronchi90lpmm'; installed are empty_1, "),
        ("changeFilter", {"filter": 2, "name": "SDSSr_65mm"}, "not both: slot=2, name='SDSSr_65mm'"),
        ("changeDisperser", {"disperser": 1, "name": "empty_1"}, "not both"),
        ("changeFilter", {"filter": 4}, r"changeFilter.filter=4 not in range \[0, 3\]"),
        ("moveLinearStage", {"distanceFromHome": 70.0}, r"distanceFromHome=70 not in range \[1, 67\] mm"),
        ("moveLinearStage", {"distanceFromHome": 0.5}, r"distanceFromHome=0.5 not in range \[1, 67\] mm"),
    ],
)
def test_what_is_not_there_is_refused(command, fields, match):
    async def scenario(rig):
        await refused(rig, command, match, **fields)

    run(scenario)


@pytest.mark.parametrize(
    ("command", "fields", "match"),
    [
        ("changeFilter", {"filter": 1}, "filter wheel is MOVING; wait for fwState STATIONARY"),
        ("changeDisperser", {"disperser": 1}, "disperser wheel is MOVING; wait for gwState STATIONARY"),
        ("moveLinearStage", {"distanceFromHome": 2.0}, "linear stage is MOVING; wait for lsState STATIONARY"),
    ],
)
def test_a_move_is_refused_during_another(command, fields, match):
    async def scenario(rig):
        task = rig.later(SPECTROGRAPH, command, **fields)
        await rig.sleep(0.1)

        await refused(rig, command, match, **fields)

        await task

    run(scenario)


def test_home_is_refused_while_the_stage_moves():
    async def scenario(rig):
        task = rig.later(SPECTROGRAPH, "moveLinearStage", distanceFromHome=2.0)
        await rig.sleep(0.1)

        await refused(rig, "homeLinearStage", "linear stage is MOVING; wait until it stands")

        await task

    run(scenario)


# ------------------------------------------------------------ while the camera integrates

MOVES = [
    ("changeFilter", {"filter": 1}),
    ("changeDisperser", {"disperser": 1}),
    ("moveLinearStage", {"distanceFromHome": 20.0}),
    ("homeLinearStage", {}),
]


@pytest.mark.parametrize(("command", "fields"), MOVES)
def test_nothing_moves_while_the_camera_integrates(command, fields):
    async def scenario(rig):
        await rig.enable(CAMERA)
        task = rig.later(CAMERA, "takeImages", numImages=1, expTime=5.0, keyValueMap="imageType: DARK")
        await rig.sleep(3.0)

        await refused(rig, command, f"{command} refused: ATCamera is exposing; wait for its startReadout", **fields)

        await rig.sleep(3.0)
        assert rig.state(CAMERA, "rafts") == "READING_OUT"
        await rig.command(SPECTROGRAPH, command, **fields)
        await task

    run(scenario, CAMERA)


def test_a_camera_that_stopped_in_an_image_locks_the_spectrograph_until_it_is_recovered():
    async def scenario(rig):
        await rig.enable(CAMERA)
        task = rig.later(CAMERA, "takeImages", numImages=1, expTime=5.0, keyValueMap="imageType: DARK")
        await rig.sleep(3.0)
        rig.inject(CAMERA, "sequencer_stops")
        with pytest.raises(AckError):
            await task
        await rig.sleep(600.0)
        await refused(rig, "changeFilter", "ATCamera is exposing", filter=1)

        rig.component(CAMERA).fire("console_recovered")
        await rig.sleep(1.0)

        await rig.command(SPECTROGRAPH, "changeFilter", filter=1)

    run(scenario, CAMERA)


# ------------------------------------------------------------ stage


def test_the_stage_moves_at_its_speed():
    async def scenario(rig):
        task = rig.later(SPECTROGRAPH, "moveLinearStage", distanceFromHome=17.0)
        await rig.sleep(1.0)
        assert rig.event(SPECTROGRAPH, "lsState").state == 2
        assert rig.event(SPECTROGRAPH, "linearStageInPosition").inPosition is False

        await task

        assert rig.now == pytest.approx(2.5 + 50.0 / 5.0)
        assert rig.event(SPECTROGRAPH, "reportedLinearStagePosition").position == 17.0
        assert rig.event(SPECTROGRAPH, "linearStageInPosition").inPosition is True

    run(scenario)


def test_home_is_where_the_way_begins():
    async def scenario(rig):
        task = rig.later(SPECTROGRAPH, "homeLinearStage")
        await rig.sleep(1.0)
        assert rig.event(SPECTROGRAPH, "lsState").state == 1

        await task

        assert rig.output(SPECTROGRAPH, "stage_position") == 1.0

    run(scenario)


def test_stop_leaves_the_stage_on_its_way():
    async def scenario(rig):
        task = rig.later(SPECTROGRAPH, "moveLinearStage", distanceFromHome=17.0)
        await rig.sleep(4.0)
        await rig.command(SPECTROGRAPH, "stopAllAxes")
        with pytest.raises(AckError, match="linear stage did not reach 17 mm"):
            await task
        assert rig.output(SPECTROGRAPH, "stage_position") == pytest.approx(67.0 - 20.0)
        await refused(rig, "moveLinearStage", "linear stage is NOTINPOSITION", distanceFromHome=17.0)

        await rig.command(SPECTROGRAPH, "homeLinearStage")

        assert rig.state(SPECTROGRAPH, "ls") == "STATIONARY"

    run(scenario)


def test_stop_leaves_a_wheel_between_slots_until_it_is_homed():
    async def scenario(rig):
        tasks = [
            rig.later(SPECTROGRAPH, "changeFilter", filter=2),
            rig.later(SPECTROGRAPH, "changeDisperser", disperser=2),
        ]
        await rig.sleep(2.0)
        await rig.command(SPECTROGRAPH, "stopAllAxes")
        for task in tasks:
            with pytest.raises(AckError, match="did not reach slot 2"):
                await task
        assert rig.event(SPECTROGRAPH, "fwState").state == 4
        await rig.command(SPECTROGRAPH, "disable")

        await rig.command(SPECTROGRAPH, "enable")

        assert rig.states_seen(SPECTROGRAPH, "fw")[-2:] == ["HOMING", "STATIONARY"]
        assert rig.states_seen(SPECTROGRAPH, "gw")[-2:] == ["HOMING", "STATIONARY"]
        assert rig.output(SPECTROGRAPH, "filter") == "empty_1"

    run(scenario)


# ------------------------------------------------------------ configuration


def test_the_settings_are_published():
    async def scenario(rig):
        sample = rig.event(SPECTROGRAPH, "settingsAppliedValues")

        assert sample.filterNames.split(",") == ["empty_1", "BG40_65mm_1", "SDSSr_65mm", "OG550_65mm_1"]
        assert sample.gratingNames.split(",") == ["empty_1", "blue300lpmm_qn1", "SDSSy_65mm", "holo4_003"]
        assert (sample.linearStageMinPos, sample.linearStageMaxPos) == (1.0, 67.0)
        assert sample.linearStageSpeed == pytest.approx(5.0)
        assert sample.gratingPointingOffsets.endswith("[-0.6,1.1]")
        assert sample.instrumentPort == 2

    run(scenario)


@pytest.mark.parametrize(
    ("names", "match"),
    [
        (["empty_1", "SDSSx_65mm", "SDSSr_65mm", "SDSSz_65mm"], "there is no filter SDSSx_65mm"),
        (["empty_1", "SDSSr_65mm"], "2 of 4 filters"),
    ],
)
def test_a_configuration_with_wrong_filters_is_refused(names, match):
    async def scenario(rig):
        with pytest.raises(AckError, match=f"Configuration failed validation: {match}"):
            await rig.command(SPECTROGRAPH, "start")

        assert rig.state(SPECTROGRAPH) == "STANDBY"

    bench.run(scenario, SPECTROGRAPH, parameters={SPECTROGRAPH: {"filter_names": names}})


# ------------------------------------------------------------ faults

STUCK = [
    ("filter_wheel_stuck", "changeFilter", {"filter": 1}, "fw", 3),
    ("grating_wheel_stuck", "changeDisperser", {"disperser": 1}, "gw", 4),
    ("stage_stuck", "moveLinearStage", {"distanceFromHome": 17.0}, "ls", 2),
]


async def get_stuck(rig: Rig, fault: str, command: str, fields: dict[str, Any]) -> None:
    rig.inject(SPECTROGRAPH, fault)
    with pytest.raises(AckError, match="MOVETIMEOUT"):
        await rig.command(SPECTROGRAPH, command, **fields)


@pytest.mark.parametrize(("fault", "command", "fields", "machine", "code"), STUCK)
def test_a_stuck_axis_times_out(fault, command, fields, machine, code):
    async def scenario(rig):
        await get_stuck(rig, fault, command, fields)

        assert rig.now == pytest.approx(60.0)
        assert rig.state(SPECTROGRAPH) == "FAULT"
        assert rig.event(SPECTROGRAPH, "errorCode").errorCode == code
        assert rig.state(SPECTROGRAPH, machine) == "NOTINPOSITION"

    run(scenario)


@pytest.mark.parametrize(("fault", "command", "fields", "machine", "code"), STUCK)
def test_cycling_does_not_free_a_stuck_axis(fault, command, fields, machine, code):
    async def scenario(rig):
        await get_stuck(rig, fault, command, fields)

        with pytest.raises(RuntimeError, match="an axis was not found"):
            await rig.set_state(SPECTROGRAPH, "ENABLED")

        assert rig.states_seen(SPECTROGRAPH, machine)[-2:] == ["HOMING", "NOTINPOSITION"]
        assert rig.event(SPECTROGRAPH, "errorCode").errorCode == code

    run(scenario)


@pytest.mark.parametrize(("fault", "command", "fields", "machine", "code"), STUCK)
def test_initialising_the_axes_frees_a_stuck_one(fault, command, fields, machine, code):
    async def scenario(rig):
        await get_stuck(rig, fault, command, fields)

        rig.component(SPECTROGRAPH).fire("axes_initialised")
        await rig.set_state(SPECTROGRAPH, "ENABLED")

        assert rig.state(SPECTROGRAPH, machine) == "STATIONARY"
        await rig.command(SPECTROGRAPH, command, **fields)

    run(scenario)


def test_a_lost_stage_position_is_seen_and_homed():
    async def scenario(rig):
        rig.inject(SPECTROGRAPH, "stage_position_lost")
        await rig.sleep(0.1)
        assert rig.event(SPECTROGRAPH, "reportedLinearStagePosition").position == -324.0

        await rig.command(SPECTROGRAPH, "homeLinearStage")

        assert rig.event(SPECTROGRAPH, "reportedLinearStagePosition").position == 1.0
        assert rig.component(SPECTROGRAPH).faults.active == []

    run(scenario)


def test_enabling_homes_a_stage_below_zero():
    async def scenario(rig):
        rig.inject(SPECTROGRAPH, "stage_position_lost")
        await rig.set_state(SPECTROGRAPH, "DISABLED")

        await rig.set_state(SPECTROGRAPH, "ENABLED")

        assert rig.output(SPECTROGRAPH, "stage_position") == 1.0
        assert rig.log_lines(SPECTROGRAPH)[-1] == "Linear stage reports -324.0 mm, out of range: homing"

    run(scenario)


def test_a_lost_link_is_noticed():
    async def scenario(rig):
        rig.inject(SPECTROGRAPH, "link_lost")
        assert rig.state(SPECTROGRAPH) == "ENABLED"

        await rig.sleep(5.0)

        assert rig.state(SPECTROGRAPH) == "FAULT"
        assert rig.event(SPECTROGRAPH, "errorCode").errorCode == 5

    run(scenario)


def test_a_lost_link_lets_enable_fail():
    async def scenario(rig):
        await rig.set_state(SPECTROGRAPH, "DISABLED")
        rig.inject(SPECTROGRAPH, "link_lost")
        await rig.sleep(60.0)
        assert rig.state(SPECTROGRAPH) == "DISABLED"

        with pytest.raises(AckError, match="auxtel-latiss-crio.cp.lsst.org:9999 does not answer"):
            await rig.command(SPECTROGRAPH, "enable")

        assert rig.event(SPECTROGRAPH, "errorCode").errorCode == 5

    run(scenario)


def test_only_the_repaired_link_lets_it_be_enabled():
    async def scenario(rig):
        rig.inject(SPECTROGRAPH, "link_lost")
        await rig.sleep(5.0)
        with pytest.raises(RuntimeError, match="does not answer"):
            await rig.set_state(SPECTROGRAPH, "ENABLED")

        rig.component(SPECTROGRAPH).fire("link_repaired")
        await rig.set_state(SPECTROGRAPH, "ENABLED")

        assert rig.state(SPECTROGRAPH, "link") == "UP"

    run(scenario)


def test_a_dead_health_loop_is_cured_by_cycling():
    async def scenario(rig):
        rig.inject(SPECTROGRAPH, "health_loop_dies")
        assert rig.event(SPECTROGRAPH, "errorCode").errorCode == 1

        await rig.set_state(SPECTROGRAPH, "ENABLED")

        assert rig.component(SPECTROGRAPH).faults.active == []

    run(scenario)


def test_stopping_what_stands_is_no_mistake():
    async def scenario(rig):
        await rig.command(SPECTROGRAPH, "stopAllAxes")

        return [rig.state(SPECTROGRAPH, machine) for machine in ("fw", "gw", "ls")]

    assert run(scenario) == ["STATIONARY"] * 3


def test_an_axis_that_is_stopped_while_it_is_searched_for_fails_enable():
    async def scenario(rig):
        rig.inject(SPECTROGRAPH, "stage_position_lost")
        await rig.command(SPECTROGRAPH, "disable")
        enabling = rig.later(SPECTROGRAPH, "enable")
        await rig.sleep(1.0)

        await rig.command(SPECTROGRAPH, "stopAllAxes")

        with pytest.raises(AckError, match="an axis was stopped before it was found"):
            await enabling
        assert rig.state(SPECTROGRAPH, "ls") == "NOTINPOSITION"

    run(scenario)
