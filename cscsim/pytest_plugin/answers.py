"""Who answers the human checks of a rehearsal in a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from fsm import AuthorError
from procedures import Report

__all__ = ["Answers", "GivenAnswers"]

GivenAnswers: TypeAlias = bool | Mapping[str, bool] | Callable[[str], bool]
"""Always the same, by a part of the question, or found by a function of the question."""


class Answers:
    """Answers as a test says.

    Parameters
    ----------
    given
        The answers; a question that a mapping does not know is answered with yes.

    Attributes
    ----------
    questions
        What was asked.
    """

    def __init__(self, given: GivenAnswers) -> None:
        self._given = given
        self.questions: list[str] = []

    async def confirm(self, question: str, look_at: tuple[str, ...]) -> bool:
        """Answer a human check."""
        self.questions.append(question)
        if isinstance(self._given, Mapping):
            return all(answer for part, answer in self._given.items() if part in question)
        return self._given(question) if callable(self._given) else self._given

    async def announce(self, text: str) -> None:
        """Take note."""

    def see_that_all_were_given(self, report: Report) -> None:
        """Look for answers to questions that nobody asks, after a rehearsal that came to its end.

        Raises
        ------
        AuthorError
            If there is one; names the questions.
        """
        if not isinstance(self._given, Mapping) or not report.passed:
            return
        for part in self._given:
            if not any(part in question for question in self.questions):
                asked = ", ".join(repr(question) for question in dict.fromkeys(self.questions))
                raise AuthorError(f"answers: nobody asked {part!r}; what was asked: {asked or 'nothing'}")
