"""Conditions and expressions in SCXML's datamodel of Python.

A condition here is true, false or unknown, one of SCXML true or false, and what cannot be computed an error. So each
condition has two texts: one that is true exactly where it is true, and one that is true exactly where it is false;
where it is unknown neither is. A name that may be unknown is therefore asked whether it is before it is used, and what
something is divided by whether it is zero. Not said: what not-a-number is, and an element that a list does not have.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from keyword import iskeyword

from fsm.conditions import Expression, Name
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
    parts_of,
)

__all__ = ["Speech", "identifier"]


def identifier(name: str) -> str:
    """Return a name as that of a variable.

    >>> identifier("ScriptQueue:2.processing")
    'ScriptQueue_2_processing'
    """
    word = re.sub(r"\W", "_", name)
    return f"{word}_" if iskeyword(word) or word[:1].isdigit() else word


@dataclass(frozen=True, slots=True)
class Speech:
    """How names are said in a document.

    Attributes
    ----------
    regions
        Machines whose states are in the document.
    is_certain
        Tells of a name whether it always has a value.
    """

    regions: frozenset[str]
    is_certain: Callable[[Name], bool]

    def truth(self, node: Node, wanted: bool = True) -> str:
        """Return what is true exactly where a condition is true, or (not `wanted`) false.

        Raises
        ------
        ValueError
            If it says what SCXML cannot.
        """
        match node:
            case Or() | And():
                every = isinstance(node, And) is wanted
                return f"({(' and ' if every else ' or ').join(self.truth(part, wanted) for part in node.parts)})"
            case Not():
                return self.truth(node.part, not wanted)
            case InState():
                return self._in_state(node, node.negated is not wanted)
            case Known():
                name = self.name(node.reference.name)
                known = node.negated is not wanted
                if self.is_certain(node.reference.name):
                    return str(known)
                return f"{name} is {'not ' if known else ''}None"
            case _:
                return self._test(self._comparison(node), self._doubts(node), wanted)

    def delay(self, time: Expression) -> str:
        """Return a length of time [s] as a text."""
        return f"str(max(0, {self.value(time.node)})) + 's'"

    def value(self, node: Node) -> str:
        """Return a value; where one of its names is unknown it is an error.

        Raises
        ------
        ValueError
            If it says what SCXML cannot.
        """
        match node:
            case Literal():
                return repr(node.value)
            case Reference():
                return self.name(node.name)
            case Arithmetic():
                text = f"({self.value(node.left)} {node.operator} {self.value(node.right)})"
                return text if node.scale == 1.0 else f"({text} * {node.scale!r})"
            case Negative():
                return f"(-{self.value(node.term)})"
            case Call(function="either"):
                first, second = map(self.value, node.arguments)
                return f"({second} if {first} is None else {first})"
            case Call(function=("abs" | "len" | "max" | "min" | "round" | "sum") as function):
                return f"{function}({', '.join(map(self.value, node.arguments))})"
            case Item():
                return f"{self.value(node.sequence)}[int({self.value(node.index)})]"
            case Listing():
                return f"[{', '.join(map(self.value, node.items))}]"
            case Call():
                raise ValueError(f"{node.function}() cannot be said in SCXML")
            case _:
                return self.truth(node)

    def name(self, name: Name) -> str:
        """Return a name as SCXML says it: a variable, or a part of the event."""
        if name.function is not None or str(name) in self.regions:
            raise ValueError(f"the value of {name} cannot be said in SCXML")
        if name.parts[0] == "argument":
            return f"_event.data.{name.parts[1]}"
        return identifier(str(name))

    def state(self, machine: str, *states: str) -> str:
        """Return the test whether a machine of the document is in one of some states."""
        tests = [f"In('{machine}.{state}')" for state in states]
        return tests[0] if len(tests) == 1 else f"({' or '.join(tests)})"

    def _in_state(self, node: InState, wanted: bool) -> str:
        if not isinstance(node.term, Reference):
            raise ValueError("only the state of a machine that is named can be said in SCXML")
        if str(node.term.name) in self.regions:
            test = self.state(str(node.term.name), *node.states)
            return test if wanted else f"not {test}"
        name = self.name(node.term.name)
        return self._test(f"{name} in {list(node.states)!r}", self._doubts(node.term), wanted)

    def _test(self, test: str, doubts: Iterable[str], wanted: bool) -> str:
        parts = list(dict.fromkeys(doubts))
        parts.append(test if wanted else f"not {test}")
        return parts[0] if len(parts) == 1 else f"({' and '.join(parts)})"

    def _doubts(self, node: Node) -> Iterator[str]:
        """Yield what must hold for a value to be known; one argument of `either` will do."""
        match node:
            case Reference():
                if not self.is_certain(node.name):
                    yield f"{self.name(node.name)} is not None"
            case Call(function="either"):
                return
            case _:
                for part in parts_of(node):
                    yield from self._doubts(part)
                if isinstance(node, Arithmetic) and node.operator == "/" and not isinstance(node.right, Literal):
                    yield f"{self.value(node.right)} != 0"

    def _comparison(self, node: Node) -> str:
        match node:
            case Compare(operator="==", wraps=True):
                return f"({self._angle(node.left, node.right)} == 0)"
            case Compare(operator="!=", wraps=True):
                return f"({self._angle(node.left, node.right)} != 0)"
            case Compare():
                return f"({self.value(node.left)} {node.operator} {self.value(node.right)})"
            case Within():
                value, width, target = map(self.value, (node.value, node.tolerance, node.target))
                width = f"{width} * abs({target}) / 100" if node.relative else width
                distance = self._angle(node.value, node.target) if node.wraps else f"abs({value} - {target})"
                return f"({distance} <= {width})"
            case Between(wraps=True):
                value, low, high = map(self.value, (node.value, node.low, node.high))
                arc = f"({value} - {low}) % 360 <= ({high} - {low}) % 360"
                return f"({arc} if abs({high} - {low}) < 360 else {low} <= {value} <= {high})"
            case Between():
                return f"({self.value(node.low)} <= {self.value(node.value)} <= {self.value(node.high)})"
            case OneOf():
                return f"({self.value(node.value)} in [{', '.join(map(self.value, node.choices))}])"
            case Member():
                return f"({self.value(node.value)} in {self.value(node.sequence)})"
            case _:
                return self.value(node)

    def _angle(self, one: Node, other: Node) -> str:
        return f"abs(({self.value(one)} - {self.value(other)} + 180) % 360 - 180)"
