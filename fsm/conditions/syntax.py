"""From text to a tree of what was written.

Decides where words, numbers and operators stand; knows units, but no names and no subjects. Trees are
remembered by text, for many components say the same.
"""

from __future__ import annotations

import math
from functools import cache, lru_cache
from typing import TYPE_CHECKING, cast

from fsm.conditions.names import KEYWORDS, NULL
from fsm.conditions.units import UnitError, canonical_unit, nearest_unit
from fsm.conditions.written import (
    Among,
    Apply,
    Argument,
    Constant,
    Indexed,
    Joined,
    Listed,
    Mistake,
    Near,
    Negated,
    Number,
    Operation,
    Quoted,
    Signed,
    StateTest,
    Tree,
    Word,
)

if TYPE_CHECKING:
    from lark import Lark, Token
    from lark.exceptions import UnexpectedInput

__all__ = ["parse_syntax"]

LONGEST = 4000
"""Characters of the longest text that is read; chosen here, far above what a person writes."""


@lru_cache(maxsize=8192)
def parse_syntax(text: str) -> Tree:
    """Read a text into a tree.

    Raises
    ------
    Mistake
        If it does not follow the grammar, or a unit does not exist.
    """
    from lark.exceptions import UnexpectedInput

    if len(text) > LONGEST:
        raise Mistake(0, f"has {len(text)} characters, more than {LONGEST}")
    try:
        tree: Tree = _parser().parse(text)  # type: ignore[assignment]  # the transformer's result
    except UnexpectedInput as error:
        raise _explain(text, error) from None
    return tree


@cache
def _parser() -> Lark:
    from importlib.resources import files

    from lark import Lark, Transformer, v_args

    class Build(Transformer["Token", Tree]):
        """Turn each rule of the grammar into a node as soon as it is complete."""

        def any_of(self, children: list[Tree]) -> Joined:
            return Joined(children[0].at, "or", tuple(children))

        def all_of(self, children: list[Tree]) -> Joined:
            return Joined(children[0].at, "and", tuple(children))

        def words(self, children: list[Token]) -> tuple[Word, ...]:
            return tuple(Word(_at(word), word.value) for word in children)

        def listed(self, children: list[Tree | None]) -> Listed:
            items = tuple(child for child in children if child is not None)
            return Listed(items[0].at if items else 0, items)

        def arguments(self, children: list[Argument]) -> tuple[Argument, ...]:
            return tuple(children)

        @v_args(inline=True)
        def negated(self, word: Token, part: Tree) -> Negated:
            return Negated(_at(word), part)

        @v_args(inline=True)
        def operation(self, left: Tree, operator: Token, right: Tree) -> Operation:
            return Operation(left.at, operator.value, left, right)

        @v_args(inline=True)
        def state_is(self, term: Tree, state: Token) -> StateTest:
            return StateTest(term.at, term, (Word(_at(state), state.value),), False)

        @v_args(inline=True)
        def state_is_not(self, term: Tree, state: Token) -> StateTest:
            return StateTest(term.at, term, (Word(_at(state), state.value),), True)

        @v_args(inline=True)
        def state_in(self, term: Tree, states: tuple[Word, ...]) -> StateTest:
            return StateTest(term.at, term, states, False)

        @v_args(inline=True)
        def state_not_in(self, term: Tree, states: tuple[Word, ...]) -> StateTest:
            return StateTest(term.at, term, states, True)

        @v_args(inline=True)
        def near(self, value: Tree, tolerance: Tree, target: Tree) -> Near:
            return Near(value.at, value, tolerance, target)

        @v_args(inline=True)
        def among(self, value: Tree, choices: Tree) -> Among:
            return Among(value.at, value, choices)

        @v_args(inline=True)
        def not_among(self, value: Tree, choices: Tree) -> Negated:
            return Negated(value.at, Among(value.at, value, choices))

        @v_args(inline=True)
        def signed(self, sign: Token, term: Tree) -> Signed:
            return Signed(_at(sign), sign.value, term)

        @v_args(inline=True)
        def indexed(self, sequence: Tree, place: Tree) -> Indexed:
            return Indexed(sequence.at, sequence, place)

        @v_args(inline=True)
        def number(self, digits: Token, unit: Token | None = None) -> Number:
            return _number(digits, unit)

        @v_args(inline=True)
        def quoted(self, text: Token) -> Quoted:
            return Quoted(_at(text), text.value[1:-1])

        @v_args(inline=True)
        def word(self, text: Token) -> Word:
            return Word(_at(text), text.value)

        @v_args(inline=True)
        def constant(self, word: Token) -> Constant:
            return Constant(_at(word), {"true": True, "false": False}.get(word.value, NULL))

        @v_args(inline=True)
        def apply(self, function: Token, arguments: tuple[Argument, ...] | None, rest: Token | None = None) -> Apply:
            parts = tuple(rest.value[1:].split(".")) if rest is not None else ()
            return Apply(_at(function), function.value, arguments or (), parts)

        @v_args(inline=True)
        def positional(self, value: Tree) -> Argument:
            return Argument(value.at, None, value)

        @v_args(inline=True)
        def keyword(self, key: Token, value: Tree) -> Argument:
            return Argument(_at(key), key.value, value)

    grammar = files("fsm.conditions").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", transformer=Build(), maybe_placeholders=True)


def _at(token: Token) -> int:
    return token.start_pos or 0


def _number(digits: Token, unit: Token | None) -> Number:
    whole = digits.value.isdigit()
    if not math.isfinite(float(digits.value)):
        raise Mistake(_at(digits), f"{digits.value} is too large")
    if unit is None:
        return Number(_at(digits), int(digits.value) if whole else float(digits.value), None)
    try:
        factor, canonical = canonical_unit(unit.value)
    except UnitError as error:
        raise Mistake(_at(unit), str(error), nearest_unit(unit.value)) from None
    return Number(_at(digits), float(digits.value) * factor, canonical)


_INSTEAD = {"=": "==", "&": "and", "&&": "and", "|": "or", "||": "or", "!": "not", "<>": "!="}


def _explain(text: str, error: UnexpectedInput) -> Mistake:
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

    if isinstance(error, UnexpectedToken):
        if error.token.type == "$END":
            return Mistake(len(text), f"{text!r} ends where {_wanted(error.expected)} is expected")
        at, found, wanted = _at(error.token), str(error.token), _wanted(error.expected)
    elif isinstance(error, UnexpectedCharacters):
        at = cast(int, error.pos_in_stream)
        found, wanted = text[at], _wanted(error.allowed)
    else:
        raise TypeError(f"no text for {error!r}")
    suggestion = _INSTEAD.get(text[at : at + 2].strip()) or _INSTEAD.get(found)
    if found != found.lower() and found.lower() in KEYWORDS:
        suggestion = found.lower()
    return Mistake(at, f"{wanted} is expected, not {found}", suggestion)


def _wanted(expected: set[str]) -> str:
    if "NUMBER" in expected or "STRING" in expected:
        return "a name or a value"
    if "NAME" in expected:
        return "a state"
    if "COMPARISON" in expected or "AND" in expected:
        return "an operator or the end"
    return " or ".join(sorted(_SPELLING.get(each, each.lower()) for each in expected)) or "something else"


_SPELLING = {"RPAR": ")", "LPAR": "(", "RSQB": "]", "LSQB": "[", "COMMA": ",", "EQUAL": "=", "$END": "the end"}
