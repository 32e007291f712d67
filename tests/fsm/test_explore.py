from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsm import Name, Statechart, parse_condition
from fsm.conditions import Possible, between, exactly, one_of
from fsm.explore import (
    Action,
    Check,
    Decision,
    Explored,
    Fall,
    Place,
    Progress,
    Reading,
    Restless,
    Rows,
    Situation,
    System,
    TooManyPlaces,
    Way,
    check_of,
    explore,
    leading_to,
    trace,
)
from tests.fsm.explorer import explore_plainly
from tests.fsm.rig import WORDS, chart, row

FREE = {"light": one_of((True, False)), "power": between(0.0, 2000.0), "attempt": exactly(1)}


def build(
    *charts: Statechart,
    sends: str = "",
    values: dict[str, Possible] | None = None,
    checks: dict[str, str] | None = None,
) -> System:
    """Let charts be a system: each trigger in `sends` may be sent at any time, each timer may ring at any time."""
    places = {table.name: number for number, table in enumerate(charts)}
    known = FREE | (values or {})

    def read(name: Name) -> Reading:
        word = str(name)
        if word not in places:
            return Reading.always(known[word])
        names = charts[places[word]].state_names
        return Reading((places[word],), lambda situation: exactly(names[situation[0]]))

    def rows(table: Statechart, trigger: str, *numbers: int) -> Rows:
        chosen = [(number, table.transitions[number]) for number in numbers]
        return Rows(table, places[table.name], chosen, trigger=trigger, read=read)

    reactions: dict[str, tuple[Decision, ...]] = {}
    triggers = sorted({trigger for table in charts for trigger in table.triggers})
    for table, trigger in itertools.product(charts, triggers):
        numbers = [number for number, each in enumerate(table.transitions) if trigger in each.on]
        if numbers:
            reactions[trigger] = (*reactions.get(trigger, ()), rows(table, trigger, *numbers).decision)
    sent = [Action(trigger, "command", sending(trigger)) for trigger in sends.split()]
    timers = [
        Action(f"{table.name} after {each.after}", "timer", rows(table, "", number).decision)
        for table in charts
        for number, each in enumerate(table.transitions)
        if each.after is not None
    ]
    return System(
        places=tuple(Place(table.name, table.state_names) for table in charts),
        reactions=reactions,
        actions=(*sent, *timers),
        starts=((tuple(table.state_names.index(table.initial) for table in charts), ()),),
        checks=tuple(check_of(key, parse_condition(text, Asked(charts)), read) for key, text in (checks or {}).items()),
    )


def sending(trigger: str) -> Decision:
    return Decision((), frozenset(), lambda _: [Way(emits=(trigger,))])


class Asked:
    """The words of the bench, and the charts."""

    def __init__(self, charts: tuple[Statechart, ...]) -> None:
        from fsm import States

        self._charts = {table.name: States(table.state_names) for table in charts}

    def describe(self, name: Name) -> Any:
        return self._charts.get(str(name)) or WORDS.describe(name)

    def suggest(self, name: Name) -> str | None:
        return None


def shown(explored: Explored) -> set[tuple[str, ...]]:
    return {tuple(explored.system.shown(explored.encoding.unpack(code)).values()) for code in explored.visited.tolist()}


LAMP = chart(
    "lamp",
    "OFF WARMUP ON BROKEN GHOST",
    row(on="turn_on", source="OFF", to="WARMUP", guard="light"),
    row(after="warmup", source="WARMUP", to="ON", emits="warm"),
    row(on="turn_off", source="WARMUP ON", to="OFF"),
    row(on="hit", source="ON", to="BROKEN"),
    row(on="turn_off", source="GHOST", to="OFF"),
)
COVER = chart(
    "cover", "CLOSED OPEN", row(on="warm", source="CLOSED", to="OPEN"), row(on="shut", source="OPEN", to="CLOSED")
)
BOTH = "turn_on turn_off hit shut"


# ------------------------------------------------------------ known answers


def test_every_state_that_can_be_reached_is_reached_and_no_other() -> None:
    explored = explore(build(LAMP, sends=BOTH))

    assert shown(explored) == {("OFF",), ("WARMUP",), ("ON",), ("BROKEN",)}
    assert explored.exhausted
    assert [count.tolist()[:5] for count in explored.reached] == [[1, 1, 1, 1, 0]]


def test_what_a_row_emits_is_given_to_the_other_machines_at_once() -> None:
    explored = explore(build(LAMP, COVER, sends=BOTH))

    assert ("ON", "CLOSED") in shown(explored)  # after `shut` only
    assert ("WARMUP", "OPEN") in shown(explored)
    assert ("BROKEN", "OPEN") in shown(explored)
    assert [len(level) for level in explored.levels][:3] == [1, 1, 1]


def test_a_guard_that_hangs_on_nothing_known_may_hold_and_may_not() -> None:
    table = chart(
        "lamp", "OFF ON DIM", row(on="go", source="OFF", to="ON", guard="light"), row(on="go", source="OFF", to="DIM")
    )

    both = explore(build(table, sends="go"))
    never = explore(build(table, sends="go", values={"light": exactly(False)}))

    assert shown(both) == {("OFF",), ("ON",), ("DIM",)}
    assert shown(never) == {("OFF",), ("DIM",)}


def test_guards_that_ask_the_same_get_the_same_answer() -> None:
    table = chart(
        "lamp",
        "OFF ON DIM GHOST",
        row(on="go", source="OFF", to="ON", guard="light"),
        row(on="go", source="OFF", to="DIM", guard="not light"),
        row(on="go", source="OFF", to="GHOST"),
    )

    assert ("GHOST",) not in shown(explore(build(table, sends="go")))


def test_a_later_row_sees_what_an_earlier_one_has_left() -> None:
    table = chart(
        "lamp",
        "OFF WEAK STRONG GHOST",
        row(on="go", source="OFF", to="WEAK", guard="power < 800 W"),
        row(on="go", source="OFF", to="STRONG", guard="power >= 800 W"),
        row(on="go", source="OFF", to="GHOST"),
    )

    assert ("GHOST",) not in shown(explore(build(table, sends="go")))


def test_rows_that_were_taken_are_marked_with_the_state_that_they_left() -> None:
    marks = explore(build(LAMP, sends=BOTH)).marks

    assert (0, (2, LAMP.state_names.index("ON"), "turn_off")) in marks
    assert (0, (1, LAMP.state_names.index("WARMUP"), "")) in marks
    assert not [mark for mark in marks if mark[1][0] == 4]  # type: ignore[index]


def test_a_situation_that_nothing_leads_out_of_is_dead() -> None:
    explored = explore(build(LAMP, sends=BOTH))

    assert [explored.encoding.unpack(code) for code in explored.dead.tolist()] == [(3,)]


def test_only_counted_actions_are_ways_out() -> None:
    explored = explore(build(LAMP, sends=BOTH), ways_out=frozenset(("timer",)))

    assert len(explored.dead) == 3  # all but WARMUP


def test_rows_that_may_both_be_taken_are_found() -> None:
    table = chart(
        "lamp",
        "OFF ON DIM",
        row(on="go", source="OFF", to="ON", guard="power > 500 W"),
        row(on="go", source="OFF", to="DIM", guard="power > 800 W"),
        row(on="go", source="OFF", to="DIM", guard="power <= 500 W"),
    )
    rows = Rows(table, 0, enumerate(table.transitions), trigger="go", read=lambda name: Reading.always(FREE[str(name)]))

    assert list(rows.overlaps((0,))) == [(0, 1)]
    assert not list(rows.overlaps((1,)))


def test_a_row_with_a_fault_changes_the_place_of_faults_too() -> None:
    table = chart("lamp", "ON BROKEN", row(on="hit", source="ON", to="BROKEN", fault="LAMP_BROKEN"))
    fall = Fall(1, 1, {0: ("fell",)})
    rows = Rows(
        table, 0, enumerate(table.transitions), trigger="hit", read=lambda _: Reading.always(exactly(0)), fall=fall
    )

    [way] = rows.ways((0, 0))
    [again] = rows.ways((0, 1))

    assert (dict(way.sets), way.emits) == ({0: 1, 1: 1}, ("fell",))
    assert (dict(again.sets), again.emits) == ({0: 1}, ())


# ------------------------------------------------------------------- checks


def test_a_check_that_breaks_is_told_with_the_shortest_way() -> None:
    explored = explore(build(LAMP, COVER, sends=BOTH, checks={"shut": "cover is CLOSED or lamp is not BROKEN"}))

    steps = trace(explored, explored.broken["shut"])

    assert [step.action for step in steps] == ["turn_on", "lamp after warmup", "hit"]
    assert steps[1].changes == (("lamp", "WARMUP", "ON"), ("cover", "CLOSED", "OPEN"))


def test_a_check_that_holds_is_neither_broken_nor_open() -> None:
    explored = explore(build(LAMP, sends=BOTH, checks={"no ghosts": "lamp is not GHOST"}))

    assert (explored.broken, explored.open) == ({}, set())


def test_a_check_that_hangs_on_something_else_is_open() -> None:
    explored = explore(build(LAMP, sends=BOTH, checks={"dark": "lamp is OFF or light"}))

    assert (explored.broken, explored.open) == ({}, {"dark"})


def test_the_way_to_what_was_not_reached_is_refused() -> None:
    explored = explore(build(LAMP, sends=BOTH))

    with pytest.raises(ValueError, match="this situation was not reached"):
        trace(explored, explored.encoding.pack((4,)))


def test_situations_without_a_way_to_a_goal_are_found() -> None:
    explored = explore(build(LAMP, COVER, sends=BOTH))
    goal = explored.encoding.values(explored.visited, 0) == 0

    lost = explored.visited[~leading_to(explored, goal, frozenset(("command", "timer")))]

    assert {explored.encoding.unpack(code)[0] for code in lost.tolist()} == {3}
    assert len(lost) == 2


def test_a_way_needs_actions_of_the_kinds_that_are_allowed() -> None:
    explored = explore(build(LAMP, sends=BOTH))
    goal = explored.encoding.values(explored.visited, 0) == 2

    lost = explored.visited[~leading_to(explored, goal, frozenset(("command",)))]

    assert {explored.encoding.unpack(code)[0] for code in lost.tolist()} == {0, 1, 3}


def test_ways_back_are_not_looked_for_in_part_of_a_system() -> None:
    explored = explore(build(LAMP, COVER, sends=BOTH), limit=2)

    with pytest.raises(ValueError, match="the exploration was cut off"):
        leading_to(explored, np.zeros(2, np.bool_), frozenset(("command",)))


# ------------------------------------------------------------------- limits


def test_no_more_situations_are_reached_than_the_limit_and_it_says_so() -> None:
    explored = explore(build(LAMP, COVER, sends=BOTH), limit=3)

    assert (len(explored), explored.exhausted) == (3, False)


def test_a_limit_that_is_just_met_leaves_nothing() -> None:
    explored = explore(build(LAMP, sends=BOTH), limit=4)

    assert (len(explored), explored.exhausted) == (4, True)


def test_actions_may_be_left_out() -> None:
    explored = explore(build(LAMP, sends=BOTH), without=frozenset(("timer",)))

    assert shown(explored) == {("OFF",), ("WARMUP",)}


def test_whoever_wants_to_know_is_told_how_far_it_is() -> None:
    told: list[Progress] = []

    explore(build(LAMP, sends=BOTH), notice=told.append)

    assert told[-1].situations == 4
    assert [each.depth for each in told] == [1, 2, 3, 4]


def test_what_never_comes_to_rest_is_refused() -> None:
    table = chart("ping", "A", row(on="ping", source="A", emits="ping"))

    with pytest.raises(Restless, match="never comes to rest: ping"):
        explore(build(table, sends="ping"))


def test_more_places_than_can_be_numbered_are_refused() -> None:
    tables = [chart(f"machine{number}", "A B") for number in range(64)]

    with pytest.raises(TooManyPlaces, match="64 places need 64 bits, and there are 63"):
        explore(build(*tables))


def test_what_is_assumed_is_left_out() -> None:
    system = build(LAMP, sends=BOTH)
    assumed = Check("never on", (0,), lambda seen: seen[0] != 2)
    less = System(
        places=system.places,
        reactions=system.reactions,
        actions=system.actions,
        starts=system.starts,
        assumed=(assumed,),
    )

    assert shown(explore(less)) == {("OFF",), ("WARMUP",)}


# ----------------------------------------------------------------- symmetry


def gates(count: int) -> list[Statechart]:
    rows = [
        row(on="open", source="CLOSED", to="OPENING", guard="light"),
        row(after="warmup", source="OPENING", to="OPEN"),
        row(on="close", source="OPEN", to="CLOSED", guard="light"),
    ]
    return [chart(f"gate{number}", "CLOSED OPENING OPEN", *rows) for number in range(count)]


def test_of_situations_that_differ_in_the_order_of_alike_places_one_is_kept() -> None:
    explored = explore(build(*gates(4), sends="open close"))

    assert (len(explored), explored.standing_for) == (15, 81)
    assert len(explore_plainly(explored.system).depths) == 81
    assert all(count.tolist()[:3] == explored.reached[0].tolist()[:3] for count in explored.reached)
    assert {place for place, _ in explored.marks} == {0, 1, 2, 3}


def test_a_place_that_somebody_looks_at_is_like_no_other() -> None:
    watcher = chart("watcher", "CALM ALARMED", row(on="open", source="CALM", to="ALARMED", guard="light"))
    check = {"calm": "gate0 is CLOSED or gate1 is not OPEN"}

    explored = explore(build(*gates(3), watcher, sends="open close", checks=check))

    assert len(explored) == explored.standing_for == 54


def test_the_way_to_a_situation_goes_through_the_places_that_are_meant() -> None:
    explored = explore(build(*gates(3), sends="open close"))

    steps = trace(explored, int(explored.visited[-1]))

    opened = [place for step in steps for place, _, value in step.changes if value == "OPEN"]
    assert sorted(opened) == ["gate0", "gate1", "gate2"]


# ---------------------------------------------- held against a plain explorer


@st.composite
def systems(draw: st.DrawFn) -> System:
    """Return a small system without rhyme or reason."""
    sizes = draw(st.lists(st.integers(2, 4), min_size=1, max_size=4))
    triggers = ["a", "b", "c"]

    def decision(number: int, emits: list[str], *, stays: bool) -> Decision:
        looks = tuple(draw(st.lists(st.sampled_from(range(len(sizes))), max_size=2, unique=True)))
        touches = draw(st.lists(st.sampled_from(range(len(sizes))), max_size=2, unique=True))
        table: dict[Situation, list[Way]] = {}
        for values in itertools.product(*(range(sizes[place]) for place in looks)):
            ways = []
            for mark in range(draw(st.integers(0, 2))):
                sets = tuple((place, draw(st.integers(0, sizes[place] - 1))) for place in touches)
                chosen = draw(st.lists(st.sampled_from(emits), max_size=2)) if emits else []
                cut = draw(st.integers(0, len(chosen)))
                stops = draw(st.booleans()) and stays
                name = (number, values, mark)
                ways.append(
                    Way(
                        sets=sets,
                        emits=tuple(chosen[:cut]),
                        afterwards=tuple(chosen[cut:]),
                        mark=(0, name),
                        stops=stops,
                    )
                )
            table[values] = ways or ([Way()] if stays else [])
        return Decision(looks, frozenset(touches), table.__getitem__)

    reactions = {
        # A trigger emits later ones only, so that all of it comes to rest.
        trigger: tuple(
            decision(10 * place + each, triggers[place + 1 :], stays=True) for each in range(draw(st.integers(1, 2)))
        )
        for place, trigger in enumerate(triggers)
    }
    actions = tuple(
        Action(f"action{number}", "timer", decision(100 + number, triggers, stays=False))
        for number in range(draw(st.integers(1, 4)))
    )
    start = tuple(draw(st.integers(0, size - 1)) for size in sizes)
    begins = tuple(draw(st.lists(st.sampled_from(triggers), max_size=2)))
    places = tuple(Place(f"place{number}", tuple("wxyz"[:size])) for number, size in enumerate(sizes))
    return System(places=places, reactions=reactions, actions=actions, starts=((start, begins),))


@settings(max_examples=100, deadline=None)
@given(system=systems())
def test_the_fast_explorer_finds_what_the_plain_one_finds(system: System) -> None:
    explored, plain = explore(system), explore_plainly(system)

    unpack = explored.encoding.unpack
    depths = {unpack(code): depth for depth, level in enumerate(explored.levels) for code in level.tolist()}
    if explored.standing_for == len(explored):
        assert depths == plain.depths
        assert {unpack(code) for code in explored.dead.tolist()} == plain.dead
        assert explored.marks == plain.marks
    else:
        assert set(depths) <= set(plain.depths)
        assert explored.standing_for == len(plain.depths)


@settings(max_examples=40, deadline=None)
@given(system=systems(), place=st.integers(0, 3), value=st.integers(0, 3))
def test_ways_to_a_goal_are_those_of_a_plain_search(system: System, place: int, value: int) -> None:
    explored, plain = explore(system), explore_plainly(system)
    place %= len(system.places)
    goals = {situation for situation in plain.depths if situation[place] == value}
    leading = set(goals)
    while True:
        more = {here for here, after in plain.after.items() if any(each in leading for _, each in after)} - leading
        if not more:
            break
        leading |= more

    goal = explored.encoding.values(explored.visited, place) == value
    led = leading_to(explored, goal, frozenset(("timer",)))
    lost = {explored.encoding.unpack(code) for code in explored.visited[~led].tolist()}

    if explored.standing_for == len(explored):
        assert lost == set(plain.depths) - leading


@settings(max_examples=40, deadline=None)
@given(system=systems(), which=st.integers(0))
def test_every_way_that_is_told_can_be_gone(system: System, which: int) -> None:
    explored, plain = explore(system), explore_plainly(system)
    code = int(explored.visited[which % len(explored)])

    steps = trace(explored, code)

    assert len(steps) == plain.depths[explored.encoding.unpack(code)]
