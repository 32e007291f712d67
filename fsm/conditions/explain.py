"""Why a condition is not true: the smallest part that decides, with the values seen.

Of parts joined by `and` those that are false are named, of parts joined by `or` all of them, for each is
needed. A condition that is true is explained by what makes it so, which `not` needs anyway.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from fsm.conditions.comparison import angle_between, number, state_truth
from fsm.conditions.evaluate import bind, compile_condition, compile_value
from fsm.conditions.names import Name, Scope, Value, format_value
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
    names_in,
    parts_of,
)
from fsm.conditions.printing import print_node
from fsm.conditions.subjects import Quantity, Sequence

__all__ = ["explain_condition", "explain_value"]

_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_ALL_OF, _EACH_OF = "; ", " and "


def explain_condition(node: Node, scope: Scope) -> str:
    """Say why a condition is false or unknown, or what makes it true."""
    return _why(node, scope)


def explain_value(node: Node, scope: Scope) -> str:
    """Say what an expression's value is, or which of its names make it unknown."""
    value = compile_value(node)(scope)
    if value is None:
        return _unknown(node, scope)
    return _seen(node, scope)


def _why(node: Node, scope: Scope) -> str:
    match node:
        case Not():
            return _why(node.part, scope)
        case And() | Or():
            truths = [compile_condition(part)(scope) for part in node.parts]
            truth = compile_condition(node)(scope)
            deciding = [part for part, each in zip(node.parts, truths, strict=True) if each is truth]
            # One false part is enough for `and` to be false; for `or` all of them are needed.
            one_is_enough = truth is None or truth is isinstance(node, Or)
            return _join([_why(part, scope) for part in deciding], _ALL_OF if one_is_enough else _EACH_OF)
        case _:
            truth = compile_condition(node)(scope)
            return _unknown(node, scope) if truth is None else _decided(node, truth, scope)


def _join(reasons: list[str], word: str) -> str:
    reasons = list(dict.fromkeys(reasons))
    if word == _EACH_OF and len(reasons) > 1:
        reasons = [f"({reason})" if _ALL_OF in reason else reason for reason in reasons]
    return word.join(reasons)


def _decided(node: Node, truth: bool, scope: Scope) -> str:
    no = "" if truth else "not "
    match node:
        case InState():
            return _states(node, truth, scope)
        case Compare():
            return _compared(node, truth, scope)
        case Within():
            distance = _distance(node, scope)
            tolerance, target = _limit(node.tolerance, scope), _limit(node.target, scope)
            return f"{_seen(node.value, scope)}, {no}within {tolerance} of {target} ({distance} away)"
        case Between():
            ends = f"[{_limit(node.low, scope)}, {_limit(node.high, scope)}]"
            return f"{_seen(node.value, scope)}, {no}in {ends}"
        case OneOf():
            choices = ", ".join(_limit(choice, scope) for choice in node.choices)
            return f"{_seen(node.value, scope)}, {no}in [{choices}]"
        case Member():
            return f"{_seen(node.value, scope)}, {no}in {_limit(node.sequence, scope)}"
        case Known():
            known = truth is not node.negated
            return _seen(node.reference, scope) if known else _unknown(node.reference, scope)
        case Literal():
            return print_node(node)
        case _:
            return _seen(node, scope)


# States


def _states(node: InState, truth: bool, scope: Scope) -> str:
    value = compile_value(node.term)(scope)
    states, wanted = frozenset(node.states), _one_of(node.states)
    if not isinstance(value, Mapping):
        text = f"{print_node(node.term)} is {format_value(value)}"
        return text if truth is not node.negated else f"{text}, not {wanted}"
    group = print_node(node.term)
    deciding = {
        member: state for member, state in value.items() if state_truth(state, states, negated=node.negated) is truth
    }
    members, each = ", ".join(deciding), ", ".join(f"{member} {format_value(it)}" for member, it in deciding.items())
    if truth:
        return f"{group} is {each}"
    if len(deciding) == 1:
        state = format_value(next(iter(deciding.values())))
        return f"{members} of {group} is {state}" + ("" if node.negated else f", not {wanted}")
    return f"{members} of {group} are{' ' if node.negated else ' not '}{wanted} ({each})"


def _one_of(states: Iterable[str]) -> str:
    return " or ".join(states)


# Comparisons


def _compared(node: Compare, truth: bool, scope: Scope) -> str:
    operator, left, right = node.operator, node.left, node.right
    if isinstance(left, Literal):
        operator, left, right = _FLIPPED[operator], right, left
    beside = compile_value(right)(scope)
    seen, limit = _seen(left, scope, beside), _limit(right, scope, compile_value(left)(scope))
    if operator not in ("==", "!="):
        return f"{seen}, {operator} {limit}" if truth else f"{seen}, not {operator} {limit}"
    if truth is not (operator == "=="):
        return f"{seen}, not {limit}"
    return seen if isinstance(right, Literal) else f"{seen}, like {limit}"


def _distance(node: Within, scope: Scope) -> str:
    seen, target = (number(compile_value(each)(scope)) for each in (node.value, node.target))
    if seen is None or target is None:
        return "unknown"
    difference = seen - target
    distance = angle_between(seen, target) if node.wraps and math.isfinite(difference) else abs(difference)
    return format_value(distance, _unit(node.value) or _unit(node.target))


# Values


def _unit(node: Node) -> str | None:
    subject = node.subject.item if isinstance(node.subject, Sequence) else node.subject
    return subject.unit if isinstance(subject, Quantity) else None


def _shown(node: Node, value: Value, beside: Value = None) -> str:
    """Write a value; exactly, if it would else look like a different value beside it."""
    text = format_value(value, _unit(node))
    if beside is not None and value != beside and text == format_value(beside, _unit(node)):
        return format_value(value, _unit(node), exact=True)
    return text


def _seen(node: Node, scope: Scope, beside: Value = None) -> str:
    text = f"{print_node(node)} is {_shown(node, compile_value(node)(scope), beside)}"
    if isinstance(node, (Literal, Reference, Item)):
        return text
    return text + _ingredients(node, scope)


def _ingredients(node: Node, scope: Scope) -> str:
    values = {print_node(each): _shown(each, compile_value(each)(scope)) for each in _references(node)}
    inside = ", ".join(f"{name} {value}" for name, value in values.items())
    return f" ({inside})" if inside else ""


def _limit(node: Node, scope: Scope, beside: Value = None) -> str:
    if isinstance(node, Literal):
        return format_value(node.value, _unit(node))
    return f"{print_node(node)} ({_shown(node, compile_value(node)(scope), beside)})"


def _references(node: Node) -> list[Node]:
    if isinstance(node, (Reference, Item)):
        return [node]
    return [each for part in parts_of(node) for each in _references(part)]


# What is unknown


def _unknown(node: Node, scope: Scope) -> str:
    """Name what was never published; else the part that has no usable value."""
    missing = dict.fromkeys(text for name in names_in(node) for text in _missing(name, scope))
    if missing:
        return f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} unknown (never published)"
    for each in _references(node):
        value = compile_value(each)(scope)
        if isinstance(value, float) and math.isnan(value):
            return f"{print_node(each)} is unknown (not a number)"
        if value is None:
            return f"{print_node(each)} is unknown"
        if isinstance(value, Mapping) and not value:
            return f"{print_node(each)} has no members"
        wanted = _misfits(node, value)
        if wanted is not None:
            return f"{print_node(each)} is {format_value(value)}, not {wanted}"
    values = _ingredients(node, scope)
    return f"{print_node(node)} is unknown{values}"


def _missing(name: Name, scope: Scope) -> list[str]:
    bound = bind(name, scope)
    if bound is None:
        return []
    value = scope.read(bound)
    if value is None:
        return [str(name)]
    if isinstance(value, Mapping):
        members = [member for member, state in value.items() if state is None]
        return [f"{', '.join(members)} of {name}"] if members else []
    return []


def _misfits(node: Node, value: Value) -> str | None:
    """Say what a condition needs of a value that is not that."""
    match node:
        case InState():
            return None if isinstance(value, (str, Mapping)) else "a state"
        case Compare(operator="==" | "!=") | OneOf() | Member() | Call() | Listing():
            return None
        case Compare() | Within() | Between() | Arithmetic() | Negative():
            return "a number" if number(value) is None else None
        case _:
            return None if isinstance(value, bool) else "true or false"
