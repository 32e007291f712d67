"""One job: its request, its machine, and what waits for its end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from csc.ocps.backend import JobOutcome, JobRequest
from fsm import Machine, Scope, Statechart, Transition, Value

if TYPE_CHECKING:
    from csc import Component

__all__ = ["Job"]


class Job:
    """A job, from its submission to its end; the host of its own machine.

    Parameters
    ----------
    component
        The OCPS that keeps it.
    chart
        The life of a job.
    request
        What it is to do.
    needs
        Jobs that must complete first.
    entered
        Called when it has entered a phase.
    """

    def __init__(
        self,
        component: Component,
        chart: Statechart,
        request: JobRequest,
        needs: tuple[Job, ...],
        entered: Callable[[Job], None],
    ) -> None:
        self._component = component
        self._entered = entered
        self.request = request
        self.needs = needs
        self.outcome = JobOutcome(succeeded=False)
        self.lost = ""
        """Why the service was lost before the job ended; empty if it was not."""
        self.task: asyncio.Task[None] | None = None
        self.ended: asyncio.Future[None] = component.clock.loop.create_future()
        self.machine = Machine(chart, self)

    @property
    def phase(self) -> str:
        """Its phase, a state of the machine."""
        return self.machine.state

    @property
    def has_ended(self) -> bool:
        """Whether its phase is a final one."""
        return self.exit_code is not None

    @property
    def exit_code(self) -> int | None:
        """Its exit code; None while it is under way."""
        return self.machine.current.value

    def result(self) -> str:
        """Return what is published of its end, as JSON."""
        request = self.request
        names = {"jobId": request.job_id, "runId": request.run_id}
        if self._component.parameters["result_of"] == "submission":
            return json.dumps({**names, "phase": "pending"})
        result: dict[str, Any] = {
            **names,
            "phase": self.phase.lower(),
            "outputCollection": request.output_collection,
            "outputs": list(self.outcome.outputs),
            "message": self.outcome.message,
        }
        if self.outcome.verification is not None:
            result["verification"] = dict(self.outcome.verification)
        return json.dumps(result)

    # ------------------------------------------------------- host of its machine

    @property
    def scope(self) -> Scope:
        """Where durations find their values."""
        return self._component.scope

    def assign(self, output: str, value: Value) -> None:
        """Store a value in an output of the component."""
        self._component.assign(output, value)

    def start_timer(self, delay: float, due: Callable[[], object]) -> Callable[[], None]:
        """Call `due` after `delay` [s]; return what cancels it."""
        return self._component.start_timer(delay, due)

    def moved(self, machine: Machine, row: Transition, source: str) -> None:
        """Record that it entered a phase."""
        self._component.journal.write(
            "transition",
            self._component.name,
            machine=machine.name,
            source=source,
            state=machine.state,
            job=self.request.job_id,
        )
        self._entered(self)
