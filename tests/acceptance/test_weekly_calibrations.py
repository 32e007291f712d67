"""The weekly calibrations, from a cold observatory to the shut-down lamp."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter

import pytest

from fsm import read_journal
from tests.acceptance.stage import run, weekly

SLIP = "ATDome.encoder_slip:slip=2.5deg"


def images(kind, **where):
    return [
        image
        for image in weekly().images
        if image.image_type == kind and all(getattr(image, key) == value for key, value in where.items())
    ]


def test_they_pass():
    report = weekly()

    assert (report.outcome, report.because, report.violations) == ("passed", "", ())


def test_they_take_241_images_in_the_sets_of_the_page():
    sets = Counter((image.filter, image.grating, image.image_type) for image in weekly().images)

    assert len(weekly().images) == 241
    assert sets == {
        ("SDSSr_65mm", "empty_1", "BIAS"): 21,
        ("SDSSr_65mm", "empty_1", "DARK"): 23,
        ("SDSSr_65mm", "empty_1", "FLAT"): 21 + 60,
        **{
            (filter_, grating, kind): count
            for filter_, grating in (
                ("SDSSg_65mm", "empty_1"),
                ("SDSSz_65mm", "empty_1"),
                ("empty_1", "SDSSy_65mm"),
                ("empty_1", "empty_1"),
            )
            for kind, count in (("BIAS", 4), ("DARK", 4), ("FLAT", 21))
        },
    }


def test_r_flats_of_6_s_have_the_counts_of_a_standard_flat():
    counts = [image.counts for image in images("FLAT", filter="SDSSr_65mm", exposure_time=6.0)]

    assert len(counts) == 21
    assert all(10_000 < value < 30_000 for value in counts)


@pytest.mark.parametrize("kind", ["BIAS", "DARK"])
def test_biases_and_darks_stay_near_the_bias_level(kind):
    assert all(abs(image.counts) <= 10 for image in images(kind))


def test_ptc_saturates_from_30_s_and_not_before():
    saturated = {image.exposure_time: image.saturated for image in images("FLAT", reason="weekly_PTC")}

    assert {time for time, flag in saturated.items() if flag} == {30.04, 37.35, 46.44, 57.75, 71.81, 89.29, 111.03}
    assert saturated[24.16] is False


def test_they_leave_the_lamp_off_and_everything_else_enabled_at_the_flat_field():
    components = weekly().components
    lamp, dome, mount = (components[name] for name in ("ATWhiteLight", "ATDome", "ATMCS"))

    assert lamp["summary_state"] == "STANDBY"
    assert (lamp["machines"]["lamp"], lamp["machines"]["chiller"], lamp["machines"]["pump"]) == (
        "OFF",
        "STANDBY",
        "STOPPED",
    )
    enabled = ("ATMCS", "ATPtg", "ATAOS", "ATPneumatics", "ATHexapod", "ATDome", "ATDomeTrajectory", "ATCamera",
               "ATSpectrograph", "ATHeaderService", "ATOODS", "OCPS:1", "Scheduler:2")  # fmt: skip
    assert {name: components[name]["summary_state"] for name in enabled} == dict.fromkeys(enabled, "ENABLED")
    assert dome["outputs"]["azimuth"] == pytest.approx(3.0, abs=0.5)
    assert mount["outputs"]["azimuth"] == pytest.approx(188.7)
    assert mount["outputs"]["elevation"] == pytest.approx(39.0)


def test_they_take_the_time_of_the_page():
    assert 6_000 < weekly().simulated_seconds < 12_000


def test_lamp_warms_up_and_cools_down_for_900_s(tmp_path):
    run("weekly", journal=tmp_path / "journal.jsonl")

    times = {
        (record["source"], record["state"]): record["t"]
        for record in read_journal(tmp_path / "journal.jsonl")
        if record["kind"] == "transition" and record["who"] == "ATWhiteLight" and record["machine"] == "lamp"
    }
    begun = next(t for (_, state), t in times.items() if state == "WARMUP")
    cooling = next(t for (_, state), t in times.items() if state == "COOLDOWN")
    assert times[("WARMUP", "ON")] - begun == pytest.approx(900.0, abs=2.0)
    assert times[("COOLDOWN", "OFF")] - cooling == pytest.approx(900.0, abs=2.0)


def test_blocks_go_the_real_way_over_scheduler_and_queue(tmp_path):
    run("weekly", journal=tmp_path / "journal.jsonl")

    records = [record for record in read_journal(tmp_path / "journal.jsonl") if record["kind"] == "command"]
    added = [record["data"]["id"] for record in records if record["command"] == "addBlock"]
    by_scheduler = [
        r for r in records if r["command"] == "add" and r["by"] == "Scheduler:2" and r["who"] == "ScriptQueue:2"
    ]
    assert added == ["BLOCK-309", "BLOCK-295", "BLOCK-310"]
    assert len(by_scheduler) == 4 + 6 + 3


def test_same_seed_gives_the_same_journal_and_another_seed_another():
    assert run("weekly").digest == weekly().digest
    assert run("weekly", seed=2).digest != weekly().digest


def test_another_hash_seed_of_python_changes_nothing():
    digests = set()
    for hash_seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "cscsim", "rehearse", "weekly", "--seed", "1", "--yes", "--json"],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(json.loads(done.stdout)["journal"]["digest"])

    assert digests == {weekly().digest}


def test_written_journal_is_the_digested_one(tmp_path):
    import hashlib

    report = run("weekly", journal=tmp_path / "journal.jsonl")

    text = (tmp_path / "journal.jsonl").read_bytes()
    assert hashlib.sha256(text).hexdigest() == report.digest
    assert len(text.splitlines()) == report.records


def test_slipped_encoder_fails_them_by_the_flat_counts_alone():
    report = run("weekly", SLIP)

    dome = report.components["ATDome"]
    assert report.outcome == "failed"
    assert [
        ("flat" in v.condition, "counts" in v.condition, "10000 adu" in v.condition) for v in report.violations
    ] == [(True, True, True)]
    assert report.images[-1].counts < 10_000
    assert dome["outputs"]["azimuth"] == pytest.approx(3.0, abs=0.5)
    assert dome["machines"]["homing"] == "HOMED"


def test_misalignment_cures_a_slipped_encoder_by_homing():
    report = run("misalignment", SLIP)

    first, last = report.images[0], report.images[-1]
    assert report.outcome == "passed"
    assert first.counts < 10_000 < last.counts
    assert [step.outcome for step in report.steps if step.id == "home"] == ["done"]


def test_misalignment_without_a_slip_homes_nothing():
    report = run("misalignment")

    assert report.outcome == "passed"
    assert [step for step in report.steps if step.id == "home"] == []


def test_daily_calibrations_take_44_images_in_a_quarter_of_an_hour():
    report = run("daily")

    assert report.outcome == "passed"
    assert Counter(image.image_type for image in report.images) == {"BIAS": 21, "DARK": 23}
    assert 780 < report.simulated_seconds < 1020
    assert report.components["ATCamera"]["summary_state"] == "STANDBY"
