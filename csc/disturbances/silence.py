"""A component that is not heard any more, though it lives, hears and acts.

What it has said last stays readable, as on the real bus. When it is heard again, the last state of each event that
went unheard arrives; telemetry and acknowledgements of the meantime are lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from csc.bus.interference import Deliver, Envelope
from csc.disturbances.model import Disturbance
from fsm import Value

if TYPE_CHECKING:
    from csc.component import Component

__all__ = ["SILENCE", "Mute"]


class Mute:
    """A rule that keeps back whatever a component says."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._unheard: dict[str, Deliver] = {}

    def concerns(self, envelope: Envelope) -> bool:
        """Tell whether a message comes from the component."""
        return envelope.who == self._name and envelope.kind != "command"

    def take(self, envelope: Envelope, deliver: Deliver) -> None:
        """Keep the last state of an event; lose all else."""
        if envelope.kind == "event":
            self._unheard.pop(envelope.what, None)
            self._unheard[envelope.what] = deliver

    def catch_up(self) -> None:
        """Let the last states arrive."""
        for deliver in self._unheard.values():
            deliver()
        self._unheard.clear()


def _begin(component: Component, values: Mapping[str, Value], over: Callable[[], None]) -> Callable[[], None]:
    mute = Mute(component.name)
    remove = component.bus.interference.add(mute)

    def end() -> None:
        remove()
        mute.catch_up()

    return end


SILENCE = Disturbance(
    name="silence",
    meaning="Nothing that it sends is heard any more: no events, telemetry, heartbeats, acknowledgements.",
    seen="its heartbeat has stopped; what it said last is still there; commands are carried out and not acknowledged",
    begin=_begin,
)
