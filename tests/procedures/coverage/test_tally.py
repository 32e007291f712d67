"""What there is held against what was seen."""

from __future__ import annotations

from collections import Counter

import pytest

from csc import load_catalogue
from procedures.coverage import ComponentAdvice, ProcedureAdvice, Seen, component_items, percent, tally
from procedures.coverage.tally import Figure
from tests.procedures.play import load

DOME = load_catalogue()["ATDome"]
PLAY = load("- {id: a, wait: 1 s}\n- {id: b, expect: Tiny is ENABLED, on_failure: [{id: c, wait: 1 s}]}")


def covered(*items, faults=("Tiny.jam", "Tiny.slip")):
    return tally(Seen(counts=Counter(items)), [DOME], [PLAY], {"play": faults})


def condition(truth):
    return ("condition", "play", "b", "expect", "Tiny is ENABLED", truth)


def test_nothing_seen_is_nothing_of_all():
    part = covered().components["ATDome"]

    assert part.figure == Figure(0, len(component_items(DOME)))
    assert set(part.groups) == {"states", "transitions", "refusals", "faults", "errors"}


def test_everything_seen_is_everything():
    part = covered(*component_items(DOME)).components["ATDome"]

    assert percent(part.figure) == 100.0
    assert not any(group.missing for group in part.groups.values())


def test_a_row_from_every_state_counts_wherever_it_was_taken():
    coverage = covered(("transition", "ATDome", "azimuth_command", "HOME", "STOP", "stopMotion"))

    assert coverage.components["ATDome"].groups["transitions"].figure.seen == 1
    assert coverage.gone == 0


def test_a_way_that_only_one_row_takes_counts_for_it_and_another_for_none():
    single = covered(("transition", "ATDome", "summary", "STANDBY", "DISABLED", ""))
    shared = covered(("transition", "ATDome", "connection", "CONNECTING", "DISCONNECTED", ""))

    assert (single.components["ATDome"].groups["transitions"].figure.seen, single.ways) == (1, 0)
    assert (shared.components["ATDome"].groups["transitions"].figure.seen, shared.ways) == (0, 1)


@pytest.mark.parametrize(
    "item",
    [
        ("state", "ATDome", "main_door", "AJAR"),
        ("transition", "ATDome", "main_door", "CLOSED", "AJAR", "blow"),
        ("transition", "ATDome", "main_door", "CLOSED", "AJAR", ""),
        ("step", "play", "z", "begun"),
        ("condition", "play", "b", "expect", "Tiny is HAPPY", "true"),
        ("step", "gone", "a", "begun"),
    ],
)
def test_what_is_not_there_any_more_counts_for_nothing(item):
    coverage = covered(item)

    assert coverage.figure.seen == 0
    assert coverage.gone == 1


@pytest.mark.parametrize(
    ("truths", "word"),
    [
        ((), "never"),
        (("true",), "true"),
        (("false",), "false"),
        (("true", "false"), "both"),
        (("unknown",), "unknown"),
        (("unknown", "false"), "false"),
    ],
)
def test_a_condition_is_seen_true_false_both_or_never(truths, word):
    words = covered(*map(condition, truths)).procedures["play"].conditions()

    assert list(words.values()) == [word]


def test_pairs_of_fault_and_step_count_for_themselves():
    struck = covered(("struck", "play", "a", "Tiny.jam"), ("struck", "play", "a", "Tiny.silence")).procedures["play"]

    assert struck.struck.figure == Figure(1, 6)
    assert struck.struck.faults_of("a") == 1
    assert struck.figure.seen == 0


def test_parts_may_be_chosen():
    coverage = covered().only([], ["play"])

    assert not coverage.components
    assert list(coverage.procedures) == ["play"]
    assert coverage.figure == coverage.procedures["play"].figure


def test_of_nothing_everything_was_seen():
    assert percent(Figure(0, 0)) == 100.0


@pytest.mark.parametrize("name", sorted(load_catalogue()))
def test_every_item_of_a_component_has_words(name):
    plan = load_catalogue()[name]
    advice = ComponentAdvice(plan, name)

    for item in component_items(plan):
        what, how = advice.words(item)
        assert what
        assert item[0] != "fault" or how


@pytest.mark.parametrize(
    ("item", "how"),
    [
        (("fault", "ATDome", "stall", "injected"), "--fault ATDome.stall"),
        (("state", "ATDome", "summary", "DISABLED"), "from STANDBY by command start; from ENABLED by command disable"),
        (("error", "ATDome", "1"), "connection after connection_timeout"),
        (("state", "ATDome", "homing", "NOT_HOMED"), "--fault ATDome.not_homed"),
    ],
)
def test_what_would_reach_something_is_told(item, how):
    assert how in ComponentAdvice(DOME, "ATDome").words(item)[1]


def test_a_step_for_a_failure_says_so():
    advice = ProcedureAdvice(PLAY)

    assert advice.words(("step", "play", "c", "begun")) == ("c begun", "taken only when step b fails")
    assert advice.words(("step", "play", "a", "begun")) == ("a begun", "")
