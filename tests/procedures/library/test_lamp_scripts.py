"""The scripts that switch the white light on and off."""

from __future__ import annotations

import pytest

from tests.procedures.library.perform import perform

ON = "auxtel/calibrations/power_on_atcalsys.py"
OFF = "auxtel/calibrations/power_off_atcalsys.py"
LAMP = ("ATWhiteLight",)


async def connected(observatory):
    """The CSC has reached its lamp and its chiller."""
    await observatory.clock.sleep(5.0)


async def lit(observatory):
    """The lamp is on and warm."""
    await warming(observatory)
    await observatory.clock.sleep(901.0)


async def warming(observatory):
    lamp = observatory.remote("ATWhiteLight", "test")
    await connected(observatory)
    await lamp.command("setChillerTemperature", temperature=20.0)
    await lamp.command("startChiller")
    await observatory.clock.sleep(600.0)
    await lamp.command("openShutter")
    await lamp.command("turnLampOn", power=0.0)


def later(seconds: float, component: str, fault: str, **values: object):
    async def inject(observatory):
        await observatory.clock.sleep(seconds)
        observatory.components[component].faults.inject(fault, **values)

    return inject


def test_lamp_is_on_after_a_quarter_of_an_hour():
    done = perform(ON, "use_atmonochromator: false", enabled=LAMP, before=connected)

    assert done.error is None
    assert done.commands == [
        "ATWhiteLight.setChillerTemperature",
        "ATWhiteLight.startChiller",
        "ATWhiteLight.openShutter",
        "ATWhiteLight.turnLampOn",
    ]
    assert done.sent("ATWhiteLight.setChillerTemperature") == [{"temperature": 20}]
    assert done.sent("ATWhiteLight.turnLampOn") == [{"power": 910}]
    assert done.control.checkpoints == [
        "Starting chiller",
        "Waiting for chiller to cool to set temperature",
        "Opening the shutter",
        "Turning on lamp",
        "Waiting for lamp to warm up",
    ]
    assert done.state("ATWhiteLight", "lamp") == "ON"
    assert done.state("ATWhiteLight", "shutter") == "OPEN"
    assert 900.0 < done.t < 1200.0


def test_lamp_that_is_on_already_takes_the_new_power():
    done = perform(ON, "whitelight_power: 1000", enabled=LAMP, before=lit)

    assert done.error is None
    assert done.sent("ATWhiteLight.turnLampOn") == [{"power": 1000}]
    assert done.t < 60.0


def test_monochromator_is_set_if_it_is_asked_for():
    done = perform(
        ON,
        "use_atmonochromator: true\nwavelength: 500\ngrating_type: 1",
        enabled=("ATWhiteLight", "ATMonochromator"),
        before=connected,
    )

    assert done.error is None
    assert done.sent("ATMonochromator.updateMonochromatorSetup") == [
        {"gratingType": 1, "fontExitSlitWidth": 5, "fontEntranceSlitWidth": 5, "wavelength": 500}
    ]
    assert done.control.checkpoints[-1] == "Configuring ATMonochromator"
    assert done.control.lines == [("info", "the monochromator has grating 1, 500 nm, slits 5 mm and 5 mm")]


@pytest.mark.parametrize(
    ("config", "enabled", "message"),
    [
        ("", (), "ATWhiteLight is not ENABLED"),
        ("use_atmonochromator: true", LAMP, "ATMonochromator is not ENABLED"),
    ],
)
def test_lamp_is_not_touched_unless_its_components_are_enabled(config, enabled, message):
    done = perform(ON, config, enabled=enabled)

    assert message in str(done.error)
    assert done.commands == []
    assert done.control.checkpoints == []


def test_power_out_of_range_is_refused_by_the_lamp():
    done = perform(ON, "whitelight_power: 500", enabled=LAMP, before=connected)

    assert "[800, 1200] W" in str(done.error)
    assert done.state("ATWhiteLight", "lamp") == "OFF"


def test_lamp_that_does_not_light_fails_after_its_tries():
    done = perform(
        ON,
        enabled=LAMP,
        before=later(5.0, "ATWhiteLight", "bulb_will_not_ignite"),
    )

    assert "Lamp did not light in 3 attempts" in str(done.error)
    assert done.control.checkpoints[-1] == "Turning on lamp"


def test_lamp_that_dies_while_it_warms_up_fails_at_once():
    done = perform(ON, enabled=LAMP, before=connected, meanwhile=later(600.0, "ATWhiteLight", "bulb_dies"))

    assert "did not warm up" in str(done.error) or "went out before it was warm" in str(done.error)
    assert done.t < 620.0


def test_lamp_that_somebody_puts_out_while_it_warms_up_fails_at_once():
    async def put_out(observatory):
        await observatory.clock.sleep(600.0)
        await observatory.remote("ATWhiteLight", "somebody").command("turnLampOff", force=True)

    done = perform(ON, enabled=LAMP, before=connected, meanwhile=put_out)

    assert "the lamp went out before it was warm: it is TURNING_OFF" in str(done.error)
    assert done.t < 610.0


def test_chiller_that_stops_while_it_is_waited_for_fails_at_once():
    done = perform(ON, enabled=LAMP, before=connected, meanwhile=later(20.0, "ATWhiteLight", "chiller_stops"))

    assert "the chiller" in str(done.error)
    assert done.t < 60.0


def test_lamp_is_cold_a_quarter_of_an_hour_after_it_was_put_out():
    done = perform(OFF, enabled=LAMP, before=lit)

    assert done.error is None
    assert done.commands == ["ATWhiteLight.turnLampOff", "ATWhiteLight.closeShutter", "ATWhiteLight.stopChiller"]
    assert done.control.checkpoints == [
        "Turning lamp off",
        "Closing the shutter",
        "Waiting for lamp to cool down",
        "Stopping chiller",
    ]
    assert done.state("ATWhiteLight", "lamp") == "OFF"
    assert done.state("ATWhiteLight", "shutter") == "CLOSED"
    assert done.state("ATWhiteLight", "chiller") == "STANDBY"
    assert done.t == pytest.approx(900.0, abs=30.0)


def test_lamp_that_warms_up_is_not_put_out():
    done = perform(OFF, enabled=LAMP, before=warming)

    assert "while warming up" in str(done.error)
    assert done.state("ATWhiteLight", "lamp") == "WARMUP"
    assert done.control.checkpoints == ["Turning lamp off"]


def test_lamp_that_is_lost_while_it_cools_fails_at_once():
    done = perform(OFF, enabled=LAMP, before=lit, meanwhile=later(100.0, "ATWhiteLight", "chiller_alarm"))

    assert "its chiller must go on" in str(done.error)
    assert done.t < 200.0


def test_lamp_is_not_put_out_unless_its_csc_is_enabled():
    done = perform(OFF)

    assert "ATWhiteLight is not ENABLED" in str(done.error)
    assert done.commands == []
