"""Who wants telemetry, how often and for how long."""

from __future__ import annotations

import math

import pytest

from csc.bus.mqtt.demand import DEFAULT_LEASE, Demands

KEY = ("ATDome", "position")


def test_a_demand_is_new_once_and_again_when_it_has_ended():
    demands = Demands()

    assert demands.note(KEY, "", DEFAULT_LEASE, 0.0)
    assert not demands.note(KEY, "", DEFAULT_LEASE, 10.0)
    assert demands.due(KEY, 0.0, 70.0) == ([], 0)
    assert demands.due(KEY, 1.0, 70.1) == ([], 1)
    assert demands.note(KEY, "", DEFAULT_LEASE, 80.0)


def test_a_shorter_lease_does_not_end_a_longer_one():
    demands = Demands()
    demands.note(KEY, "", 100.0, 0.0)
    demands.note(KEY, "", 1.0, 0.0)

    assert demands.due(KEY, 0.0, 99.0) == ([], 0)


def test_a_lease_is_no_longer_than_an_hour():
    demands = Demands()
    demands.note(KEY, "", 1e9, 0.0)

    assert demands.due(KEY, 0.0, 3601.0) == ([], 1)


def test_slower_cadences_get_samples_at_their_own_times():
    demands = Demands()
    for every in ("", "2", "5"):
        demands.note(KEY, every, 1000.0, 0.0)

    due = {t: demands.due(KEY, float(t), 0.0)[0] for t in range(3, 12)}

    assert due == {3: ["2", "5"], 4: ["2"], 5: ["5"], 6: ["2"], 7: [], 8: ["2"], 9: [], 10: ["2", "5"], 11: []}


def test_a_sample_that_comes_a_little_early_counts():
    demands = Demands()
    demands.note(KEY, "0.1", 1000.0, 0.0)

    assert [demands.due(KEY, number * 0.1, 0.0)[0] for number in range(1, 50)] == [["0.1"]] * 49


def test_each_topic_has_its_own():
    demands = Demands()
    demands.note(KEY, "10", 1.0, 0.0)

    assert demands.due(("ATDome", "heartbeat"), 0.0, 0.0) == ([], 0)
    assert demands.note(("ATDome", "heartbeat"), "10", 1.0, 0.0)


@pytest.mark.parametrize("lease", [0, -1.0, math.nan, math.inf, True, None, "soon", [], {}])
def test_a_lease_that_is_no_time_is_refused(lease):
    with pytest.raises(ValueError, match=r"lease is .*; a time in seconds above 0 is expected"):
        Demands().note(KEY, "", lease, 0.0)


@pytest.mark.parametrize("every", ["0", "-1", "nan", "inf", "often", "1e999"])
def test_a_cadence_that_is_no_time_is_refused(every):
    with pytest.raises(ValueError, match=r"the time between samples is .*; a time in seconds above 0 is expected"):
        Demands().note(KEY, every, 1.0, 0.0)


def test_a_long_text_is_no_cadence():
    with pytest.raises(ValueError, match="has 33 characters"):
        Demands().note(KEY, "1" * 33, 1.0, 0.0)


def test_there_are_not_too_many_of_one_topic():
    demands = Demands()
    for number in range(1, 21):
        assert demands.note(KEY, str(number), 1.0, 0.0)

    with pytest.raises(ValueError, match="20 times between samples are asked for already: 1, 2"):
        demands.note(KEY, "21", 1.0, 0.0)
    assert not demands.note(KEY, "7", 1.0, 0.0)
