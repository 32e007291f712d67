"""The canonical text of a condition: canonical units, no needless parentheses; it reads back as the same tree."""

from __future__ import annotations

from fsm.conditions.names import format_text, format_value
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
from fsm.conditions.subjects import Quantity

__all__ = ["print_node"]

# How tightly an operator binds; a part that binds less than its place demands stands in parentheses.
_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN, _POSTFIX = range(8)


def print_node(node: Node) -> str:
    """Write a node in canonical form."""
    return _print(node)[0]


def _inside(node: Node, place: int) -> str:
    text, binding = _print(node)
    return text if binding >= place else f"({text})"


def _list(nodes: tuple[Node, ...]) -> str:
    return f"[{', '.join(_inside(node, _OR) for node in nodes)}]"


def _print(node: Node) -> tuple[str, int]:
    match node:
        case Literal():
            return _literal(node)
        case Reference():
            return str(node.name), _POSTFIX
        case Arithmetic():
            level = _SUM if node.operator in "+-" else _PRODUCT
            return f"{_inside(node.left, level)} {node.operator} {_inside(node.right, level + 1)}", level
        case Negative():
            return f"-{_inside(node.term, _SIGN)}", _SIGN
        case Call():
            return f"{node.function}({', '.join(_inside(each, _OR) for each in node.arguments)})", _POSTFIX
        case Item():
            return f"{_inside(node.sequence, _POSTFIX)}[{_inside(node.index, _OR)}]", _POSTFIX
        case Listing():
            return _list(node.items), _POSTFIX
        case Or():
            return " or ".join(_inside(part, _AND) for part in node.parts), _OR
        case And():
            return " and ".join(_inside(part, _NOT) for part in node.parts), _AND
        case Not():
            return f"not {_inside(node.part, _NOT)}", _NOT
        case Known():
            return f"{'unknown' if node.negated else 'known'}({node.reference.name})", _POSTFIX
        case _:
            return _comparison(node), _COMPARISON


def _comparison(node: InState | Within | Between | Compare | OneOf | Member) -> str:
    match node:
        case InState():
            negation = " not" if node.negated else ""
            states = node.states[0] if len(node.states) == 1 else f"in [{', '.join(node.states)}]"
            return f"{_inside(node.term, _SUM)} is{negation} {states}"
        case Within():
            tolerance, target = _inside(node.tolerance, _SUM), _inside(node.target, _SUM)
            return f"{_inside(node.value, _SUM)} within {tolerance} of {target}"
        case Between():
            return f"{_inside(node.value, _SUM)} in {_list((node.low, node.high))}"
        case Compare():
            return f"{_inside(node.left, _SUM)} {node.operator} {_inside(node.right, _SUM)}"
        case OneOf():
            return f"{_inside(node.value, _SUM)} in {_list(node.choices)}"
        case Member():
            return f"{_inside(node.value, _SUM)} in {_inside(node.sequence, _SUM)}"


def _literal(node: Literal) -> tuple[str, int]:
    if isinstance(node.value, str):
        return format_text(node.value, quoted=node.quoted), _POSTFIX
    unit = node.subject.unit if isinstance(node.subject, Quantity) else None
    text = format_value(node.value, unit, exact=True)
    return text, _SIGN if text.startswith("-") else _POSTFIX
