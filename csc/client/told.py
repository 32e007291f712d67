"""The observatory's time as its topic ``clock`` tells it."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from fsm import OperatorError

__all__ = ["ToldTime"]

_LONGEST_SILENCE = 30.0
"""A clock that nobody has set for so long [s, real] is not running. Chosen here: three times what the service takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldTime:
    """What time it is in an observatory.

    Attributes
    ----------
    t
        Simulated time [s] since its run has begun.
    tai
        The same as TAI [s since 1970-01-01 00:00:00 TAI].
    speed
        Simulated seconds a second; None: as fast as it goes.
    """

    t: float
    tai: float
    speed: float | None

    @classmethod
    def read(cls, fields: Mapping[str, Any], *, kept: bool) -> Self | None:
        """Read a message of the clock; None if it was kept by the broker since a clock that has stopped.

        Parameters
        ----------
        kept
            Whether it comes from the broker's memory, and is as old as it says.

        Raises
        ------
        OperatorError
            If it is none.
        """
        speed = fields.get("speed")
        values = (fields.get("t"), fields.get("tai"), fields.get("wall"), 1.0 if speed is None else speed)
        if not all(isinstance(value, int | float) and math.isfinite(value) for value in values) or values[3] <= 0:
            raise OperatorError(f"{dict(fields)} is no message of a clock")
        found = cls(t=float(fields["t"]), tai=float(fields["tai"]), speed=speed)
        age = max(time.time() - fields["wall"], 0.0) if kept else 0.0
        return found.after(age) if age < _LONGEST_SILENCE else None

    def after(self, seconds: float) -> Self:
        """Return what time it is so many seconds later [s, real]; as long as nobody says more, if it has no speed."""
        passed = seconds * (self.speed or 0.0)
        return type(self)(t=self.t + passed, tai=self.tai + passed, speed=self.speed)
