"""A moment of a run: a time, a record of its journal, or the first time that a condition is true.

Waiting for a moment changes nothing of the run: no timer is set for it, and what else happens keeps its order. So a
run that is looked at gives the same journal as one that is not.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from csc import Observatory, ObservatoryVocabulary
from csc.truth import TruthScope
from fsm import AuthorError, Condition, Name, Record, parse_condition, parse_quantity

__all__ = ["Moment", "parse_moment"]

_CLOCK = re.compile(r"(?:(?P<hours>\d+):)?(?P<minutes>\d+):(?P<seconds>[0-5]\d(?:\.\d+)?)")
_NUMBER = re.compile(r"#(?P<number>[1-9]\d*)")
_INSTANT = 1e-6
"""Times nearer than this [s] are one: the resolution of simulated time."""
_NEAR = 1e-3
"""How exactly [s] the time is found at which a moving quantity makes a condition true."""
_STRIDE = 0.25
"""How long [s] it must be true to be found between two events."""
_MOST = 4000
"""Looks between two events; where they are further apart than so many strides, the strides are longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When something is to be done.

    Attributes
    ----------
    text
        As it was written.
    at
        Simulated time [s]: when all is done that happens until then.
    number
        A record of the journal: when the callback that has written it has returned.
    condition
        The truth, not what is published: as soon as it is so.
    """

    text: str
    at: float | None = None
    number: int | None = None
    condition: Condition | None = None

    def watch(self, observatory: Observatory, act: Callable[[], object]) -> Callable[[], None]:
        """Call `act` once, at this moment and between two callbacks; return what ends the watch."""
        if self.condition is not None:
            return _ConditionWatch(observatory, self.condition, act).end
        if self.number is not None:
            return _NumberWatch(observatory, self.number, act).end
        return _TimeWatch(observatory, self.at or 0.0, act).end

    def __str__(self) -> str:
        return self.text


def parse_moment(text: str, truth: ObservatoryVocabulary) -> Moment:
    """Read ``20 min``, ``1:02:03``, ``#812`` or a condition.

    Raises
    ------
    AuthorError
        If it is none of these; says why.
    """
    text = text.strip()
    if number := _NUMBER.fullmatch(text):
        return Moment(text=text, number=int(number["number"]))
    if text.startswith("#"):
        raise AuthorError(f"{text} is no record; they count from #1")
    if clock := _CLOCK.fullmatch(text):
        seconds = float(clock["seconds"]) + 60 * int(clock["minutes"]) + 3600 * int(clock["hours"] or 0)
        return Moment(text=text, at=seconds)
    try:
        at, unit = parse_quantity(text)
    except ValueError:
        condition = parse_condition(text, truth)
        return Moment(text=str(condition), condition=condition)
    if unit != "s" or at < 0:
        raise AuthorError(f"{text} is no time: write 20 min, 1:02:03, #812 for a record, or a condition")
    return Moment(text=text, at=at)


class _Watch:
    """Waits for a moment, and acts once."""

    def __init__(self, observatory: Observatory, act: Callable[[], object]) -> None:
        self._loop = observatory.clock.loop
        self._act = act
        self._over = False

    def end(self) -> None:
        """Watch no more."""
        self._over = True
        if self in self._loop.stops:
            self._loop.stops.remove(self)

    def before(self, due: float) -> float | None:
        """Return none: no time alone is the moment."""
        return None

    def act(self) -> None:
        """Act, unless that is over."""
        if not self._over:
            self.end()
            self._act()


class _TimeWatch(_Watch):
    def __init__(self, observatory: Observatory, at: float, act: Callable[[], object]) -> None:
        super().__init__(observatory, act)
        self._at = at
        self._loop.stops.append(self)

    def before(self, due: float) -> float | None:
        return self._at if due > self._at + _INSTANT else None


class _NumberWatch(_Watch):
    def __init__(self, observatory: Observatory, number: int, act: Callable[[], object]) -> None:
        super().__init__(observatory, act)
        self._number = number
        self._unlisten = observatory.journal.listen(self._see)
        if observatory.journal.count >= number:
            self._loop.interrupt(self.act)

    def end(self) -> None:
        super().end()
        self._unlisten()

    def _see(self, record: Record) -> None:
        if record["n"] == self._number:
            self._loop.interrupt(self.act)


class _ConditionWatch(_Watch):
    """Looks when a component that is named changes, when an image is taken, and before time goes on."""

    def __init__(self, observatory: Observatory, condition: Condition, act: Callable[[], object]) -> None:
        super().__init__(observatory, act)
        self._condition = condition
        self._scope = TruthScope(observatory)
        self._streams = observatory.streams
        self._found = False
        names = self._scope.components(condition.names)
        self._ends = [observatory.components[name].watch(self._look) for name in names]
        images = observatory.services.get("images")
        if images is not None and any(name.function is not None for name in condition.names):
            self._ends.append(images.listen(lambda _: self._look()))
        if any(_moves(name, observatory) for name in condition.names):
            self._loop.stops.append(self)
        self._look()

    def end(self) -> None:
        super().end()
        while self._ends:
            self._ends.pop()()

    def _is_true(self) -> bool:
        return self._condition.evaluate(self._scope) is True

    def _look(self) -> None:
        if not self._found:
            with self._streams.kept():
                self._found = self._is_true()
            if self._found:
                self._loop.interrupt(self.act)

    def before(self, due: float) -> float | None:
        """Return the time at which what moves makes it true."""
        with self._streams.kept():
            return self._find(due)

    def _find(self, due: float) -> float | None:
        now = self._loop.t
        strides = min(max(math.ceil((due - now) / _STRIDE), 1), _MOST)
        times = (now + (due - now) * number / strides for number in range(1, strides + 1))
        found = next((t for t in times if self._at(t)), None)
        begin = None if found is None else self._begin(found, (due - now) / strides)
        self._loop.t = now
        return begin

    def _begin(self, end: float, stride: float) -> float:
        """Return the time in the stride before `end` from which on it is true."""
        begin = end - stride
        while end - begin > _NEAR:
            middle = (begin + end) / 2
            begin, end = (begin, middle) if self._at(middle) else (middle, end)
        return end

    def _at(self, t: float) -> bool:
        self._loop.t = t
        return self._is_true()


def _moves(name: Name, observatory: Observatory) -> bool:
    """Tell whether a quantity may change between two events."""
    if name.function is not None or len(name.parts) < 2 or name.parts[0] in observatory.groups:
        return False
    component = observatory.find(name.parts[0])
    return name.parts[1] in component.blueprint.outputs and name.parts[1] not in component.variables
