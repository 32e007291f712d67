"""An independent engine that runs SCXML documents, in time that is turned by hand: python-statemachine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

from statemachine.event import Event
from statemachine.io import load

from fsm.diagrams.scxml import identifier


class _NothingDue(Exception):
    """The engine would wait for a time that has not come."""


class Engine:
    """A document that runs.

    The engine reads a clock and sleeps until the next of its delayed events is due; both are replaced, so that time
    stands still but in `pass_time`.
    """

    def __init__(self, text: str) -> None:
        self._now = self._end = 0.0
        kind = load(text, format="scxml", trusted=True)
        self._machine: Any = kind.__new__(kind)

    def begin(self) -> None:
        """Enter the first states; the engine does so when its machine is made, and then waits for delayed events."""
        self._let(self._machine.__init__)

    @property
    def states(self) -> set[str]:
        """The states that are active."""
        return {state.id for state in self._machine.configuration}

    def state(self, machine: str) -> str:
        """The one state of a machine that is active."""
        [state] = [name for name in self.states if name.startswith(f"{machine}.")]
        return state.removeprefix(f"{machine}.")

    def value(self, name: str) -> Any:
        return getattr(self._machine.model, identifier(name))

    def knows(self, name: str) -> bool:
        """Tell whether the document has a variable."""
        return hasattr(self._machine.model, identifier(name))

    def set(self, name: str, value: Any) -> None:
        setattr(self._machine.model, identifier(name), value)

    def give(self, event: str, **data: Any) -> None:
        """Send an event from outside, with its data."""
        self._let(lambda: self._machine.send(event, **data))

    def pass_time(self, duration: float) -> None:
        """Let time [s] pass, delayed event by delayed event."""
        self._end = self._now + duration
        self._let(self._machine._processing_loop)
        self._now = self._end

    def read_clock(self) -> float:
        return self._now

    def sleep(self, _duration: float) -> None:
        """Wait for the next delayed event: jump to it, if it is due."""
        due = self._machine._engine.external_queue.queue.queue[0].execution_time
        if due > self._end:
            raise _NothingDue
        self._now = due

    def _let(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except _NothingDue:
            return None


_match: Any = cache(Event.match)
"""Whether the name of an event is among those that a transition is for: asked many thousand times, of a few names."""


def _is_match(self: str, event: str) -> bool:
    # Plain text: an event would keep its machine alive in the cache.
    return bool(_match(str.__str__(self), str.__str__(event)))


@contextmanager
def running(text: str) -> Iterator[Engine]:
    """Run a document."""
    engine = Engine(text)
    with (
        patch("statemachine.engines.sync.monotonic", engine.read_clock),
        patch("statemachine.event_data.monotonic", engine.read_clock),
        patch.object(Event, "match", _is_match),
        patch("statemachine.engines.sync.sleep", engine.sleep),
    ):
        engine.begin()
        yield engine
