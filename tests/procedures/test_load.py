"""What a procedure's author is told."""

from __future__ import annotations

import pytest

from fsm import AuthorError
from tests.procedures.play import load

HEAD = "config: {type: object, properties: {power: {type: number, unit: W}, mode: {type: string}}}"


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
        ("{wait: 3 s, timeout: config.mode}", "play.yaml:6:26: config.mode is no time: it is"),
        ("{take_images: {type: BIAS, exposure_times: 0 s}}", "there is no component ATCamera"),
        ("{log: '${config.poer}'}", "did you mean config.power?"),
        ("{let: {a: 3 s + 2 deg}}", "deg"),
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
