"""What a procedure's author is told."""

from __future__ import annotations

import pytest

from fsm import AuthorError
from procedures import load_procedure
from tests.procedures.play import SHEET, load, play, vocabulary

HEAD = "config: {type: object, properties: {power: {type: number, unit: W}, mode: {type: string}}}"

IMAGES = "{{take_images: {{type: BIAS, {}}}}}"


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ("{comand: Tiny.turnOn}", "unknown key comand; did you mean command?"),
        ("{log: lamp on, dome closed}", "unknown key dome closed; a value that holds a comma is written in quotes"),
        ("{command: Tiny.turnOm}", "play.yaml:6:15: Tiny has no command turnOm; did you mean turnOn?"),
        ("{command: Tinny.turnOn}", "play.yaml:6:15: there is no component Tinny; did you mean Tiny?"),
        ("{command: Tiny.turnOn, with: {powr: 1}}", "turnOn has no field powr; did you mean power?"),
        ("{command: Tiny.turnOn, wait: 3 s}", "a step has exactly one kind; this one has command and wait"),
        ("{name: nothing}", "a step has exactly one kind; this one has none of command"),
        ("{command: Tiny.turnOn, unless: []}", "a command step has no key unless"),
        ("{expect: Tiny.lamp is ONN}", "play.yaml:6:27: "),
        ("{expect: Tiny.lampe is ON}", "did you mean Tiny.lamp?"),
        ("{wait: until Tiny.temperature > 3 deg}", "deg"),
        ("{wait: for event Tiny.lampstate}", "Tiny has no event lampstate; did you mean lampState?"),
        ("{wait: until config.powr > 3 W}", "did you mean config.power?"),
        ("{summary_state: {of: Tiny, to: ENABELD}}", "there is no summary state ENABELD; did you mean ENABLED?"),
        ("{summary_state: {of: BOTTH, to: ENABLED}}", "there is no component or group BOTTH; did you mean BOTH?"),
        ("{call: {procedure: x, via: ScriptQueue:2}}", "there is no component ScriptQueue:2"),
        ("{call: {procedure: x, via: Peer}}", "Peer is no script queue; there is none"),
        ("{block: BLOCK-309}", "there is no component ScriptQueue:2"),
        ("{block: BLOCK-309, via: Peer}", "play.yaml:6:29: Peer is no script queue"),
        ("{join: {tasks: [DARK], limit: 3 s}}", "no step before goes on in the background as DARK"),
        ("{log: 'power ${config.power'}", "play.yaml:6:12: a ${ that no } closes"),
        ("{wait: 3 deg}", "play.yaml:6:12: 3 deg is no time: it is in deg; write it in s, min or h"),
        ("{wait: 5}", "play.yaml:6:12: 5 is no time: it has no unit; write it in s, min or h"),
        ("{log: a, timeout: 1.5}", "play.yaml:6:23: 1.5 is no time: it has no unit"),
        ("{wait: 3 s, timeout: config.power}", "play.yaml:6:26: config.power is no time: it is in W"),
        ("{repeat: {times: 3 s, steps: []}}", "play.yaml:6:22: 3 s is no plain number: it is in s; write it without"),
        ("{repeat: {times: config.mode, steps: []}}", "play.yaml:6:22: config.mode is no plain number: it is a text"),
        (IMAGES.format("exposure_times: 3 deg"), "play.yaml:6:48: 3 deg is no time: it is in deg; write it in s"),
        (IMAGES.format("exposure_times: '[1 deg, 2 deg]'"), "play.yaml:6:49: [1 deg, 2 deg] is no time: it is in deg"),
        (IMAGES.format("exposure_times: 6"), "play.yaml:6:48: 6 is no time: it has no unit"),
        (IMAGES.format("exposure_times: 1 s, count: 2 s"), "play.yaml:6:60: 2 s is no plain number"),
        (IMAGES.format("exposure_times: 1 s, discard: 2 s"), "play.yaml:6:62: 2 s is no plain number"),
        (IMAGES.format("exposure_times: 1 s, pause: 2"), "play.yaml:6:60: 2 is no time: it has no unit"),
        ("{ingested: {images: '[]', detectors: 9 s}}", "play.yaml:6:42: 9 s is no plain number"),
        ("{wait: 3 s, timeout: config.mode}", "play.yaml:6:26: config.mode is no time: it is"),
        ("{take_images: {type: BIAS, exposure_times: 0 s}}", "there is no component ATCamera"),
        ("{log: '${config.poer}'}", "did you mean config.power?"),
        ("{let: {a: 3 s + 2 deg}}", "deg"),
        ("{wait: 3 s, save: x}", "play.yaml:6:23: only the fields of an event can be saved"),
        ("{wait: for latest event Tiny.lampstate}", "Tiny has no event lampstate; did you mean lampState?"),
        (
            "{let: {a: 'sky(azimuth=3 s, elevation=3 deg).declination'}}",
            "there is no sky(azimuth=3 s, elevation=3 deg)",
        ),
        (
            "{let: {a: sky(azimuth=3 deg).declination}}",
            "did you mean sky(azimuth=45 deg, elevation=45 deg).declination?",
        ),
        (
            "{let: {a: 'sky(azimuth=config.power, elevation=3 deg).declination'}}",
            "there is no sky(azimuth=config.power",
        ),
    ],
)
def test_mistake_is_told_with_its_place_and_what_would_help(step, text):
    with pytest.raises(AuthorError) as error:
        load(f"  - {step}", HEAD)

    assert text in str(error.value)
    assert "play.yaml:6:" in str(error.value)


def test_all_mistakes_are_told_at_once_by_line():
    with pytest.raises(AuthorError) as error:
        load("  - {command: Tiny.turnOm}\n  - {expect: Tiny.lamp is ONN}\n  - {log: hello}\n  - {wait: until Tiny.x}")

    lines = [line.split(":")[1] for line in str(error.value).splitlines()]
    assert lines == ["6", "7", "9"]


def test_two_steps_with_one_id_are_a_mistake():
    with pytest.raises(AuthorError, match="there is already a step a"):
        load("  - {log: hello, id: a}\n  - {log: hello, id: a}")


def test_wrong_json_schema_is_a_mistake():
    with pytest.raises(AuthorError, match="not a JSON schema"):
        load("  - {log: hello}", "config: {type: objekt}")


def test_schema_that_leads_out_of_the_file_is_a_mistake():
    with pytest.raises(AuthorError, match=r"play\.yaml:4:9: not a JSON schema: \$ref 'http://example.org/x' leads out"):
        load("  - {log: hello}", "config: {properties: {a: {$ref: 'http://example.org/x'}}}")


def test_variables_are_known_after_the_step_that_gives_them():
    load("  - let: {a: 3 s}\n  - wait: a")

    with pytest.raises(AuthorError, match="there is no a"):
        load("  - wait: a\n  - let: {a: 3 s}")


def test_steps_are_numbered_where_the_author_gives_no_id():
    procedure = load("  - {log: x}\n  - {when: Tiny.lamp is ON, then: [{log: y}], otherwise: [{log: z}]}")

    first, second = procedure.steps
    assert (first.id, second.id) == ("1", "2")
    assert (second.steps[0].id, second.otherwise[0].id) == ("2.1", "2.else.1")


CAMERA_HEAD = "config: {type: object, properties: {camera: {type: string}}}"


@pytest.mark.parametrize(
    "step",
    [
        "{take_images: {type: BIAS, exposure_times: 0 s, camera: '${config.camera}'}}",
        "{ingested: {images: '[]', oods: '${config.camera}'}}",
        "{pipeline: {pipeline: x, ocps: '${config.camera}'}}",
    ],
)
def test_a_component_that_only_the_configuration_knows_is_looked_for_when_its_step_begins(step):
    assert load(f"  - {step}", CAMERA_HEAD).steps

    played = play(f"  - {step}", head=CAMERA_HEAD, config={"camera": "Tinny"})

    assert "there is no component Tinny; did you mean Tiny?" in str(played.error)


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ("{ingested: {images: '[]', oods: Tinny}}", "play.yaml:6:37: there is no component Tinny; did you mean Tiny?"),
        ("{pipeline: {pipeline: x, ocps: Tinny}}", "play.yaml:6:36: there is no component Tinny; did you mean Tiny?"),
    ],
)
def test_a_component_that_is_named_is_looked_for_when_the_file_is_read(step, text):
    with pytest.raises(AuthorError, match=text.replace("?", r"\?")):
        load(f"  - {step}", CAMERA_HEAD)


BEGINS = """procedure: play
kind: {}
title: a play
begins: {}
steps:
  - {{log: hello}}
"""


@pytest.mark.parametrize(
    ("begins", "text"),
    [
        ("{start: tomorrow}", "play.yaml:4:17: tomorrow is not a date and time such as 2026-01-15T13:00:00"),
        ("{states: {Tinny: ENABLED}}", "play.yaml:4:26: there is no component Tinny; did you mean Tiny?"),
        ("{states: {BOTH: ENABELD}}", "BOTH has no summary state ENABELD; did you mean ENABLED?"),
        ("{machines: {Tiny: {lamp: ONN}}}", "lamp has no state ONN; did you mean ON?"),
        ("{parameters: {Tiny: {travel: 3 deg}}}", "Tiny has no parameter travel"),
        ("{time: tomorrow}", "unknown key time"),
    ],
)
def test_mistake_about_the_beginning_is_told(begins, text):
    with pytest.raises(AuthorError) as error:
        load_procedure(BEGINS.format("rehearsal", begins), vocabulary(), name="play.yaml")

    assert text in str(error.value)


def test_only_a_rehearsal_has_a_beginning_of_its_own():
    with pytest.raises(AuthorError, match="a script begins when it is called; only a rehearsal has a beginning"):
        load_procedure(BEGINS.format("script", "{states: {Tiny: ENABLED}}"), vocabulary(), name="play.yaml")


def test_beginning_is_that_of_every_member_of_a_group():
    text = BEGINS.format(
        "rehearsal", "{start: '2026-01-15T20:00:00', states: {BOTH: DISABLED}, machines: {Tiny: {lamp: 'ON'}}}"
    )

    begins = load_procedure(text, vocabulary(), name="play.yaml").begins
    assert begins is not None
    there = begins.on(SHEET)

    assert {name: placed.state for name, placed in there.components.items()} == {"Tiny": "DISABLED", "Peer": "DISABLED"}
    assert there.components["Tiny"].machines == {"lamp": "ON"}
    assert there.start == "2026-01-15T20:00:00"
