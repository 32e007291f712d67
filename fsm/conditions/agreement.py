"""Which subjects go together, and what to say and suggest where they do not."""

from __future__ import annotations

from collections.abc import Iterable

from fsm.conditions.nodes import Literal, Node
from fsm.conditions.printing import print_node
from fsm.conditions.subjects import Anything, Quantity, Sequence, Subject
from fsm.conditions.written import Mistake

__all__ = ["agree", "check_agreement", "is_of", "mismatch", "with_unit", "wraps"]


def wraps(*nodes: Node) -> bool:
    """Tell whether one of the nodes is an angle that is the same after a full turn."""
    return any(isinstance(node.subject, Quantity) and node.subject.wraps for node in nodes)


def mismatch(subject: Subject, expected: Subject) -> bool:
    """Tell whether one subject cannot stand where another is expected."""
    if isinstance(subject, Anything) or isinstance(expected, Anything):
        return False
    if isinstance(subject, Quantity) and isinstance(expected, Quantity):
        return subject.unit != expected.unit
    if isinstance(subject, Sequence) and isinstance(expected, Sequence):
        return mismatch(subject.item, expected.item)
    return type(subject) is not type(expected)


def check_agreement(at: int, left: Node, right: Node) -> None:
    """Refuse two nodes that cannot be compared or added; `at` is where the text of `right` begins."""
    if mismatch(right.subject, left.subject):
        raise Mistake(
            at,
            f"{print_node(left)} {is_of(left.subject)}, but {print_node(right)} {is_of(right.subject)}",
            with_unit(right, left.subject) or with_unit(left, right.subject),
        )


def agree(at: int, nodes: Iterable[Node]) -> Subject:
    """Return the common subject of nodes, which must agree."""
    nodes = tuple(nodes)
    common: Node | None = None
    for node in nodes:
        if common is None or isinstance(common.subject, Anything):
            common = node
        else:
            check_agreement(at, common, node)
    subject = common.subject if common is not None else Anything()
    return Quantity(subject.unit, wraps(*nodes)) if isinstance(subject, Quantity) else subject


def is_of(subject: Subject) -> str:
    """Say what something is, as the end of a sentence that begins with its text."""
    if isinstance(subject, Quantity):
        return f"is in {subject.unit}" if subject.unit else "has no unit"
    return f"is {subject}"


def with_unit(node: Node, beside: Subject) -> str | None:
    """Suggest the unit that a bare number lacks."""
    if isinstance(node, Literal) and isinstance(node.subject, Quantity) and node.subject.unit is None:
        if isinstance(beside, Quantity) and beside.unit:
            return f"{print_node(node)} {beside.unit}"
    return None
