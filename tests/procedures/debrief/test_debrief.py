"""Debriefs of journals: timelines, the guide beside what was done, and journals that are cut or wrong."""

from __future__ import annotations

import json

import pytest

from fsm import AuthorError
from procedures.debrief import follow_guide, make_debrief, make_timeline
from procedures.replay import read_recording
from tests.acceptance.stage import run, site
from tests.procedures.training.good_trainees import GOOD
from tests.procedures.training.trainee import hold_session


@pytest.fixture(scope="module")
def weekly(tmp_path_factory):
    """A rehearsal that knows nothing of training, in which a fault is noticed."""
    path = tmp_path_factory.mktemp("journals") / "weekly.jsonl"
    run("weekly", "ATDome.encoder_slip:slip=2.5deg", journal=path)
    return path


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    path = tmp_path_factory.mktemp("journals") / "session.jsonl"
    hold_session("loud_and_quiet", GOOD["loud_and_quiet"], journal=path)
    return path


def debrief(path, training=None, procedure="weekly"):
    here = site()
    return make_debrief(
        read_recording(path),
        training=here.training(training) if training else None,
        procedure=here.procedure(procedure),
        blocks=here.blocks,
    )


def test_a_journal_of_no_training_has_everything_but_a_score(weekly):
    told = debrief(weekly)

    assert told.score is None
    assert (told.outcome, told.is_whole) == ("failed", True)
    (slip,) = told.timeline.faults
    assert (slip.label, slip.end) == ("ATDome.encoder_slip", None)
    assert [each.kind for each in told.timeline.violations] == ["condition"]
    assert {each.image_type for each in told.timeline.images} == {"BIAS", "DARK", "FLAT"}
    assert [step.what for step in told.timeline.steps if step.label == "sets"] == ["failed"]


def test_the_guide_stands_beside_what_was_done(weekly):
    guide = {each.id: each for each in debrief(weekly).guide}

    assert [str(act) for act in guide["enable_atcs"].acts] == ["adds auxtel/enable_atcs.py to ScriptQueue:2"]
    assert [act.kind for act in guide["setup"].acts] == ["block"]
    assert guide["clear"].was_done
    assert guide["sets"].outcome == "failed"
    assert not guide["shutdown"].was_done
    assert "before" not in guide


def test_a_session_is_matched_with_the_guide_by_its_commands(session):
    told = debrief(session, "loud_and_quiet")

    guide = {each.id: each for each in told.guide}
    assert guide["setup"].was_done
    assert guide["shutdown"].was_done
    assert not guide["clear"].was_done
    assert "reports ATDome.encoder_slip" in [str(act) for act in guide[""].acts]
    assert told.score is not None
    assert told.score.has_all_goals


def test_a_block_may_have_been_done_script_by_script():
    here = site()
    block = here.blocks.get("BLOCK-310")
    assert block is not None
    scripts = [script.name for script in block.scripts]
    records = [
        {
            "t": 0.0,
            "n": number,
            "kind": "command",
            "who": "ScriptQueue:2",
            "command": "add",
            "data": {"path": path, "config": ""},
            "seq": number,
            "by": "observer",
        }
        for number, path in enumerate(scripts, start=1)
    ]

    def shutdown(records):
        acts = make_timeline(records).acts
        steps = {each.id: each for each in follow_guide(here.procedure("weekly"), acts, (), here.blocks)}
        return steps["shutdown"].was_done

    assert shutdown(records)
    assert not shutdown(records[:-1])


def test_states_of_those_in_trouble_are_told(session):
    states = make_timeline([json.loads(line) for line in session.read_text().splitlines()]).states

    assert [span.what for span in states["ATWhiteLight"]] == ["ENABLED", "DISABLED", "STANDBY"]
    assert states["ATWhiteLight"][0].begin == 0.0
    assert "ATCamera" not in states


def test_a_cure_ends_a_fault(session):
    faults = {span.label: span for span in debrief(session).timeline.faults}

    assert faults["ATDome.encoder_slip"].what == "cured"
    assert faults["ATWhiteLight.bulb_will_not_ignite"].end is None


@pytest.mark.parametrize("part", [0.9, 0.5, 0.05])
def test_a_journal_that_was_cut_is_told_up_to_its_last_record(session, tmp_path, part):
    whole = session.read_bytes()
    path = tmp_path / "cut.jsonl"
    path.write_bytes(whole[: int(len(whole) * part)])

    told = debrief(path, "loud_and_quiet")

    assert not told.is_whole
    assert "was cut" in told.notes[0]
    assert f"record {told.records}" in told.notes[0]
    assert told.score is not None
    assert not told.score.is_whole


def test_a_journal_that_was_cut_between_two_lines_says_nothing_of_a_broken_one(session, tmp_path):
    path = tmp_path / "cut.jsonl"
    path.write_bytes(b"".join(session.read_bytes().splitlines(keepends=True)[:100]))

    assert "broken" not in debrief(path).notes[0]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"t": 1.0, "n": 2, "kind": "step", "who": "observer"}', "a step without step, what"),
        ('{"t": 1.0, "n": 2, "kind": "fault", "who": "ATDome"}', "a fault without fault, what"),
        ('{"t": 1.0, "n": 2}', "kind, who is missing"),
        ("[1, 2]", "an object is expected"),
        ("nonsense", "not a journal record"),
    ],
)
def test_a_line_that_is_no_record_is_named(session, tmp_path, line, message):
    path = tmp_path / "wrong.jsonl"
    first = session.read_text().splitlines()[0]
    path.write_text(f"{first}\n{line}\n")

    with pytest.raises(AuthorError, match=message) as caught:
        debrief(path)

    assert "wrong.jsonl:2" in str(caught.value)


def test_it_is_plain_data(session):
    data = json.loads(json.dumps(debrief(session, "loud_and_quiet").as_dict(), default=str))

    assert data["score"]["training"] == "loud_and_quiet"
    assert data["acts"][0]["text"] == "adds BLOCK-309 by ScriptQueue:2"
    assert data["journal"]["records"] == len(session.read_text().splitlines())


def test_steps_that_were_not_needed_say_so_and_parts_have_what_was_done_in_them(tmp_path):
    path = tmp_path / "misalignment.jsonl"
    run("misalignment", "ATDome.encoder_slip:slip=2.5deg", journal=path)

    guide = {each.id: each for each in debrief(path, procedure="misalignment").guide}

    assert [act.kind for act in guide["flat"].acts] == ["script"]
    assert guide["home"].was_done
    assert guide["home"].depth == 1
    assert guide["seek"].outcome == "not needed"
    assert not guide["seek"].was_done
    assert "" not in guide
