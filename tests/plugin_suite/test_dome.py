"""The dome as a component."""

from __future__ import annotations

import pytest

from csc import AckError
from cscsim.pytest_plugin import RunningObservatory


async def test_the_dome_goes_where_it_is_told(dome: RunningObservatory) -> None:
    await dome.command("ATDome.moveAzimuth", azimuth="3 deg")
    await dome.until("ATDome.azimuth_in_position and ATDome.azimuth_motion is NOTINMOTION", within="5 min")

    assert dome["ATDome.azimuth within 0.5 deg of 3 deg"]
    assert dome.event("ATDome.azimuthState")["state"] == 1  # NOTINMOTION


async def test_the_dome_does_not_move_in_standby(observatory: RunningObservatory) -> None:
    with pytest.raises(AckError, match="Not allowed in state"):
        await observatory.command("ATDome.moveAzimuth", azimuth=3)

    assert observatory.now == 0.0
    assert not observatory["ATDome is ENABLED"]


@pytest.mark.fault("ATDome.encoder_slip", slip="2 deg")
async def test_a_slipped_encoder_shows_in_the_truth_and_not_in_the_telemetry(dome: RunningObservatory) -> None:
    await dome.command("ATDome.moveAzimuth", azimuth=3)
    await dome.until("ATDome.azimuth within 0.5 deg of 3 deg", within="5 min")
    await dome.until("ATDome.azimuth_motion is NOTINMOTION", within="1 min")

    assert not dome["ATDome.true_azimuth within 1.5 deg of 3 deg"]


async def test_a_moving_dome_is_met_on_its_way(dome: RunningObservatory) -> None:
    await dome.command("ATDome.moveAzimuth", azimuth=200)
    await dome.until("ATDome.true_azimuth < 240 deg", within="5 min")

    assert dome.value("ATDome.true_azimuth") == pytest.approx(240, abs=2)
    assert dome["ATDome.azimuth_motion is MOVINGCCW"]


@pytest.mark.fault("ATDome.encoder_slip", slip="2 deg")
async def test_homing_cures_a_slipped_encoder(dome: RunningObservatory) -> None:
    await dome.command("ATDome.moveAzimuth", azimuth=200)
    await dome.until("ATDome.azimuth_motion is NOTINMOTION", within="5 min")
    await dome.command("ATDome.homeAzimuth")
    await dome.until("ATDome.homing is HOMED", within="10 min")

    assert [(record["fault"], record["what"]) for record in dome.records("fault")] == [
        ("encoder_slip", "injected"),
        ("encoder_slip", "cured"),
    ]


async def test_an_emergency_stop_ends_a_move(dome: RunningObservatory) -> None:
    dome.inject("ATDome.emergency_stop", when="ATDome.azimuth_motion is MOVINGCCW")
    await dome.command("ATDome.moveAzimuth", azimuth=120)

    with pytest.raises(TimeoutError, match="waiting for ATDome.azimuth_in_position"):
        await dome.until("ATDome.azimuth_in_position", within="10 min")

    assert dome["ATDome.emergency_stop is not RELEASED"]


@pytest.mark.observatory(states={"ATDome": "ENABLED"}, machines={"ATDome": {"homing": "NOT_HOMED"}})
def test_a_dome_may_begin_without_its_reference(observatory: RunningObservatory) -> None:
    assert observatory["ATDome is ENABLED and ATDome.homing is NOT_HOMED"]
