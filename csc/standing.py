"""Where a CSC stands: its summary state, why it is in FAULT, and what it says of both.

The order of messages is SAL's: entering FAULT sends the error code, then the summary state; any other
change sends the summary state, then error code 0 (lsst-ts/ts_salobj: python/lsst/ts/salobj/base_csc.py).
A component that is no CSC, such as a script, has no summary state and always stands alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from csc.summary_state import SummaryState
from fsm import Machine

if TYPE_CHECKING:
    from csc.component import Component

__all__ = ["Standing"]

CONNECTED = ("DISABLED", "ENABLED")
"""Summary states in which a CSC is in touch with its hardware."""


class Standing:
    """The summary state of one component.

    Parameters
    ----------
    component
        Whose it is.

    Attributes
    ----------
    machine
        The machine of summary states; None if the component has none.
    error
        Code and report of the last error that led to FAULT; code 0 before the first.
    """

    def __init__(self, component: Component) -> None:
        self._component = component
        chart = component.blueprint.summary_chart
        self.machine = Machine(chart, component) if chart is not None else None
        self.error: tuple[int, str] = (0, "")

    @property
    def state(self) -> str | None:
        """The summary state; None if the component has none."""
        return None if self.machine is None else self.machine.state

    def begin(self, state: str) -> None:
        """Stand in a state from the beginning, without the commands that lead there."""
        component = self._component
        if self.machine is None:
            component.publisher.connect()
            return
        self.machine.place(state)
        self._publish()
        if state in CONNECTED:
            with component.working():
                self._enter(state)

    def command(self, trigger: str) -> None:
        """Carry out a command that changes the summary state; others are none of its business."""
        if self.machine is None or trigger == "fault" or trigger not in self.machine.chart.triggers:
            return
        component = self._component
        if trigger == "start" and "configurable" in component.blueprint.generics:
            files = ",".join(component.configuration.files)
            component.publisher.write("configurationApplied", {"configurations": files}, force=True)
        self.machine.fire(trigger)

    def changed(self, source: str, state: str) -> None:
        """Learn that the machine has moved."""
        self._component.enqueue(f"leave_{source}")
        self._enter(state)
        if state != "FAULT":
            self._publish()

    def _enter(self, state: str) -> None:
        if state in CONNECTED:
            self._component.publisher.connect()
        self._component.enqueue(f"enter_{state}")

    def _publish(self) -> None:
        state = SummaryState[self.state or "OFFLINE"]
        write = self._component.publisher.write
        write("summaryState", {"summaryState": int(state)})
        if state is not SummaryState.FAULT:
            write("errorCode", {"errorCode": 0, "errorReport": "", "traceback": ""})

    def fault(self, error: str, report: str | None = None) -> None:
        """Go to FAULT with an error of the data sheet; within FAULT only the error code is sent again."""
        component = self._component
        code, text = component.blueprint.errors[error]
        self.error = (code, report or text)
        component.publisher.write("errorCode", {"errorCode": code, "errorReport": self.error[1]}, force=True)
        if self.machine is None or self.machine.state == "FAULT":
            return
        component.log("critical", f"Fault! errorCode={code}, errorReport={self.error[1]!r}")
        with component.working():
            self.machine.fire("fault")
        component.publisher.write("summaryState", {"summaryState": int(SummaryState.FAULT)})
        component.changed()
