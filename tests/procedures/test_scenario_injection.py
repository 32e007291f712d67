"""When an injection happens and for how long: in one line, in files, and in a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsm import AuthorError, read_journal
from procedures import load_scenario, parse_injection
from tests.acceptance.stage import run, site, steps

WAIT = steps("{wait: 10 min}")


def parsed(text: str):
    return parse_injection(text, site().truth)


def faults_of(*faults: str, path: Path, procedure: str = WAIT, seed: int = 1) -> list[tuple[float, str]]:
    """Rehearse, and return when what was done to the observatory."""
    run(procedure, *faults, journal=path, seed=seed)
    return [(record["t"], record["what"]) for record in read_journal(path) if record["kind"] == "fault"]


@pytest.mark.parametrize(
    "text",
    [
        "ATDome.silence",
        "ATDome.silence@60s for 300 s",
        "ATDome.silence@ATWhiteLight.lamp is ON until ATWhiteLight.lamp is OFF",
        "ATCamera.message_lost:topic=endReadout,times=1@command ATCamera.takeImages #3",
        "ATDome.restart:after=20 s,state=DISABLED@transition ATWhiteLight.lamp WARMUP #1",
        "ATDome.encoder_slip:slip=2 deg@transition ATDome.summary ENABLED #2 until 1200 s with probability 0.3",
        "ATDome.sensor_biased:output=azimuth,by=-2.5 deg",
        "OCPS:1.command_late:command=execute,by=5 s",
    ],
)
def test_an_injection_is_written_as_it_is_read(text):
    assert str(parsed(text)) == text


def test_a_component_may_be_called_by_its_alias_in_an_occasion():
    assert str(parsed("ATDome.silence@command ATMount.startTracking").on) == "command ATMCS.startTracking #1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ATDome.silnce", "ATDome has no fault silnce; did you mean silence?"),
        ("ATDome.slowness:factr=2", "no parameter factr; did you mean factor?"),
        ("ATDome.slowness:factor=0.5", "factor=0.5 is not in range [1, 1000]"),
        ("ATDome.slowness:reaction=5 deg", "reaction=5 deg must be in s"),
        ("ATDome.restart:state=STANBY", "state=STANBY is none of"),
        ("ATDome.sensor_nan", "sensor_nan: say which output, as in output=azimuth"),
        ("ATDome.sensor_biased:output=azimut", "did you mean azimuth?"),
        ("ATDome.sensor_biased:output=azimuth,by=2 s", "by=2 s must be in deg"),
        ("ATCamera.message_lost:topic=endReadot", "ATCamera has no topic endReadot; did you mean endReadout?"),
        ("ATCamera.ack_lost:command=takeImage", "ATCamera has no command takeImage; did you mean takeImages?"),
        ("ATCamera.ack_lost:which=last", "which=last is none of final, progress, any"),
        ("ATDome.silence@command ATDome.moveAzimut #2", "ATDome has no command moveAzimut; did you mean moveAzimuth?"),
        ("ATDome.silence@command ATDom.moveAzimuth", "there is no component ATDom; did you mean ATDome?"),
        ("ATDome.silence@command ATDome.moveAzimuth #x", "is written as in command ATCamera.takeImages #3"),
        ("ATDome.silence@command ATDome.moveAzimuth #0", "nth=0: the first is number 1"),
        ("ATDome.silence@command moveAzimuth", "moveAzimuth: is written COMPONENT.NAME"),
        ("ATDome.silence@transition ATDome.homng HOMED", "ATDome has no machine homng; did you mean homing?"),
        ("ATDome.silence@transition ATDome.homing HOMD", "ATDome.homing has no state HOMD; did you mean HOMED?"),
        ("ATDome.silence@transition ATDome.homing", "a transition is written as in ATWhiteLight.lamp WARMUP"),
        ("ATDome.silence for 5 deg", "a time is wanted after for, such as 20 min, not 5 deg"),
        ("ATDome.silence until 5 deg", "a time is wanted after until, such as 20 min, not 5 deg"),
        ("ATDome.silence until ATDome is ENABLD", "did you mean ENABLED?"),
        ("ATDome.silence with probability 1.5", "probability 1.5 is not between 0 and 1"),
        ("ATDome.silence with probability often", "probability often is no number"),
    ],
)
def test_a_mistake_names_what_would_help(text, message):
    with pytest.raises(AuthorError) as error:
        parsed(text)

    assert message in str(error.value)


def test_it_lasts_as_long_as_it_is_said(tmp_path):
    assert faults_of("ATDome.silence@60s for 90 s", path=tmp_path / "j") == [(60.0, "injected"), (150.0, "cleared")]


def test_it_lasts_until_a_time(tmp_path):
    assert faults_of("ATDome.silence until 2 min", path=tmp_path / "j") == [(0.0, "injected"), (120.0, "cleared")]


def test_it_lasts_until_a_condition_is_true(tmp_path):
    procedure = steps("{wait: 30 s}", "{summary_state: {of: ATBuilding, to: STANDBY}}", "{wait: 30 s}")

    [begun, ended] = faults_of("ATDome.silence until ATBuilding is STANDBY", path=tmp_path / "j", procedure=procedure)

    assert begun == (0.0, "injected")
    assert ended[0] >= 30.0
    assert ended[1] == "cleared"


def test_a_declared_fault_is_cleared_too(tmp_path):
    assert faults_of("ATDome.encoder_slip for 30 s", path=tmp_path / "j") == [(0.0, "injected"), (30.0, "cleared")]


def test_what_was_cured_meanwhile_is_not_cleared_again(tmp_path):
    faults = ("ATWhiteLight.bulb_will_not_ignite:times=1 for 2 h",)

    assert [what for _, what in faults_of(*faults, path=tmp_path / "j")] == ["injected"]


def test_it_happens_with_the_nth_command_before_that_arrives(tmp_path):
    procedure = steps(
        "{summary_state: {of: LATISS, to: ENABLED}}",
        "{take_images: {type: BIAS, count: 3, exposure_times: 0 s}, timeout: 1 min, on_failure: warn}",
    )
    fault = "ATCamera.command_lost:command=takeImages,times=1@command ATCamera.takeImages #2"

    report = run(procedure, fault, journal=tmp_path / "j")

    records = list(read_journal(tmp_path / "j"))
    sent = [record for record in records if record["kind"] == "command" and record["command"] == "takeImages"]
    [lost] = [record for record in records if record["kind"] == "message"]
    assert lost["seq"] == sent[1]["seq"]
    assert len(report.images) == 1


def test_it_happens_with_the_nth_transition(tmp_path):
    procedure = steps(
        *(f"{{summary_state: {{of: ATDome, to: {state}}}}}" for state in ("ENABLED", "STANDBY", "ENABLED")),
        "{wait: 1 min}",
    )

    run(procedure, "ATDome.silence@transition ATDome.summary DISABLED #3", journal=tmp_path / "j")

    records = list(read_journal(tmp_path / "j"))
    third = [r for r in records if r["kind"] == "transition" and r["who"] == "ATDome" and r["state"] == "DISABLED"][2]
    [fault] = [r for r in records if r["kind"] == "fault"]
    assert fault["t"] == third["t"]
    assert fault["n"] > third["n"]


def test_with_a_probability_it_happens_in_some_runs_and_always_in_the_same(tmp_path):
    text = "ATDome.silence with probability 0.5"
    happened = [bool(faults_of(text, path=tmp_path / "j", seed=seed)) for seed in range(20)]

    assert 4 <= sum(happened) <= 16
    assert happened == [bool(faults_of(text, path=tmp_path / "j", seed=seed)) for seed in range(20)]


def test_what_is_to_befall_a_component_that_is_away_does_not(tmp_path):
    faults = ("ATDome.restart:after=60 s@10s", "ATDome.silence@20s", "ATDome.silence@100s")

    assert [t for t, what in faults_of(*faults, path=tmp_path / "j") if what == "injected"] == [10.0, 100.0]


def test_a_condition_about_a_component_that_is_away_is_unknown(tmp_path):
    faults = ("ATDome.restart:after=5 min@10s", "ATBuilding.silence@ATDome is STANDBY and ATBuilding is STANDBY")
    procedure = steps("{wait: 30 s}", "{summary_state: {of: ATBuilding, to: STANDBY}}", "{wait: 10 min}")

    times = [t for t, what in faults_of(*faults, path=tmp_path / "j", procedure=procedure) if what == "injected"]

    assert times == [10.0, 310.0], "it is looked at again when the dome is back"


# ----------------------------------------------------------------------- files

TABLE = """
scenario: table
title: every trigger
faults:
  - {fault: ATDome.silence, at: 1 min, for: 30 s}
  - {fault: ATDome.slowness, when: ATWhiteLight.lamp is ON, until: ATWhiteLight.lamp is OFF}
  - {fault: ATDome.restart, on: {command: ATCamera.takeImages, nth: 3}, probability: 0.3}
  - {fault: ATDome.restart, on: {transition: ATWhiteLight.lamp WARMUP}}
  - fault: ATCamera.ack_late
    parameters: {command: takeImages, by: 20 s, times: 2}
"""


def loaded(tmp_path: Path, text: str, name: str = "scenario.yaml"):
    path = tmp_path / name
    path.write_text(text)
    return load_scenario(path, site().truth, site().library)


def test_a_file_and_one_line_say_the_same(tmp_path):
    assert [str(fault) for fault in loaded(tmp_path, TABLE).faults] == [
        "ATDome.silence@60s for 30 s",
        "ATDome.slowness@ATWhiteLight.lamp is ON until ATWhiteLight.lamp is OFF",
        "ATDome.restart@command ATCamera.takeImages #3 with probability 0.3",
        "ATDome.restart@transition ATWhiteLight.lamp WARMUP #1",
        "ATCamera.ack_late:command=takeImages,by=20 s,times=2",
    ]


@pytest.mark.parametrize(
    ("line", "column", "message"),
    [
        ("{fault: ATDome.silnce}", 13, "ATDome has no fault silnce; did you mean silence?"),
        ("{fault: ATDome.slowness, parameters: {factr: 2}}", 50, "no parameter factr; did you mean factor?"),
        ("{fault: ATDome.slowness, parameters: {factor: 0}}", 51, "factor=0 is not in range"),
        ("{fault: ATDome.sensor_nan, parameters: {output: azimut}}", 53, "did you mean azimuth?"),
        ("{fault: ATDome.silence, at: 3 deg}", 33, "a time is wanted after @, such as 20 min, not 3 deg"),
        ("{fault: ATDome.silence, when: 20 min}", 35, "20 min is a time; write it as `at`"),
        ("{fault: ATDome.silence, when: ATDome is ENABLD}", 45, "did you mean ENABLED?"),
        ("{fault: ATDome.silence, at: 1 min, when: ATDome is ENABLED}", 46, "it happens at or when; say one of them"),
        ("{fault: ATDome.silence, for: 1 min, until: 2 min}", 48, "it ends `for` or `until`; say one of them"),
        ("{fault: ATDome.silence, on: {nth: 2}}", 33, "say one of `command`, `transition` and `step`"),
        ("{fault: ATDome.silence, on: {command: ATDome.mov}}", 43, "ATDome has no command mov"),
        ("{fault: ATDome.silence, probability: 2}", 42, "probability 2 is not between 0 and 1"),
        ("{fault: ATDome.silence, unti: 2 min}", 29, "did you mean until?"),
    ],
)
def test_a_mistake_in_a_file_is_told_where_it_is(tmp_path, line, column, message):
    with pytest.raises(AuthorError) as error:
        loaded(tmp_path, f"scenario: wrong\ntitle: wrong\nfaults:\n  - {line}\n")

    assert str(error.value).startswith(f"scenario.yaml:4:{column}: ")
    assert message in str(error.value)


def test_all_mistakes_of_one_fault_are_told(tmp_path):
    line = "{fault: ATDome.silnce, when: ATDome is ENABLD, until: ATDome is STANDBI, probability: 2}"

    with pytest.raises(AuthorError) as error:
        loaded(tmp_path, f"scenario: wrong\ntitle: wrong\nfaults:\n  - {line}\n")

    assert len(str(error.value).splitlines()) == 4
