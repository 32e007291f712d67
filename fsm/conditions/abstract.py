"""Judging a condition for many situations at once.

A `View` says what each name may be. `judge` returns every truth that the condition can have in one of these
situations, maybe some more, never fewer: what is judged true only is true in all of them.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeAlias

from fsm.conditions.comparison import angle_between, equal, is_between, is_within
from fsm.conditions.condition import Condition, Expression
from fsm.conditions.functions import call
from fsm.conditions.names import NULL, Name, Truth, Value
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
from fsm.conditions.possible import ANYTHING, NEVER, Possible, between, exactly, join_all, one_of

__all__ = ["ALWAYS", "Truths", "View", "estimate", "judge", "judge_node", "members_of", "value_of"]

Truths: TypeAlias = "frozenset[Truth]"

ALWAYS: Truths = frozenset((True,))
_NOT: Mapping[Truth, Truth] = {True: False, False: True, None: None}
_ANY_TRUTH: Truths = frozenset((True, False, None))
_COMBINATIONS = 256
"""So many combinations of listed values are tried one by one; beyond, intervals are compared."""


class View(Protocol):
    """Who knows what names may be."""

    def possible(self, name: Name) -> Possible | Mapping[Name, Possible]:
        """Return what a name may be; of a group, what each member may be, by the member's own name."""


def judge(condition: Condition, view: View) -> Truths:
    """Return the truths that a condition may have."""
    return judge_node(condition.node, view)


def estimate(expression: Expression, view: View) -> Possible:
    """Return the values that an expression may have."""
    return value_of(expression.node, view)


# ------------------------------------------------------------------- judging


def judge_node(node: Node, view: View) -> Truths:
    """Return the truths that a part of a condition may have."""
    match node:
        case Or():
            return _combined((judge_node(part, view) for part in node.parts), _either)
        case And():
            return _combined((judge_node(part, view) for part in node.parts), _both)
        case Not():
            return frozenset(_NOT[truth] for truth in judge_node(node.part, view))
        case InState():
            return _in_state(node, view)
        case Compare():
            left, right = value_of(node.left, view), value_of(node.right, view)
            return _compared(node.operator, left, right, wraps=node.wraps)
        case Within():
            return _within(node, view)
        case Between():
            return _between(node, view)
        case OneOf():
            seen = value_of(node.value, view)
            found = [_compared("==", seen, value_of(choice, view)) for choice in node.choices]
            return _combined(found, _either)
        case Member():
            return _member(node, view)
        case Known():
            return _known(node, view)
        case _:
            return _flag(value_of(node, view))


def _either(one: Truth, other: Truth) -> Truth:
    return True if one or other else None if one is None or other is None else False


def _both(one: Truth, other: Truth) -> Truth:
    return False if one is False or other is False else None if one is None or other is None else True


def _combined(parts: Iterable[Truths], combine: Callable[[Truth, Truth], Truth]) -> Truths:
    result: Truths | None = None
    for part in parts:
        result = part if result is None else frozenset(combine(a, b) for a in result for b in part)
    return frozenset() if result is None else result


def _flag(value: Possible) -> Truths:
    if value.values is None:
        return _ANY_TRUTH if value.low is None else frozenset((None,))
    truths: set[Truth] = {truth if truth is True or truth is False else None for truth in value.values}
    return frozenset(truths | {None} if value.unknown else truths)


def _in_state(node: InState, view: View) -> Truths:
    members = members_of(node.term, view)
    return _combined((_state_truths(member, node) for member in members), _both) or frozenset((None,))


def _state_truths(value: Possible, node: InState) -> Truths:
    if value.values is None:
        return _ANY_TRUTH
    truths: set[Truth] = {
        (state in node.states) is not node.negated if isinstance(state, str) else None for state in value.values
    }
    return frozenset(truths | {None} if value.unknown else truths)


def _known(node: Known, view: View) -> Truths:
    truths = _combined((_known_truths(member) for member in members_of(node.reference, view)), _both)
    return frozenset(_NOT[truth] for truth in truths) if node.negated else truths


def _known_truths(value: Possible) -> Truths:
    truths: set[Truth] = {False} if value.unknown else set()
    return frozenset(truths if value.known.is_never else truths | {True})


def members_of(node: Node, view: View) -> list[Possible]:
    """Return what a name may be, or each member of a group."""
    if isinstance(node, Reference):
        found = view.possible(node.name)
        return list(found.values()) if isinstance(found, Mapping) else [found]
    return [value_of(node, view)]


_ORDER: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _compared(sign: str, left: Possible, right: Possible, *, wraps: bool = False) -> Truths:
    if sign in ("==", "!="):
        truths = _equal(left, right, wraps=wraps)
        return frozenset(_NOT[truth] for truth in truths) if sign == "!=" else truths
    one, two = left.hull, right.hull
    unknown: set[Truth] = {None} if left.unknown or right.unknown else set()
    if one is None or two is None:
        return frozenset(unknown | _without_numbers(left, right))
    compare = _ORDER[sign]
    return frozenset(unknown | {compare(a, b) for a in one for b in two})


def _without_numbers(*values: Possible) -> set[Truth]:
    """Return the truths of a comparison of numbers one of which may be none."""
    if any(value.is_never for value in values):
        return set()
    certain = any(value.values is not None and not any(_is_number(each) for each in value.values) for value in values)
    return {None} if certain else {True, False, None}


def _is_number(value: Value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _equal(left: Possible, right: Possible, *, wraps: bool) -> Truths:
    unknown: set[Truth] = {None} if left.unknown or right.unknown else set()
    if left.values is not None and right.values is not None:
        pairs = itertools.product(left.values, right.values)
        return frozenset(unknown | {equal(one, two, wraps=wraps) for one, two in pairs})
    one, two = left.hull, right.hull
    if one is None or two is None:
        return frozenset(unknown | ({True, False, None} if not (left.is_never or right.is_never) else set()))
    if wraps:
        return frozenset(unknown | _truths_of_distance(_angles(one, two), 0.0, 0.0))
    if one[1] < two[0] or two[1] < one[0]:
        return frozenset(unknown | {False})
    return frozenset(unknown | {True, False})


def _within(node: Within, view: View) -> Truths:
    value, tolerance, target = (value_of(each, view) for each in (node.value, node.tolerance, node.target))
    listed = _tried((value, tolerance, target), _Within(node))
    if listed is not None:
        return listed
    unknown: set[Truth] = {None} if value.unknown or tolerance.unknown or target.unknown else set()
    seen, width, wanted = value.hull, tolerance.hull, target.hull
    if seen is None or width is None or wanted is None:
        return frozenset(unknown | _without_numbers(value, tolerance, target))
    low, high = width
    if node.relative:
        sizes = [abs(wanted[0]), abs(wanted[1])]
        least = 0.0 if wanted[0] <= 0.0 <= wanted[1] else min(sizes)
        low, high = low * least / 100.0, high * max(sizes) / 100.0
    distances = _angles(seen, wanted) if node.wraps else _distances(seen, wanted)
    return frozenset(unknown | _truths_of_distance(distances, low, high))


class _Within:
    """The concrete test of a `Within`."""

    def __init__(self, node: Within) -> None:
        self._relative, self._wraps = node.relative, node.wraps

    def __call__(self, value: Value, tolerance: Value, target: Value) -> Truth:
        return is_within(value, tolerance, target, relative=self._relative, wraps=self._wraps)


def _truths_of_distance(distances: tuple[float, float], low: float, high: float) -> set[Truth]:
    """Say whether a distance may be within a tolerance that lies between `low` and `high`, and whether beyond."""
    least, most = distances
    within: set[Truth] = {True} if least <= high else set()
    return within | {False} if most > low else within


def _distances(one: tuple[float, float], two: tuple[float, float]) -> tuple[float, float]:
    least = max(0.0, one[0] - two[1], two[0] - one[1])
    return least, max(abs(one[1] - two[0]), abs(two[1] - one[0]))


def _angles(one: tuple[float, float], two: tuple[float, float]) -> tuple[float, float]:
    """Return the least and the greatest angle [deg] between directions of two intervals."""
    low, high = one[0] - two[1], one[1] - two[0]
    if not (math.isfinite(low) and math.isfinite(high)) or high - low >= 360.0:
        return 0.0, 180.0
    ends = angle_between(low, 0.0), angle_between(high, 0.0)
    turns = math.floor(high / 360.0) >= math.ceil(low / 360.0)
    halves = math.floor((high - 180.0) / 360.0) >= math.ceil((low - 180.0) / 360.0)
    return (0.0 if turns else min(ends)), (180.0 if halves else max(ends))


def _between(node: Between, view: View) -> Truths:
    value, low, high = (value_of(each, view) for each in (node.value, node.low, node.high))
    listed = _tried((value, low, high), _Between(node))
    if listed is not None:
        return listed
    if not node.wraps:
        return _combined((_compared(">=", value, low), _compared("<=", value, high)), _both_numbers)
    unknown: set[Truth] = {None} if value.unknown or low.unknown or high.unknown else set()
    return frozenset(unknown | {True, False, None})


def _both_numbers(one: Truth, other: Truth) -> Truth:
    """Like `and`, but of comparisons of numbers: if one of them is unknown so is the whole."""
    return None if one is None or other is None else one and other


class _Between:
    """The concrete test of a `Between`."""

    def __init__(self, node: Between) -> None:
        self._wraps = node.wraps

    def __call__(self, value: Value, low: Value, high: Value) -> Truth:
        return is_between(value, low, high, wraps=self._wraps)


def _tried(values: Sequence[Possible], test: Callable[..., Truth]) -> Truths | None:
    """Try every combination of listed values; None if they are not listed, or too many."""
    found = _combinations(values)
    return None if found is None else frozenset(test(*each) for each in found)


def _combinations(values: Sequence[Possible]) -> Iterator[tuple[Value, ...]] | None:
    lists: list[list[Value]] = []
    size = 1
    for value in values:
        if value.values is None:
            return None
        lists.append([*value.values, None] if value.unknown else list(value.values))
        size *= len(lists[-1])
    return itertools.product(*lists) if size <= _COMBINATIONS else None


def _member(node: Member, view: View) -> Truths:
    found = _combinations((value_of(node.value, view), value_of(node.sequence, view)))
    return _ANY_TRUTH if found is None else frozenset(_is_member(*each) for each in found)


def _is_member(seen: Value, items: Value) -> Truth:
    if isinstance(seen, str) and isinstance(items, str):
        return seen in items
    if seen is None or not isinstance(items, (tuple, list)):
        return None
    found = [equal(seen, item) for item in items]
    return True if True in found else None if None in found else False


# -------------------------------------------------------------------- values


def value_of(node: Node, view: View) -> Possible:
    """Return the values that a part of a condition may have."""
    match node:
        case Literal():
            return exactly(node.value)
        case Reference():
            found = view.possible(node.name)
            return ANYTHING if isinstance(found, Mapping) else found
        case Arithmetic():
            return _arithmetic(node, value_of(node.left, view), value_of(node.right, view))
        case Negative():
            return _negative(value_of(node.term, view))
        case Call():
            return _call(node.function, [value_of(argument, view) for argument in node.arguments])
        case Item():
            return _item(value_of(node.sequence, view), value_of(node.index, view))
        case Listing():
            found_items = _combinations([value_of(item, view) for item in node.items])
            return ANYTHING if found_items is None else one_of(tuple(items) for items in found_items)
        case _:
            truths = judge_node(node, view)
            return one_of((truth for truth in truths if truth is not None), unknown=None in truths)


_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def _arithmetic(node: Arithmetic, left: Possible, right: Possible) -> Possible:
    one, two = left.hull, right.hull
    unknown = left.unknown or right.unknown
    if left.is_never or right.is_never:
        return NEVER
    if one is None or two is None:
        return ANYTHING
    if node.operator == "/" and two[0] <= 0.0 <= two[1]:
        return Possible(None, -math.inf, math.inf, unknown=True)
    compute = _ARITHMETIC[node.operator]
    if left.values is not None and right.values is not None and len(left.values) * len(right.values) <= _COMBINATIONS:
        results = [_computed(compute, a, b, node.scale) for a, b in itertools.product(left.values, right.values)]
        known = [result for result in results if result is not None]
        return one_of(known, unknown=unknown or len(known) < len(results))
    ends = [compute(a, b) * node.scale for a in one for b in two]
    if any(end != end for end in ends):
        return Possible(None, -math.inf, math.inf, unknown=True)
    return between(min(ends), max(ends), unknown=unknown)


def _computed(compute: Callable[[float, float], float], one: Value, two: Value, scale: float) -> Value:
    try:
        result = compute(one, two)  # type: ignore[arg-type]  # the hulls say that both are numbers
        return result if scale == 1.0 else result * scale
    except (ZeroDivisionError, OverflowError):
        return None


def _negative(term: Possible) -> Possible:
    hull = term.hull
    if hull is None:
        return term if term.is_never else ANYTHING
    if term.values is not None:
        return one_of((-value for value in term.values), unknown=term.unknown)  # type: ignore[operator]  # numbers
    return between(-hull[1], -hull[0], unknown=term.unknown)


def _call(function: str, arguments: list[Possible]) -> Possible:
    if function == "either":
        first, second = arguments
        if first.values is None:
            return first.known.join(second) if first.unknown or first.low is None else first
        kept = one_of(value for value in first.values if value is not NULL)
        empty = first.unknown or NULL in first.values
        return kept.join(second) if empty else kept
    found = _combinations(arguments)
    if found is not None:
        results = [call(function, each) for each in found]
        known = [result for result in results if result is not None]
        return one_of(known, unknown=len(known) < len(results))
    hulls = [argument.hull for argument in arguments]
    unknown = any(argument.unknown for argument in arguments)
    if function in ("max", "min") and len(arguments) > 1 and None not in hulls:
        choose = max if function == "max" else min
        pairs = [hull for hull in hulls if hull is not None]
        return between(choose(low for low, _ in pairs), choose(high for _, high in pairs), unknown=unknown)
    if function == "abs" and hulls[0] is not None:
        low, high = hulls[0]
        least = 0.0 if low <= 0.0 <= high else min(abs(low), abs(high))
        return between(least, max(abs(low), abs(high)), unknown=unknown)
    if function == "len":
        return between(0, math.inf, unknown=True)
    return ANYTHING


def _item(sequence: Possible, index: Possible) -> Possible:
    found = _combinations((sequence, index))
    if found is None:
        return ANYTHING
    return join_all(exactly(_element(items, place)) for items, place in found)


def _element(items: Value, place: Value) -> Value:
    if not isinstance(items, (tuple, list)) or not isinstance(place, (int, float)) or not float(place).is_integer():
        return None
    return items[int(place)] if -len(items) <= place < len(items) else None
