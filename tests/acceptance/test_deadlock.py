"""A rehearsal that waits for what can no longer happen ends, and says who waits for what."""

from __future__ import annotations

from tests.acceptance.stage import run, steps


def test_report_names_who_waits_for_what(tmp_path):
    report = run(steps("{wait: until ATDome is ENABLED}"), journal=tmp_path / "journal.jsonl")

    assert report.outcome == "failed"
    assert "observer waits for ATDome is ENABLED (ATDome is STANDBY, not ENABLED)" in report.because
    assert f"simulated time stopped at {report.simulated_seconds:.3f} s" in report.because
    assert [step.outcome for step in report.steps] == ["stopped"]
    assert (tmp_path / "journal.jsonl").read_text().splitlines()[-1].count('"outcome":"failed"') == 1
