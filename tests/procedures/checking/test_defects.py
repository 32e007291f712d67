"""Mistakes that are found before anything runs: each with what is refuted, and the way there."""

from __future__ import annotations

import pytest

from fsm import AuthorError
from procedures.checking import Verdict
from tests.procedures.checking.plant import (
    ENABLE_ATCS,
    ENABLE_LATISS,
    ENABLE_LIGHT,
    FLAT,
    LIGHT_OFF,
    LIGHT_ON,
    QUEUE,
    checker,
    play,
    refuted,
    site,
)


def command(of: str, **fields: object) -> dict[str, object]:
    return {"command": of, "with": fields}


LATISS_FLATS = {"take_images": {"type": "FLAT", "count": 5, "exposure_times": "6 s"}}


def test_flats_in_the_dark_are_found() -> None:
    report = play(ENABLE_ATCS, ENABLE_LATISS, ENABLE_LIGHT, LATISS_FLATS)

    found = refuted(report, "flats_need_light")

    assert found.otherwise == "flats are taken with the white light not on and warm, or its shutter closed"
    assert found.path[-1].startswith("play 4")
    assert found.seen.startswith("ATDome.main_door CLOSED, ATWhiteLight.lamp OFF")


def test_flats_of_which_nobody_knows_where_the_screen_is_depend_on_the_dome() -> None:
    report = play(ENABLE_ATCS, ENABLE_LATISS, LATISS_FLATS)

    (found,) = (each for each in report.of(Verdict.OPEN) if "flats_need_the_screen" in each.that)

    assert found.seen.startswith("ATDome.azimuth 0 deg .. 360 deg")
    assert found.assumption == "ATDome.azimuth in [1.5 deg, 4.5 deg]"


def test_standby_of_the_light_inside_the_cool_down_is_found() -> None:
    report = play(
        ENABLE_LIGHT,
        LIGHT_ON,
        {"command": "ATWhiteLight.turnLampOff"},
        {"summary_state": {"of": "ATWhiteLight", "to": "STANDBY"}},
    )

    found = refuted(report, "lamp is not in [TURNING_OFF, COOLDOWN]")

    assert found.that.startswith("ATWhiteLight.standby: ")
    assert found.path[-1] == "play 4 (ATWhiteLight.lamp COOLDOWN)"


def test_switching_on_inside_the_cool_down_is_found() -> None:
    again = command("ATWhiteLight.turnLampOn", power=910)
    report = play(ENABLE_LIGHT, LIGHT_ON, command("ATWhiteLight.turnLampOff"), again)

    assert refuted(report, "lamp is not in [TURNING_OFF, COOLDOWN]").that.startswith("ATWhiteLight.turnLampOn: ")


def test_switching_off_inside_the_warm_up_is_found() -> None:
    report = play(
        ENABLE_LIGHT,
        command("ATWhiteLight.startChiller"),
        command("ATWhiteLight.turnLampOn", power=910),
        command("ATWhiteLight.turnLampOff"),
    )

    assert refuted(report, "argument.force or lamp is not in [TURNING_ON, WARMUP]").what == "guard"


def test_stopping_the_chiller_too_early_is_found() -> None:
    report = play(ENABLE_LIGHT, LIGHT_ON, command("ATWhiteLight.turnLampOff"), command("ATWhiteLight.stopChiller"))

    assert refuted(report, "lamp is not in [TURNING_OFF, COOLDOWN]").that.startswith("ATWhiteLight.stopChiller: ")


@pytest.mark.parametrize("power", [799, 1201])
def test_a_power_that_the_lamp_does_not_take_is_found(power: float) -> None:
    report = play(ENABLE_LIGHT, command("ATWhiteLight.startChiller"), command("ATWhiteLight.turnLampOn", power=power))

    assert refuted(report, "argument.power").seen.startswith(f"argument.power {power}")


def test_a_configuration_that_is_not_there_is_found() -> None:
    report = play({"call": {"procedure": "auxtel/scheduler/enable.py", "config": {"config": "x.yaml"}, "via": QUEUE}})

    found = refuted(report, "Scheduler:2 takes the configuration x.yaml")
    assert found.seen == "there is auxtel_fbs_spec_flex_survey.yaml"


def test_the_configuration_of_another_instrument_is_found() -> None:
    report = play({"summary_state": {"of": "OCPS:1", "to": "ENABLED", "override": "LSSTComCam"}})

    assert "OCPS:1 is that of LATISS" in refuted(report, "takes the configuration LSSTComCam").seen


def test_block_310_before_block_309_is_found() -> None:
    report = play(
        ENABLE_ATCS,
        ENABLE_LATISS,
        {
            "call": {
                "procedure": "auxtel/scheduler/enable.py",
                "config": {"config": "auxtel_fbs_spec_flex_survey.yaml"},
                "via": QUEUE,
            }
        },
        {"block": "BLOCK-310", "via": QUEUE},
        {"block": "BLOCK-309", "via": QUEUE},
    )

    found = refuted(report, "ATWhiteLight is ENABLED")

    assert found.where == "auxtel/calibrations/power_off_atcalsys.py"
    assert found.path[0] == "play 1 (ATWhiteLight STANDBY)"
    assert found.path[-1] == "play 4"


def test_a_filter_that_is_not_installed_is_found() -> None:
    default = {"call": {"procedure": "auxtel/enable_latiss.py", "via": QUEUE}}
    change = command("ATSpectrograph.changeFilter", filter=0, name="SDSSg_65mm")

    assert refuted(play(default, change), "filter_names").what == "guard"
    assert not play(ENABLE_LATISS, change).refuted


def test_a_disperser_that_is_not_installed_is_found() -> None:
    report = play(ENABLE_LATISS, command("ATSpectrograph.changeDisperser", disperser=0, name="ronchi90lpmm"))

    assert refuted(report, "grating_names").what == "guard"


def test_a_dome_that_does_not_follow_after_the_flat_position_is_found() -> None:
    report = play(ENABLE_ATCS, ENABLE_LATISS, FLAT, postconditions=["ATDomeTrajectory.following is ON"])

    found = refuted(report, "ATDomeTrajectory.following is ON")

    assert (found.what, found.seen) == ("postcondition", "ATDomeTrajectory.following OFF")


def test_a_step_that_is_given_less_time_than_it_needs_is_found() -> None:
    report = play(
        ENABLE_LIGHT,
        command("ATWhiteLight.startChiller"),
        command("ATWhiteLight.turnLampOn", power=910),
        {"id": "warm", "wait": "until ATWhiteLight.lamp is ON", "timeout": "600 s"},
    )

    found = refuted(report, "ATWhiteLight.lamp is ON")

    assert (found.where, found.what) == ("play warm", "wait")
    assert found.seen == "ATWhiteLight.lamp WARMUP"


def test_the_dome_moved_before_it_is_homed_is_found() -> None:
    report = play(ENABLE_ATCS, command("ATDome.moveAzimuth", azimuth=3), begins={
        "machines": {"ATDome": {"homing": "NOT_HOMED"}}
    })  # fmt: skip

    assert refuted(report, "homing is HOMED").that.startswith("ATDome.moveAzimuth: ")


def test_a_dome_disabled_with_a_door_open_is_found() -> None:
    report = play(
        ENABLE_ATCS,
        {"call": {"procedure": "dome/open_main_door"}},
        {"summary_state": {"of": "ATDome", "to": "DISABLED"}},
    )

    assert refuted(report, "disabling_closes_the_dome").seen.startswith("ATDome.dropout_door")


def test_a_cover_moved_while_air_carries_the_mirror_is_found() -> None:
    corrections = command("ATAOS.enableCorrection", m1=True)
    report = play(ENABLE_ATCS, ENABLE_LATISS, corrections, command("ATPneumatics.openM1Cover"))

    assert (
        refuted(report, "cover_opens_on_hardpoints").otherwise == "the cover of M1 moves while air carries the mirror"
    )


@pytest.mark.parametrize(
    ("path", "config", "words"),
    [
        ("auxtel/make_latiss_calibrations.py", {}, "script_mode"),
        ("auxtel/scheduler/add_block.py", {}, "'id' is a required property"),
        ("auxtel/atdome/slew_dome.py", {}, "'az' is a required property"),
        ("auxtel/take_image_latiss.py", {"nimages": 1}, "required property"),
        ("auxtel/prepare_for/flat.py", {"speed": 1}, "takes no configuration"),
        ("auxtel/make_latiss_calibrations.py", {"script_mode": "BIAS", "n_bais": 3}, "n_bais"),
    ],
)  # fmt: skip
def test_a_configuration_that_a_script_does_not_take_is_found(path: str, config: dict, words: str) -> None:
    report = play({"call": {"procedure": path, "config": config, "via": QUEUE}})

    assert words in refuted(report, path).seen


def test_exposure_times_that_do_not_fit_the_number_of_images_are_found() -> None:
    config = {"script_mode": "BIAS_DARK", "n_dark": 3, "exp_times_dark": [1, 2]}
    ocps = {"summary_state": {"of": "OCPS:1", "to": "ENABLED"}}
    script = {"call": {"procedure": "auxtel/make_latiss_calibrations.py", "config": config, "via": QUEUE}}

    report = play(ENABLE_LATISS, ocps, script)

    found = refuted(report, "for each of")
    assert found.where == "calibrations/set dark.1/images"


def test_a_verification_of_one_image_is_found() -> None:
    script = site().procedure("auxtel/make_latiss_calibrations.py")
    config = {"script_mode": "BIAS", "n_bias": 1, "n_discard_bias": 0}

    report = checker().check(script, config)

    assert refuted(report, "verification_needs_several").verdict is Verdict.REFUTED


def test_the_next_block_before_the_one_before_has_ended_is_found() -> None:
    enable = {
        "call": {
            "procedure": "auxtel/scheduler/enable.py",
            "config": {"config": "auxtel_fbs_spec_flex_survey.yaml"},
            "via": QUEUE,
        }
    }
    add = [
        {"call": {"procedure": "auxtel/scheduler/add_block.py", "config": {"id": block}, "via": QUEUE}}
        for block in ("BLOCK-309", "BLOCK-295")
    ]

    report = play(ENABLE_ATCS, ENABLE_LATISS, enable, *add)

    assert refuted(report, "no block is under way").where == "auxtel/scheduler/add_block.py add"


def test_what_cannot_be_at_the_beginning_is_bad_input() -> None:
    with pytest.raises(AuthorError, match="ATWhiteLight is ENABLED cannot be so at the beginning"):
        play(LIGHT_OFF, assume=("ATWhiteLight is ENABLED",))
