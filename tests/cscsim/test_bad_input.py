"""What bad input gets: one message with file, line, column and the nearest valid name; exit code 2; no traceback."""

from __future__ import annotations

import pytest

from tests.cscsim.cli import DATA, LIGHT, SMALL, call

BAD = DATA / "bad"

FILES = {
    "unknown_component": ":5:14: there is no component ATDom; did you mean ATDome?",
    "unknown_command": ":5:14: ATDome has no command moveAzimut; did you mean moveAzimuth?",
    "unknown_field": ":6:20: moveAzimuth has no field azimth; did you mean azimuth?",
    "unknown_state": ":5:33: ATDome.main_door has no state OPENNED; did you mean OPENED?",
    "unknown_summary_state": ":5:37: there is no summary state ENABLD; did you mean ENABLED?",
    "unknown_unit": ":5:37: there is no unit degg; did you mean deg?",
    "wrong_unit": ":5:30: ATDome.azimuth is in deg, but 5 s is in s",
    "unknown_key": ":5:5: steps[0]: unknown key expct; did you mean expect?",
    "unknown_procedure": (
        ":5:5: there is no procedure auxtel/prepare_for/flt.py; did you mean auxtel/prepare_for/flat.py?"
    ),
    "unknown_key_of_procedure": ":5:5: auxtel/take_image_latiss.py has no key filtr; did you mean filter?",
    "unknown_block": ":5:5: there is no block BLOCK-308; did you mean BLOCK-310?",
    "unclosed_bracket": ":4:10: not valid YAML: ",
    "tag": ":4:8: tag !!python/object/apply:os.system is not allowed; write a plain value",
}

OPTIONS = [
    (["--fault", "ATDom.encoder_slip"], "there is no component ATDom; did you mean ATDome?"),
    (["--fault", "ATDome.encoder_slp"], "ATDome has no fault encoder_slp; did you mean encoder_slip?"),
    (["--fault", "ATDome.encoder_slip:slop=2deg"], "has no parameter slop; did you mean slip?"),
    (["--fault", "ATDome.encoder_slip:slip=2s"], "slip=2s must be in deg"),
    (["--fault", "ATDome.encoder_slip:slip=200deg"], "slip=200 deg is not in range [-180 deg, 180 deg]"),
    (["--fault", "ATDome.encoder_slip:slip"], "a parameter is written name=value, not slip"),
    (["--fault", "ATDome.encoder_slip@3deg"], "a time is wanted after @"),
    (["--fault", "ATDome.encoder_slip@3furlong"], "furlong"),
    (
        ["--fault", "ATDome.encoder_slip@ATWhiteLight.lamp is ONN"],
        "ATWhiteLight.lamp has no state ONN; did you mean ON?",
    ),
    (["--fault", "encoder_slip"], "is written COMPONENT.FAULT[:parameter=value,...][@WHEN]"),
    (["--scenario", "encoder_slp"], "there is no scenario encoder_slp; did you mean encoder_slip?"),
    (["--scenario", "nowhere/slip.yaml"], "slip.yaml: cannot be read: No such file or directory"),
    (["--observatory", "auxtl"], "there is no observatory auxtl; did you mean auxtel?"),
    (["--set", "azimth=3"], "light has no key azimth; did you mean azimuth?"),
    (["--set", "azimuth=far"], "azimuth: 'far' is not of type 'number'"),
    (["--set", "azimuth=[3"], "--set azimuth:1:3: not valid YAML"),
    (["--set", "azimuth=!!python/name:os.system"], "tag !!python/name:os.system is not allowed"),
    (["--set", "azimuth"], "--set azimuth: is written key=value"),
    (["--set", "azimuth=1", "--set", "azimuth=2"], "azimuth is set twice"),
    (["--speed", "fast"], "--speed fast: must be max, real or a factor such as 60x"),
    (["--speed", "0x"], "--speed 0x: must be max, real or a factor such as 60x"),
    (["--speed", "nan"], "--speed nan: must be max, real or a factor such as 60x"),
    (["--seed", "-1"], "Invalid value for '--seed'"),
    (["--sed", "1"], "No such option '--sed'"),
    (["--journal", "nowhere/light.jsonl"], "nowhere/light.jsonl: cannot be written: No such file or directory"),
]

COMMANDS = [
    (["reherse", "weekly"], "cscsim: there is no command reherse; did you mean rehearse?"),
    (["rehearse", "wekly"], "cscsim: there is no procedure wekly; did you mean weekly?"),
    (["rehearse", "wekly.yaml"], "wekly.yaml: cannot be read: No such file or directory"),
    (["rehearse"], "cscsim rehearse: Missing argument 'PROCEDURE'."),
    (["list", "component"], "cscsim: nothing can be listed as component; did you mean components?"),
    (["show", "ATDom"], "did you mean ATDome?"),
    (["show", "ATDome.encoder_slp"], "ATDome has no fault or machine encoder_slp; did you mean ATDome.encoder_slip?"),
    (["show", "encoder_slp"], "did you mean encoder_slip?"),
    (["diagram", "ATDom"], "cscsim: there is no component or procedure ATDom; did you mean ATDome?"),
    (["diagram", "wekly"], "cscsim: there is no component or procedure wekly; did you mean weekly?"),
    (["diagram", "ATDome.homing", "--highlight", "HOMD"], "ATDome.homing has no state HOMD; did you mean HOMED?"),
    (["diagram", "ATDome", "--highlight", "HOMED"], "ATDome has many machines; did you mean MACHINE.HOMED?"),
    (["diagram", "ATDome.homing", "--highlight", "drive.TURNING"], "drive is not drawn, only homing"),
    (["diagram", "weekly", "--highlight", "setpu"], "weekly has no step setpu; did you mean setup?"),
    (["diagram", "weekly", "--machine", "homing"], "weekly is a procedure and has no machine homing"),
    (["diagram", "ATDome", "--format", "scxml", "--meanings"], "cscsim: scxml is run, not looked at"),
    (["diagram", "ATDome", "--output", "nowhere/dome.mmd"], "nowhere/dome.mmd: cannot be written: No such file"),
    (["diagram", "ATDome", "--machine", "man_door"], "cscsim: ATDome has no machine man_door; did you mean main_door?"),
]


def refused(*arguments: str) -> str:
    """Run a command that must be refused; return its message."""
    result = call(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr


@pytest.mark.parametrize("name", FILES)
def test_a_bad_procedure_is_refused_where_it_is_wrong(name):
    path = BAD / f"{name}.yaml"

    message = refused("rehearse", str(path), "--yes")

    assert message.startswith(f"{path}{FILES[name]}")
    assert message.count("\n") == 1


def test_all_mistakes_of_a_file_are_told_at_once():
    path = BAD / "several_mistakes.yaml"

    message = refused("rehearse", str(path), "--yes")

    assert [line.split(": ")[0] for line in message.splitlines()] == [f"{path}:5:14", f"{path}:6:33"]


def test_anchors_and_aliases_are_refused():
    message = refused("rehearse", str(BAD / "anchor.yaml"), "--yes")

    assert ":4:8: anchor &again is not allowed" in message
    assert ":6:5: alias *again is not allowed" in message


def test_a_file_that_is_too_large_is_refused(tmp_path):
    path = tmp_path / "large.yaml"
    path.write_text("# x\n" * 300_000)

    assert refused("rehearse", str(path), "--yes") == f"{path}:1:1: is larger than 1 MiB; split it\n"


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x00", b"- \x1b[2J"])
def test_a_file_that_is_no_text_is_refused(tmp_path, content):
    path = tmp_path / "noise.yaml"
    path.write_bytes(content)

    message = refused("rehearse", str(path), "--yes")

    assert message.startswith(f"{path}:1:")
    assert "\x1b" not in message


def test_control_characters_of_a_name_do_not_reach_the_terminal():
    assert "\\x1b[2J" in refused("rehearse", "week\x1b[2Jly")


@pytest.mark.parametrize(("options", "message"), OPTIONS)
def test_a_bad_option_is_refused(options, message):
    assert message in refused("rehearse", LIGHT, *SMALL, "--yes", *options)


@pytest.mark.parametrize(("arguments", "message"), COMMANDS)
def test_a_bad_name_is_refused(arguments, message):
    assert message in refused(*arguments)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("faults: [{fault: ATDome.encoder_slp}]", ":3:18: ATDome has no fault encoder_slp; did you mean encoder_slip?"),
        ("faults: [{fault: ATDome.encoder_slip, at: 3 deg}]", ":3:43: "),
        ("fults: []", ":3:1: unknown key fults; did you mean faults?"),
        (
            "faults: [{fault: ATDome.encoder_slip, when: ATDome.main_door is OPENNED}]",
            ":3:65: ATDome.main_door has no state OPENNED; did you mean OPENED?",
        ),
        ("states: {ATDom: ENABLED}", ":3:17: there is no component ATDom; did you mean ATDome?"),
        ("states: {ATDome: ENABLD}", ":3:18: ATDome has no summary state ENABLD; did you mean ENABLED?"),
        ("machines: {ATDome: {man_door: OPENED}}", ":3:31: ATDome has no machine man_door; did you mean main_door?"),
        ("machines: {ATDome: {main_door: OPENNED}}", ":3:32: main_door has no state OPENNED; did you mean OPENED?"),
        ("parameters: {ATDome: {high_sped: 1 deg/s}}", "ATDome has no parameter high_sped; did you mean high_speed?"),
        ("parameters: {ATDome: {high_speed: 1 s}}", ":3:35: high_speed=1 s: a quantity in deg/s is expected"),
    ],
)
def test_a_bad_scenario_is_refused(tmp_path, line, message):
    path = tmp_path / "bad.yaml"
    path.write_text(f"scenario: bad\ntitle: Bad\n{line}\n")

    assert message in refused("rehearse", LIGHT, *SMALL, "--yes", "--scenario", str(path))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("  ATDom: {}", ":5:10: there is no component ATDom; did you mean ATDome?"),
        ("  ATDome: {state: ENABLD}", ":5:19: there is no summary state ENABLD; did you mean ENABLED?"),
        ("  ATDome: {parameters: {high_sped: 1 deg/s}}", "ATDome has no parameter high_sped; did you mean high_speed?"),
        ("  ATDome: {machines: {main_door: OPENNED}}", "main_door has no state OPENNED; did you mean OPENED?"),
    ],
)
def test_a_bad_observatory_is_refused(tmp_path, line, message):
    path = tmp_path / "bad.yaml"
    path.write_text(f'observatory: bad\ntitle: Bad\nstart: "2026-01-15T13:00:00"\ncomponents:\n{line}\n')

    assert message in refused("rehearse", "weekly", "--yes", "--observatory", str(path))
