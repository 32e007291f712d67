"""Whatever a component without faults does, and its neighbours with it, is among what is foreseen.

For more programmes than these, and others each time: ``python -m tests.csc.foresight.programmes ATDome 500 17``.
"""

from __future__ import annotations

import pytest

from tests.csc.foresight.programmes import WAITS, hunt, play
from tests.csc.foresight.shadow import Contradiction
from tests.soundness.actions import Action, Enable, Send, Wait

WATCHED = (
    "ATAOS",
    "ATBuilding",
    "ATCamera",
    "ATDome",
    "ATDomeTrajectory",
    "ATHexapod",
    "ATMCS",
    "ATPneumatics",
    "ATPtg",
    "ATSpectrograph",
    "ATWhiteLight",
    "OCPS:1",
)
EXAMPLES = 15
SHORT = tuple(wait for wait in WAITS if wait < 300.0)


@pytest.mark.parametrize("who", WATCHED)
def test_whatever_a_component_does_was_foreseen(who: str) -> None:
    hunt(who, EXAMPLES, waits=SHORT)


LIGHT = "ATWhiteLight"
BIASES = {
    "numImages": 2,
    "expTime": 2.0,
    "shutter": False,
    "sensors": "",
    "keyValueMap": "imageType: BIAS",
    "obsNote": "",
}


@pytest.mark.parametrize("joins", [False, True], ids=["apart", "joined"])
@pytest.mark.parametrize(
    ("who", "actions", "refused"),
    [
        pytest.param(
            LIGHT,
            (
                Wait(15.0),
                Send(LIGHT, "startChiller"),
                Wait(30.0),
                Send(LIGHT, "turnLampOn", power=910.0),
                Send(LIGHT, "openShutter"),
                Wait(61.0),
                Send(LIGHT, "turnLampOff", force=False),
                Wait(899.0),
                Send(LIGHT, "turnLampOff", force=False),
                Wait(1.0),
                Send(LIGHT, "turnLampOn", power=910.0),
                Wait(905.0),
                Send(LIGHT, "stopChiller"),
                Wait(15.0),
            ),
            ["turnLampOff", "turnLampOn"],
            id="the lamp warms up and cools down",
        ),
        pytest.param(
            "ATDome",
            (
                Send("ATDome", "openShutter"),
                Wait(15.0),
                Send("ATDome", "stopMotion"),
                Send("ATDome", "closeShutter"),
                Wait(125.0),
                Send("ATDome", "disable"),
                Send("ATDome", "standby"),
                Wait(61.0),
                Enable("ATDome"),
            ),
            [],
            id="the doors of the dome are stopped half-way",
        ),
        pytest.param(
            "ATCamera",
            (Wait(1.0), Send("ATCamera", "takeImages", **BIASES), Wait(0.3), Wait(7.0), Wait(7.0)),
            [],
            id="images are taken",
        ),
        pytest.param(
            "ATPneumatics",
            (Send("ATPneumatics", "openM1Cover"), Wait(3.0), Send("ATPneumatics", "closeM1Cover"), Wait(61.0)),
            [],
            id="the cover of M1 is called back",
        ),
        pytest.param(
            "ATSpectrograph",
            (
                Send("ATSpectrograph", "changeFilter", filter=1, name=""),
                Wait(1.0),
                Send("ATSpectrograph", "changeDisperser", disperser=1, name=""),
                Wait(15.0),
                Send("ATSpectrograph", "moveLinearStage", distanceFromHome=200.0),
                Wait(15.0),
            ),
            ["moveLinearStage"],
            id="a filter and a disperser are changed",
        ),
    ],
)
def test_what_a_component_is_there_for_was_foreseen(
    who: str, actions: tuple[Action, ...], refused: list[str], joins: bool
) -> None:
    assert play(who, *actions, joins=joins) == refused


def test_what_was_not_foreseen_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csc.foresight.reacting.Reacting.arm", lambda *_, **__: None)

    with pytest.raises(Contradiction, match="lamp_link is CONNECTED, not DISCONNECTED") as found:
        play(LIGHT, Wait(15.0))

    assert "ATWhiteLight.lamp_link" in found.value.about
