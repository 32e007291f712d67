"""ATMonochromator: its commands and the events that show what they set."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from csc import AckError
from tests.csc.rig import Rig, run

MONO = "ATMonochromator"


def try_out(scenario: Callable[[Rig], Coroutine[Any, Any, Any]]) -> Any:
    return run(scenario, MONO)


async def refused(rig: Rig, command: str, match: str, **fields: Any) -> None:
    before, count = rig.state(MONO, "activity"), rig.journal.count
    with pytest.raises(AckError, match=match):
        await rig.command(MONO, command, **fields)
    assert rig.state(MONO, "activity") == before
    assert rig.journal.count == count + 2


SETUP = {"gratingType": 2, "fontExitSlitWidth": 4.0, "fontEntranceSlitWidth": 5.0, "wavelength": 550.0}


def test_update_monochromator_setup_sets_all_four():
    async def scenario(rig):
        await rig.enable(MONO)

        await rig.command(MONO, "updateMonochromatorSetup", **SETUP)

        assert rig.now == pytest.approx(0.4)
        assert rig.event(MONO, "selectedGrating").gratingType == 2
        assert rig.event(MONO, "exitSlitWidth").width == 4.0
        assert rig.event(MONO, "entrySlitWidth").width == 5.0
        assert rig.event(MONO, "wavelength").wavelength == 550.0
        assert rig.states_seen(MONO, "activity") == ["READY", "UPDATING_SETUP", "READY"]

    try_out(scenario)


def test_the_default_of_power_on_atcalsys_is_accepted():
    async def scenario(rig):
        await rig.enable(MONO)

        await rig.command(
            MONO,
            "updateMonochromatorSetup",
            gratingType=0,
            fontExitSlitWidth=5.0,
            fontEntranceSlitWidth=5.0,
            wavelength=0.0,
        )

        assert rig.event(MONO, "wavelength").wavelength == 0.0

    try_out(scenario)


@pytest.mark.parametrize(
    ("command", "fields", "state", "event", "field", "value"),
    [
        ("changeWavelength", {"wavelength": 600.0}, "CHANGING_WAVELENGTH", "wavelength", "wavelength", 600.0),
        ("calibrateWavelength", {"wavelength": 601.0}, "CALIBRATING_WAVELENGTH", "wavelength", "wavelength", 601.0),
        ("selectGrating", {"gratingType": 1}, "SELECTING_GRATING", "selectedGrating", "gratingType", 1),
        ("changeSlitWidth", {"slit": 1, "slitWidth": 3.0}, "CHANGING_SLIT_WIDTH", "entrySlitWidth", "width", 3.0),
        ("changeSlitWidth", {"slit": 2, "slitWidth": 2.0}, "CHANGING_SLIT_WIDTH", "exitSlitWidth", "width", 2.0),
    ],
)
def test_each_command_sets_one_thing(command, fields, state, event, field, value):
    async def scenario(rig):
        await rig.enable(MONO)

        await rig.command(MONO, command, **fields)

        assert rig.states_seen(MONO, "activity") == ["READY", state, "READY"]
        assert getattr(rig.event(MONO, event), field) == value

    try_out(scenario)


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"wavelength": 1400.1}, r"wavelength=1400\.1 not in range \[0, 1400\] nm"),
        ({"fontExitSlitWidth": 7.1}, r"fontExitSlitWidth=7\.1 not in range \[0, 7\] mm"),
        ({"fontEntranceSlitWidth": -0.1}, r"fontEntranceSlitWidth=-0\.1 not in range \[0, 7\] mm"),
        ({"gratingType": 3}, "gratingType=3 must be one of MIRROR 0, RED 1, BLUE 2"),
    ],
)
def test_values_out_of_range_are_refused(fields, match):
    async def scenario(rig):
        await rig.enable(MONO)

        await refused(rig, "updateMonochromatorSetup", match, **{**SETUP, **fields})

    try_out(scenario)


def test_only_one_thing_is_done_at_a_time():
    async def scenario(rig):
        await rig.enable(MONO)
        first = rig.later(MONO, "updateMonochromatorSetup", **SETUP)
        await rig.sleep(0.1)

        await refused(rig, "selectGrating", "Detailed state=UPDATING_SETUP not READY", gratingType=1)

        await first

    try_out(scenario)


def test_power_is_not_simulated():
    async def scenario(rig):
        await rig.enable(MONO)

        await refused(rig, "power", "not simulated", power=True)

    try_out(scenario)


def test_it_is_not_enabled_in_standby():
    async def scenario(rig):
        await rig.enable(MONO)

        await rig.set_state(MONO, "STANDBY")

        assert rig.event(MONO, "detailedState").detailedState == 1

    try_out(scenario)
