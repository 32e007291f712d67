"""Faults in one line and in scenario files."""

from __future__ import annotations

import pytest

from fsm import AuthorError
from procedures import load_scenario, parse_injection
from tests.acceptance.stage import run, site, steps


def parsed(text: str):
    return parse_injection(text, site().truth)


def test_fault_happens_at_the_start_with_its_defaults():
    injection = parsed("ATDome.encoder_slip")

    assert (injection.component, injection.fault, injection.at, injection.when) == ("ATDome", "encoder_slip", 0.0, None)


def test_parameters_are_in_canonical_units():
    assert parsed("ATDome.encoder_slip:slip=90arcmin").values["slip"] == pytest.approx(1.5)


@pytest.mark.parametrize(("text", "seconds"), [("@1200s", 1200.0), ("@20 min", 1200.0), ("@0.5 h", 1800.0)])
def test_fault_may_wait_for_a_time(text, seconds):
    assert parsed(f"ATDome.encoder_slip{text}").at == seconds


def test_fault_may_wait_for_a_condition():
    injection = parsed("ATDome.encoder_slip:slip=2 deg@ATWhiteLight.lamp is ON")

    assert str(injection.when) == "ATWhiteLight.lamp is ON"


def test_indexed_component_is_understood():
    assert parsed("OCPS:1.job_error@10 s").component == "OCPS:1"
    assert parsed("ScriptQueue:2.paused_by_somebody").component == "ScriptQueue:2"


def test_index_may_be_left_out_where_there_is_only_one():
    assert parsed("OCPS.service_down").component == "OCPS:1"


def test_alias_is_understood():
    assert parsed("ATMount.emergency_stop").component == "ATMCS"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ATDom.encoder_slip", "there is no component ATDom; did you mean ATDome?"),
        ("ATDome.encoder_slop", "ATDome has no fault encoder_slop; did you mean encoder_slip?"),
        ("ATDome.encoder_slip:slap=2 deg", "no parameter slap; did you mean slip?"),
        ("ATDome.encoder_slip:slip=2 s", "slip=2 s must be in deg"),
        ("ATDome.encoder_slip:slip", "a parameter is written name=value, not slip"),
        ("ATDome.encoder_slip@3 deg", "a time is wanted after @"),
        ("ATDome.encoder_slip@ATDome.homming is HOMED", "did you mean ATDome.homing?"),
        ("ATDome.encoder_slip@ATDome.homing is HOMD", "did you mean HOMED?"),
        ("encoder_slip", "there is no component encoder_slip"),
    ],
)
def test_mistake_names_what_would_help(text, message):
    with pytest.raises(AuthorError) as error:
        parsed(text)

    assert message in str(error.value)


def test_fault_that_waits_for_a_condition_happens_when_it_is_true(tmp_path):
    from fsm import read_journal

    path = tmp_path / "journal.jsonl"

    run("weekly", "ATDome.encoder_slip:slip=2.5deg@ATWhiteLight.lamp is ON", journal=path)

    records = list(read_journal(path))
    moves = [record for record in records if record["kind"] == "transition" and record["who"] == "ATWhiteLight"]
    lit = next(record["t"] for record in moves if (record["machine"], record["state"]) == ("lamp", "ON"))
    assert next(r["t"] for r in records if r["kind"] == "fault") == lit


def test_scenario_file_is_read(tmp_path):
    path = tmp_path / "cold.yaml"
    path.write_text(
        "scenario: cold\ntitle: two things\n"
        "faults:\n"
        "  - {fault: ATDome.encoder_slip, parameters: {slip: 2 deg}, at: 10 min}\n"
        "  - {fault: ATWhiteLight.chiller_warning, when: ATWhiteLight.lamp is ON}\n"
        "states: {ATBuilding: STANDBY}\n"
    )

    scenario = load_scenario(path, site().truth)

    assert [(fault.component, fault.at) for fault in scenario.faults] == [("ATDome", 600.0), ("ATWhiteLight", None)]
    assert scenario.states == {"ATBuilding": "STANDBY"}


def test_injection_is_written_as_it_is_read():
    text = "ATDome.encoder_slip:slip=2.5 deg@ATWhiteLight.lamp is ON"

    assert str(parsed(text)) == text


def test_all_mistakes_of_a_scenario_are_told_by_line(tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text(
        "scenario: wrong\ntitle: wrong\nfaults:\n  - {fault: ATDome.encoder_slop}\n  - {fault: ATDom.encoder_slip}\n"
    )

    with pytest.raises(AuthorError) as error:
        load_scenario(path, site().truth)

    assert [line.split(":")[1] for line in str(error.value).splitlines()] == ["4", "5"]


@pytest.mark.parametrize("when", ["count(bias) == 2", "last(bias).seq_num == 2"])
def test_fault_may_wait_for_an_image(when):
    enable = "{summary_state: {of: LATISS, to: ENABLED}}"
    take = "{take_images: {type: BIAS, count: 3, exposure_times: 0 s}}"

    report = run(steps(enable, take, "{wait: 1 min}"), f"ATOODS.silent@{when}")

    # It happens before the second image is ingested.
    assert report.outcome == "passed", report.because
    assert report.components["ATOODS"]["outputs"]["ingested"] == 1
    assert len(report.images) == 3


def test_fault_that_waits_for_an_image_that_never_comes_does_not_happen():
    report = run(steps("{wait: 1 min}"), "ATOODS.silent@count(bias) == 1")

    assert report.components["ATOODS"]["machines"]["ingest"] == "WORKING"
