"""Looking at an observatory: conditions with reasons, and values."""

from __future__ import annotations

from csc import ObservatoryVocabulary
from cscsim.pytest_plugin.concise import concise
from cscsim.pytest_plugin.finding import Finding
from fsm import AuthorError, Condition, Scope, Value, parse_condition, parse_expression

__all__ = ["View"]


class View:
    """Answers what is asked of an observatory, in the language of conditions.

    Parameters
    ----------
    scope
        Where the values are found.
    vocabulary
        The names that may be used.
    """

    def __init__(self, scope: Scope, vocabulary: ObservatoryVocabulary) -> None:
        self._scope = scope
        self._vocabulary = vocabulary

    @concise
    def __getitem__(self, condition: str) -> Finding:
        """Look at a condition; what comes is true or false and says why.

        Raises
        ------
        AuthorError
            If it cannot be understood; names the nearest name.
        """
        return self.look(self.read(condition))

    @concise
    def check(self, condition: str) -> None:
        """Make sure that a condition holds now.

        Raises
        ------
        AssertionError
            If it is false or unknown; says why, with the values seen.
        AuthorError
            If it cannot be understood; names the nearest name.
        """
        found = self.look(self.read(condition))
        if not found:
            raise AssertionError(found.because)

    @concise
    def value(self, expression: str) -> Value | None:
        """Return a value of now in its canonical unit, or the name of a state; None if it is unknown.

        Raises
        ------
        AuthorError
            If it cannot be understood; names the nearest name.
        """
        try:
            return parse_expression(expression, self._vocabulary).evaluate(self._scope)
        except AuthorError as error:
            raise AuthorError(f'"{expression}": {error.message}', suggestion=error.suggestion) from error

    def read(self, condition: str) -> Condition:
        """Read a condition."""
        try:
            return parse_condition(condition, self._vocabulary)
        except AuthorError as error:
            raise AuthorError(f'"{condition}": {error.message}', suggestion=error.suggestion) from error

    def look(self, condition: Condition) -> Finding:
        """Look at a condition that was read."""
        return Finding(condition.evaluate(self._scope), condition.explain(self._scope))
