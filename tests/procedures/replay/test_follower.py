"""A run that is done again gives its journal again, whether anybody looks or not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from procedures import parse_injection
from procedures.replay import Picture, Verdict, read_recording
from tests.procedures.replay.lamp import Interrupting, Saying, again, branch, lamp, moment, record, site

SLIP = "ATDome.encoder_slip:slip=2 deg"


@pytest.fixture
def recording(tmp_path):
    return record(lamp(seed=1), tmp_path / "run.jsonl")


def test_a_run_done_again_is_the_same(recording):
    follower, report = again(lamp(seed=1), recording)

    assert follower.verdict is Verdict.SAME
    assert follower.held == recording.records
    assert report.digest == recording.digest


def test_another_seed_parts_at_the_circumstances(recording):
    follower, _ = again(lamp(seed=2), recording)

    assert follower.verdict is Verdict.PARTED
    assert (follower.parting.number, follower.parting.then["seed"], follower.parting.now["seed"]) == (1, 1, 2)


def test_a_record_that_was_changed_is_found_with_the_step_before_it(recording):
    lines = recording.path.read_bytes().splitlines(keepends=True)
    number = next(n for n, line in enumerate(lines) if b'"state":"WARMUP"' in line)
    lines[number] = lines[number].replace(b"WARMUP", b"WARMER")
    recording.path.write_bytes(b"".join(lines))

    follower, _ = again(lamp(seed=1), recording)

    assert follower.verdict is Verdict.PARTED
    assert follower.parting.number == number + 1
    assert (follower.parting.then["state"], follower.parting.now["state"]) == ("WARMER", "WARMUP")
    assert follower.parting.step.id == "lamp"
    assert follower.held == number


def test_looking_at_every_second_changes_nothing(recording):
    pictures: list[Picture] = []

    def look(follower):
        pictures.append(follower.take_picture())
        return moment(f"{len(pictures)} s")

    follower, report = again(lamp(seed=1), recording, until=moment("0 s"), look=look)

    assert follower.verdict is Verdict.SAME
    assert report.digest == recording.digest
    assert [picture.t for picture in pictures[:3]] == [0.0, 1.0, 2.0]
    assert len(pictures) > 900


def test_looking_at_a_sensor_that_is_noisy_changes_nothing(tmp_path):
    noisy = lamp(seed=1, faults=(parse_injection("ATDome.sensor_noisy:output=azimuth,sigma=0.1", site().truth),))
    recording = record(noisy, tmp_path / "run.jsonl")
    seconds = iter(range(1, 1000))

    def look(follower):
        follower.take_picture()
        return moment(f"{next(seconds)} s")

    _, report = again(noisy, recording, until=moment("0 s"), look=look)

    assert report.digest == recording.digest


def test_looking_after_every_record_changes_nothing(recording):
    seen: list[int] = []

    def look(follower):
        seen.append(follower.take_picture().records)
        return moment(f"#{seen[-1] + 1}")

    follower, report = again(lamp(seed=1), recording, until=moment("#1"), look=look)

    assert report.digest == recording.digest
    assert len(seen) > 20
    assert follower.verdict is Verdict.SAME


def test_looking_for_what_moves_changes_nothing(recording):
    follower, report = again(lamp(seed=1), recording, until=moment("ATDome.azimuth within 0.1 deg of 100 deg"))

    assert follower.verdict is Verdict.SAME
    assert report.digest == recording.digest


def test_a_run_stops_at_a_time_between_two_events(recording):
    follower, _ = again(lamp(seed=1), recording, until=moment("1:00"))

    assert follower.verdict is Verdict.STOPPED
    assert follower.picture.t == 60.0
    assert follower.picture.records == follower.held < recording.records


def test_a_run_stops_when_the_callback_that_writes_a_record_has_returned(recording):
    follower, _ = again(lamp(seed=1), recording, until=moment("#60"))

    assert follower.verdict is Verdict.STOPPED
    assert 60 <= follower.picture.records < 70


def test_a_run_stops_when_a_condition_first_becomes_true(recording):
    follower, _ = again(lamp(seed=1), recording, until=moment("ATWhiteLight.lamp is WARMUP"))

    assert follower.verdict is Verdict.STOPPED
    lines = recording.path.read_bytes().splitlines()[: follower.picture.records]
    assert any(b'"state":"WARMUP"' in line for line in lines)
    assert not any(b'"state":"WARMUP"' in line for line in lines[:-10])


def test_a_run_stops_while_the_dome_moves_past_an_azimuth(recording):
    follower, _ = again(lamp(seed=1), recording, until=moment("ATDome.azimuth within 1 deg of 300 deg"))

    (dome,) = (component for component in follower.picture.components if component.name == "ATDome")
    assert dome.outputs["azimuth"] == pytest.approx(299.0, abs=0.01)
    assert {machine.name: machine.state for machine in dome.machines}["azimuth_motion"] == "MOVINGCW"


def test_a_moment_that_does_not_come_lets_the_run_end(recording):
    follower, report = again(lamp(seed=1), recording, until=moment("5 h"))

    assert follower.verdict is Verdict.SAME
    assert report.passed


def test_a_journal_that_was_cut_is_the_same_as_far_as_it_goes(recording):
    data = recording.path.read_bytes()
    recording.path.write_bytes(data[: len(data) // 2])
    cut = read_recording(recording.path)
    follower, _ = again(lamp(seed=1), cut)

    assert cut.is_cut
    assert follower.verdict is Verdict.CUT
    assert follower.held == cut.records < recording.records


def test_a_run_that_was_interrupted_is_the_same_until_then(tmp_path):
    recording = record(lamp(), tmp_path / "run.jsonl", spectator=Interrupting("ack"))

    follower, _ = again(lamp(), recording)

    assert recording.was_interrupted
    assert follower.verdict is Verdict.INTERRUPTED


@pytest.mark.parametrize("answer", [True, False])
def test_answers_of_people_are_given_again(tmp_path, answer):
    recording = record(lamp(), tmp_path / "run.jsonl", asker=Saying(answer))

    follower, report = again(lamp(), recording)

    assert recording.answers == (("Is the dome free of people?", answer),)
    assert follower.verdict is Verdict.SAME
    assert report.outcome == ("passed" if answer else "aborted")


def test_a_branch_is_the_same_until_it_happens_and_can_be_done_again(recording, tmp_path):
    branched = lamp(seed=1, branches=(branch("ATWhiteLight.lamp is WARMUP", "ATWhiteLight.bulb_dies@1 min"),))
    written = record(branched, tmp_path / "branch.jsonl")

    follower, report = again(branched, written)

    before, after = (path.read_bytes().splitlines() for path in (recording.path, written.path))
    number = written.branches[0]["n"] - 1
    assert before[:number] == after[:number]
    assert before[number] != after[number]
    assert follower.verdict is Verdict.SAME
    assert report.outcome == "failed"
    faults = [line for line in after if b'"kind":"fault"' in line]
    (fault,) = faults
    assert f'"t":{written.branches[0]["t"] + 60.0}'.encode() in fault


def test_a_branch_in_which_nothing_goes_wrong_changes_nothing_else(recording, tmp_path):
    written = record(lamp(seed=1, branches=(branch("1 min"),)), tmp_path / "branch.jsonl")

    def told(path):
        lines = [line.partition(b'"kind"') for line in path.read_bytes().splitlines()]
        return [rest for _, _, rest in lines if not rest.startswith(b':"branch"')]

    assert told(written.path) == told(recording.path)
    assert written.records == recording.records + 1


def test_a_branch_of_a_branch_can_be_done_again(tmp_path):
    first = branch("1 min", SLIP)
    second = branch("ATDome.azimuth within 1 deg of 300 deg", "ATWhiteLight.bulb_dies")
    both = lamp(branches=(first, second))

    written = record(both, tmp_path / "branch.jsonl")
    follower, _ = again(both, written)

    assert follower.verdict is Verdict.SAME
    assert [each["scenario"] for each in written.branches] == [None] * len(written.branches)


def test_a_branch_before_another_one_calls_it_off(tmp_path):
    late, early = branch("5 min", SLIP), branch("1 min", "ATWhiteLight.bulb_dies")

    written = record(lamp(branches=(late, early)), tmp_path / "branch.jsonl")

    assert [(each["t"], each["until"]) for each in written.branches] == [(60.0, "1 min")]


def test_two_branches_between_two_events_happen_in_the_order_of_their_times(tmp_path):
    late, early = branch("100 s"), branch("99 s")

    written = record(replace(lamp(), branches=(early, late)), tmp_path / "branch.jsonl")

    assert [each["t"] for each in written.branches] == [99.0, 100.0]
