"""SCXML of machines: what an independent engine does with it is what `fsm.Machine` does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsm import (
    Flag,
    Machine,
    Name,
    Quantity,
    State,
    Statechart,
    States,
    Subject,
    Text,
    Transition,
    Value,
    parse_condition,
    parse_expression,
)
from fsm.diagrams.scxml import Speech, identifier, scxml_machine
from tests.fsm.diagrams.engine import running
from tests.fsm.rig import Bench, chart, row

SUBJECTS: dict[str, Subject] = {
    "heading": Quantity("deg", wraps=True),
    "aim": Quantity("deg", wraps=True),
    "power": Quantity("W"),
    "limit": Quantity("W"),
    "light": Flag(),
    "broken": Flag(),
    "mode": Text(),
    "door": States(("OPEN", "CLOSED")),
    "lamp": States(("OFF", "ON")),
}
CERTAIN = {"limit", "broken", "lamp"}


class Words:
    def describe(self, name: Name) -> Subject | None:
        return SUBJECTS.get(str(name))

    def suggest(self, name: Name) -> str | None:
        return None


class Now:
    def __init__(self, values: Mapping[str, Value]) -> None:
        self.values = values

    def read(self, name: Name) -> Value | None:
        return self.values[str(name)]


ATOMS = [
    "power > limit",
    "power <= 3 W",
    "power == limit",
    "power != 2 W",
    "power + limit > 2 * power",
    "power within 1 W of limit",
    "power within 50 % of limit",
    "power in [1 W, limit]",
    "-power < max(limit, power / 2)",
    "abs(power - limit) < 2 W",
    "4 W / limit * power > 3 W",
    "either(power, limit) > 1 W",
    "heading within 5 deg of aim",
    "heading in [350 deg, 10 deg]",
    "heading == aim",
    "heading != aim",
    "light",
    "broken",
    "mode == fast",
    "mode in [slow, fast]",
    "door is OPEN",
    "door is not OPEN",
    "door is in [OPEN, CLOSED]",
    "lamp is ON",
    "lamp is not in [ON]",
    "known(power)",
    "unknown(mode)",
    "known(limit)",
    "true",
]
CONDITIONS = st.recursive(
    st.sampled_from(ATOMS),
    lambda part: st.one_of(
        st.builds("({} and {})".format, part, part),
        st.builds("({} or {})".format, part, part),
        st.builds("not ({})".format, part),
    ),
    max_leaves=5,
)
NUMBERS = st.sampled_from([0.0, 0.5, 1.0, 2.0, 3, 4, -2.0])
ANGLES = st.sampled_from([0.0, 4.0, 180.0, 350.0, 358.0, 360.0, -2.0])
VALUES: dict[str, st.SearchStrategy[Value]] = {
    "heading": st.none() | ANGLES,
    "aim": st.none() | ANGLES,
    "power": st.none() | NUMBERS,
    "limit": NUMBERS,
    "light": st.none() | st.booleans(),
    "broken": st.booleans(),
    "mode": st.sampled_from([None, "fast", "slow", "other"]),
    "door": st.sampled_from([None, "OPEN", "CLOSED"]),
    "lamp": st.sampled_from(["OFF", "ON"]),
}


def evaluated(text: str, values: Mapping[str, Value]) -> bool:
    """Evaluate as the engine does: an error is false."""
    names = {identifier(name): value for name, value in values.items()}
    try:
        return bool(eval(text, {}, {**names, "In": lambda state: values["lamp"] == state.removeprefix("lamp.")}))
    except TypeError:
        return False


@settings(derandomize=True, max_examples=400)
@given(CONDITIONS, st.fixed_dictionaries(VALUES))
def test_a_condition_says_where_it_is_true_and_where_it_is_false(text: str, values: dict[str, Value]) -> None:
    condition = parse_condition(text, Words())
    speech = Speech(frozenset({"lamp"}), lambda name: str(name) in CERTAIN)

    said = [evaluated(speech.truth(condition.node, wanted), values) for wanted in (True, False)]

    truth = condition.evaluate(Now(values))
    assert said == [truth is True, truth is False]


def test_a_list_its_items_and_rounding_can_be_said() -> None:
    speech = Speech(frozenset(), lambda name: True)
    expression = parse_expression("round([1.4, 2.6][1]) + len([1, 2])", Words())

    assert eval(speech.value(expression.node)) == 5


@pytest.mark.parametrize("text", ["listed([1, 2]) == 'a'", "either(lamp, lamp) == 1"])
def test_what_cannot_be_said_is_refused(text: str) -> None:
    speech = Speech(frozenset({"lamp"}), lambda name: True)
    subjects = SUBJECTS | {"lamp": Quantity()}

    class Odd(Words):
        def describe(self, name: Name) -> Subject | None:
            return subjects.get(str(name))

    with pytest.raises(ValueError, match="cannot be said in SCXML"):
        speech.truth(parse_condition(text, Odd()).node)


# ---------------------------------------------------------------------- machines

DOOR = chart(
    "door",
    "CLOSED OPENING OPEN",
    row(on="open", source="CLOSED", to="OPENING", guard="power >= 2 W", emits="moving"),
    row(on="open", source="CLOSED", assign={"attempt": "attempt + 1"}),
    row(on="moving", source="OPENING", assign={"attempt": "0"}),
    row(after="warmup", source="OPENING", to="OPEN"),
    row(on="close", source="OPENING OPEN", to="CLOSED"),
    row(on="stone", source="*", to="CLOSED", fault="JAMMED"),
)
BEGIN: dict[str, Value] = {"power": 0.0, "attempt": 0, "warmup": 60.0}


def test_a_document_is_a_state_for_each_state_with_its_rows_in_their_order(golden: Any) -> None:
    golden(scxml_machine(DOOR, title="Hall.door", values=BEGIN), "diagrams/door.scxml")


def test_an_engine_runs_guards_assignments_emitted_triggers_and_timers() -> None:
    with running(scxml_machine(DOOR, title="door", values=BEGIN)) as engine:
        engine.give("open")
        assert (engine.state("door"), engine.value("attempt")) == ("CLOSED", 1)
        engine.set("power", 3.0)
        engine.give("open")
        assert (engine.state("door"), engine.value("attempt")) == ("OPENING", 0)
        engine.pass_time(59.0)
        assert engine.state("door") == "OPENING"
        engine.pass_time(1.5)
        assert engine.state("door") == "OPEN"
        engine.give("stone")
        assert (engine.state("door"), engine.value("faulted")) == ("CLOSED", True)


def test_a_timer_is_cancelled_when_its_state_is_left_and_starts_anew_when_it_is_entered_again() -> None:
    with running(scxml_machine(DOOR, title="door", values={**BEGIN, "power": 3.0})) as engine:
        engine.give("open")
        engine.pass_time(50.0)
        engine.give("close")
        engine.give("open")
        engine.pass_time(20.0)

        assert engine.state("door") == "OPENING"


def test_a_document_names_its_namespace_its_datamodel_and_what_states_mean() -> None:
    meant = replace(DOOR, states=(replace(DOOR.states[0], meaning='it is "shut" & <locked>'), *DOOR.states[1:]))

    root = Xml.fromstring(scxml_machine(meant, title="Hall.door", values=BEGIN))

    assert root.tag == "{http://www.w3.org/2005/07/scxml}scxml"
    assert (root.attrib["version"], root.attrib["datamodel"], root.attrib["name"]) == ("1.0", "python", "Hall_door")
    notes = [value for each in root.iter() for key, value in each.attrib.items() if key.endswith("}note")]
    assert 'it is "shut" & <locked>' in notes


STATES = ("A", "B", "C")
TRIGGERS = ("go", "turn", "stop")


def rows() -> st.SearchStrategy[Transition]:
    class Benched:
        def describe(self, name: Name) -> Subject | None:
            subjects: dict[str, Subject] = {"power": Quantity("W"), "light": Flag(), "wait": Quantity("s")}
            return subjects.get(str(name))

        def suggest(self, name: Name) -> str | None:
            return None

    words = Benched()
    guards = st.sampled_from(
        [
            None,
            *(parse_condition(text, words) for text in ("light", "not light", "power > 1 W", "power <= 1 W or light")),
        ]
    )
    effects = st.lists(
        st.sampled_from(
            [
                (name, parse_expression(text, words))
                for name, text in (
                    ("power", "power + 1 W"),
                    ("power", "0 W"),
                    ("light", "true"),
                    ("wait", "wait + 1 s"),
                )
            ]
        ),
        max_size=2,
    )
    target = st.sampled_from([None, *STATES])
    sources = st.lists(st.sampled_from([*STATES, "*"]), min_size=1, max_size=2, unique=True).map(tuple)
    common = {"sources": sources, "target": target, "guard": guards, "assign": effects.map(tuple)}
    # What is emitted leads nowhere on: two rows that emit for each other would never come to an end.
    emits = st.lists(st.sampled_from(["echo", "tail"]), max_size=2).map(tuple)
    fired = st.builds(
        lambda **all: Transition(**all),
        on=st.lists(st.sampled_from(TRIGGERS), min_size=1, max_size=2, unique=True).map(tuple),
        emits=emits,
        **common,
    )
    echoed = st.builds(
        lambda **all: Transition(**all), on=st.sampled_from([("echo",), ("tail",), ("echo", "tail")]), **common
    )
    times = st.sampled_from([parse_expression(text, words) for text in ("3 s", "wait", "2 * wait")])
    timed = st.builds(lambda **all: Transition(**all), after=times, emits=emits, **common)
    return fired | fired | echoed | timed


DEEDS = st.one_of(
    st.tuples(st.just("give"), st.sampled_from(TRIGGERS)),
    st.tuples(st.just("wait"), st.sampled_from([0.5, 2.25, 7.125])),
    st.tuples(st.just("set"), st.sampled_from([("power", 0.0), ("power", 2.0), ("light", True), ("light", False)])),
)


@settings(derandomize=True, max_examples=150)
@given(st.lists(rows(), max_size=9), st.lists(DEEDS, max_size=12))
def test_any_machine_does_in_another_engine_what_it_does_here(table: list[Transition], deeds: list[Any]) -> None:
    any_chart = Statechart(
        name="any", initial="A", states=tuple(State(name=name) for name in STATES), transitions=tuple(table)
    )
    begin: dict[str, Value] = {"power": 0.0, "light": False, "wait": 2.0}
    bench = Bench(dict(begin))
    machine = bench.machine(any_chart)
    ours, theirs = [], []

    with running(scxml_machine(any_chart, title="any", values=begin)) as engine:
        for what, value in deeds:
            if what == "give":
                bench.fire(value)
                engine.give(value)
            elif what == "wait":
                bench.pass_time(value)
                engine.pass_time(value)
            else:
                bench.values[value[0]] = value[1]
                engine.set(*value)
            ours.append((machine.state, dict(bench.values)))
            names = {name: value for name, value in begin.items() if engine.knows(name)}
            theirs.append((engine.state("any"), {**bench.values, **{name: engine.value(name) for name in names}}))

    assert theirs == ours
    assert isinstance(machine, Machine)
