"""Worlds stand for sets of situations: a join stands for what either does, and says truly whether that is more."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc.foresight import Key, Span, Timer, World
from csc.foresight.world import TimerKey
from fsm.conditions import Possible, between, exactly, one_of

STATES = ("A", "B", "C")
MACHINES: tuple[Key, ...] = (("One", "summary"), ("One", "motor"), ("Two", "summary"), ("Two", "lamp"))
OUTPUTS: tuple[Key, ...] = (("One", "speed"), ("Two", "warm"))
TIMERS: tuple[TimerKey, ...] = (("One", "motor", 0), ("One", "motor", 1), ("Two", "lamp", 2))

WHOLE = st.integers(0, 20)


@dataclass
class Now:
    """One situation among those that a world stands for: everything in it is certain."""

    machines: dict[Key, str] = field(default_factory=dict)
    values: dict[Key, Any] = field(default_factory=dict)
    learned: dict[Key, Any] = field(default_factory=dict)
    timers: dict[TimerKey, float] = field(default_factory=dict)
    connected: dict[str, bool] = field(default_factory=dict)
    overrides: dict[str, str] = field(default_factory=dict)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    low = draw(WHOLE)
    return Span(float(low), draw(st.sampled_from([math.inf, float(low), low + 5.0])))


@st.composite
def values(draw: st.DrawFn) -> Possible:
    kind = draw(st.integers(0, 2))
    if kind == 0:
        return exactly(draw(st.sampled_from(["bright", "dark", 3.0])))
    low, high = sorted([float(draw(WHOLE)), float(draw(WHOLE))])
    return between(low, high) if kind == 1 else one_of([low, high], unknown=draw(st.booleans()))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    machines = {key: draw(st.frozensets(st.sampled_from(STATES), min_size=1)) for key in MACHINES}
    timers = {}
    for key in TIMERS:
        if len(machines[key[:2]]) == 1 and draw(st.booleans()):
            timers[key] = Timer.set_now(draw(spans())).after(draw(spans()))
    return World(
        machines=machines,
        values={key: draw(values()) for key in OUTPUTS},
        learned={("One", "glow"): draw(values())} if draw(st.booleans()) else {},
        timers=timers,
        alarms={"wait": draw(spans())},
        clocks={"all": draw(spans())},
        held={"step": draw(spans())},
        connected={name: draw(st.sampled_from([True, False, None])) for name in ("One", "Two")},
        overrides={name: draw(st.sampled_from(["", "fast", None])) for name in ("One", "Two")},
    )


@st.composite
def worlds_with_a_situation(draw: st.DrawFn) -> tuple[World, Now]:
    """Draw a world and one situation among those that it stands for."""
    world = draw(worlds())
    now = Now(
        machines={key: draw(st.sampled_from(sorted(states))) for key, states in world.machines.items()},
        values={key: _one(draw, value) for key, value in world.values.items()},
        learned={key: _one(draw, value) for key, value in world.learned.items()},
        timers={key: float(_time(draw, timer.left)) for key, timer in world.timers.items()},
        connected={key: draw(st.booleans()) if value is None else value for key, value in world.connected.items()},
        overrides={key: "slow" if value is None else value for key, value in world.overrides.items()},
    )
    return world, now


def _one(draw: st.DrawFn, value: Possible) -> Any:
    if value.values is not None:
        return draw(st.sampled_from([*value.values, *([None] if value.unknown else [])]))
    return float(draw(st.integers(int(value.low or 0), int(value.high or 0))))


def _time(draw: st.DrawFn, span: Span) -> int:
    return draw(st.integers(int(span.low), int(min(span.high, 60.0))))


def stands_for(world: World, now: Now) -> bool:
    """Tell whether a situation is among those of a world.

    Of a timer whose machine's state is not certain nothing is said; one that is not there has rung in vain.
    """
    for key, left in now.timers.items():
        timer = world.timers.get(key)
        if len(world.machines[key[:2]]) == 1 and (timer is None or not timer.left.low <= left <= timer.left.high):
            return False
    rung = [key for key in world.timers if key not in now.timers]
    return (
        all(state in world.machines[key] for key, state in now.machines.items())
        and all(world.values[key].may_be(value) for key, value in now.values.items())
        and all(value.may_be(now.learned[key]) for key, value in world.learned.items() if key in now.learned)
        and all(key in now.learned for key in world.learned)
        and all(world.timers[key].left.high == math.inf for key in rung)
        and all(world.connected[key] in (value, None) for key, value in now.connected.items())
        and all(world.overrides[key] in (value, None) for key, value in now.overrides.items())
    )


@given(worlds_with_a_situation())
def test_a_world_stands_for_its_situations(drawn: tuple[World, Now]) -> None:
    assert stands_for(*drawn)


@given(worlds(), worlds_with_a_situation(), st.booleans())
def test_a_join_stands_for_what_either_stands_for(one: World, two: tuple[World, Now], widen: bool) -> None:
    other, now = two
    left, right = one.copy(), other.copy()

    left.join(other, widen=widen)
    right.join(one, widen=widen)

    assert stands_for(left, now)
    assert stands_for(right, now)


@given(worlds(), worlds())
def test_a_join_covers_alarms_and_clocks(one: World, two: World) -> None:
    joined = one.copy()

    joined.join(two)

    for kept, each in (
        *((joined.alarms, world.alarms) for world in (one, two)),
        *((joined.clocks, world.clocks) for world in (one, two)),
        *((joined.held, world.held) for world in (one, two)),
    ):
        for key, span in each.items():
            assert kept[key].low <= span.low
            assert kept[key].high >= span.high


def test_an_alarm_that_only_the_other_world_has_may_never_ring() -> None:
    mine, theirs = a_world(), a_world()
    theirs.alarms["late"] = Span(5.0, 5.0)

    assert mine.join(theirs)
    assert mine.alarms == {"late": Span(5.0, math.inf)}


@given(worlds(), worlds(), st.booleans())
def test_a_join_tells_whether_anything_is_new(one: World, two: World, widen: bool) -> None:
    joined = one.copy()

    changed = joined.join(two, widen=widen)

    assert changed == (joined != one)


@given(worlds())
def test_a_join_with_itself_is_nothing_new(world: World) -> None:
    joined = world.copy()

    assert not joined.join(world.copy())
    assert joined == world


@given(worlds(), worlds())
def test_the_second_join_is_nothing_new(one: World, two: World) -> None:
    one.join(two)
    once = one.copy()

    assert not one.join(two)
    assert one == once


@given(worlds(), st.lists(worlds(), min_size=1, max_size=4))
def test_widening_comes_to_an_end(world: World, others: list[World]) -> None:
    for _ in range(6):
        for other in others:
            world.join(other, widen=True)

    assert not any(world.join(other, widen=True) for other in others)


@given(worlds(), worlds())
def test_a_join_leaves_the_other_world_alone(one: World, two: World) -> None:
    before = two.copy()

    one.join(two)

    assert two == before


@given(worlds())
def test_a_copy_is_another_world(world: World) -> None:
    copied, before = world.copy(), world.copy()

    copied.machines["One", "motor"] = frozenset("Z")
    copied.values.clear()
    copied.learned.clear()
    copied.timers.clear()
    copied.alarms.clear()
    copied.clocks.clear()
    copied.held.clear()
    copied.connected.clear()
    copied.overrides.clear()
    copied.unsettled.add("One")

    assert world == before


@given(worlds(), worlds())
def test_worlds_are_the_same_if_only_time_has_passed(one: World, two: World) -> None:
    same = one.machines == two.machines and one.values == two.values and one.overrides == two.overrides

    assert one.is_same(two) is two.is_same(one) is same


@given(worlds(), worlds())
def test_worlds_are_alike_if_of_each_component_one_says_all_that_the_other_says(one: World, two: World) -> None:
    def includes(wide: World, narrow: World, name: str) -> bool:
        return all(narrow.machines[key] <= wide.machines[key] for key in MACHINES if key[0] == name)

    alike = all(includes(one, two, name) or includes(two, one, name) for name in ("One", "Two"))

    assert one.is_like(two) is (alike and one.connected == two.connected)


def a_world(**states: str) -> World:
    """A world of one component, with a motor and a lamp."""
    machines = {("One", name): frozenset(states.get(name, "A")) for name in ("motor", "lamp")}
    return World(machines=machines, values={}, connected={"One": True}, overrides={"One": ""})


@pytest.mark.parametrize(
    ("one", "two", "alike"),
    [
        ({"motor": "A"}, {"motor": "A"}, True),
        ({"motor": "A"}, {"motor": "AB"}, True),
        ({"motor": "AB"}, {"motor": "A"}, True),
        ({"motor": "A"}, {"motor": "B"}, False),
        ({"motor": "A", "lamp": "BC"}, {"motor": "AB", "lamp": "C"}, False),
        ({"motor": "A", "lamp": "C"}, {"motor": "AB", "lamp": "BC"}, True),
    ],
)
def test_worlds_of_which_neither_says_more_of_a_component_are_told_apart(
    one: dict[str, str], two: dict[str, str], alike: bool
) -> None:
    assert a_world(**one).is_like(a_world(**two)) is alike


def test_a_machine_that_may_be_in_several_states_has_no_timers() -> None:
    mine, theirs = a_world(motor="A"), a_world(motor="B")
    mine.timers["One", "motor", 0] = Timer.set_now(Span(5.0, 5.0))

    assert mine.join(theirs)
    assert not mine.timers


def test_a_timer_that_rang_in_vain_on_one_side_may_never_ring() -> None:
    mine, theirs = a_world(), a_world()
    mine.timers["One", "motor", 0] = Timer.set_now(Span(5.0, 5.0))

    assert mine.join(theirs)
    assert mine.timers["One", "motor", 0] == Timer.set_now(Span(5.0, 5.0)).in_vain


def test_what_only_one_side_has_learned_is_forgotten() -> None:
    mine, theirs = a_world(), a_world()
    mine.learned["One", "glow"] = exactly(3.0)

    assert mine.join(theirs)
    assert not mine.learned
