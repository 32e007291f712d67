"""What people do is one record each, and is read back as what it was."""

from __future__ import annotations

import pytest

from fsm import AuthorError, Journal
from procedures.replay import in_words
from procedures.training import (
    Announced,
    Answer,
    Hand,
    Hint,
    Note,
    Pause,
    Report,
    acts_of,
    parse_act_pattern,
    parse_suspicion,
    write_act,
)
from procedures.training.act_pattern import Known
from tests.acceptance.stage import site

ACTS = [
    Report(component="ATDome", fault="encoder_slip", text="flats are faint"),
    Report(component="ATDome"),
    Note(text="<b>odd</b>"),
    Hint(number=1, text="Look."),
    Pause(what="paused"),
    Hand(component="ATDome", act="emergency_stop", what="nothing to do"),
    Answer(step="light", question="Is it on?", answer=False),
    Announced(step="done", text="#summit-auxtel: done"),
]


def known():
    here = site()
    return Known(truth=here.truth, library=here.library, blocks=here.blocks, procedure=here.procedure("weekly"))


def command(to, name, by="observer", **data):
    return {"t": 1.0, "n": 7, "kind": "command", "who": to, "command": name, "data": data, "seq": 1, "by": by}


def act(*arguments, **fields):
    (found,) = acts_of([command(*arguments, **fields)])
    return found


@pytest.mark.parametrize("written", ACTS, ids=lambda each: each.kind)
def test_an_act_is_one_record_and_is_told_in_words(written):
    journal = Journal(lambda: 3.0)

    write_act(journal, written, by="observer:Ana")

    (record,) = journal.records
    (read,) = acts_of(journal.records)
    assert (record["kind"], record["who"], record["t"]) == (written.kind, "observer:Ana", 3.0)
    assert (read.kind, read.by, read.n) == (written.kind, "observer:Ana", 1)
    assert in_words(record) != f"observer:Ana: {written.kind}"
    assert str(read)


def test_too_many_words_are_cut():
    journal = Journal(lambda: 0.0)

    write_act(journal, Note(text="x" * 5000))

    assert len(journal.records[0]["text"]) == 2001


def added(path, config=""):
    return act("ScriptQueue:2", "add", path=path, config=config)


@pytest.mark.parametrize(
    ("found", "kind", "what"),
    [
        (added("auxtel/atdome/home_dome.py"), "script", "auxtel/atdome/home_dome.py"),
        (added("auxtel/scheduler/add_block.py", "id: BLOCK-309\n"), "block", "BLOCK-309"),
        (added("auxtel/scheduler/add_block.py", "a: ["), "block", "auxtel/scheduler/add_block.py"),
        (act("Scheduler:2", "addBlock", id="BLOCK-310"), "block", "BLOCK-310"),
        (act("ScriptQueue:2", "resume"), "command", "resume"),
        (act("ATDome", "homeAzimuth", by="instructor"), "command", "homeAzimuth"),
    ],
)
def test_a_command_is_told_as_what_it_is_for(found, kind, what):
    assert (found.kind, found.what) == (kind, what)


def test_what_scripts_and_components_do_is_nobodys_act():
    records = [
        command("ATDome", "homeAzimuth", by="Script:200003"),
        command("ATPneumatics", "m1SetPressure", by="ATAOS"),
        {"t": 0.0, "n": 1, "kind": "announce", "who": "Script:200001", "step": "a", "text": "b"},
    ]

    assert list(acts_of(records)) == []


@pytest.mark.parametrize(
    ("pattern", "fits", "fits_not"),
    [
        ("command ATDome", act("ATDome", "stopMotion"), act("ATDomeTrajectory", "standby")),
        ("command ATDome.homeAzimuth", act("ATDome", "homeAzimuth"), act("ATDome", "stopMotion")),
        ("command ScriptQueue:2.resume", act("ScriptQueue:2", "resume"), act("ScriptQueue:2", "pause")),
        ("script auxtel/atdome/home_dome.py", added("auxtel/atdome/home_dome.py"), added("auxtel/atdome/slew_dome.py")),
        (
            "script set_summary_state.py about ATDome",
            added("set_summary_state.py", "data: [[ATDome, STANDBY]]"),
            added("set_summary_state.py", "data: [[ATDomeTrajectory, STANDBY]]"),
        ),
        (
            "block BLOCK-309",
            act("Scheduler:2", "addBlock", id="BLOCK-309"),
            act("Scheduler:2", "addBlock", id="BLOCK-310"),
        ),
    ],
)
def test_a_pattern_fits_what_it_says(pattern, fits, fits_not):
    found = parse_act_pattern(pattern, known())

    assert found.fits(fits)
    assert not found.fits(fits_not)
    assert str(found) == pattern


@pytest.mark.parametrize(
    ("pattern", "fits", "fits_not"),
    [
        ("report ATDome", Report(component="ATDome", fault="stall"), Report(component="ATMCS")),
        ("report ATDome.encoder_slip", Report(component="ATDome"), Report(component="ATDome", fault="stall")),
        ("hand ATDome.emergency_stop", ACTS[5], Hand(component="ATMCS", act="emergency_stop", what="done")),
        ("answer no light", ACTS[6], Answer(step="light", question="Is it on?", answer=True)),
        ("pause", ACTS[4], Pause(what="resumed")),
    ],
)
def test_a_pattern_fits_records_of_people(pattern, fits, fits_not):
    journal = Journal(lambda: 0.0)
    write_act(journal, fits)
    write_act(journal, fits_not)

    found = parse_act_pattern(pattern, known())

    assert [found.fits(each) for each in acts_of(journal.records)] == [True, False]


def test_a_suspicion_is_checked():
    truth = site().truth

    assert parse_suspicion("ATDome.encoder_slip", truth, "faint").fault == "encoder_slip"
    assert parse_suspicion("OCPS", truth).component == "OCPS:1"
    with pytest.raises(AuthorError, match="did you mean ATDome"):
        parse_suspicion("ATDom", truth)
    with pytest.raises(AuthorError, match="did you mean encoder_slip"):
        parse_suspicion("ATDome.encoder_slop", truth)
