"""The way in: a text, a vocabulary and a place in a document become a condition or an expression."""

from __future__ import annotations

from fsm.conditions.condition import Condition, Expression
from fsm.conditions.names import Vocabulary
from fsm.conditions.resolve import Resolver
from fsm.conditions.subjects import Subject
from fsm.conditions.syntax import parse_syntax
from fsm.conditions.written import Mistake
from fsm.errors import AuthorError, Position

__all__ = ["parse_condition", "parse_expression"]


def parse_condition(text: str, vocabulary: Vocabulary, *, at: Position | None = None) -> Condition:
    """Read a condition.

    Parameters
    ----------
    text
        Such as ``ATDome.azimuth within 1.5 deg of 3 deg``.
    vocabulary
        Who knows which names exist.
    at
        Where the text begins in its document.

    Raises
    ------
    AuthorError
        If it does not follow the grammar, a name, state or unit does not exist, or units or kinds of values
        do not agree. Carries the place of the first mistake and the nearest valid spelling.
    """
    try:
        node = Resolver(vocabulary).condition(parse_syntax(text))
    except Mistake as mistake:
        raise _author_error(text, at, mistake) from None
    return Condition(text=text, node=node, position=at)


def parse_expression(
    text: str, vocabulary: Vocabulary, *, at: Position | None = None, expected: Subject | None = None
) -> Expression:
    """Read an expression: a quantity with arithmetic, a text, a truth value or a list.

    Parameters
    ----------
    text
        Such as ``config.n_flat + 2`` or ``15 min``.
    vocabulary
        Who knows which names exist.
    at
        Where the text begins in its document.
    expected
        What the value must be about. With `Text`, a bare word that is no name is a text.

    Raises
    ------
    AuthorError
        As `parse_condition`, or if the value is not what is expected.
    """
    try:
        node = Resolver(vocabulary).expression(parse_syntax(text), expected)
    except Mistake as mistake:
        raise _author_error(text, at, mistake) from None
    return Expression(text=text, node=node, position=at)


def _author_error(text: str, at: Position | None, mistake: Mistake) -> AuthorError:
    if at is not None:
        place = at.shifted(mistake.at)
    else:
        before = text[: mistake.at]
        place = Position(None, 1 + before.count("\n"), len(before) - before.rfind("\n"))
    return AuthorError.at(place, mistake.message, suggestion=mistake.suggestion)
