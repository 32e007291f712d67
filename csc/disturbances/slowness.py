"""A component that takes its time: hears late, answers late, and takes longer over what it times itself.

What moves keeps its speed; the component notices later that it has arrived.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from csc.blueprint import Parameter
from csc.bus.interference import Deliver, Envelope
from csc.disturbances.model import Disturbance
from fsm import Value

if TYPE_CHECKING:
    from csc.component import Component

__all__ = ["SLOWNESS"]


class _Slow:
    def __init__(self, component: Component, reaction: float) -> None:
        self._component = component
        self._reaction = reaction

    def concerns(self, envelope: Envelope) -> bool:
        """Tell whether a message is a command to the component, or its answer."""
        return envelope.who == self._component.name and envelope.kind in ("command", "ack")

    def take(self, envelope: Envelope, deliver: Deliver) -> None:
        """Deliver it after the time that the component takes to react."""
        self._component.clock.call_later(self._reaction, deliver)


def _begin(component: Component, values: Mapping[str, Value], over: Callable[[], None]) -> Callable[[], None]:
    factor, reaction = values["factor"], values["reaction"]
    if not isinstance(factor, int | float) or not isinstance(reaction, int | float):
        raise TypeError(f"slowness takes numbers, not {factor!r} and {reaction!r}")
    component.pace *= factor
    remove = component.bus.interference.add(_Slow(component, float(reaction)))

    def end() -> None:
        component.pace /= factor
        remove()

    return end


SLOWNESS = Disturbance(
    name="slowness",
    meaning="It reacts late to each command, answers late, and its own times are longer by a factor.",
    parameters=(
        Parameter(name="factor", default=3.0, range=(1.0, 1000.0), meaning="how much longer its own times are"),
        Parameter(
            name="reaction", default=1.0, unit="s", range=(0.001, 3600.0), meaning="by how much each message is late"
        ),
    ),
    seen="all goes well, but slowly; who waits with a limit may give up",
    begin=_begin,
)
