"""Functions: the language's own, and those that a vocabulary describes.

The language's own are ``abs either known len listed max min round sum unknown``. Any other, as ``last(flat)`` or
``count(flat)``, is a name with arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fsm.conditions import written
from fsm.conditions.agreement import agree
from fsm.conditions.names import Name, Value, format_text
from fsm.conditions.nodes import Call, Known, Literal, Node, Reference
from fsm.conditions.printing import print_node
from fsm.conditions.subjects import Anything, Quantity, Sequence, States, Subject, Text
from fsm.conditions.written import Mistake

if TYPE_CHECKING:
    from fsm.conditions.resolve import Resolver

__all__ = ["FUNCTIONS", "resolve_call"]

# Function -> fewest and most arguments.
FUNCTIONS: dict[str, tuple[int, int]] = {
    "abs": (1, 1),
    "either": (2, 2),
    "known": (1, 1),
    "len": (1, 1),
    "listed": (1, 1),
    "max": (1, 20),
    "min": (1, 20),
    "round": (1, 2),
    "sum": (1, 1),
    "unknown": (1, 1),
}


def resolve_call(resolver: Resolver, tree: written.Apply) -> Node:
    """Resolve a function and its arguments."""
    if tree.function in FUNCTIONS and not tree.rest:
        return _own(resolver, tree)
    return _described(resolver, tree)


def _own(resolver: Resolver, tree: written.Apply) -> Node:
    function = tree.function
    fewest, most = FUNCTIONS[function]
    for argument in tree.arguments:
        if argument.key is not None:
            raise Mistake(argument.at, f"{function}() has no argument {argument.key}")
    if not fewest <= len(tree.arguments) <= most:
        wanted = fewest if fewest == most else f"{fewest} to {most}"
        raise Mistake(tree.at, f"{function}() takes {wanted} arguments, not {len(tree.arguments)}")
    arguments = tuple(resolver.value(argument.value) for argument in tree.arguments)
    if function in ("known", "unknown"):
        if not isinstance(arguments[0], Reference):
            raise Mistake(tree.arguments[0].at, f"{function}() takes a name, not {print_node(arguments[0])}")
        return Known(reference=arguments[0], negated=function == "unknown")
    return Call(function=function, arguments=arguments, subject=_subject(resolver, tree, arguments))


def _subject(resolver: Resolver, tree: written.Apply, arguments: tuple[Node, ...]) -> Subject:
    first = arguments[0].subject
    at = tree.arguments[0].at
    match tree.function:
        case "len":
            if not isinstance(first, (Sequence, Text, Anything)):
                raise Mistake(at, f"{print_node(arguments[0])} is {first}, neither a list nor a text")
            return Quantity()
        case "listed":
            if not isinstance(first, (Sequence, Anything)):
                raise Mistake(at, f"{print_node(arguments[0])} is {first}, not a list")
            return Text()
        case "either":
            if any(isinstance(argument.subject, States) for argument in arguments):
                raise Mistake(at, "either() takes quantities, texts, flags or lists")
            return agree(tree.at, arguments)
        case "round":
            if len(arguments) == 2:
                _check_digits(tree.arguments[1].at, arguments[1])
            arguments = arguments[:1]
        case "min" | "max" | "sum" if len(arguments) == 1:
            if isinstance(first, Sequence):
                return _number(at, arguments[0], first.item)
            if tree.function == "sum" and not isinstance(first, Anything):
                raise Mistake(at, f"{print_node(arguments[0])} is {first}, not a list")
        case _:
            pass
    for argument, node in zip(tree.arguments, arguments, strict=False):
        _number(argument.at, node, node.subject)
    subject = agree(tree.at, arguments)
    # The size of an angle, or the sum of several, is no direction.
    return Quantity(subject.unit) if tree.function == "abs" and isinstance(subject, Quantity) else subject


def _number(at: int, node: Node, subject: Subject) -> Subject:
    if not isinstance(subject, (Quantity, Anything)):
        raise Mistake(at, f"{print_node(node)} is {node.subject}, not a quantity")
    return subject


def _check_digits(at: int, node: Node) -> None:
    if not isinstance(node, Literal) or type(node.value) is not int:
        raise Mistake(at, "the second argument of round() is a number of digits")


def _described(resolver: Resolver, tree: written.Apply) -> Node:
    arguments: list[tuple[str, Value | Name]] = []
    units: list[str | None] = []
    for number, argument in enumerate(tree.arguments):
        key = argument.key
        if key is None:
            if number > 0:
                raise Mistake(argument.at, "an argument after the first needs its key", "key=value")
            key = "kind"
        elif "." in key or ":" in key:
            raise Mistake(argument.at, f"{key} is not the key of an argument")
        if any(key == earlier for earlier, _ in arguments):
            raise Mistake(argument.at, f"argument {key} is given twice")
        value, unit = _argument(resolver, argument)
        arguments.append((key, value))
        units.append(unit)
    return resolver.refer(Name(tree.rest, tree.function, tuple(arguments), tuple(units)), tree.at)


def _argument(resolver: Resolver, argument: written.Argument) -> tuple[Value | Name, str | None]:
    tree = argument.value
    sign = 1
    if isinstance(tree, written.Signed) and isinstance(tree.term, written.Number):
        sign, tree = (-1 if tree.sign == "-" else 1), tree.term
    match tree:
        case written.Number():
            return sign * tree.value or 0, tree.unit
        case written.Constant():
            return tree.value, None
        case written.Quoted():
            is_word = argument.key is not None and format_text(tree.text) == tree.text
            if is_word and not resolver.is_text(written.Word(tree.at, tree.text)):
                # Printed without its quotes it would be that name.
                raise Mistake(tree.at, f"'{tree.text}' is also the name of a value here; rename one of the two")
            return tree.text, None
        case written.Word() if argument.key is None and "." not in tree.text:
            return tree.text, None
        case written.Word() if resolver.is_text(tree):
            return tree.text, None
        case written.Word():
            return resolver.reference(tree).name, None
        case _:
            raise Mistake(argument.at, "an argument is a word, a text, a number or a name")
