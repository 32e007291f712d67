"""ATWhiteLight's tries to light the bulb, and what ends them."""

import pytest

from csc import AckError
from tests.csc.atwhitelight.bench import WL, act, chill, refused, try_out


def test_a_bulb_that_does_not_ignite_is_tried_three_times_and_then_cools():
    async def scenario(rig):
        await chill(rig)
        rig.inject(WL, "bulb_will_not_ignite")
        began = rig.now

        with pytest.raises(AckError, match="Lamp did not light in 3 attempts"):
            await rig.command(WL, "turnLampOn", power=910.0, timeout=5.0)

        assert rig.now == pytest.approx(began + 255.0)
        assert rig.states_seen(WL, "lamp")[1:] == ["TURNING_ON", "COOLDOWN"] * 3
        assert rig.state(WL) == "ENABLED"
        assert rig.state(WL, "ignition") == "FAILED"
        warnings = [line for line in rig.log_lines(WL) if line.startswith("Timed out")]
        assert warnings == [f"Timed out waiting for light, attempt {i} of 3" for i in (1, 2, 3)]
        await rig.sleep(900.0 - 60.0)
        assert rig.state(WL, "lamp") == "OFF"

    try_out(scenario)


def test_after_the_cool_down_the_bulb_ignites_again():
    async def scenario(rig):
        await chill(rig)
        rig.inject(WL, "bulb_will_not_ignite")
        with pytest.raises(AckError, match="did not light"):
            await rig.command(WL, "turnLampOn", power=910.0)
        await refused(rig, "turnLampOn", r"Cooling; wait 840\.0 s", power=910.0)
        await rig.sleep(840.0)

        await rig.command(WL, "turnLampOn", power=910.0)

        assert rig.state(WL, "lamp") == "WARMUP"

    try_out(scenario)


def test_a_new_bulb_ignites():
    async def scenario(rig):
        await chill(rig)
        rig.inject(WL, "bulb_will_not_ignite", times=100)
        lighting = rig.later(WL, "turnLampOn", power=910.0)
        await rig.sleep(30.0)

        act(rig, "bulb_replaced")

        await lighting
        assert rig.log_lines(WL)[-2:] == ["Powering on the lamp, attempt 2 of 3", "Lamp powered on"]

    try_out(scenario)


def test_turn_lamp_off_between_tries_ends_them():
    async def scenario(rig):
        await chill(rig)
        rig.inject(WL, "bulb_will_not_ignite", times=1)
        lighting = rig.later(WL, "turnLampOn", power=910.0)
        await rig.sleep(40.0)

        await rig.command(WL, "turnLampOff")

        with pytest.raises(AckError, match="Superseded by a turnLampOff command"):
            await lighting
        await rig.sleep(300.0)
        assert rig.state(WL, "lamp") == "COOLDOWN"
        assert rig.state(WL, "ignition") == "SUPERSEDED"

    try_out(scenario)


def test_turn_lamp_off_with_force_ends_a_try():
    async def scenario(rig):
        await chill(rig)
        rig.inject(WL, "bulb_will_not_ignite", times=1)
        lighting = rig.later(WL, "turnLampOn", power=910.0)
        await rig.sleep(10.0)
        await refused(rig, "turnLampOff", "while warming up")

        await rig.command(WL, "turnLampOff", force=True)

        with pytest.raises(AckError, match="Superseded"):
            await lighting
        assert rig.state(WL, "power") == "OFF"

    try_out(scenario)


@pytest.mark.parametrize("when", [10.0, 40.0])
def test_disabling_ends_the_tries(when):
    async def scenario(rig):
        await chill(rig)
        rig.inject(WL, "bulb_will_not_ignite")
        lighting = rig.later(WL, "turnLampOn", power=910.0)
        await rig.sleep(when)

        await rig.command(WL, "disable")

        with pytest.raises(AckError, match="interrupted: now DISABLED"):
            await lighting
        await rig.sleep(100.0)
        assert rig.state(WL, "ignition") == "IDLE"
        assert rig.state(WL, "lamp") == "COOLDOWN"

    try_out(scenario)
