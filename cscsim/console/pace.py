"""How fast simulated time goes: paused, some factor, as fast as it can, or to the next thing that happens."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from fsm import MAX, Clock, Journal, OperatorError, Record, parse_quantity
from procedures.replay import matters
from procedures.training import Pause, write_act

__all__ = ["Pace"]

_FACTOR = re.compile(r"(?P<factor>\d+(?:\.\d+)?)x?")


class Pace:
    """The speed of one run.

    Parameters
    ----------
    clock, journal
        Of the run.
    speed
        Simulated seconds per real second at the beginning.
    is_open
        Tells whether a record may be seen by a trainee: only those end a step.
    """

    def __init__(self, clock: Clock, journal: Journal, speed: float, is_open: Callable[[Record], bool]) -> None:
        self._clock, self._journal, self._is_open = clock, journal, is_open
        self.speed = speed
        self.paused = False
        self.frozen = False
        self._by = ""
        self._ends: list[Callable[[], Any]] = []

    def to(self, what: str | float, *, by: str) -> None:
        """Let time go as it is wanted: pause, 1x, 60x, max, step, a factor or a duration such as 10 min.

        Raises
        ------
        OperatorError
            If it is none of these, or an instructor has frozen time.
        """
        if self.frozen:
            raise OperatorError("the instructor has frozen time")
        if isinstance(what, int | float):
            if not 0 < what < MAX:
                raise OperatorError(f"speed {what}: a factor above 0 is expected")
            self._set(float(what), by)
            return
        factor = _FACTOR.fullmatch(what.strip())
        if what == "pause":
            self._stop_going()
            self._pause(by)
        elif what == "step":
            self._go(by)
            self._ends.append(self._journal.listen(self._look))
        elif what == "max":
            self._set(MAX, by)
        elif factor is not None and 0 < float(factor["factor"]) < MAX:
            self._set(float(factor["factor"]), by)
        else:
            self._until(what, by)

    def freeze(self, *, on: bool, by: str) -> None:
        """Stop time so that only an instructor lets it go on, or let it go on as before."""
        self._stop_going()
        self.frozen = False
        if on:
            self._pause(by)
            self.frozen = True
        else:
            self._resume(by)

    def rest(self) -> None:
        """Pause if there is nothing left to step to."""
        loop = self._clock.loop
        if self._ends and not loop.ready and next(loop.timers(), None) is None:
            self._arrive()

    def settle(self) -> None:
        """Let the loop go as it is said here, after it went otherwise."""
        self._clock.loop.speed = 0.0 if self.paused else MAX if self._ends else self.speed

    def hold(self) -> None:
        """Begin paused, without a record: a run that was done again up to here."""
        self.paused = True
        self.settle()

    def _set(self, speed: float, by: str) -> None:
        self._stop_going()
        self.speed = speed
        self._resume(by)

    def _until(self, text: str, by: str) -> None:
        try:
            duration, unit = parse_quantity(text)
        except ValueError as error:
            raise OperatorError(f"speed {text}: {error}") from None
        if unit != "s" or not 0 < duration < MAX:
            raise OperatorError(f"speed {text}: pause, 1x, 60x, max, step or a time such as 10 min is expected")
        self._go(by)
        self._ends.append(self._clock.call_later(duration, self._arrive).cancel)

    def _go(self, by: str) -> None:
        """Go on at full speed until something is reached."""
        self._stop_going()
        self._by = by
        self._resume(by)
        self._clock.loop.speed = MAX

    def _look(self, record: Record) -> None:
        if self._ends and matters(record) and record["kind"] != "pause" and self._is_open(record):
            self._stop_going()
            self._clock.loop.interrupt(self._arrive)

    def _arrive(self) -> None:
        self._stop_going()
        self._pause(self._by)

    def _stop_going(self) -> None:
        while self._ends:
            self._ends.pop()()

    def _pause(self, by: str) -> None:
        if not self.paused:
            self.paused = True
            write_act(self._journal, Pause(what="paused"), by=by)
        self._clock.loop.speed = 0.0

    def _resume(self, by: str) -> None:
        if self.paused:
            self.paused = False
            write_act(self._journal, Pause(what="resumed"), by=by)
        self._clock.loop.speed = self.speed

    def as_dict(self) -> dict[str, Any]:
        """Return it as the page reads it."""
        return {
            "speed": "max" if self.speed == MAX else self.speed,
            "paused": self.paused,
            "frozen": self.frozen,
        }
