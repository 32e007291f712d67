"""Does again what people have done in a session: each act when the record before it has come, as the journal has it.

With the same training and seed the same comes of it, which gives back what a journal does not hold, such as the recipes
of its images. What a procedure did for somebody is done again as the commands that it sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from csc import Ack
from fsm import Record
from procedures.training.act import is_person
from procedures.training.acts import Announced, Answer, Hint, Note, Pause, PersonalAct, Refusal, Report
from procedures.training.session import Session

__all__ = ["act_again"]

_WRITTEN: dict[str, type[PersonalAct]] = {
    each.kind: each for each in (Report, Note, Hint, Pause, Answer, Announced, Refusal)
}  # what is done by hand is done, and not only recorded
_LATE = 1.0
"""Simulated time [s] that an act waits for the record before it, if the run is another one by now."""


async def act_again(session: Session, records: Sequence[Record]) -> None:
    """Do what people have done, and then wait until the last record's time.

    Parameters
    ----------
    records
        Of the journal of the session, in order.
    """
    cue = _Cue(session)
    try:
        for record in records:
            kind, who = record["kind"], str(record["who"])
            by = str(record.get("by", "")) if kind == "command" else who
            if kind not in (*_WRITTEN, "command", "hand") or not (is_person(by) or kind == Refusal.kind):
                continue
            await cue.come(record)
            if kind == "command":
                session.observatory.bus.send(who, record["command"], record["data"], identity=by, reply=_pass_over)
            elif kind == "hand":
                session.by_hand(record["component"], record["act"], by=by)
            else:
                fields = {key: value for key, value in record.items() if key not in ("t", "n", "kind", "who")}
                session.act(_WRITTEN[kind](**fields), by=by)
        if records:
            await cue.come(records[-1])
    finally:
        cue.end()


def _pass_over(_: Ack) -> None:
    """Pass an acknowledgement over: it is in the journal."""


class _Cue:
    """Waits until a record is next."""

    def __init__(self, session: Session) -> None:
        self._clock = session.observatory.clock
        self._journal = session.observatory.journal
        self._before = 0
        self._coming: asyncio.Future[None] | None = None
        self.end = self._journal.listen(self._look)

    async def come(self, record: Record) -> None:
        """Wait until all before a record is written and its time has come."""
        self._before = record["n"] - 1
        if self._journal.count < self._before:
            self._coming = self._clock.loop.create_future()
            limit = self._clock.call_at(max(record["t"] + _LATE, self._clock.now), self._let_go)
            await self._coming
            limit.cancel()
        if record["t"] > self._clock.now:
            await self._clock.sleep(record["t"] - self._clock.now)

    def _look(self, _: Record) -> None:
        if self._journal.count >= self._before:
            self._let_go()

    def _let_go(self) -> None:
        if self._coming is not None and not self._coming.done():
            self._coming.set_result(None)
