import pytest


async def test_the_dome_is_at_the_screen(observatory):
    await observatory.enable("ATDome")

    assert observatory["ATDome.azimuth within 1.5 deg of 3 deg"]


@pytest.mark.fault("ATWhiteLight.bulb_will_not_ignite")
def test_the_weekly_calibrations_pass(rehearse):
    assert rehearse("weekly", seed=1).passed


@pytest.mark.fault("ATDome.encoder_slp", slip="2 deg")
def test_a_slipped_encoder(rehearse):
    assert rehearse("weekly").detected
