"""Steps, conditions, failures: how a procedure is carried out."""

from __future__ import annotations

import pytest

from procedures.failures import Declined, StepFailed
from tests.procedures.play import ScriptedAsker, play


def test_command_is_sent_with_values_of_the_configuration():
    head = "config: {type: object, properties: {power: {type: number, unit: W, default: 0.5}}}"

    played = play("  - {command: Tiny.turnOn, with: {power: '${config.power}'}}", head=head)

    assert played.error is None
    assert played.t == 10.0
    assert played.of("command")[0]["data"] == {"power": 0.5}


def test_refused_command_fails_the_procedure_with_the_reason():
    played = play("  - {command: Tiny.turnOn}")

    assert isinstance(played.error, StepFailed)
    assert "power=0 W is none" in str(played.error)
    assert played.error.where == "play 1"


def test_failure_stops_what_follows():
    played = play("  - {command: Tiny.turnOn}\n  - {command: Tiny.closeCover}")

    assert played.commands() == ["turnOn"]


def test_failure_that_only_warns_lets_the_procedure_go_on():
    played = play("  - {command: Tiny.turnOn, on_failure: warn}\n  - {command: Tiny.turnOff, on_failure: warn}")

    assert played.error is None
    assert played.commands() == ["turnOn", "turnOff"]
    assert played.steps("failed") == ["1", "2"]


def test_steps_on_failure_are_taken():
    played = play(
        "  - command: Tiny.turnOn\n"
        "    on_failure: [{command: Tiny.turnOn, with: {power: 1.0}}]\n"
        "  - expect: Tiny.lamp is ON"
    )

    assert played.error is None
    assert played.steps("done") == ["1.f1", "2"]


def test_expectation_that_fails_says_what_was_seen():
    played = play("  - expect: {that: Tiny.lamp is ON, else: light the lamp first}")

    assert str(played.error) == "light the lamp first (Tiny.lamp is OFF, not ON)"
    assert played.of("condition")[0]["truth"] is False


def test_what_was_never_published_is_unknown_and_does_not_hold():
    played = play("  - expect: last(flat).counts > 10000 adu")

    assert isinstance(played.error, StepFailed)
    assert "unknown" in str(played.error)
    assert played.of("condition")[0]["truth"] is None


def test_group_names_the_members_that_are_missing():
    played = play("  - expect: BOTH is ENABLED")

    assert "Peer" in str(played.error)


def test_telemetry_is_sampled_for_an_expectation():
    played = play("  - wait: 7 s\n  - expect: Tiny.temperature within 1 deg_C of 20 deg_C")

    assert played.error is None
    assert played.t == 10.0


@pytest.mark.parametrize("step", ["let: {seen: Tiny.temperature}", "wait: until Tiny.temperature > 0 deg_C"])
def test_telemetry_of_before_does_not_count(step):
    played = play(f"  - expect: known(Tiny.temperature)\n  - wait: 60 s\n  - {step}")

    assert played.error is None
    assert played.t > 60.0


def test_wait_ends_when_the_condition_holds():
    played = play(
        "  - parallel:\n"
        "    - [{command: Tiny.turnOn, with: {power: 1.0}}]\n"
        "    - [{wait: until Tiny.lamp is ON, timeout: 60 s}, {log: it is on}]"
    )

    assert played.error is None
    assert played.of("log")[0]["t"] == 10.0


def test_wait_that_ends_in_vain_says_what_is_missing():
    played = play("  - {wait: until Tiny.lamp is ON, timeout: 60 s}")

    assert played.t == 60.0
    assert "timed out after 60 s waiting for Tiny.lamp is ON (Tiny.lamp is OFF, not ON)" in str(played.error)


def test_wait_fails_at_once_when_it_has_become_vain():
    played = play(
        "  - wait: until Tiny.lamp is ON\n"
        "    timeout: 60 s\n"
        "    unless: [{when: Tiny.lamp is OFF, because: nobody lights it}]"
    )

    assert (played.t, "nobody lights it" in str(played.error)) == (0.0, True)


def test_precondition_is_checked_before_the_first_effect():
    played = play("  - command: Tiny.turnOn\n    with: {power: 1.0}\n    preconditions: [Tiny.cover is OPEN]")

    assert played.commands() == []
    assert played.error.condition == "Tiny.cover is OPEN"


def test_postcondition_is_checked_afterwards():
    played = play("  - command: Tiny.turnOn\n    with: {power: 1.0}\n    postconditions: [Tiny.cover is OPEN]")

    assert played.commands() == ["turnOn"]
    assert played.error.where == "play 1 postcondition"


def test_invariant_stops_a_step_as_soon_as_it_breaks():
    played = play(
        "  - parallel:\n"
        "    - [{command: Tiny.turnOn, with: {power: 1.0}}, {wait: 100 s}]\n"
        "    invariants: [not (Tiny.lamp is ON)]"
    )

    assert played.t == 10.0
    assert played.error.where == "play 1 invariant"


def test_procedure_checks_its_own_conditions():
    before = play("  - {wait: 1 s}", head="preconditions: [Tiny.lamp is ON]")
    after = play("  - {wait: 1 s}", head="postconditions: [Tiny.lamp is ON]")

    assert (before.t, before.error.where) == (0.0, "play precondition")
    assert (after.t, after.error.where) == (1.0, "play postcondition")


def test_human_no_ends_the_procedure():
    asker = ScriptedAsker([False])

    played = play("  - {confirm: Is the dome clear?}\n  - {command: Tiny.turnOff}", asker=asker)

    assert isinstance(played.error, Declined)
    assert asker.asked == ["Is the dome clear?"]
    assert played.commands() == []


def test_announcement_is_passed_on_and_recorded():
    asker = ScriptedAsker()

    played = play("  - {announce: '#summit-announce: the dome will move'}", asker=asker)

    assert asker.asked == ["#summit-announce: the dome will move"]
    assert played.of("announce")[0]["text"] == asker.asked[0]


def test_when_chooses_a_branch():
    played = play("  - when: Tiny.lamp is ON\n    then: [{log: lit}]\n    otherwise: [{log: dark}]")

    assert [record["message"] for record in played.of("log")] == ["dark"]


def test_for_each_takes_every_item():
    played = play("  - for_each: {item: power, of: '[1, 2, 3]', steps: [{log: 'level ${power}'}]}")

    assert [record["message"] for record in played.of("log")] == ["level 1", "level 2", "level 3"]


def test_repeat_ends_when_its_condition_holds():
    played = play(
        "  - repeat: {times: 5, until: Tiny.powered_count >= 2, steps: ["
        "{command: Tiny.turnOn, with: {power: 1.0}}, {command: Tiny.turnOff}]}"
    )

    assert played.commands().count("turnOn") == 2


def test_branches_run_at_the_same_time():
    played = play("  - parallel: [[{wait: 10 s}], [{wait: 10 s}], [{wait: 4 s}]]")

    assert played.t == 10.0


def test_failed_branch_ends_the_others():
    played = play("  - parallel: [[{wait: 10 s}], [{command: Tiny.turnOn}]]")

    assert played.t == 0.0
    assert "power=0 W is none" in str(played.error)


def test_background_steps_go_on_and_are_joined():
    played = play(
        "  - {background: warm, steps: [{command: Tiny.turnOn, with: {power: 1.0}}]}\n"
        "  - {log: meanwhile}\n"
        "  - {join: {tasks: [warm], limit: 60 s}}\n"
        "  - {expect: Tiny.lamp is ON}"
    )

    assert played.error is None
    assert played.of("log")[0]["t"] == 0.0


def test_background_steps_that_are_late_are_cancelled_with_a_warning():
    played = play("  - {background: slow, steps: [{wait: 100 s}]}\n  - {join: {tasks: [slow], limit: 5 s}}")

    assert played.error is None
    assert played.t == 5.0
    assert played.of("log")[0]["level"] == "warning"


def test_background_failure_is_logged_and_hurts_nobody():
    played = play("  - {background: bad, steps: [{command: Tiny.turnOn}]}\n  - {join: {tasks: [bad], limit: 5 s}}")

    assert played.error is None
    assert "power=0 W is none" in played.of("log")[0]["message"]


def test_let_names_a_value():
    played = play("  - let: {twice: 2 * 3 s}\n  - wait: twice")

    assert played.t == 6.0


def test_summary_state_of_a_group_goes_on_where_it_can():
    played = play("  - {summary_state: {of: BOTH, to: ENABLED}}")

    assert played.error is None
    assert played.components["Peer"]["summary_state"] == "ENABLED"


def test_summary_state_with_a_missing_override_fails_with_its_name():
    played = play(
        "  - {summary_state: {of: Tiny, to: STANDBY}}\n"
        "  - {summary_state: {of: Tiny, to: ENABLED, override: fast.yaml}}"
    )

    assert "Config file 'fast.yaml' does not exist" in str(played.error)


def test_procedure_cleans_up_on_failure():
    played = play(
        "  - {command: Tiny.turnOn, with: {power: 1.0}}\n  - {expect: Tiny.cover is OPEN}",
        head="on_failure: [{command: Tiny.turnOff}]",
    )

    assert isinstance(played.error, StepFailed)
    assert played.components["Tiny"]["machines"]["lamp"] == "OFF"


def test_call_carries_another_procedure_out(tmp_path):
    part = tmp_path / "parts" / "lamp" / "light.yaml"
    part.parent.mkdir(parents=True)
    part.write_text(
        "procedure: lamp/light\nkind: part\ntitle: light\n"
        "config: {type: object, properties: {power: {type: number}}, required: [power], additionalProperties: false}\n"
        "steps:\n  - {command: Tiny.turnOn, with: {power: '${config.power}'}}\n"
    )

    good = play("  - {call: {procedure: lamp/light, config: {power: 1.0}}}", root=tmp_path)
    bad = play("  - {call: {procedure: lamp/light, config: {powr: 1.0}}}", root=tmp_path)

    assert good.steps("done") == ["1/1", "1"]
    assert "there is no key powr; did you mean power?" in str(bad.error)


def test_same_play_gives_the_same_records():
    steps = "  - {command: Tiny.turnOn, with: {power: 1.0}}\n  - {wait: 3 s}"

    assert play(steps).records == play(steps).records


@pytest.mark.parametrize("kind", ["command: Tiny.turnOff", "wait: 1 s"])
def test_a_bug_is_not_a_failed_step(kind, monkeypatch):
    from procedures import steps as table
    from procedures.model import Command, Wait

    async def broken(step, frame):
        raise ZeroDivisionError("a bug")

    monkeypatch.setitem(table.EXECUTORS, Command, broken)
    monkeypatch.setitem(table.EXECUTORS, Wait, broken)

    assert isinstance(play(f"  - {{{kind}}}").error, ZeroDivisionError)


def test_variable_that_was_not_given_yet_is_unknown():
    steps = "  - {when: Tiny.lamp is ON, then: [{let: {power: 3 W}}]}\n  - {expect: power > 1 W}"

    played = play(steps)

    assert isinstance(played.error, StepFailed)
    assert "unknown" in str(played.error)


def test_what_never_began_is_not_cleaned_up():
    played = play(
        "  - {command: Tiny.turnOn, with: {power: 1.0}}",
        head="preconditions: [Tiny.cover is OPEN]\non_failure: [{command: Tiny.turnOff}]",
    )

    assert "precondition" in played.error.where
    assert played.commands() == []


def test_clean_up_that_fails_does_not_hide_why_it_was_needed():
    played = play("  - {expect: Tiny.cover is OPEN}", head="on_failure: [{expect: Tiny.lamp is ON}, {log: unseen}]")

    assert "Tiny.cover is CLOSED" in played.error.because
    assert "on_failure" in played.error.because
    assert "Tiny.lamp is OFF" in played.error.because
    assert played.of("log") == []


def test_steps_on_failure_that_fail_do_not_hide_why_they_were_needed():
    played = play("  - {expect: Tiny.cover is OPEN, on_failure: [{expect: Tiny.lamp is ON}]}")

    assert "Tiny.cover is CLOSED" in played.error.because
    assert "Tiny.lamp is OFF" in played.error.because


def test_procedure_that_is_stopped_is_left_as_it_is(tmp_path):
    part = tmp_path / "parts" / "lamp" / "light.yaml"
    part.parent.mkdir(parents=True)
    part.write_text(
        "procedure: lamp/light\nkind: part\ntitle: light\n"
        "steps:\n  - {command: Tiny.turnOn, with: {power: 1.0}}\n  - {wait: 60 s}\n"
        "on_failure: [{command: Tiny.turnOff}]\n"
    )

    played = play(
        "  - {parallel: [[{call: {procedure: lamp/light}}], [{wait: 30 s}, {expect: Tiny.cover is OPEN}]]}",
        root=tmp_path,
    )

    assert played.commands() == ["turnOn"]


def test_fields_of_an_event_are_saved():
    played = play(
        "  - background: lamp\n"
        "    steps: [{wait: 5 s}, {command: Tiny.turnOn, with: {power: 1.0}}]\n"
        "  - {wait: for event Tiny.lampState, timeout: 60 s, save: seen}\n"
        "  - {wait: 1 s}\n"
    )

    told = next(record for record in played.of("event") if record["topic"] == "lampState" and record["t"] == 5.0)
    assert played.error is None
    assert played.t == 6.0
    assert played.variables["seen"]["state"] == told["data"]["state"]


def test_latest_event_need_not_come_again():
    played = play("  - {wait: for latest event Tiny.lampState, timeout: 60 s, save: seen}")

    assert played.error is None
    assert (played.t, "state" in played.variables["seen"]) == (0.0, True)


def test_latest_event_is_waited_for_if_there_was_none():
    played = play(
        "  - {wait: for latest event Peer.summaryState, timeout: 60 s}\n"
        "  - {wait: for latest event Peer.logMessage, timeout: 60 s}"
    )

    assert "timed out after 60 s waiting for Peer.logMessage" in str(played.error)


def test_what_stands_in_a_direction_is_found():
    played = play(
        "  - let:\n"
        "      zenith: sky(azimuth=0 deg, elevation=90 deg).declination\n"
        "      pole: sky(azimuth=180 deg, elevation=30.244728 deg).declination\n"
        "      before: sky(azimuth=0 deg, elevation=60 deg).right_ascension\n"
        "  - {wait: 1 h}\n"
        "  - {let: {after: 'sky(azimuth=0 deg, elevation=60 deg).right_ascension'}}\n"
    )

    assert played.error is None
    assert played.variables["zenith"] == pytest.approx(-30.244728)
    assert played.variables["pole"] == pytest.approx(-90.0, abs=1e-4)
    assert (played.variables["after"] - played.variables["before"]) % 360.0 == pytest.approx(15.041, abs=0.001)


CLEANUP = "cleanup: [{command: Tiny.turnOn, with: {power: 1.0}}]"


def test_procedure_that_fails_cleans_up_after_what_it_does_on_failure():
    head = "on_failure: [{log: it has failed}]\n" + CLEANUP

    played = play("  - {expect: Tiny.lamp is ON}", head=head)

    assert "Tiny.lamp is OFF" in str(played.error)
    assert played.steps("done") == ["f1", "c1"]


def test_procedure_that_is_done_does_not_clean_up():
    played = play("  - {log: hello}", head=CLEANUP)

    assert played.commands() == []
