"""Timelines remember, refuse and integrate."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsm.timeline import Timeline, integral

values = st.floats(-1e3, 1e3)
gaps = st.floats(0.01, 100.0)
histories = st.lists(st.tuples(gaps, values), max_size=12)


def staircase(steps: list[tuple[float, float]], initial: float = 0.0, keep: int = 64) -> Timeline:
    timeline, t = Timeline(initial, keep=keep), 0.0
    for gap, value in steps:
        t += gap
        timeline.follow(t, value)
    return timeline


def test_a_piece_holds_from_its_start_until_the_next():
    timeline = staircase([(10.0, 1.0), (5.0, 2.0)])

    assert [timeline.value(t) for t in (0.0, 9.999, 10.0, 14.0, 15.0, 1e6)] == [0.0, 0.0, 1.0, 1.0, 2.0, 2.0]


def test_a_function_is_asked_with_the_time_itself():
    timeline = Timeline(lambda t: 3.0 * t, start=100.0)

    assert timeline.value(101.0) == 303.0


def test_follow_refuses_to_go_back_and_changes_nothing():
    timeline = staircase([(10.0, 1.0)])

    with pytest.raises(ValueError, match=r"t=9\.0 s lies before the present piece, which began at 10\.0 s"):
        timeline.follow(9.0, 5.0)

    assert timeline.value(9.0) == 0.0
    assert timeline.value(11.0) == 1.0


def test_follow_refuses_nan_as_a_time():
    with pytest.raises(ValueError, match="lies before"):
        Timeline(0.0).follow(math.nan, 1.0)


def test_follow_at_the_same_time_replaces_the_piece():
    timeline = staircase([(10.0, 1.0)])

    timeline.follow(10.0, 7.0)

    assert timeline.value(10.0) == 7.0
    assert timeline.breaks(0.0, 20.0) == (10.0,)


@pytest.mark.parametrize("ask", [lambda x: x.value(1.0), lambda x: x.breaks(1.0, 9.0), lambda x: x.constant(1.0, 9.0)])
def test_a_question_before_the_oldest_kept_piece_names_both_times(ask):
    timeline = staircase([(2.0, 1.0), (2.0, 2.0), (2.0, 3.0)], keep=2)

    with pytest.raises(ValueError, match=r"t=1\.0 s lies before the oldest piece kept, which began at 4\.0 s"):
        ask(timeline)


def test_keep_must_be_positive():
    with pytest.raises(ValueError, match="keep=0"):
        Timeline(0.0, keep=0)


def test_breaks_lie_strictly_inside():
    timeline = staircase([(1.0, 1.0), (1.0, 2.0), (1.0, 3.0)])

    assert timeline.breaks(1.0, 3.0) == (2.0,)
    assert timeline.breaks(0.5, 3.5) == (1.0, 2.0, 3.0)
    assert timeline.breaks(3.0, 9.0) == ()


def test_kinks_are_breaks_until_their_piece_ends():
    timeline = Timeline(0.0)
    timeline.follow(1.0, lambda t: abs(t - 2.0), kinks=(6.0, 2.0))

    assert timeline.breaks(0.0, 9.0) == (1.0, 2.0, 6.0)

    timeline.follow(5.0, 3.0)

    assert timeline.breaks(0.0, 9.0) == (1.0, 2.0, 5.0)
    assert timeline.breaks(1.5, 1.9) == ()


def test_constant_needs_one_value_throughout():
    timeline = staircase([(1.0, 0.0), (1.0, 4.0)])

    assert timeline.constant(0.0, 2.0)
    assert not timeline.constant(0.0, 2.1)
    assert timeline.constant(2.0, 1e9)
    assert not Timeline(lambda _: 1.0).constant(0.0, 1.0)


def test_repr_says_how_far_it_reaches():
    assert repr(staircase([(1.0, 0.0), (1.0, 4.0)])) == "Timeline(3 pieces, 0.0 s to 2.0 s)"


def test_constants_cost_one_evaluation_per_stretch():
    calls = []

    def product(a, b):
        calls.append((a, b))
        return a * b

    timelines = [staircase([(5.0, 2.0)], initial=1.0), Timeline(3.0)]

    result = integral(timelines, product, 0.0, 10.0)

    assert result == 5.0 * 3.0 + 5.0 * 6.0
    assert calls == [(1.0, 3.0), (2.0, 3.0)]


def test_integral_over_nothing_is_zero():
    assert integral([Timeline(lambda t: t)], lambda a: a, 3.0, 3.0) == 0.0


def test_integral_refuses_to_run_backwards():
    with pytest.raises(ValueError, match="must not lie before"):
        integral([Timeline(1.0)], lambda a: a, 2.0, 1.0)


def test_integral_refuses_an_order_below_one():
    with pytest.raises(ValueError, match="order=0"):
        integral([Timeline(1.0)], lambda a: a, 0.0, 1.0, order=0)


def test_integral_of_a_warming_lamp_agrees_with_the_formula():
    lamp = Timeline(0.0)
    lamp.follow(10.0, lambda t: 1.0 - math.exp(-(t - 10.0) / 150.0))

    result = integral([lamp], lambda a: a, 0.0, 70.0)

    assert result == pytest.approx(60.0 - 150.0 * (1.0 - math.exp(-60.0 / 150.0)), rel=1e-10)


def test_a_kink_that_is_told_keeps_the_integral_exact():
    timeline = Timeline(lambda t: 0.0)
    timeline.follow(0.0, lambda t: min(t, 1.0), kinks=(1.0,))

    assert integral([timeline], lambda a: a, 0.0, 4.0) == pytest.approx(3.5, abs=1e-14)


@given(histories, st.floats(0.0, 600.0))
def test_value_is_that_of_the_last_piece_begun(steps, t):
    timeline = staircase(steps, initial=-1.0)

    expected, begin = -1.0, 0.0
    for gap, value in steps:
        begin += gap
        if begin <= t:
            expected = value

    assert timeline.value(t) == expected


@given(histories, st.lists(st.floats(0.0, 600.0), min_size=3, max_size=3).map(sorted))
def test_integrals_add_up(steps, times):
    timelines = [staircase(steps), Timeline(lambda t: 1.0 + 0.01 * t)]
    t0, t1, t2 = times

    whole = integral(timelines, lambda a, b: a * b, t0, t2)
    parts = integral(timelines, lambda a, b: a * b, t0, t1) + integral(timelines, lambda a, b: a * b, t1, t2)

    assert whole == pytest.approx(parts, rel=1e-9, abs=1e-6)


@given(histories, st.integers(1, 20))
def test_forgetting_never_changes_what_is_remembered(steps, keep):
    full, short = staircase(steps), staircase(steps, keep=keep)

    assert short.breaks(short.oldest, 1e9) == full.breaks(short.oldest, 1e9)
    assert len(short.breaks(short.oldest, 1e9)) < keep
    assert short.value(short.oldest) == full.value(short.oldest)


@given(st.integers(1, 8), st.data())
def test_gauss_legendre_is_exact_for_its_polynomials(order, data):
    coefficients = data.draw(st.lists(st.floats(-10.0, 10.0), min_size=1, max_size=2 * order))
    t1 = data.draw(st.floats(0.1, 2.0))

    def polynomial(t):
        return sum(c * t**n for n, c in enumerate(coefficients))

    result = integral([Timeline(polynomial)], lambda a: a, 0.0, t1, order=order)

    exact = sum(c * t1 ** (n + 1) / (n + 1) for n, c in enumerate(coefficients))
    assert result == pytest.approx(exact, rel=1e-11, abs=1e-8)
