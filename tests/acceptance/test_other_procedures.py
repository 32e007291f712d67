"""The other procedures of the Auxiliary Telescope: they pass on a good day, and a bad one shows by its own words."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import pytest

from procedures import Rehearsal, Report, Scenario, rehearse
from tests.acceptance.stage import run, site, weekly

OTHERS = (
    "daytime_checkout",
    "prepare_for_flat_fields",
    "prepare_for_vent",
    "prepare_for_onsky",
    "shutdown",
    "latiss_combined_calibrations",
)
BROKEN = (
    # What comes first is what the faults break first.
    ("weekly", "ATDome.encoder_slip:slip=2.5deg", "the SDSSr flat of 6 s has .* dome and white light are not aligned"),
    ("weekly", "ATWhiteLight.bulb_will_not_ignite", "turnLampOn: FAILED .* did not light in 3 attempts"),
    ("daily", "ATCamera.sequencer_stops@count(bias) == 3", "takeImages: FAILED .* the camera went to FAULT"),
    ("daily", "ScriptQueue.paused_by_somebody", r"the ATQueue must be ENABLED and running \(.* is PAUSED"),
    ("misalignment", "ATDome.stall", r"waiting for ATDome\.azimuth_in_position .* is false"),
    ("misalignment", "ATWhiteLight.shutter_stuck", r"ATWhiteLight\.openShutter: TIMEOUT"),
    (
        "daytime_checkout",
        "ATPneumatics.low_air",
        "the main pressure is 1.* Pa, it must be between 275790 and 413000 Pa",
    ),
    ("daytime_checkout", "ATOODS.ingest_fails", "was not ingested: .*statusCode is 1, not 0"),
    ("daytime_checkout", "ATDome.stall@count(engtest) == 1", r"waiting for ATDome\.azimuth_in_position"),
    ("daytime_checkout", "ATPneumatics.covers_in_standby", "openM1Cover: FAILED .* covers is in standby"),
    ("prepare_for_flat_fields", "ATPneumatics.cover_jam", r"ATPneumatics\.openM1Cover: TIMEOUT"),
    ("prepare_for_flat_fields", "ATDome.top_box_link_lost", "closeShutter: FAILED .* Top Comm Error"),
    ("prepare_for_vent", "ESS.wind_rises@30 min", r"gusts reach 18\.2 m/s; above 15 m/s the dome stays closed"),
    ("prepare_for_vent", "ESS.humidity_rises", r"dew point is only 1\.6 deg_C below .*not > 2 deg_C"),
    ("prepare_for_vent", "ESS.humidity_rises:humidity=68 %@30 min", "the humidity is 68 %; above 65 % shut vent gate"),
    ("prepare_for_vent", "ATBuilding.gate_stuck:gate=2", "left a vent gate open or the fan running"),
    ("prepare_for_vent", "ATBuilding.fan_drive_fault", "the extraction fan does not run .* is FAULT, not OPERATING"),
    ("prepare_for_vent", "ATDome.encoder_error@15 min", "the dome is at .* no longer turned away from the Sun"),
    ("prepare_for_onsky", "ATPneumatics.cover_jam", "the M1 cover is INMOTION, not OPENED"),
    ("prepare_for_onsky", "ATDome.top_box_link_lost", "no communication with the shutter box"),
    ("prepare_for_onsky", "ESS.station_silent", "the weather station ESS:301 sends nothing"),
    ("shutdown", "ATPneumatics.cover_jam", r"ATPneumatics\.closeM1Cover: TIMEOUT"),
    ("shutdown", "ATDome.top_box_link_lost", "closeShutter: FAILED .* Top Comm Error"),
    ("shutdown", "ATPtg.mount_link_lost", "a component left ENABLED during the slew .*ATPtg FAULT"),
    ("latiss_combined_calibrations", "OCPS.job_error", "the pipeline job .* ended with 1"),
    ("latiss_combined_calibrations", "ATOODS.ingest_fails", "was not ingested: .*statusCode is 1, not 0"),
    ("latiss_combined_calibrations", "ATDome.encoder_slip:slip=2.5deg", "the SDSSr flat of 5 s has .* well lit one"),
    ("latiss_combined_calibrations", "ATWhiteLight.bulb_dies@count(flat) == 5", "look at dome, lamp, cover and M3"),
)


@cache
def done(procedure: str) -> Report:
    return run(procedure)


def states(report: Report, *components: str) -> set[str]:
    return {report.components[name]["summary_state"] for name in components}


def machine(report: Report, component: str, name: str) -> str:
    return str(report.components[component]["machines"][name])


@pytest.mark.parametrize("procedure", OTHERS)
def test_they_pass_without_a_fault(procedure):
    report = done(procedure)

    assert (report.outcome, report.because, report.violations) == ("passed", "", ())


@pytest.mark.parametrize(("procedure", "fault", "words"), BROKEN, ids=[f"{row[0]}-{row[1]}" for row in BROKEN])
def test_a_fault_fails_them_by_the_condition_that_it_breaks(procedure, fault, words):
    report = run(procedure, fault)

    assert report.outcome == "failed"
    assert re.search(words, report.because), report.because


def test_every_rehearsal_fails_under_two_faults_at_least():
    counted = [row[0] for row in BROKEN]

    assert {name for name in ("weekly", "daily", "misalignment", *OTHERS) if counted.count(name) < 2} == set()


def test_they_are_reproducible():
    assert run("prepare_for_vent").digest == done("prepare_for_vent").digest
    assert run("prepare_for_vent", seed=2).digest != done("prepare_for_vent").digest


# -------------------------------------------------------------- what they leave


def test_checkout_leaves_all_enabled_parked_and_closed():
    report = done("daytime_checkout")
    mount, dome = (report.components[name]["outputs"] for name in ("ATMCS", "ATDome"))

    assert states(report, "ATMCS", "ATDome", "ATDomeTrajectory", "ATCamera", "ATOODS") == {"ENABLED"}
    assert (mount["azimuth"], mount["elevation"]) == (pytest.approx(0.0), pytest.approx(80.0))
    assert dome["azimuth"] == pytest.approx(285.0, abs=1.5)
    assert machine(report, "ATPneumatics", "m1_cover") == machine(report, "ATPneumatics", "cell_vents") == "CLOSED"
    assert machine(report, "ATAOS", "m1") == "ON"
    assert [image.image_type for image in report.images] == ["BIAS", "ENGTEST", "ENGTEST", "ENGTEST"]
    assert 600 < report.simulated_seconds < 1200


def test_checkout_takes_what_is_enabled_as_it_is():
    text = """
procedure: twice
kind: rehearsal
title: the checkout, twice
steps:
  - {id: first, call: {procedure: daytime_checkout}}
  - {id: second, call: {procedure: daytime_checkout}}
"""

    report = run(text)

    assert report.outcome == "passed", report.because
    assert len([step for step in report.steps if step.id.endswith("enable_atcs_now")]) == 1


def test_venting_ends_with_gate_and_fan_shut_and_the_dome_partly_open():
    report = done("prepare_for_vent")

    assert machine(report, "ATDome", "main_door") == "PARTIALLYOPENED"
    assert machine(report, "ATBuilding", "gate_2") == "CLOSED"
    assert machine(report, "ATBuilding", "fan_drive") == "STOPPED"
    assert machine(report, "ATPneumatics", "m1_cover") == "CLOSED"


def test_wind_of_11_m_s_shuts_gate_and_fan_and_venting_goes_on():
    report = run("prepare_for_vent", "ESS.wind_rises:speed=11 m/s@30 min")

    assert report.outcome == "passed", report.because
    assert machine(report, "ATBuilding", "gate_2") == "CLOSED"


def test_venting_that_is_called_off_shuts_gate_and_fan():
    report = run("prepare_for_vent", "ESS.rain_begins@40 min")

    assert report.outcome == "failed"
    assert machine(report, "ATBuilding", "gate_2") == "CLOSED"
    assert machine(report, "ATBuilding", "fan_drive") == "STOPPED"
    assert machine(report, "ATDome", "main_door") == "PARTIALLYOPENED"


def test_the_night_begins_with_everything_open_to_the_east():
    report = done("prepare_for_onsky")
    mount, dome = (report.components[name]["outputs"] for name in ("ATMCS", "ATDome"))

    assert machine(report, "ATDome", "main_door") == machine(report, "ATPneumatics", "m1_cover") == "OPENED"
    assert (mount["azimuth"], mount["elevation"]) == (pytest.approx(90.0), pytest.approx(80.0))
    assert dome["azimuth"] == pytest.approx(90.0, abs=1.5)
    assert machine(report, "ATDomeTrajectory", "following") == machine(report, "ATAOS", "m1") == "ON"
    assert [(image.image_type, image.reason) for image in report.images] == [("BIAS", "bias_ccd_clear")] * 3


def test_shutdown_leaves_eleven_components_in_standby_parked_and_closed():
    report = done("shutdown")
    mount, dome = (report.components[name]["outputs"] for name in ("ATMCS", "ATDome"))

    assert states(report, "ATMCS", "ATPtg", "ATAOS", "ATPneumatics", "ATHexapod", "ATDome", "ATDomeTrajectory",
                  "ATCamera", "ATSpectrograph", "ATHeaderService", "ATOODS") == {"STANDBY"}  # fmt: skip
    assert machine(report, "ATDome", "main_door") == machine(report, "ATPneumatics", "m1_cover") == "CLOSED"
    assert (mount["azimuth"], mount["elevation"]) == (pytest.approx(0.0), pytest.approx(80.0))
    assert dome["azimuth"] == pytest.approx(285.0, abs=1.5)
    assert machine(report, "Scheduler:2", "loop") == "IDLE"


def test_shutdown_stops_before_the_dome_if_the_cover_does_not_close():
    report = run("shutdown", "ATPneumatics.cover_jam")

    assert machine(report, "ATDome", "main_door") == "OPENED"
    assert states(report, "ATDome", "ATPtg", "ATCamera") == {"ENABLED"}


def test_flat_position_with_m3_on_the_other_port_is_noticed():
    here = site()
    wrong_port = Scenario(name="port", title="M3 on the other port", machines={"ATMCS": {"m3": "NASMYTH1"}})
    rehearsal = Rehearsal(
        procedure=here.procedure("prepare_for_flat_fields"),
        library=here.library,
        blocks=here.blocks,
        observatory=here.sheet,
    )

    report = rehearse(replace(rehearsal, scenario=wrong_port))

    assert "M3 is on NASMYTH1, not on NASMYTH2: the flats of LATISS would be dark" in report.because


# ------------------------------------------------------------ combined calibrations


@pytest.mark.parametrize(
    "config",
    [
        {
            "generate_calibrations": True,
            "certify_calib_begin_date": "2026-01-15",
            "certify_calib_end_date": "2026-02-15",
        },
        {"do_ptc": True, "do_defects": True},
    ],
    ids=["internal", "ptc and defects"],
)
def test_combined_calibrations_pass_in_their_variants(config):
    report = run("latiss_combined_calibrations", **config)

    assert (report.outcome, report.because) == ("passed", "")
    assert len(report.images) == 65


def test_combined_calibrations_leave_the_lamp_off():
    report = done("latiss_combined_calibrations")

    assert states(report, "ATWhiteLight") == {"STANDBY"}
    assert machine(report, "ATWhiteLight", "lamp") == "OFF"


def test_the_weather_station_does_not_disturb_the_weekly_calibrations():
    assert weekly().components["ESS:301"]["summary_state"] == "ENABLED"
    assert weekly().passed
