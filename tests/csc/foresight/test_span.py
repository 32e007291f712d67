"""Spans and timers stand for sets of times: what they are turned into stands for all that each time turns into."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc.foresight import FOREVER, Span, Timer
from csc.foresight.span import NOW, span_of
from fsm.conditions import ANYTHING, UNKNOWN, Possible, between, exactly, one_of

TIMES = st.integers(0, 40).map(float)
"""Whole numbers: their sums and differences are exact."""
ENOUGH = 5
"""After so many rounds nothing is new."""


@st.composite
def spans(draw: st.DrawFn) -> Span:
    low = draw(TIMES)
    return Span(low, draw(st.one_of(st.just(math.inf), st.integers(int(low), 50).map(float))))


@st.composite
def spans_with_a_time(draw: st.DrawFn) -> tuple[Span, float]:
    span = draw(spans())
    return span, draw(st.integers(int(span.low), int(min(span.high, 60.0))).map(float))


@st.composite
def timers(draw: st.DrawFn) -> Timer:
    full = draw(spans())
    return Timer.set_now(full).after(draw(spans()))


def contains(span: Span, time: float) -> bool:
    return span.low <= time <= span.high


def covers(wide: Span, narrow: Span) -> bool:
    return wide.low <= narrow.low and narrow.high <= wide.high


@given(spans_with_a_time(), spans_with_a_time())
def test_a_sum_has_every_sum(one: tuple[Span, float], two: tuple[Span, float]) -> None:
    assert contains(one[0].plus(two[0]), one[1] + two[1])


@given(spans_with_a_time(), spans_with_a_time())
def test_what_is_left_has_all_that_may_be_left(left: tuple[Span, float], passed: tuple[Span, float]) -> None:
    assert contains(left[0].after(passed[0]), max(0.0, left[1] - passed[1]))


@given(spans(), spans())
def test_a_join_covers_both_and_no_more_than_it_must(one: Span, two: Span) -> None:
    joined = one.join(two)

    assert covers(joined, one)
    assert covers(joined, two)
    assert joined == two.join(one)
    assert joined == joined.join(one) == joined.join(two)


@given(spans(), spans())
def test_widening_covers_the_join(one: Span, two: Span) -> None:
    assert covers(one.widened(two), one.join(two))


@given(spans(), st.lists(spans(), min_size=1, max_size=12))
def test_widening_comes_to_an_end(span: Span, others: list[Span]) -> None:
    for _ in range(ENOUGH):
        for other in others:
            span = span.widened(other)

    assert all(span.widened(other) == span for other in others)


@given(spans())
def test_widening_with_what_is_known_changes_nothing(span: Span) -> None:
    assert span.widened(span) == span


@pytest.mark.parametrize(
    ("value", "span"),
    [
        (exactly(3.0), Span(3.0, 3.0)),
        (exactly(-2.0), NOW),
        (between(-1.0, 5.0), Span(0.0, 5.0)),
        (one_of([2.0, 7.0]), Span(2.0, 7.0)),
        (between(1.0, 2.0, unknown=True), Span(1.0, 2.0)),
        (ANYTHING, FOREVER),
        (UNKNOWN, FOREVER),
        (exactly("soon"), FOREVER),
        (Possible(), FOREVER),
    ],
)
def test_a_value_is_a_time(value: Possible, span: Span) -> None:
    assert span_of(value) == span


def test_a_timer_that_is_set_rings_after_what_it_was_set_for() -> None:
    assert Timer.set_now(Span(4.0, 6.0)) == Timer(Span(4.0, 6.0), Span(4.0, 6.0))


def test_a_timer_that_runs_may_ring_at_once() -> None:
    assert Timer.running(Span(4.0, 6.0)) == Timer(Span(0.0, 6.0), Span(0.0, 6.0))


def test_a_timer_that_may_have_rung_in_vain_may_never_ring() -> None:
    assert Timer.set_now(Span(4.0, 6.0)).in_vain == Timer(Span(4.0, math.inf), FOREVER)


@given(timers(), spans())
def test_what_a_timer_was_set_for_stays(timer: Timer, passed: Span) -> None:
    later = timer.after(passed)

    assert later.full == timer.full
    assert later.left == timer.left.after(passed)


@given(timers(), timers())
def test_a_join_of_timers_covers_both(one: Timer, two: Timer) -> None:
    joined = one.join(two)

    assert covers(joined.left, one.left)
    assert covers(joined.left, two.left)
    assert covers(joined.full, one.full)
    assert covers(joined.full, two.full)
    assert joined == joined.join(one) == joined.join(two)


@given(timers(), timers())
def test_a_timer_that_is_widened_covers_the_join_and_rings_within_what_it_was_set_for(one: Timer, two: Timer) -> None:
    widened, joined = one.join(two, widen=True), one.join(two)

    assert covers(widened.left, joined.left)
    assert covers(widened.full, joined.full)
    assert widened.left.high <= widened.full.high


@given(timers(), st.lists(timers(), min_size=1, max_size=10))
def test_a_timer_that_is_widened_again_and_again_comes_to_rest(timer: Timer, others: list[Timer]) -> None:
    for _ in range(ENOUGH):
        for other in others:
            timer = timer.join(other, widen=True)

    assert all(timer.join(other, widen=True) == timer for other in others)
