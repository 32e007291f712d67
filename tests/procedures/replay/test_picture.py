"""What is seen of a run at one moment: steps, conditions with reasons, commands, timers, components."""

from __future__ import annotations

import json

import pytest

from tests.procedures.replay.lamp import again, lamp, moment, record


@pytest.fixture
def picture_at(tmp_path):
    def take(text, **circumstances):
        recording = record(lamp(**circumstances), tmp_path / "run.jsonl")
        follower, _ = again(lamp(**circumstances), recording, until=moment(text))
        return follower.picture

    return take


def test_the_open_step_says_why_it_is_not_done(picture_at):
    picture = picture_at("5 min")

    (step,) = picture.steps
    assert (step.who, step.id, step.name) == ("observer", "warm", "Let the lamp warm up")
    waits, invariant = step.conditions
    assert (waits.role, waits.condition, waits.truth) == ("waits until", "ATWhiteLight.lamp is ON", False)
    assert waits.because == "ATWhiteLight.lamp is WARMUP, not ON"
    assert (invariant.role, invariant.truth) == ("must hold meanwhile", True)


def test_who_waits_is_the_observer_and_not_a_task(picture_at):
    (waiting,) = picture_at("5 min").waits

    assert waiting.who == "observer"
    assert waiting.what == "ATWhiteLight.lamp is ON (ATWhiteLight.lamp is WARMUP, not ON)"


def test_a_command_in_flight_says_what_would_make_it_done(picture_at):
    picture = picture_at("ATWhiteLight.bulb is STRIKING")

    (flight,) = picture.flights
    assert (flight.to, flight.command, flight.by) == ("ATWhiteLight", "turnLampOn", "observer")
    assert flight.where == "under way"
    assert flight.done is not None
    assert flight.done.truth is False
    assert flight.done.because == "lamp is TURNING_ON, not WARMUP or ON"


def test_a_command_that_was_sent_just_now_is_on_its_way(tmp_path):
    recording = record(lamp(), tmp_path / "run.jsonl")
    lines = recording.path.read_bytes().splitlines()
    number = next(n for n, line in enumerate(lines, start=1) if b'"command":"startChiller"' in line)

    follower, _ = again(lamp(), recording, until=moment(f"#{number}"))

    assert [(each.command, each.where) for each in follower.picture.flights] == [("startChiller", "on its way")]


def test_timers_say_whose_they_are_and_what_they_do(picture_at):
    picture = picture_at("5 min")

    warm_up = next(timer for timer in picture.timers if timer.machine == "warm_up")
    assert (warm_up.kind, warm_up.who) == ("machine", "ATWhiteLight")
    assert warm_up.what.startswith("RUNNING → ")
    assert 900 < warm_up.at < 910
    limit = next(timer for timer in picture.timers if timer.kind == "limit")
    assert limit.who == "observer"
    assert limit.what.startswith("gives up waiting for ATWhiteLight.lamp is ON")
    assert [timer.at for timer in picture.timers] == sorted(timer.at for timer in picture.timers)


def test_components_show_machines_timers_and_faults(picture_at):
    from procedures import parse_injection
    from tests.procedures.replay.lamp import site

    fault = parse_injection("ATDome.encoder_slip:slip=2 deg", site().truth)

    picture = picture_at("5 min", faults=(fault,))

    lamp_now, dome = picture.components
    assert lamp_now.summary_state == "ENABLED"
    machines = {machine.name: machine for machine in lamp_now.machines}
    assert (machines["lamp"].state, machines["lamp"].initial) == ("WARMUP", "UNKNOWN")
    assert machines["warm_up"].until == pytest.approx(901, abs=5)
    assert dome.faults == ("encoder_slip slip=2.0",)


def test_a_picture_is_plain_data(picture_at):
    data = picture_at("5 min").as_data()

    assert json.loads(json.dumps(data))["t"] == 300.0
    assert set(data) == {"t", "records", "steps", "ends", "waits", "flights", "timers", "components"}
