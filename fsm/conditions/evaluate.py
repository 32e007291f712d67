"""Evaluation: a tree becomes a closure that is called with a scope.

Three values: true, false and unknown (None). What cannot be computed (a division by zero, an element that
a list does not have, a value of the wrong kind from a loop's variable, not-a-number) is unknown too: a
condition never raises.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import TypeAlias

from fsm.conditions.comparison import equal, is_between, is_within, number, state_truth
from fsm.conditions.functions import call
from fsm.conditions.names import NULL, Name, Scope, Truth, Value
from fsm.conditions.nodes import (
    And,
    Arithmetic,
    Between,
    Call,
    Compare,
    InState,
    Item,
    Known,
    Listing,
    Literal,
    Member,
    Negative,
    Node,
    Not,
    OneOf,
    Or,
    Reference,
    Within,
)

__all__ = ["Run", "Test", "bind", "compile_condition", "compile_value"]

Run: TypeAlias = Callable[[Scope], Value]
Test: TypeAlias = Callable[[Scope], Truth]
"""Like `Run`, of a condition."""

_ORDER: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def compile_condition(node: Node) -> Test:
    """Return the closure that evaluates a condition."""
    match node:
        case Or():
            return _any_of(tuple(compile_condition(part) for part in node.parts))
        case And():
            return _all_of(tuple(compile_condition(part) for part in node.parts))
        case Not():
            return _opposite(compile_condition(node.part))
        case InState():
            return _in_state(node)
        case Compare():
            return _equality(node) if node.operator in ("==", "!=") else _order(node)
        case Within():
            return _within(node)
        case Between():
            return _between(node)
        case OneOf():
            return _one_of(node)
        case Member():
            return _member(node)
        case Known():
            return _known(node)
        case _:
            return _flag(compile_value(node))


def compile_value(node: Node) -> Run:
    """Return the closure that evaluates anything."""
    match node:
        case Literal():
            value = node.value
            return lambda scope: value
        case Reference():
            return _reader(node.name)
        case Arithmetic():
            return _arithmetic(node)
        case Negative():
            return _negative(compile_value(node.term))
        case Call():
            return _call(node)
        case Item():
            return _item(compile_value(node.sequence), compile_value(node.index))
        case Listing():
            items = tuple(compile_value(item) for item in node.items)
            return lambda scope: tuple(item(scope) for item in items)
        case _:
            return compile_condition(node)


def _reader(name: Name) -> Run:
    if name.is_bound:
        return lambda scope: scope.read(name)

    def run(scope: Scope) -> Value:
        bound = bind(name, scope)
        return None if bound is None else scope.read(bound)

    return run


def bind(name: Name, scope: Scope) -> Name | None:
    """Replace names among a name's arguments by their values; None if one is unknown."""
    if name.is_bound:
        return name
    arguments: list[tuple[str, Value | Name]] = []
    for key, value in name.arguments:
        if isinstance(value, Name):
            value = scope.read(value)
            if value is None or isinstance(value, Mapping):
                return None
            if isinstance(value, list):
                value = tuple(value)
        arguments.append((key, value))
    return Name(name.parts, name.function, tuple(arguments), name.units)


def _any_of(tests: tuple[Test, ...]) -> Test:
    def run(scope: Scope) -> Truth:
        result: Truth = False
        for test in tests:
            truth = test(scope)
            if truth:
                return True
            if truth is None:
                result = None
        return result

    return run


def _all_of(tests: tuple[Test, ...]) -> Test:
    def run(scope: Scope) -> Truth:
        result: Truth = True
        for test in tests:
            truth = test(scope)
            if truth is None:
                result = None
            elif not truth:
                return False
        return result

    return run


def _opposite(test: Test) -> Test:
    def run(scope: Scope) -> Truth:
        truth = test(scope)
        return None if truth is None else not truth

    return run


def _flag(value: Run) -> Test:
    def run(scope: Scope) -> Truth:
        truth = value(scope)
        return truth if truth is True or truth is False else None

    return run


def _in_state(node: InState) -> Test:
    states, negated, value = frozenset(node.states), node.negated, compile_value(node.term)
    if isinstance(node.term, Reference) and node.term.name.is_bound and len(states) == 1 and not negated:
        name, state = node.term.name, node.states[0]

        def run_single(scope: Scope) -> Truth:
            seen = scope.read(name)
            if seen.__class__ is str:
                return seen == state
            return None if seen is None else state_truth(seen, states, negated=False)

        return run_single

    def run(scope: Scope) -> Truth:
        seen = value(scope)
        return None if seen is None else state_truth(seen, states, negated=negated)

    return run


def _order(node: Compare) -> Test:
    compare, left, right = _ORDER[node.operator], compile_value(node.left), compile_value(node.right)
    if isinstance(node.left, Reference) and node.left.name.is_bound and isinstance(node.right, Literal):
        name, limit = node.left.name, number(node.right.value)

        def run_limit(scope: Scope) -> Truth:
            value = scope.read(name)
            if value.__class__ is float and value == value:
                return compare(value, limit)  # type: ignore[arg-type]  # the resolver admits numbers only
            one = number(value)
            return None if one is None or limit is None else compare(one, limit)

        return run_limit

    def run(scope: Scope) -> Truth:
        one, other = number(left(scope)), number(right(scope))
        return None if one is None or other is None else compare(one, other)

    return run


def _equality(node: Compare) -> Test:
    left, right = compile_value(node.left), compile_value(node.right)
    wraps, opposite = node.wraps, node.operator == "!="

    def run(scope: Scope) -> Truth:
        truth = equal(left(scope), right(scope), wraps=wraps)
        return not truth if opposite and truth is not None else truth

    return run


def _within(node: Within) -> Test:
    value, tolerance, target = (compile_value(each) for each in (node.value, node.tolerance, node.target))
    relative, wraps = node.relative, node.wraps
    return lambda scope: is_within(value(scope), tolerance(scope), target(scope), relative=relative, wraps=wraps)


def _between(node: Between) -> Test:
    value, low, high = (compile_value(each) for each in (node.value, node.low, node.high))
    wraps = node.wraps
    return lambda scope: is_between(value(scope), low(scope), high(scope), wraps=wraps)


def _one_of(node: OneOf) -> Test:
    value, choices = compile_value(node.value), tuple(compile_value(choice) for choice in node.choices)

    def run(scope: Scope) -> Truth:
        seen = value(scope)
        found = [equal(seen, choice(scope)) for choice in choices]
        return True if True in found else None if None in found else False

    return run


def _member(node: Member) -> Test:
    value, sequence = compile_value(node.value), compile_value(node.sequence)

    def run(scope: Scope) -> Truth:
        seen, items = value(scope), sequence(scope)
        if isinstance(seen, str) and isinstance(items, str):
            return seen in items
        if seen is None or not isinstance(items, (tuple, list)):
            return None
        found = [equal(seen, item) for item in items]
        return True if True in found else None if None in found else False

    return run


def _known(node: Known) -> Test:
    value, negated = compile_value(node.reference), node.negated

    def run(scope: Scope) -> Truth:
        seen = value(scope)
        members = seen.values() if isinstance(seen, Mapping) else (seen,)
        return all(member is not None for member in members) is not negated

    return run


def _arithmetic(node: Arithmetic) -> Run:
    compute, left, right = _ARITHMETIC[node.operator], compile_value(node.left), compile_value(node.right)
    scale = None if node.scale == 1.0 else node.scale

    def run(scope: Scope) -> Value:
        one, other = number(left(scope)), number(right(scope))
        if one is None or other is None:
            return None
        try:
            result = compute(one, other)
            return result if scale is None else result * scale
        except (ZeroDivisionError, OverflowError):
            return None

    return run


def _negative(term: Run) -> Run:
    def run(scope: Scope) -> Value:
        value = number(term(scope))
        return None if value is None else -value

    return run


def _item(sequence: Run, index: Run) -> Run:
    def run(scope: Scope) -> Value:
        items, place = sequence(scope), number(index(scope))
        if not isinstance(items, (tuple, list)) or place is None or not float(place).is_integer():
            return None
        return items[int(place)] if -len(items) <= place < len(items) else None

    return run


def _call(node: Call) -> Run:
    function, arguments = node.function, tuple(compile_value(argument) for argument in node.arguments)
    if function == "either":
        first, second = arguments

        def run_either(scope: Scope) -> Value:
            value = first(scope)
            return second(scope) if value is None or value is NULL else value

        return run_either
    return lambda scope: call(function, [argument(scope) for argument in arguments])
