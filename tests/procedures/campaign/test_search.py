"""The worst moment: found where it is, by the order that is said, and the same each time."""

from __future__ import annotations

import math

import pytest

from procedures.campaign import Case, Row, Run, Verdict
from procedures.campaign.badness import badness_of, label_of, lost_images
from procedures.campaign.search import search_worst

USUAL = Run(outcome="passed", seconds=6000.0, images={"flat": (100.0, 100.0, 1000.0)})


def row(classification, *, unsafe=(), after=None, images=None, outcome="passed", seconds=6000.0):
    verdict = Verdict(classification=classification, because="", detected_after=after, unsafe=unsafe)
    run = Run(outcome=outcome, seconds=seconds, images=USUAL.images if images is None else images)
    return Row(case=Case(procedure="play"), run=run, verdict=verdict)


WORST_FIRST = (
    row("silent", images={}),
    row("silent"),
    row("stuck"),
    row("crashed"),
    row("detected", unsafe=("lamp: on",), after=900.0),
    row("recovered", unsafe=("lamp: on",), after=5.0),
    row("detected", images={"flat": (100.0,)}),
    row("detected", images={"flat": (100.0, 1000.0)}, after=1.0),
    row("detected", after=900.0),
    row("detected", after=5.0, outcome="failed", seconds=9000.0),
    row("detected", after=5.0, outcome="failed", seconds=100.0),
    row("recovered", seconds=7000.0, after=5.0),
    row("recovered", after=5.0),
    row("harmless"),
    row("not_injected"),
)


def test_what_is_worse_is_in_a_fixed_order():
    badness = [badness_of(each, USUAL) for each in WORST_FIRST]

    assert badness == sorted(badness, reverse=True)
    assert len(set(badness)) == len(badness)
    assert badness[0].undetected == math.inf


def test_lost_images_are_those_that_are_missing_or_show_other_light():
    assert lost_images(Run(images={"flat": (100.0, 50.0, 1000.0)}), USUAL) == 1
    assert lost_images(Run(images={"flat": (0.0, 100.0, 100.0, 1000.0)}), USUAL) == 0
    assert lost_images(Run(), USUAL) == 3


def search(classes, *, tries=40, seed="a", steps=(0.0, 700.0, 5000.0)):
    """Search in a procedure where a fault has these classes from these times on."""
    tried: list[int] = []

    def run(moments):
        tried.extend(moments)
        return [row(next(name for t, name in reversed(classes) if t <= moment)) for moment in moments]

    return search_worst(run, USUAL, steps, tries=tries, seed=seed), tried


def test_a_short_bad_time_between_two_steps_is_found():
    timeline, tried = search([(0, "detected"), (3000, "silent"), (3400, "harmless")], tries=60)

    assert label_of(timeline.worst.row) == "silent"
    assert [each.label for each in timeline.intervals] == ["detected", "silent", "harmless"]
    assert [(each.begins, each.ends) for each in timeline.intervals] == [
        (0.0, pytest.approx(3000, abs=2)),
        (pytest.approx(3000, abs=2), pytest.approx(3400, abs=2)),
        (pytest.approx(3400, abs=2), 6000.0),
    ]
    assert timeline.label_at(3200.0) == "silent"
    assert len(tried) == len(set(tried)) == 60


def test_steps_and_the_beginning_are_tried():
    _, tried = search([(0, "harmless")])

    assert {0, 700, 5000} <= set(tried)
    assert all(0 <= moment <= 6000 for moment in tried)


def test_of_equal_moments_the_first_is_the_worst():
    timeline, _ = search([(0, "silent")])

    assert timeline.worst.t == 0


def test_the_same_seed_tries_the_same_and_another_one_others():
    classes = [(0, "detected"), (2000, "silent")]

    assert search(classes)[1] == search(classes)[1]
    assert search(classes)[1] != search(classes, seed="b")[1]


@pytest.mark.parametrize("tries", [1, 2, 7, 20])
def test_no_more_than_the_tries_are_used(tries):
    _, tried = search([(0, "detected"), (2000, "silent")], tries=tries, steps=[10.0 * n for n in range(500)])

    assert len(tried) == tries


def test_a_procedure_that_takes_no_time_has_one_moment():
    timeline = search_worst(lambda moments: [row("silent") for _ in moments], Run(seconds=0.4), [0.0], tries=9, seed="")

    assert [sample.t for sample in timeline.samples] == [0]
