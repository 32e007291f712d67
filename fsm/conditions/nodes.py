"""The frozen tree of a condition whose names are known and whose units agree.

What evaluates, explains, prints or reasons about a condition walks this tree. Every node knows its
subject; a condition's is `Flag`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from fsm.conditions.names import Name, Value
from fsm.conditions.subjects import Flag, Subject

__all__ = [
    "And",
    "Arithmetic",
    "Between",
    "Call",
    "Compare",
    "InState",
    "Item",
    "Known",
    "Listing",
    "Literal",
    "Member",
    "Negative",
    "Node",
    "Not",
    "OneOf",
    "Or",
    "Reference",
    "Within",
    "names_in",
    "parts_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A value as written, in canonical units; a text is `quoted` where it cannot stand bare."""

    value: Value
    subject: Subject
    quoted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The value of a name."""

    name: Name
    subject: Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic:
    """``left operator right``, times `scale`, which brings the product of two units to its own."""

    operator: str
    left: Node
    right: Node
    subject: Subject
    scale: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Negative:
    """A term with a minus sign."""

    term: Node
    subject: Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One of the language's own functions: abs, either, len, max, min, round, sum."""

    function: str
    arguments: tuple[Node, ...]
    subject: Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An element of a list; the first is 0, the last -1."""

    sequence: Node
    index: Node
    subject: Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list as written."""

    items: tuple[Node, ...]
    subject: Subject


class _Condition:
    """What all conditions have: they are true, false or unknown."""

    __slots__ = ()
    subject: Final[Subject] = Flag()


@dataclass(frozen=True, slots=True, kw_only=True)
class Or(_Condition):
    """True if one part is."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class And(_Condition):
    """True if all parts are."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(_Condition):
    """True if the part is false."""

    part: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class InState(_Condition):
    """A machine is in one of the states or (`negated`) in none; of a group, each member."""

    term: Node
    states: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Within(_Condition):
    """``value`` differs from ``target`` by at most ``tolerance``, or (`relative`) by that percentage of it.

    Where `wraps`, the difference is the shorter way round a circle of 360 deg.
    """

    value: Node
    tolerance: Node
    target: Node
    relative: bool = False
    wraps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Between(_Condition):
    """``value`` lies in the closed interval; where `wraps`, on the arc from `low` upwards to `high`."""

    value: Node
    low: Node
    high: Node
    wraps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare(_Condition):
    """``left operator right``; where `wraps`, equality is that of angles."""

    operator: str
    left: Node
    right: Node
    wraps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf(_Condition):
    """``value`` equals one of the choices."""

    value: Node
    choices: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(_Condition):
    """``value`` is an element of a list that is itself a value, or a part of a text."""

    value: Node
    sequence: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Known(_Condition):
    """A name has a value or (`negated`) has none; of a group, each member."""

    reference: Reference
    negated: bool = False


Node: TypeAlias = (
    Literal
    | Reference
    | Arithmetic
    | Negative
    | Call
    | Item
    | Listing
    | Or
    | And
    | Not
    | InState
    | Within
    | Between
    | Compare
    | OneOf
    | Member
    | Known
)


def parts_of(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly under a node, in the order of the text."""
    match node:
        case Literal() | Reference():
            return ()
        case Arithmetic() | Compare():
            return node.left, node.right
        case Negative():
            return (node.term,)
        case Call():
            return node.arguments
        case Item():
            return node.sequence, node.index
        case Listing():
            return node.items
        case Or() | And():
            return node.parts
        case Not():
            return (node.part,)
        case InState():
            return (node.term,)
        case Within():
            return node.value, node.tolerance, node.target
        case Between():
            return node.value, node.low, node.high
        case OneOf():
            return node.value, *node.choices
        case Member():
            return node.value, node.sequence
        case Known():
            return (node.reference,)


def names_in(node: Node) -> Iterator[Name]:
    """Yield every name that a node reads, those in arguments of names too."""
    if isinstance(node, Reference):
        yield node.name
        for _, value in node.name.arguments:
            if isinstance(value, Name):
                yield value
    for part in parts_of(node):
        yield from names_in(part)
