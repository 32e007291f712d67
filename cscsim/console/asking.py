"""Questions that a procedure or script puts to a person, answered on the page."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from fsm import OperatorError, Record
from procedures.training import is_person

__all__ = ["PageAsker"]


@dataclass(slots=True, eq=False, kw_only=True)
class _Ask:
    number: int
    question: str
    look_at: tuple[str, ...] = ()
    announce: bool = False
    answered: asyncio.Future[bool] = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        return {
            "ask": self.number,
            "question": self.question,
            "look_at": list(self.look_at),
            "announce": self.announce,
        }


class PageAsker:
    """Asks whoever looks at the page; what was answered before, in a run that is done again, is answered so.

    Parameters
    ----------
    before
        Records of the run that is done again.
    """

    def __init__(self, before: Iterable[Record] = ()) -> None:
        self._asks: dict[int, _Ask] = {}
        self._count = 0
        self._before: deque[tuple[str, bool]] = deque(
            (str(record["question"]), bool(record["answer"]))
            for record in before
            if record["kind"] == "confirm" and not is_person(record["who"])
        )
        self._announced = sum(1 for record in before if record["kind"] == "announce" and not is_person(record["who"]))

    @property
    def open(self) -> Sequence[dict[str, Any]]:
        """The questions that wait for an answer."""
        return [ask.as_dict() for ask in self._asks.values()]

    def reply(self, number: int, *, answer: bool) -> None:
        """Answer a question.

        Raises
        ------
        OperatorError
            If nobody has asked it, or it is answered.
        """
        ask = self._asks.get(number)
        if ask is None or ask.answered.done():
            raise OperatorError(f"question {number} is answered already, or nobody has asked it")
        ask.answered.set_result(answer)

    async def confirm(self, question: str, look_at: tuple[str, ...]) -> bool:
        """Ask; True if it is so."""
        for known, answer in self._before:
            if known == question:
                self._before.remove((known, answer))
                return answer
        return await self._ask(question, look_at, announce=False)

    async def announce(self, text: str) -> None:
        """Have words passed on."""
        if self._announced:
            self._announced -= 1
            return
        await self._ask(text, (), announce=True)

    async def _ask(self, question: str, look_at: tuple[str, ...], *, announce: bool) -> bool:
        self._count += 1
        answered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        ask = _Ask(number=self._count, question=question, look_at=look_at, announce=announce, answered=answered)
        self._asks[ask.number] = ask
        try:
            return await answered
        finally:
            del self._asks[ask.number]
