"""The shortcuts of the engine, held to the `transitions` library without them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from transitions import Machine as Oracle

from fsm import Flag, Machine, Name, State, Statechart, Subject, Transition, Value, parse_condition, parse_expression
from fsm.machine import _compile

STATES = ("A", "B", "C")
TRIGGERS = ("go", "turn", "stop")
FLAGS = ("red", "green")


class Flags:
    def describe(self, name: Name) -> Subject | None:
        return Flag()

    def suggest(self, name: Name) -> str | None:
        return None


class Bench:
    """A host that notes what happens."""

    def __init__(self) -> None:
        self.values: dict[str, Value] = dict.fromkeys(FLAGS, False)
        self.seen: list[tuple[Any, ...]] = []

    @property
    def scope(self) -> Bench:
        return self

    def read(self, name: Name) -> Value | None:
        return self.values[name.parts[0]]

    def assign(self, output: str, value: Value | None) -> None:
        self.values[output] = value
        self.seen.append(("assign", output, value))

    def start_timer(self, delay: float, due: Callable[[], object]) -> Callable[[], None]:
        raise NotImplementedError

    def moved(self, machine: Machine, row: Transition, source: str) -> None:
        self.seen.append(("moved", source, machine.state, row.target))


def rows() -> st.SearchStrategy[Transition]:
    guards = st.sampled_from([None, *(parse_condition(text, Flags()) for text in ("red", "not red", "red and green"))])
    assigns = st.lists(
        st.tuples(
            st.sampled_from(FLAGS), st.sampled_from([parse_expression(text, Flags()) for text in ("true", "false")])
        ),
        max_size=2,
    )
    return st.builds(
        lambda on, sources, target, guard, assign: Transition(
            on=(on,), sources=tuple(sources), target=target, guard=guard, assign=tuple(assign)
        ),
        st.sampled_from(TRIGGERS),
        st.lists(st.sampled_from([*STATES, "*"]), min_size=1, max_size=2, unique=True),
        st.sampled_from([None, *STATES]),
        guards,
        assigns,
    )


@given(st.lists(rows(), max_size=8), st.lists(st.sampled_from(TRIGGERS), max_size=12))
def test_engine_does_what_the_library_does(table, triggers):
    chart = Statechart(
        name="any", initial="A", states=tuple(State(name=name) for name in STATES), transitions=tuple(table)
    )
    ours, theirs = Bench(), Bench()
    machine, oracle = Machine(chart, ours), Machine(chart, theirs)
    oracle._engine = _compile(chart, Oracle)

    taken = [(machine.fire(trigger), oracle.fire(trigger)) for trigger in triggers]

    assert all(mine == its for mine, its in taken)
    assert machine.state == oracle.state
    assert ours.seen == theirs.seen
