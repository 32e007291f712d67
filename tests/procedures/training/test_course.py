"""Each training scenario of the course: who has understood it reaches its goals, and who does nothing does not."""

from __future__ import annotations

from functools import cache

import pytest

from cscsim.locate import known, open_site
from procedures.scoring import Score, score_session
from procedures.training import Training
from tests.procedures.training.good_trainees import GOOD
from tests.procedures.training.trainee import hold_session, idle

COURSE = known("training")


@cache
def training(name: str) -> Training:
    return open_site().training(name)


@cache
def good(name: str) -> Score:
    plan, records = hold_session(name, GOOD[name])
    return score_session(records, plan)


def test_there_is_a_course():
    assert len(COURSE) >= 12
    assert sorted(training(name).number for name in COURSE) == list(range(1, len(COURSE) + 1))
    assert set(GOOD) == set(COURSE)


def test_it_begins_with_nothing_wrong_and_ends_with_a_distraction():
    first, *_, last = sorted(map(training, COURSE), key=lambda each: each.number)

    assert (first.name, first.causes, first.scenario.faults) == ("first_weekly", (), ())
    assert [cause.is_distraction for cause in last.causes] == [False, True]


@pytest.mark.parametrize("name", COURSE)
def test_a_training_is_complete(name):
    plan = training(name)

    assert plan.name == name
    assert plan.learn
    assert plan.briefing
    assert len(plan.hints) >= 3
    assert all(cause.cures or cause.is_distraction for cause in plan.causes)
    assert all(cause.wrong for cause in plan.causes)


@pytest.mark.parametrize("name", COURSE)
def test_who_has_understood_it_reaches_all_goals_within_par(name):
    score = good(name)

    assert [goal.id for goal in score.goals if not goal.reached] == []
    assert score.lost == 0.0
    assert score.wrong_cures == score.wrong_reports == ()


@pytest.mark.parametrize("name", COURSE)
def test_who_has_understood_it_notices_and_ends_every_cause(name):
    for cause in good(name).causes:
        assert cause.began is not None, cause.id
        assert cause.shown is not None, cause.id
        assert cause.safe is not None, cause.id
        assert cause.is_distraction or cause.noticed is not None, cause.id
        assert cause.is_distraction or (cause.time_to_notice or 0.0) <= (cause.time_to_safe or 0.0)


@pytest.mark.parametrize("name", COURSE)
def test_who_does_nothing_reaches_not_all_goals_and_ends_nothing(name):
    plan, records = hold_session(name, idle)
    score = score_session(records, plan)

    assert not score.has_all_goals
    assert records[-1]["outcome"] == "failed"
    assert score.lost > 0.0
    assert all(cause.noticed is None and cause.safe is None for cause in score.causes)


@pytest.mark.parametrize("name", COURSE)
def test_par_is_neither_far_too_long_nor_too_short(name):
    assert 0.35 < good(name).took / training(name).par < 1.0
