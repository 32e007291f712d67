"""The white light as a component."""

from __future__ import annotations

import asyncio

import pytest

from csc import AckError
from cscsim.pytest_plugin import RunningObservatory


async def test_the_lamp_warms_up_for_a_quarter_of_an_hour(lamp: RunningObservatory) -> None:
    await lamp.command("ATWhiteLight.turnLampOn", power="1200 W")
    lit = lamp.now
    await lamp.until("ATWhiteLight.lamp is ON", within="20 min")

    assert lamp.now - lit == pytest.approx(900, abs=20)


async def test_a_lamp_that_warms_up_is_not_switched_off_without_force(lamp: RunningObservatory) -> None:
    await lamp.command("ATWhiteLight.turnLampOn", power="1200 W")

    with pytest.raises(AckError, match="Can't power off the lamp while warming up"):
        await lamp.command("ATWhiteLight.turnLampOff")


async def test_a_lamp_without_a_chiller_stays_dark(observatory: RunningObservatory) -> None:
    await observatory.enable("ATWhiteLight")

    with pytest.raises(AckError, match="Chiller not running"):
        await observatory.command("ATWhiteLight.turnLampOn", power=1200)

    observatory.check("ATWhiteLight.lamp is OFF")


@pytest.mark.fault("ATWhiteLight.bulb_will_not_ignite", times=1)
async def test_a_bulb_that_fails_once_is_lit_at_the_second_try(lamp: RunningObservatory) -> None:
    await lamp.command("ATWhiteLight.turnLampOn", power=1200)

    assert lamp["ATWhiteLight.lamp is WARMUP"]


async def test_two_things_may_be_waited_for_at_once(observatory: RunningObservatory) -> None:
    async with asyncio.TaskGroup() as together:
        together.create_task(observatory.enable("ATWhiteLight"))
        together.create_task(observatory.enable("ATDome"))

    assert observatory["ATWhiteLight is ENABLED and ATDome is ENABLED"]


@pytest.mark.simulated
async def test_an_hour_of_sleep_takes_no_time() -> None:
    started = asyncio.get_running_loop().time()
    await asyncio.sleep(3600)

    assert asyncio.get_running_loop().time() - started == 3600.0
