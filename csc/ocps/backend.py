"""What runs the jobs: the form of a back end, and one that runs nothing.

A back end takes a request and, in simulated time, comes back with an outcome. OCPS keeps queue, phases and
events; it cancels `run` when a job is aborted. `DurationsOnly` looks at no data: it draws how long a job
takes and says that it went well. One that really processes images is lent by the observatory as its
service ``pipelines``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol

from fsm import Clock, PeerError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["DurationsOnly", "JobOutcome", "JobRequest", "PipelineBackend", "PipelineError"]


class PipelineError(PeerError):
    """A pipeline could not be run; the job ends in error and this is what it reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """What a job is to do.

    Attributes
    ----------
    instrument
        Whose data: LATISS, LSSTComCam ...
    config
        Settings, each ``key=value`` or a file, in order.
    output_dataset_types
        Patterns of the dataset types to report.
    output_collection
        Where the outputs go.
    slowdown
        Factor by which a fault makes the job last longer; every back end must keep to it.
    """

    job_id: str
    run_id: str
    instrument: str
    pipeline: str
    version: str = ""
    config: tuple[str, ...] = ()
    data_query: str = ""
    output_dataset_types: tuple[str, ...] = ()
    output_collection: str = ""
    slowdown: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOutcome:
    """How a job ended.

    Attributes
    ----------
    message
        What went wrong; empty if nothing did.
    outputs
        What it made, for people.
    verification
        Of a verification: what cp_verify says of each exposure and of all (lsst/cp_verify:
        python/lsst/cp/verify/mergeResults.py).
    """

    succeeded: bool
    message: str = ""
    outputs: tuple[str, ...] = ()
    verification: Mapping[str, Any] | None = None


class PipelineBackend(Protocol):
    """Runs jobs."""

    async def run(self, request: JobRequest) -> JobOutcome:
        """Run a job; its duration passes in simulated time. It may be cancelled.

        Raises
        ------
        PipelineError
            If it cannot be run.
        """


class DurationsOnly:
    """Simulates durations and outcomes only: no image is read and nothing is made.

    A job lasts the absolute value of N(mean, spread) and ends well, but for the pipeline ``false.yaml``,
    which ends in error as it does in the upstream simulation (lsst-dm/dm_OCPS: python/lsst/dm/OCPS/ocps_csc.py).

    Parameters
    ----------
    clock
        The run's time.
    generator
        Random numbers for the durations.
    mean, spread
        Mean and standard deviation of a duration [s].
    """

    FAILING = "false"

    def __init__(self, clock: Clock, generator: np.random.Generator, *, mean: float, spread: float) -> None:
        self._clock = clock
        self._generator = generator
        self._mean = mean
        self._spread = spread

    async def run(self, request: JobRequest) -> JobOutcome:
        """Let the duration pass."""
        duration = abs(self._generator.normal(self._mean, self._spread))
        await self._clock.sleep(float(duration) * request.slowdown)
        if PurePosixPath(request.pipeline).stem == self.FAILING:
            return JobOutcome(succeeded=False, message=f"{request.pipeline} always fails")
        return JobOutcome(succeeded=True)
