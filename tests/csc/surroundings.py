"""Values for what a component's conditions read: of the right kind, and around the numbers that they name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from hypothesis import strategies as st

from csc import Field
from fsm import Condition, Expression, Flag, Quantity, Sequence, Statechart, States, Subject, Text, Value
from fsm.conditions.nodes import Item, Literal, Node, Reference, names_in, parts_of

__all__ = ["arguments_of", "values_of"]


def values_of(charts: Iterable[Statechart], extra: Iterable[Condition] = ()) -> dict[str, st.SearchStrategy[Value]]:
    """Return by name what may be a value of each name that machines read, but of the fields of commands.

    What a timed row reads is positive: one that is taken again at once would be taken for ever. Lists have four items,
    and what chooses one of them is between 0 and 3: there is no telling what a list does not have.
    """
    charts = list(charts)
    nodes = [node for read in (*_read(charts), *extra) for node in _walk(read.node)]
    subjects = {node.name: node.subject for node in nodes if isinstance(node, Reference)}
    written = [node.value for node in nodes if isinstance(node, Literal)]
    numbers = sorted({float(each) for each in written if isinstance(each, int | float) and not isinstance(each, bool)})
    times = {name for chart in charts for row in chart.transitions if row.after is not None for name in row.after.names}
    places = {name for node in nodes if isinstance(node, Item) for name in names_in(node.index)}
    return {
        str(name): st.sampled_from([0.7, 5.0, 42.0])
        if name in times
        else st.integers(0, 3)
        if name in places
        else _values(subject, numbers)
        for name, subject in subjects.items()
        if name.parts[0] != "argument"
    }


def arguments_of(fields: Mapping[str, Field]) -> st.SearchStrategy[dict[str, Value]]:
    """Return what may be the fields of a command, in canonical units."""
    return st.fixed_dictionaries({name: _field(field) for name, field in fields.items()})


def _read(charts: Iterable[Statechart]) -> Iterator[Condition | Expression]:
    for chart in charts:
        for row in chart.transitions:
            yield from (
                each for each in (row.guard, row.after, *(value for _, value in row.assign)) if each is not None
            )


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for part in parts_of(node):
        yield from _walk(part)


def _values(subject: Subject, numbers: list[float]) -> st.SearchStrategy[Value]:
    match subject:
        case States(states):
            return st.sampled_from(states)
        case Quantity():
            return st.sampled_from([0.0, 1.0, 2.5, -1.0, *numbers])
        case Flag():
            return st.booleans()
        case Text():
            return st.sampled_from(["", "other"])
        case Sequence(item):
            return st.lists(_values(item, numbers), min_size=4, max_size=4).map(tuple)
        case _:
            raise TypeError(f"no value for {subject}")


def _field(field: Field) -> st.SearchStrategy[Value]:
    one: st.SearchStrategy[Value]
    if field.type == "boolean":
        one = st.booleans()
    elif field.type == "string":
        return st.just("")
    elif field.enum:
        one = st.sampled_from(sorted(field.enum.values()))
    else:
        low, high = field.range or (0.0, 3.0)
        numbers = [low, high, min(max(0.0, low), high), (low + high) / 2.0]
        one = st.sampled_from(numbers if field.is_real else [int(number) for number in numbers])
    return one if field.length == 1 else st.lists(one, min_size=field.length, max_size=field.length)
