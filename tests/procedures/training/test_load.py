"""Training files: what is right is read, and each mistake is told with its place and the nearest word."""

from __future__ import annotations

import pytest

from cscsim.locate import open_site
from fsm import AuthorError
from tests.acceptance.stage import site

GOOD = """\
training: lit
number: 1
title: A light
learn: to look
briefing: Look.
faults:
  - fault: ATDome.encoder_slip
    parameters: {slip: 2.5 deg}
    at: 20 min
states: {ATCS: ENABLED}
goals:
  - {id: light, title: the lamp was on, that: ATWhiteLight.lamp is ON}
  - {id: dark, title: the lamp is off, that: ATWhiteLight.lamp is OFF, holds: at_end}
causes:
  - id: slip
    title: the encoder has slipped
    fault: ATDome.encoder_slip
    noticed_by: [answer no light]
    cures: [command ATDome.homeAzimuth, script auxtel/atdome/home_dome.py]
    wrong: [hand ATWhiteLight.bulb_replaced, block BLOCK-310]
hints: [Look., Look again.]
par: {time: 40 min, because: chosen here}
"""


@pytest.fixture
def load(tmp_path):
    def load(text):
        path = tmp_path / "lit.yaml"
        path.write_text(text, encoding="utf-8")
        return site().training(str(path))

    return load


def test_a_training_is_read(load):
    training = load(GOOD)

    (cause,) = training.causes
    assert (training.name, training.par, training.procedure, training.observatory) == (
        "lit",
        2400.0,
        "weekly",
        "auxtel",
    )
    assert [str(fault) for fault in training.scenario.faults] == ["ATDome.encoder_slip:slip=2.5 deg@1200s"]
    assert training.scenario.states["ATMCS"] == "ENABLED"
    assert [goal.holds for goal in training.goals] == ["once", "at_end"]
    assert (cause.component, cause.fault) == ("ATDome", "encoder_slip")
    assert [str(each) for each in cause.signs] == [
        "report ATDome.encoder_slip",
        "answer no light",
        "command ATDome.homeAzimuth",
        "script auxtel/atdome/home_dome.py",
    ]
    assert training.hints == ("Look.", "Look again.")


def test_a_scenario_of_the_library_says_what_goes_wrong_and_the_file_adds_to_it(load):
    training = load(GOOD.replace("states:", "scenario: bulb_needs_two_tries\nstates:"))

    assert [str(fault) for fault in training.scenario.faults] == [
        "ATWhiteLight.bulb_will_not_ignite:times=1",
        "ATDome.encoder_slip:slip=2.5 deg@1200s",
    ]
    assert training.scenario.states["ATDome"] == "ENABLED"


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("learn:", "lern:", "4:1", "unknown key lern; did you mean learn?"),
        ("par: {time: 40 min", "par: {time: 40 deg", "22:13", "a time is wanted, such as 40 min, not 40 deg"),
        ("time: 40 min", "time: -1 min", "22:13", "a time is wanted"),
        ("is ON}", "is ONN}", "12:68", "ATWhiteLight.lamp has no state ONN; did you mean ON?"),
        ("holds: at_end", "holds: sometimes", "13:79", "must be 'once', 'at_end' or 'never'"),
        ("id: dark", "id: light", "13:10", "there is a goal light already"),
        ("id: dark", "id: Dark", "13:10", "id"),
        (
            "ATDome.encoder_slip\n    noticed",
            "ATDome.encoder_slap\n    noticed",
            "17:12",
            "is not among the faults of this",
        ),
        ("fault: ATDome.encoder_slip\n    noticed", "component: ATDom\n    noticed", "17:16", "did you mean ATDome?"),
        (
            "fault: ATDome.encoder_slip\n    noticed",
            "component: ATDome\n    noticed",
            "15:5",
            "say with `safe` when it is",
        ),
        ("    fault: ATDome.encoder_slip\n    noticed", "    noticed", "15:5", "say one of `fault` and `component`"),
        ("answer no light", "answer no lamp", "18:18", "there is no human check of weekly lamp"),
        ("answer no light", "answer perhaps light", "18:18", "an answer is yes or no"),
        ("homeAzimuth,", "homeAzimut,", "19:13", "did you mean homeAzimuth?"),
        ("home_dome.py]", "home_dom.py]", "19:41", "did you mean auxtel/atdome/home_dome.py?"),
        ("bulb_replaced", "bulb_replacd", "20:13", "did you mean bulb_replaced?"),
        ("BLOCK-310", "BLOCK-31", "20:46", "there is no block BLOCK-31"),
        ("hand ATWhite", "hands ATWhite", "20:13", "an act begins with one of"),
        ("slip: 2.5 deg", "slip: 2.5 s", "8:24", "must be in deg"),
        ("ATCS: ENABLED", "ATCS: ENABLD", "10:16", "did you mean ENABLED?"),
        ("states:", "scenario: encoder_slop\nstates:", "10:11", "did you mean encoder_slip?"),
        ("states:", "procedure: wekly\nstates:", "10:12", "did you mean weekly?"),
        ("at: 20 min", "on: {step: setp}", "9:16", "weekly has no step setp; did you mean setup?"),
    ],
)
def test_a_mistake_is_told_with_its_place(load, old, new, place, message):
    assert GOOD.count(old) == 1

    with pytest.raises(AuthorError) as caught:
        load(GOOD.replace(old, new))

    told = [line for line in str(caught.value).splitlines() if message in line]
    assert told, str(caught.value)
    assert f"lit.yaml:{place}:" in told[0]


def test_all_mistakes_are_told_at_once(load):
    wrong = GOOD.replace("is ON}", "is ONN}").replace("bulb_replaced", "bulb_replacd").replace("40 min", "40 deg")

    with pytest.raises(AuthorError) as caught:
        load(wrong)

    assert str(caught.value).count("lit.yaml:") == 3


def test_an_unknown_training_is_told_with_the_nearest():
    with pytest.raises(AuthorError, match="no training scenario faint_flat; did you mean faint_flats"):
        open_site().training("faint_flat")
