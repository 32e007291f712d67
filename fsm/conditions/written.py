"""The tree of what was written, and the mistake that stops its reading.

Every part knows how many characters from the start of the text it begins (`at`). Whether a word is a name,
a state or a text is not known yet.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from fsm.conditions.names import Null

__all__ = [
    "Among",
    "Apply",
    "Argument",
    "Constant",
    "Indexed",
    "Joined",
    "Listed",
    "Mistake",
    "Near",
    "Negated",
    "Number",
    "Operation",
    "Quoted",
    "Signed",
    "StateTest",
    "Tree",
    "Word",
]


class Mistake(Exception):
    """Something in a text is wrong, so many characters from its start."""

    def __init__(self, at: int, message: str, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.at = at
        self.message = message
        self.suggestion = suggestion


class Number(NamedTuple):
    """A number in its canonical unit."""

    at: int
    value: int | float
    unit: str | None


class Word(NamedTuple):
    """A bare word or words joined by dots: a name, a state or a text."""

    at: int
    text: str


class Quoted(NamedTuple):
    """A text in quotes, without them."""

    at: int
    text: str


class Constant(NamedTuple):
    """A truth value or null."""

    at: int
    value: bool | Null


class Argument(NamedTuple):
    """What stands between a function's parentheses."""

    at: int
    key: str | None
    value: Tree


class Apply(NamedTuple):
    """A function and the words that follow it."""

    at: int
    function: str
    arguments: tuple[Argument, ...]
    rest: tuple[str, ...]


class Listed(NamedTuple):
    """Things in square brackets."""

    at: int
    items: tuple[Tree, ...]


class Indexed(NamedTuple):
    """An element of a list."""

    at: int
    sequence: Tree
    place: Tree


class Signed(NamedTuple):
    """A term with a sign before it."""

    at: int
    sign: str
    term: Tree


class Operation(NamedTuple):
    """A sum, a product or a comparison."""

    at: int
    operator: str
    left: Tree
    right: Tree


class StateTest(NamedTuple):
    """A machine and states."""

    at: int
    term: Tree
    states: tuple[Word, ...]
    negated: bool


class Near(NamedTuple):
    """A quantity, a tolerance and a target."""

    at: int
    value: Tree
    tolerance: Tree
    target: Tree


class Among(NamedTuple):
    """A value and where it is looked for."""

    at: int
    value: Tree
    choices: Tree


class Negated(NamedTuple):
    """A condition after `not`."""

    at: int
    part: Tree


class Joined(NamedTuple):
    """Conditions joined by `and` or by `or`."""

    at: int
    word: str
    parts: tuple[Tree, ...]


Tree: TypeAlias = (
    Number
    | Word
    | Quoted
    | Constant
    | Apply
    | Listed
    | Indexed
    | Signed
    | Operation
    | StateTest
    | Near
    | Among
    | Negated
    | Joined
)
