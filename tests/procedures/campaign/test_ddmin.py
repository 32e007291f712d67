"""Delta debugging: what is left is needed, all of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from procedures.campaign.ddmin import smallest_part


def first_with(needed):
    return lambda parts: next((part for part in parts if needed <= set(part)), None)


@given(st.integers(1, 12).flatmap(lambda size: st.tuples(st.just(size), st.sets(st.integers(0, size - 1), min_size=1))))
def test_what_is_needed_is_left_and_nothing_else(given):
    size, needed = given

    assert smallest_part(range(size), first_with(needed)) == tuple(sorted(needed))


@given(st.sets(st.frozensets(st.integers(0, 7), min_size=1), min_size=1, max_size=4))
def test_of_several_ways_one_is_left_of_which_nothing_can_be_left_out(ways):
    def holds(part):
        return any(way <= set(part) for way in ways)

    left = smallest_part(range(8), lambda parts: next((part for part in parts if holds(part)), None))

    assert holds(left)
    assert not any(holds([item for item in left if item != out]) for out in left if len(left) > 1)


def test_the_last_item_is_not_taken_away():
    assert smallest_part("a", lambda parts: next(iter(parts), None)) == ("a",)
