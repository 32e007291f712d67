import pytest

from csc import AckError


@pytest.fixture
async def cooled(observatory):
    await observatory.enable("ATWhiteLight")
    await observatory.command("ATWhiteLight.setChillerTemperature", temperature="20 deg_C")
    await observatory.command("ATWhiteLight.startChiller")
    return observatory


async def test_the_lamp_warms_up_for_a_quarter_of_an_hour(cooled):
    await cooled.command("ATWhiteLight.turnLampOn", power="1200 W")
    await cooled.sleep("10 min")
    assert cooled["ATWhiteLight.lamp is WARMUP"]

    await cooled.until("ATWhiteLight.lamp is ON", within="6 min")


async def test_a_warm_lamp_is_not_switched_off_by_accident(cooled):
    await cooled.command("ATWhiteLight.turnLampOn", power="1200 W")

    with pytest.raises(AckError, match="Can't power off the lamp while warming up"):
        await cooled.command("ATWhiteLight.turnLampOff")


@pytest.mark.fault("ATWhiteLight.bulb_will_not_ignite", times=1)
async def test_a_bulb_may_need_two_tries(cooled):
    await cooled.command("ATWhiteLight.turnLampOn", power="1200 W")

    assert cooled["ATWhiteLight.lamp is WARMUP"]
