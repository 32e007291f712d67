"""Scores: each number is read off the records that it names, and off nothing else."""

from __future__ import annotations

import json

import pytest

from cscsim.locate import open_site
from procedures.scoring import score_session
from procedures.training import Note
from tests.procedures.training.good_trainees import FLAT_FIELD, GOOD, HOME
from tests.procedures.training.trainee import hold_session

RUN = {"t": 0.0, "n": 1, "kind": "run", "who": "observer", "training": "faint_flats"}


def numbered(*records):
    return [{**record, "n": number} for number, record in enumerate(records, start=1)]


def fault(t, what="injected"):
    return {"t": t, "kind": "fault", "who": "ATDome", "fault": "encoder_slip", "what": what}


def goal(t, name, what="reached"):
    return {"t": t, "kind": "goal", "who": "training", "goal": name, "what": what, "condition": "", "because": "why"}


def report(t, component, fault="", who="observer"):
    return {"t": t, "kind": "report", "who": who, "component": component, "fault": fault, "text": ""}


def command(t, to, name, by="observer"):
    return {"t": t, "kind": "command", "who": to, "command": name, "data": {}, "seq": 1, "by": by}


def end(t, outcome="passed"):
    return {"t": t, "kind": "end", "who": "observer", "outcome": outcome}


def score(*records):
    return score_session(numbered(RUN, *records), open_site().training("faint_flats"))


def test_time_to_notice_counts_from_when_it_shows_to_the_first_act_that_fits():
    told = score(
        fault(0.0), report(50.0, "ATWhiteLight"), goal(100.0, "shows.slip"), report(130.0, "ATDome"), end(200.0)
    )  # fmt: skip

    (cause,) = told.causes
    assert cause.time_to_notice == 30.0
    assert [figure.records for figure in told.figures() if figure.name.startswith("time to notice")] == [(4, 5)]
    assert [deed.n for deed in told.wrong_reports] == [3]


def test_who_is_quicker_than_the_sign_has_taken_no_time():
    told = score(fault(0.0), report(50.0, "ATDome", "encoder_slip"), goal(100.0, "shows.slip"))

    assert told.causes[0].time_to_notice == 0.0


def test_a_report_before_it_began_does_not_count():
    told = score(report(5.0, "ATDome"), fault(10.0))

    assert told.causes[0].noticed is None
    assert len(told.wrong_reports) == 1


def test_a_report_of_another_fault_of_the_component_is_wrong():
    told = score(fault(0.0), report(5.0, "ATDome", "stall"))

    assert told.causes[0].noticed is None
    assert [deed.text for deed in told.wrong_reports] == ["reports ATDome.stall"]


def test_a_cure_is_a_sign_that_it_was_noticed():
    told = score(fault(0.0), command(70.0, "ATDome", "homeAzimuth"), fault(90.0, "cured"))

    (cause,) = told.causes
    assert cause.noticed is not None
    assert cause.noticed.text == "sends ATDome.homeAzimuth"
    assert [deed.n for deed in cause.right_cures] == [3]
    assert cause.safe is not None
    assert cause.safe.t == 90.0


def test_what_an_instructor_or_a_script_does_is_not_the_trainees():
    told = score(
        fault(0.0),
        command(1.0, "ATDome", "homeAzimuth", by="instructor"),
        command(2.0, "ATDome", "homeAzimuth", by="Script:200004"),
        report(3.0, "ATDome", who="instructor"),
    )

    assert told.causes[0].noticed is None


def test_wrong_cures_count_until_the_cause_is_over():
    told = score(
        command(1.0, "ATDome", "standby"),
        fault(2.0),
        command(3.0, "ATWhiteLight", "turnLampOff"),
        command(4.0, "ATDome", "standby", by="observer:Ana"),
        fault(5.0, "cured"),
        command(6.0, "ATWhiteLight", "turnLampOff"),
    )

    assert [deed.n for deed in told.wrong_cures] == [4, 5]


def test_a_fault_that_comes_again_is_not_over():
    told = score(fault(0.0), fault(1.0, "cured"), fault(2.0))

    assert told.causes[0].safe is None


def test_a_cause_that_has_not_happened_says_so():
    told = score(end(10.0, "failed"))

    assert [f.because for f in told.figures() if f.name.startswith("time to")] == ["it has not happened"] * 2


def test_time_lost_counts_to_the_last_goal():
    goals = [goal(t, name) for t, name in ((10.0, "dark"), (20.0, "bright"), (4000.0, "aligned"), (4100.0, "put_away"))]

    told = score(*goals, end(9999.0))

    assert (told.took, told.lost, told.goals_reached) == (4100.0, 500.0, 4)
    assert [f.records for f in told.figures() if f.name == "time lost against par"] == [(5,)]


def test_time_lost_counts_to_the_end_if_a_goal_is_missing():
    told = score(goal(10.0, "dark"), goal(20.0, "bright"), goal(30.0, "bright", "lost"), end(4000.0, "failed"))

    assert (told.took, told.lost, told.goals_reached) == (4000.0, 400.0, 1)


def test_goals_of_a_journal_of_no_session_are_not_known():
    records = numbered({**RUN, "training": None}, fault(0.0), end(10.0))

    told = score_session(records, open_site().training("faint_flats"))

    assert {goal.reached for goal in told.goals} == {None}
    assert next(told.figures()).value is None
    assert told.causes[0].shown == told.causes[0].began


def test_a_journal_that_was_cut_is_scored_as_far_as_it_goes():
    assert not score(fault(0.0), report(5.0, "ATDome")).is_whole
    assert score(fault(0.0), report(5.0, "ATDome"), end(6.0)).is_whole


def test_an_empty_journal_has_a_score_of_nothing():
    told = score_session([], open_site().training("faint_flats"))

    assert (told.goals_reached, told.took, told.is_whole) == (0, 0.0, False)


async def stumbles(trainee):
    """Do what one should not, ask for hints, and get there in the end."""
    assert await trainee.block("BLOCK-309") == "COMPLETED"
    await trainee.flats()
    trainee.report("ATWhiteLight.bulb_dies")
    await trainee.sleep(600.0)
    trainee.hand("ATWhiteLight.bulb_replaced")
    trainee.session.act(Note(text="that was not it"))
    trainee.session.hint()
    trainee.session.hint()
    await trainee.script(HOME)
    await trainee.script(FLAT_FIELD)
    await trainee.flats()
    await trainee.sleep(1200.0)
    assert await trainee.block("BLOCK-310") == "COMPLETED"


def test_a_trainee_who_stumbles_is_told_where():
    plan, records = hold_session("faint_flats", stumbles)

    told = score_session(records, plan)

    assert told.goals_reached == 4
    assert [deed.text for deed in told.wrong_cures] == ["by hand: ATWhiteLight.bulb_replaced; there is nothing to do"]
    assert [deed.text for deed in told.wrong_reports] == ["reports ATWhiteLight.bulb_dies"]
    assert len(told.hints) == 2
    (cause,) = told.causes
    assert 600.0 < (cause.time_to_notice or 0.0) < 620.0
    assert told.lost > 0.0


@pytest.mark.parametrize("name", ["loud_and_quiet", "dome_has_stopped"])
def test_every_number_names_records_that_are_there_and_the_score_is_always_the_same(name):
    plan, records = hold_session(name, GOOD[name])

    first, second = score_session(records, plan), score_session(json.loads(json.dumps(records)), plan)

    assert json.dumps(first.as_dict()) == json.dumps(second.as_dict())
    by_number = {record["n"]: record for record in records}
    for figure in first.figures():
        assert all(number in by_number for number in figure.records)
        assert figure.value in (0, None) or figure.records, figure.name
