"""A component whose process dies, and is started again after a while.

It takes no leave: commands under way are never answered, and what it has published stays readable. Started again it
begins as its data sheet and the observatory say, hardware and all. The faults that it had are there again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from csc.blueprint import Parameter
from csc.disturbances.model import Disturbance
from csc.disturbances.silence import Mute
from csc.summary_state import SummaryState
from fsm import AuthorError, Value

if TYPE_CHECKING:
    from csc.component import Component
    from csc.observatory import Observatory

__all__ = ["RESTART"]

_STATES = tuple(state for state in SummaryState.__members__ if state != "FAULT")


def _begin(component: Component, values: Mapping[str, Value], over: Callable[[], None]) -> Callable[[], None]:
    observatory: Observatory | None = component.services.get("observatory")
    if observatory is None:
        raise AuthorError(f"{component.name} is in no observatory that could start it again")
    name, after = component.name, values["after"]
    unmute = component.bus.interference.add(Mute(name))
    timer = component.clock.call_later(float(after) if isinstance(after, int | float) else 0.0, over)

    def end() -> None:
        timer.cancel()
        unmute()
        if name in observatory.components:
            return
        carried = [(fault.plan.name, dict(fault.values)) for fault in component.faults.active]
        component.faults.leave()
        anew = observatory.rebuild(component)
        anew.start(str(values["state"]))
        for fault, given in carried:
            anew.faults.inject(fault, **given)

    observatory.retire(name)
    return end


RESTART = Disturbance(
    name="restart",
    meaning="Its process dies, and is started again after a while; it begins anew, hardware and all.",
    parameters=(
        Parameter(name="after", default=30.0, unit="s", range=(0.1, 86400.0), meaning="how long it is away"),
        Parameter(name="state", default="STANDBY", choices=_STATES, meaning="summary state in which it comes back"),
    ),
    seen="its heartbeat stops, commands are not answered; then summaryState says STANDBY although nobody sent it there",
    cure="it comes back by itself; enable it, and bring it to where it was",
    csc_only=True,
    begin=_begin,
)
