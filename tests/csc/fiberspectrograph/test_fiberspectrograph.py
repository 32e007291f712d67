"""FiberSpectrograph: only its summary state is simulated."""

from __future__ import annotations

import pytest

from csc import AckError
from tests.csc.rig import run

NAME = "FiberSpectrograph:3"


def test_it_passes_through_the_summary_states():
    async def scenario(rig):
        await rig.enable(NAME)
        assert rig.state(NAME) == "ENABLED"

        await rig.set_state(NAME, "STANDBY")

        assert rig.state(NAME) == "STANDBY"

    run(scenario, NAME)


@pytest.mark.parametrize("command", ["expose", "cancelExposure"])
def test_exposures_are_not_simulated(command):
    async def scenario(rig):
        await rig.enable(NAME)

        with pytest.raises(AckError, match=f"{command} is not simulated"):
            await rig.command(NAME, command)

    run(scenario, NAME)


def test_it_publishes_a_temperature():
    async def scenario(rig):
        await rig.enable(NAME)

        sample = await rig.remote(NAME).telemetry("temperature").next(timeout=10.0)

        assert (sample.temperature, sample.setpoint) == (12.0, 12.0)

    run(scenario, NAME)
