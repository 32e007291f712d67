"""A script or a block that does not end in time: what keeps it, and what would help."""

from __future__ import annotations

from tests.acceptance.stage import ENABLE_ALL, run, steps

PAUSE = "{command: 'ScriptQueue:2.pause'}"
FLAT = "{call: {procedure: auxtel/prepare_for/flat.py, via: 'ScriptQueue:2'}"
STANDBY = "{call: {procedure: auxtel/standby_latiss.py, via: 'ScriptQueue:2'}, timeout: 5 min}"
SCHEDULER = "{summary_state: {of: 'Scheduler:2', to: ENABLED, override: auxtel_fbs_spec_flex_survey.yaml}}"


def test_script_on_a_paused_queue_says_so():
    report = run(steps(PAUSE, STANDBY))

    assert report.because.endswith(
        "script 200000 auxtel/standby_latiss.py has not ended after 300 s: ScriptQueue:2 is PAUSED; "
        "resume the queue to go on"
    )
    assert report.simulated_seconds < 310


def test_script_behind_a_failed_one_names_it_and_its_reason():
    report = run(steps(f"{FLAT}, timeout: 5 min, on_failure: warn}}", STANDBY))

    assert "script 200001 auxtel/standby_latiss.py has not ended after 300 s: ScriptQueue:2 is PAUSED" in report.because
    assert "since script 200000 failed: Error in run: all components of ATCS must be ENABLED" in report.because
    assert report.because.endswith("; resume the queue to go on")


def test_limit_of_a_script_is_for_all_of_it():
    slow = "{call: {procedure: auxtel/calibrations/power_on_atcalsys.py, via: 'ScriptQueue:2'}, timeout: 10 min}"

    report = run(steps(*ENABLE_ALL, slow))

    assert "has not ended after 600 s: script 200002 is RUNNING" in report.because
    assert "last at its checkpoint 'Waiting for lamp to warm up'" in report.because


def test_block_on_a_queue_that_is_paused_meanwhile_says_so():
    block = "{block: BLOCK-310, timeout: 10 min}"

    report = run(steps(SCHEDULER, block), "ScriptQueue:2.paused_by_somebody@5 s")

    assert "BLOCK-310 has not ended after 600 s: ScriptQueue:2 is PAUSED; resume the queue" in report.because


def test_script_without_a_limit_on_a_paused_queue_is_called_off():
    report = run(steps(PAUSE, STANDBY.replace(", timeout: 5 min", "")))

    assert report.outcome != "passed"
    assert "ScriptQueue:2" in report.because
