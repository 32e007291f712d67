"""The troubles of air and M1 cover, as an observer meets them and gets out of them."""

from __future__ import annotations

from tests.acceptance.faults.bench import ATCS, Bench, about

READY = (*ATCS, "ATSpectrograph")
LOWEST_MAIN_PRESSURE = 275_790.0
FAULT, CLOSED, OPENED, INMOTION, INVALID = 3, 6, 7, 8, 9
CHECKOUT = "auxtel/daytime_checkout/atpneumatics_checkout.py"


@about("ATPneumatics.low_air", enabled=READY)
async def test_checkout_fails_while_the_compressor_delivers_too_little(bench: Bench) -> None:
    """Low air: main pressure below its limit, M1 not lifted, the checkout fails; see to the compressor."""
    bench.inject("ATPneumatics.low_air")
    await bench.sleep(60.0)
    main = (await bench.telemetry("ATPneumatics.mainAirSourcePressure")).pressure
    assert main < LOWEST_MAIN_PRESSURE
    await bench.script_fails(CHECKOUT, "the main pressure is [0-9]+ Pa, it must be between 275790 and 413000 Pa")
    await bench.script("ataos/enable_corrections")
    await bench.sleep(10.0)
    asked = bench.event("ATPneumatics.m1SetPressure").pressure
    reached = (await bench.telemetry("ATPneumatics.m1AirPressure")).pressure
    assert asked > 0.0
    assert reached < 0.97 * asked

    await bench.script("ataos/disable_corrections")
    await bench.cycle("ATPneumatics")
    await bench.sleep(120.0)
    await bench.script_fails(CHECKOUT, "the main pressure is")

    bench.by_hand("ATPneumatics.low_air")
    await bench.sleep(120.0)
    await bench.script(CHECKOUT)


@about("ATPneumatics.covers_in_standby", enabled=READY)
async def test_covers_left_in_standby_are_taken_out_at_the_hand_panel(bench: Bench) -> None:
    """Covers' controller in standby: opening fails with a text; the hand panel helps."""
    bench.inject("ATPneumatics.covers_in_standby")
    await bench.script_fails("m1_cover/open", "the controller of the M1 covers is in standby")
    assert bench.event("ATPneumatics.m1CoverState").state == CLOSED
    assert bench.summary("ATPneumatics") == "ENABLED"

    await bench.cycle("ATPneumatics")
    await bench.script_fails("m1_cover/open", "the controller of the M1 covers is in standby")

    bench.by_hand("ATPneumatics.covers_in_standby")
    await bench.script("m1_cover/open")
    assert bench.event("ATPneumatics.m1CoverState").state == OPENED


@about("ATPneumatics.covers_in_standby", "ATPneumatics.emergency_stop", enabled=READY)
async def test_covers_left_in_standby_come_out_with_a_cycle_of_the_emergency_stop(bench: Bench) -> None:
    """Covers' controller in standby: pressing and releasing the emergency stop helps too."""
    bench.inject("ATPneumatics.covers_in_standby")
    bench.inject("ATPneumatics.emergency_stop")
    assert bench.event("ATPneumatics.eStop").triggered
    await bench.script_fails("m1_cover/open", "the controller of the M1 covers is in standby")

    bench.by_hand("ATPneumatics.emergency_stop")
    assert not bench.event("ATPneumatics.eStop").triggered
    await bench.script("m1_cover/open")


@about("ATPneumatics.cover_jam", enabled=READY)
async def test_cover_that_jams_stays_in_motion_until_it_is_freed(bench: Bench) -> None:
    """Cover jam: in motion for ever, the script gives up; inspect it and free it."""
    bench.inject("ATPneumatics.cover_jam")
    await bench.script_fails("m1_cover/open", r"ATPneumatics\.openM1Cover: TIMEOUT")
    await bench.sleep(3600.0)
    assert bench.event("ATPneumatics.m1CoverState").state == INMOTION

    await bench.cycle("ATPneumatics")
    await bench.refused("ATPneumatics.openM1Cover", "TIMEOUT")
    await bench.script_fails("m1_cover/open", "the M1 cover is INMOTION; it must be CLOSED or OPENED")

    bench.by_hand("ATPneumatics.cover_jam")
    await bench.command("ATPneumatics.openM1Cover")
    assert bench.event("ATPneumatics.m1CoverState").state == OPENED
    await bench.script("m1_cover/close")


async def fails_until_repaired(bench: Bench, fault: str, state: int, name: str) -> None:
    bench.inject(fault)
    await bench.until("ATPneumatics.m1CoverState", state=state)
    await bench.script_fails("m1_cover/open", f"the M1 cover is {name}; it must be CLOSED or OPENED")

    await bench.refused("ATPneumatics.openM1Cover", f"the M1 cover is {name}; inspect it")
    await bench.cycle("ATPneumatics")
    await bench.script_fails("m1_cover/open", f"the M1 cover is {name}; it must be CLOSED or OPENED")

    bench.by_hand(fault)
    await bench.script("m1_cover/open")


@about("ATPneumatics.cover_switch_stuck", enabled=READY)
async def test_cover_whose_switches_contradict_each_other_is_not_moved(bench: Bench) -> None:
    """Cover jam, seen at its switches: a state error at once; inspect it."""
    await fails_until_repaired(bench, "ATPneumatics.cover_switch_stuck", INVALID, "INVALID")


@about("ATPneumatics.cover_drive_fault", enabled=READY)
async def test_cover_whose_drive_has_failed_is_not_moved(bench: Bench) -> None:
    """Cover jam, seen at its drive: a state error at once; inspect it."""
    await fails_until_repaired(bench, "ATPneumatics.cover_drive_fault", FAULT, "FAULT")


@about("ATPneumatics.controller_fault", enabled=READY)
async def test_controller_of_the_pneumatics_that_fails_takes_its_csc_along(bench: Bench) -> None:
    """Controller in FAULT by itself: so is the CSC, and the cover cannot be moved; cycle it."""
    bench.inject("ATPneumatics.controller_fault")
    assert bench.summary("ATPneumatics") == "FAULT"
    assert bench.event("ATPneumatics.crioSummaryState").summaryState == FAULT
    await bench.script_fails("m1_cover/open", "Not allowed in Fault state")

    await bench.refused("ATPneumatics.enable", "enable not allowed in state <State.FAULT: 3>")
    assert bench.summary("ATPneumatics") == "FAULT"

    await bench.script("auxtel/enable_atcs.py")
    await bench.script("m1_cover/open")


@about("ATPneumatics.emergency_stop", enabled=READY)
async def test_emergency_stop_takes_the_power_from_the_drives_until_it_is_released(bench: Bench) -> None:
    """Emergency stop: told with the three power lines; no command releases it."""
    bench.inject("ATPneumatics.emergency_stop")
    assert bench.event("ATPneumatics.eStop").triggered
    power = bench.event("ATPneumatics.powerStatus")
    assert (power.powerOnL1, power.powerOnL2, power.powerOnL3) == (False, False, False)

    await bench.cycle("ATPneumatics")
    assert bench.event("ATPneumatics.eStop").triggered

    bench.by_hand("ATPneumatics.emergency_stop")
    assert not bench.event("ATPneumatics.eStop").triggered
    assert bench.event("ATPneumatics.powerStatus").powerOnL1
