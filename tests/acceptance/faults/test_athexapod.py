"""The hexapod's troubles, as an observer meets them and gets out of them."""

from __future__ import annotations

import pytest

from csc import AckError
from tests.acceptance.faults.bench import ATCS, Bench, about

READY = (*ATCS, "ATSpectrograph")
HEXAPOD = ("ATHexapod",)
AT_ZERO = dict.fromkeys(("x", "y", "z", "u", "v", "w"), 0.0)


@about("ATHexapod.out_of_limits", enabled=READY)
async def test_hexapod_out_of_its_limits_is_moved_to_zero_first(bench: Bench) -> None:
    """Out of limits: FAULT 7, and ATAOS follows with 8103; move to 0, then enable the corrections again."""
    bench.inject("ATHexapod.out_of_limits")
    await bench.script_fails("ataos/enable_corrections", "ATAOS")
    assert bench.fault_code("ATHexapod") == 7
    assert bench.fault_code("ATAOS") == 8103
    await bench.refused("ATAOS.disableCorrection", "Not allowed in Fault state: errorCode=8103", disableAll=True)

    await bench.cycle("ATHexapod", "ATAOS")
    await bench.script_fails("ataos/enable_corrections", "ATAOS")
    assert bench.fault_code("ATHexapod") == 7

    await bench.enable("ATHexapod")
    await bench.command("ATHexapod.moveToPosition", **AT_ZERO)
    await bench.cycle("ATAOS")
    await bench.script("ataos/enable_corrections")
    await bench.sleep(60.0)
    assert bench.summary("ATAOS") == "ENABLED"
    assert bench.summary("ATHexapod") == "ENABLED"


@about("ATHexapod.controller_off")
async def test_atcs_cannot_be_enabled_while_the_hexapods_controller_is_off(bench: Bench) -> None:
    """Controller off before start: start fails, ATCS cannot be enabled; cycle its power and wait three minutes."""
    bench.inject("ATHexapod.controller_off")
    await bench.script_fails("auxtel/enable_atcs.py", "ATHexapod: .*cannot connect to the hexapod controller")
    assert bench.summary("ATHexapod") == "STANDBY"

    await bench.script_fails("auxtel/enable_atcs.py", "ATHexapod")
    bench.by_hand("ATHexapod.controller_off")
    await bench.sleep(60.0)
    await bench.script_fails("auxtel/enable_atcs.py", "ATHexapod")

    await bench.sleep(120.0)
    await bench.script("auxtel/enable_atcs.py")


@about("ATHexapod.controller_off", enabled=READY)
async def test_controller_that_loses_its_power_at_work_is_a_fault(bench: Bench) -> None:
    """Controller off at work: FAULT 100; cycle its power, wait three minutes, enable ATCS again."""
    bench.inject("ATHexapod.controller_off")
    assert bench.fault_code("ATHexapod") == 100

    await bench.script_fails("auxtel/enable_atcs.py", "ATHexapod")
    await bench.sleep(600.0)
    await bench.script_fails("auxtel/enable_atcs.py", "ATHexapod")

    bench.by_hand("ATHexapod.controller_off")
    await bench.sleep(180.0)
    await bench.script("auxtel/enable_atcs.py")
    await bench.command("ATHexapod.moveToPosition", **AT_ZERO | {"z": 1.0})


@about("ATHexapod.controller_not_ready", enabled=HEXAPOD)
async def test_controller_that_is_not_ready_takes_no_moves(bench: Bench) -> None:
    """Controller not ready: moves are refused and enabling ends in FAULT 102; it has to be reset by hand."""
    bench.inject("ATHexapod.controller_not_ready")
    assert not bench.event("ATHexapod.readyForCommand").ready
    await bench.refused("ATHexapod.moveToPosition", "controller is NOT_READY", **AT_ZERO)

    with pytest.raises((RuntimeError, AckError), match="hexapod controller not ready"):
        await bench.cycle("ATHexapod")
    assert bench.fault_code("ATHexapod") == 102

    bench.by_hand("ATHexapod.controller_not_ready")
    await bench.cycle("ATHexapod")
    await bench.command("ATHexapod.moveToPosition", **AT_ZERO)


@about("ATHexapod.telemetry_loop_closed", enabled=HEXAPOD)
async def test_hexapod_whose_telemetry_loop_dies_is_cycled(bench: Bench) -> None:
    """Telemetry loop closed: FAULT 101 and no more positions; cycle the CSC."""
    bench.inject("ATHexapod.telemetry_loop_closed")
    assert bench.fault_code("ATHexapod") == 101
    assert await bench.is_silent("ATHexapod.positionStatus", 10.0)

    await bench.refused("ATHexapod.enable", "enable not allowed in state <State.FAULT: 3>")

    await bench.cycle("ATHexapod")
    assert (await bench.telemetry("ATHexapod.positionStatus")).reportedPosition == (0.0,) * 6


async def fails_until_free(bench: Bench, fault: str, code: int) -> None:
    bench.inject(fault)
    await bench.refused("ATHexapod.moveToPosition", "axes are UNREFERENCED", **AT_ZERO)

    for _ in range(2):
        with pytest.raises((RuntimeError, AckError), match="axes could not be referenced"):
            await bench.cycle("ATHexapod")
        assert bench.fault_code("ATHexapod") == code

    bench.by_hand(fault)
    await bench.cycle("ATHexapod")
    await bench.command("ATHexapod.moveToPosition", **AT_ZERO)


@about("ATHexapod.referencing_stuck", enabled=HEXAPOD)
async def test_axis_that_does_not_find_its_reference_must_be_freed(bench: Bench) -> None:
    """Referencing timeout: enabling ends in FAULT 103, again and again; free the axis."""
    await fails_until_free(bench, "ATHexapod.referencing_stuck", 103)


@about("ATHexapod.referencing_error", enabled=HEXAPOD)
async def test_controller_that_fails_to_reference_must_be_reset(bench: Bench) -> None:
    """Referencing error: enabling ends in FAULT 104, again and again; reset the controller."""
    await fails_until_free(bench, "ATHexapod.referencing_error", 104)
