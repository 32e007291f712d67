"""ATBuilding: vent gates, extraction fan, link."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from csc import AckError, ObservatoryVocabulary
from csc.scopes import PublishedReader
from fsm import parse_condition
from tests.csc.rig import Rig, run

AB = "ATBuilding"
NONE = -1


def try_out(scenario: Callable[[Rig], Coroutine[Any, Any, Any]], **options: Any) -> Any:
    return run(scenario, AB, **options)


def gates(rig: Rig) -> tuple[int, ...]:
    state: tuple[int, ...] = rig.event(AB, "ventGateState").state
    return state


async def refused(rig: Rig, command: str, match: str, **fields: Any) -> None:
    before = {name: machine.state for name, machine in rig.component(AB).machines.items()}
    count = rig.journal.count
    with pytest.raises(AckError, match=match):
        await rig.command(AB, command, **fields)
    assert before == {name: machine.state for name, machine in rig.component(AB).machines.items()}
    assert rig.journal.count == count + 2


def test_all_is_closed_and_still_at_the_beginning():
    async def scenario(rig):
        await rig.enable(AB)

        assert gates(rig) == (1, 1, 1, 1)
        assert rig.event(AB, "extractionFanDriveState").state == 1
        assert rig.event(AB, "extractionFanDriveFaultCode").state == 22
        assert rig.event(AB, "maximumDriveFrequency").driveFrequency == 50.0

    try_out(scenario)


def test_open_vent_gate_is_acknowledged_before_the_gates_have_moved():
    async def scenario(rig):
        await rig.enable(AB)
        began = rig.now

        await rig.command(AB, "openVentGate", gate=[0, 3, NONE, NONE])

        assert rig.now == began
        assert gates(rig) == (2, 1, 1, 2)
        await rig.sleep(15.0)
        assert gates(rig) == (3, 1, 1, 3)

    try_out(scenario)


@pytest.mark.parametrize("gate", range(4))
def test_each_gate_opens_and_closes(gate):
    async def scenario(rig):
        await rig.enable(AB)
        await rig.command(AB, "openVentGate", gate=[NONE, NONE, NONE, gate])
        await rig.sleep(15.0)
        assert gates(rig)[gate] == (2 if gate == 2 else 3)

        await rig.command(AB, "closeVentGate", gate=[NONE, gate, NONE, NONE])
        assert gates(rig)[gate] == 2
        await rig.sleep(15.0)

        assert gates(rig) == (1, 1, 1, 1)

    try_out(scenario)


def test_the_third_gate_reports_partially_open_when_it_is_open():
    async def scenario(rig):
        await rig.enable(AB)

        await rig.command(AB, "openVentGate", gate=[2, NONE, NONE, NONE])
        await rig.sleep(60.0)

        assert gates(rig)[2] == 2
        assert rig.state(AB, "gate_2") == "PARTIALLY_OPEN"

    try_out(scenario)


def test_the_third_gate_may_be_configured_to_reach_its_switch():
    async def scenario(rig):
        await rig.enable(AB)

        await rig.command(AB, "openVentGate", gate=[2, NONE, NONE, NONE])
        await rig.sleep(15.0)

        assert gates(rig) == (1, 1, 3, 1)

    try_out(scenario, parameters={AB: {"gate_reaches_open_switch": [True] * 4}})


@pytest.mark.parametrize("gate", range(4))
def test_a_gate_can_be_turned_round(gate):
    async def scenario(rig):
        await rig.enable(AB)
        await rig.command(AB, "openVentGate", gate=[gate, NONE, NONE, NONE])
        await rig.sleep(5.0)
        await rig.command(AB, "closeVentGate", gate=[gate, NONE, NONE, NONE])
        await rig.sleep(5.0)
        await rig.command(AB, "openVentGate", gate=[gate, NONE, NONE, NONE])
        await rig.sleep(5.0)
        await rig.command(AB, "closeVentGate", gate=[gate, NONE, NONE, NONE])

        await rig.sleep(15.0)

        assert gates(rig)[gate] == 1

    try_out(scenario)


def test_opening_an_open_gate_changes_nothing():
    async def scenario(rig):
        await rig.enable(AB)
        await rig.command(AB, "openVentGate", gate=[1, NONE, NONE, NONE])
        await rig.sleep(15.0)

        await rig.command(AB, "openVentGate", gate=[1, NONE, NONE, NONE])

        assert gates(rig) == (1, 3, 1, 1)

    try_out(scenario)


@pytest.mark.parametrize("command", ["openVentGate", "closeVentGate"])
@pytest.mark.parametrize("gate", [4, -2])
def test_a_gate_that_does_not_exist_is_refused(command, gate):
    async def scenario(rig):
        await rig.enable(AB)

        await refused(rig, command, f"Invalid gate number: {gate}", gate=[0, gate, NONE, NONE])

    try_out(scenario)


def test_start_runs_the_fan_up_to_the_maximum():
    async def scenario(rig):
        await rig.enable(AB)

        await rig.command(AB, "startExtractionFan")
        assert rig.event(AB, "extractionFanDriveState").state == 2
        await rig.sleep(4.0)
        assert rig.output(AB, "drive_frequency") == pytest.approx(20.0)
        await rig.sleep(6.0)

        assert rig.output(AB, "drive_frequency") == 50.0

    try_out(scenario)


def test_the_frequency_can_be_set_and_changed():
    async def scenario(rig):
        await rig.enable(AB)
        await rig.command(AB, "setExtractionFanDriveFreq", targetFrequency=20.0)
        assert rig.state(AB, "fan_drive") == "OPERATING"
        await rig.sleep(4.0)
        assert rig.output(AB, "drive_frequency") == 20.0

        await rig.command(AB, "setExtractionFanDriveFreq", targetFrequency=10.0)
        await rig.sleep(2.0)

        assert rig.output(AB, "drive_frequency") == 10.0
        await rig.command(AB, "startExtractionFan")
        await rig.sleep(8.0)
        assert rig.output(AB, "drive_frequency") == 50.0

    try_out(scenario)


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("stopExtractionFan", {}),
        ("setExtractionFanDriveFreq", {"targetFrequency": 0.0}),
        ("setExtractionFanDriveFreq", {"targetFrequency": -1.0}),
        ("setExtractionFanManualControlMode", {"enableManualControlMode": False}),
    ],
)
def test_what_stops_the_fan(command, fields):
    async def scenario(rig):
        await rig.enable(AB)
        await rig.command(AB, "startExtractionFan")
        await rig.sleep(10.0)

        await rig.command(AB, command, **fields)
        assert rig.event(AB, "extractionFanDriveState").state == 1
        await rig.sleep(10.0)

        assert rig.output(AB, "drive_frequency") == 0.0
        await rig.command(AB, command, **fields)

    try_out(scenario)


def test_a_frequency_above_the_maximum_is_refused():
    async def scenario(rig):
        await rig.enable(AB)

        await refused(
            rig,
            "setExtractionFanDriveFreq",
            r"targetFrequency=50\.1 must be between 0 and 50 Hz",
            targetFrequency=50.1,
        )

    try_out(scenario)


def test_the_fan_is_in_manual_control_until_it_is_taken():
    async def scenario(rig):
        await rig.enable(AB)
        assert rig.state(AB, "fan_control") == "MANUAL"

        await rig.command(AB, "setExtractionFanManualControlMode", enableManualControlMode=False)
        assert rig.state(AB, "fan_control") == "REMOTE"
        await rig.command(AB, "setExtractionFanManualControlMode", enableManualControlMode=True)

        assert rig.state(AB, "fan_control") == "MANUAL"

    try_out(scenario)


def test_telemetry_of_the_fan():
    async def scenario(rig):
        await rig.enable(AB)
        reader = rig.remote(AB).telemetry("extractionFan")
        await rig.command(AB, "setExtractionFanDriveFreq", targetFrequency=20.0)
        await rig.sleep(10.0)

        sample = await reader.next(timeout=2.0)

        assert (sample.driveFrequency, sample.driveVoltage) == (20.0, 382.9)

    try_out(scenario)


def test_a_fault_of_the_drive_keeps_the_fan_off_until_it_is_reset():
    async def scenario(rig):
        await rig.enable(AB)
        await rig.command(AB, "startExtractionFan")
        await rig.command(AB, "resetExtractionFanDrive")

        rig.inject(AB, "fan_drive_fault", code=9)

        assert rig.event(AB, "extractionFanDriveState").state == 3
        assert rig.event(AB, "extractionFanDriveFaultCode").state == 9
        assert rig.state(AB) == "ENABLED"
        await rig.command(AB, "startExtractionFan")
        await rig.sleep(20.0)
        assert rig.output(AB, "drive_frequency") == 0.0
        assert rig.state(AB, "fan_drive") == "FAULT"
        await rig.command(AB, "resetExtractionFanDrive")
        await rig.command(AB, "startExtractionFan")
        assert rig.event(AB, "extractionFanDriveState").state == 2

    try_out(scenario)


@pytest.mark.parametrize("gate", range(4))
def test_a_stuck_gate_stays_partially_open_until_it_is_freed(gate):
    async def scenario(rig):
        await rig.enable(AB)
        rig.inject(AB, "gate_stuck", gate=gate)
        await rig.command(AB, "openVentGate", gate=[gate, NONE, NONE, NONE])
        await rig.sleep(120.0)
        assert gates(rig)[gate] == 2
        await rig.command(AB, "closeVentGate", gate=[gate, NONE, NONE, NONE])
        await rig.sleep(120.0)
        assert rig.state(AB, f"gate_{gate}") == "PARTIALLY_OPEN"

        rig.component(AB).fire("gate_freed")
        await rig.command(AB, "closeVentGate", gate=[gate, NONE, NONE, NONE])
        await rig.sleep(15.0)

        assert gates(rig)[gate] == 1

    try_out(scenario)


def test_a_controller_that_does_not_answer_makes_start_fail_with_fault_1():
    async def scenario(rig):
        rig.inject(AB, "controller_unreachable")

        with pytest.raises(AckError, match="Could not connect to the vent controller"):
            await rig.command(AB, "start")

        assert rig.now == pytest.approx(10.0)
        assert rig.event(AB, "errorCode").errorCode == 1

    try_out(scenario)


def test_a_controller_that_does_not_answer_is_cured_by_a_restart_only():
    async def scenario(rig):
        await rig.enable(AB)
        rig.inject(AB, "controller_unreachable")
        await refused(rig, "startExtractionFan", "no reply from the vent controller within 1 s")
        await rig.set_state(AB, "STANDBY")
        with pytest.raises(AckError, match="Could not connect"):
            await rig.command(AB, "start")

        rig.component(AB).fire("controller_restarted")
        await rig.enable(AB)

        await rig.command(AB, "startExtractionFan")

    try_out(scenario)


def test_standby_during_start_ends_it():
    async def scenario(rig):
        start = rig.later(AB, "start")
        await rig.sleep(0.05)

        await rig.command(AB, "standby")

        with pytest.raises(AckError, match="Superseded by a standby command"):
            await start

    try_out(scenario)


@pytest.mark.parametrize("gate", range(4))
def test_a_condition_may_name_a_gate_that_is_one_element_of_the_event(gate):
    async def scenario(rig):
        vocabulary = ObservatoryVocabulary({AB: rig.component(AB).blueprint}, {})
        condition = parse_condition(f"ATBuilding.gate_{gate} is OPENED", vocabulary)
        reader = PublishedReader(rig.observatory.bus, AB, rig.component(AB).blueprint).reader(f"gate_{gate}")
        await rig.enable(AB)
        before = reader()

        await rig.command(AB, "openVentGate", gate=[gate, NONE, NONE, NONE])
        await rig.sleep(1.0)
        meanwhile = reader()
        await rig.sleep(20.0)

        assert (before, meanwhile) == ("CLOSED", "PARTIALLY_OPEN")
        assert reader() == ("PARTIALLY_OPEN" if gate == 2 else "OPENED")
        assert str(condition) == f"ATBuilding.gate_{gate} is OPENED"

    try_out(scenario)
