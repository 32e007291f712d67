"""The calibrations of ComCam, on a good day and on bad ones, in the observatory that the rehearsal names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cscsim.locate import Site, open_home
from fsm import read_journal
from procedures import Rehearsal, Report, load_procedure, parse_injection, rehearse
from tests.cscsim.cli import call

Seen = tuple[Mapping[str, Any], ...]
"""The records of a journal."""


@cache
def site() -> Site:
    return open_home("comcam")


def play(*faults: str, procedure: str = "comcam", journal: Path | None = None, **config: Any) -> Report:
    here = site()
    plan = load_procedure(procedure, here.vocabulary) if "\n" in procedure else here.procedure(procedure)
    return rehearse(
        Rehearsal(
            procedure=plan,
            library=here.library,
            blocks=here.blocks,
            observatory=here.sheet,
            seed=1,
            config=config,
            faults=tuple(parse_injection(fault, here.truth) for fault in faults),
            journal=journal,
        )
    )


@pytest.fixture(scope="module")
def good_day(tmp_path_factory) -> tuple[Report, Seen]:
    path = tmp_path_factory.mktemp("comcam") / "journal"
    return play(journal=path), tuple(read_journal(path))


def jobs(records: Seen) -> list[dict[str, Any]]:
    """The fields of each command to the pipeline service."""
    return [r["data"] for r in records if r["kind"] == "command" and r.get("command") == "execute"]


def log_lines(records: Seen) -> list[str]:
    """What the script of the calibrations has logged."""
    return [r["message"] for r in records if r["kind"] == "log" and r["who"].startswith("Script:")]


# --------------------------------------------------------------------- a good day


def test_the_calibrations_of_comcam_pass(good_day):
    report, _ = good_day

    assert report.passed, report.because
    assert report.components["CCCamera"]["summary_state"] == "ENABLED"


def test_it_takes_place_where_it_is_at_home():
    result = call("rehearse", "comcam", "--yes", "--json")

    report = json.loads(result.stdout)
    assert (report["outcome"], report["observatory"]) == ("passed", "comcam")


def test_the_images_are_those_of_the_page_and_the_discarded_ones(good_day):
    images = good_day[0].images
    times = {kind: [image.exposure_time for image in images if image.kind == kind] for kind in ("bias", "dark", "flat")}

    assert times["bias"] == [0.0] * 7
    assert times["dark"] == [5, 5, 5, 5, 10, 15, 20]
    assert times["flat"] == [0.1] * 3 + [t for t in (0.35, 0.6, 0.8, 1.0, 1.35, 1.6) for _ in range(2)]
    assert {image.filter for image in images if image.kind == "flat"} == {"r_03"}


def test_every_image_is_ingested_nine_times(good_day):
    report, records = good_day
    ingested = [r for r in records if r["kind"] == "event" and r.get("topic") == "imageInOODS"]

    assert len(ingested) == 9 * len(report.images)


def test_the_jobs_are_for_this_camera_and_its_nine_detectors(good_day):
    queries = [job["data_query"] for job in jobs(good_day[1]) if job["data_query"]]

    assert len(queries) == 8
    assert all(
        query.startswith("instrument='LSSTComCam' AND detector IN (0, 1, 2, 3, 4, 5, 6, 7, 8)") for query in queries
    )
    assert {job["pipeline"].split("/")[0] for job in jobs(good_day[1])} == {
        "${CP_PIPE_DIR}",
        "${CP_VERIFY_DIR}",
        "butler certify-calibrations",
    }


@pytest.mark.parametrize("product", ["bias", "dark", "flat", "defects", "ptc"])
def test_each_calibration_is_certified(good_day, product):
    certified = f"{product}: certified in LSSTComCam/calib/daily.2026JAN15.test1 from 2026-01-15 to 2026-01-16"

    assert certified in log_lines(good_day[1])


def test_without_detectors_all_nine_are_processed(tmp_path):
    text = """
procedure: play
kind: rehearsal
title: a play
steps:
  - call: {procedure: maintel/enable_comcam.py}
  - summary_state: {of: OCPS:2, to: ENABLED}
  - call: {procedure: maintel/make_comcam_calibrations.py, config: {script_mode: BIAS, n_bias: 1}}
"""

    report = play(procedure=text, journal=tmp_path / "journal")

    assert report.passed, report.because
    query = jobs(tuple(read_journal(tmp_path / "journal")))[0]["data_query"]
    assert query == "instrument='LSSTComCam' AND detector IN (0..8) AND exposure IN (2026011500002)"


def test_ocps_takes_the_configuration_of_the_page():
    assert play(ocps_configuration="LSSTComCam").passed


def test_ocps_refuses_the_configuration_of_another_instrument():
    report = play(ocps_configuration="LATISS")

    assert "it is for LATISS, but OCPS:2 is that of LSSTComCam" in report.because


def test_the_example_as_the_page_has_it_is_refused():
    text = """
procedure: play
kind: rehearsal
title: a play
steps:
  - call:
      procedure: maintel/make_comcam_calibrations.py
      config: {script_mode: BIAS, detectors: "(0,1,2,3,4,5,6,7,8)"}
      via: ScriptQueue:1
"""

    report = play(procedure=text)

    assert "CONFIGURE_FAILED" in report.because
    assert "detectors" in report.because


def test_a_person_looks_through_the_log_at_the_end(good_day):
    asked = [r["question"] for r in good_day[1] if r["kind"] == "confirm"]

    assert "certified in LSSTComCam/calib/daily.2026JAN15.test1" in asked[-1]


# ------------------------------------------------------------------------ bad days


@pytest.mark.parametrize(
    ("fault", "step", "because"),
    [
        ("CCCamera.light_off", "calibrations", "there is no light; turn it on and begin anew (count(flat) is 1"),
        ("CCCamera.filter_stuck", "calibrations", "CCCamera.setFilter: FAILED Failed: the filter changer stopped"),
        ("CCCamera.sequencer_stops@2min", "calibrations", "CCCamera of ComCam is FAULT, not ENABLED"),
        ("CCCamera.ccd_temperature_limit@2min", "calibrations", "CCCamera of ComCam is FAULT, not ENABLED"),
        ("CCHeaderService.upload_fails", "enable_comcam", "CCHeaderService of ComCam is FAULT, not ENABLED"),
        ("OCPS:2.service_down", "pipelines", "waiting for OCPS:2.job_result"),
        ("OCPS:2.job_error:times=20", "pipelines", "the last job of OCPS:2 ended with exit code 1"),
    ],
)
def test_a_fault_is_found_and_the_condition_that_it_breaks_is_named(fault, step, because):
    report = play(fault)

    assert report.outcome == "failed"
    assert because in " ".join(report.because.split())
    assert next(item.id for item in report.steps if item.outcome == "failed") == step


def test_what_failed_leaves_nothing_on_the_queue():
    report = play("CCCamera.light_off")

    queue = report.components["ScriptQueue:1"]
    assert queue["machines"]["processing"] == "PAUSED"
    assert (queue["outputs"]["current_script"], queue["outputs"]["waiting_scripts"]) == (0, ())


def test_images_that_are_not_ingested_are_told_and_waited_for_in_vain(tmp_path):
    report = play("CCOODS.silent@30s", journal=tmp_path / "journal")

    told = [line for line in log_lines(tuple(read_journal(tmp_path / "journal"))) if "not ingested after" in line]
    assert report.passed
    assert len(told) == 3


# ------------------------------------------------------------------ its scripts


def test_an_image_is_taken_through_the_filter_that_is_asked_for():
    text = """
procedure: play
kind: rehearsal
title: a play
steps:
  - call: {procedure: maintel/enable_comcam.py, via: "ScriptQueue:1"}
  - call:
      procedure: maintel/take_image_comcam.py
      config: {image_type: SPOT, exp_times: [1, 2], filter: i_06, reason: test}
      via: ScriptQueue:1
  - call: {procedure: maintel/standby_comcam.py, via: "ScriptQueue:1"}
postconditions: [ComCam is STANDBY, "count(spot, filter=i_06, reason=test) == 2"]
"""

    report = play(procedure=text)

    assert report.passed, report.because


def test_a_filter_by_number_is_refused():
    text = """
procedure: play
kind: rehearsal
title: a play
steps:
  - call: {procedure: maintel/enable_comcam.py}
  - call: {procedure: maintel/take_image_comcam.py, config: {image_type: BIAS, filter: 2}}
"""

    assert "setFilter.name=2 must be text" in play(procedure=text).because
