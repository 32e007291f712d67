"""The back end that only simulates durations and outcomes."""

from __future__ import annotations

import pytest

from csc.ocps.backend import DurationsOnly, JobOutcome, JobRequest
from fsm import Clock, Streams, simulate


def run_jobs(*requests: JobRequest, mean: float = 10.0, spread: float = 4.0) -> list[tuple[float, JobOutcome]]:
    """Run jobs in turn; return how long each took [s] and how it ended."""

    async def main(clock: Clock) -> list[tuple[float, JobOutcome]]:
        backend = DurationsOnly(clock, Streams(1).stream("OCPS:1", "durations"), mean=mean, spread=spread)
        ends = []
        for request in requests:
            began = clock.now
            outcome = await backend.run(request)
            ends.append((clock.now - began, outcome))
        return ends

    return simulate(main)


def request(pipeline: str = "cpBias.yaml", slowdown: float = 1.0) -> JobRequest:
    return JobRequest(job_id="1", run_id="LATISS_1", instrument="LATISS", pipeline=pipeline, slowdown=slowdown)


def test_durations_are_drawn_about_their_mean():
    durations = [duration for duration, _ in run_jobs(*[request()] * 400)]

    assert min(durations) >= 0.0
    assert sum(durations) / len(durations) == pytest.approx(10.0, abs=1.0)


def test_the_same_seed_gives_the_same_durations():
    assert run_jobs(request(), request()) == run_jobs(request(), request())


def test_a_slowdown_makes_a_job_longer():
    (fast, _), (slow, _) = *run_jobs(request()), *run_jobs(request(slowdown=60.0))

    assert slow == pytest.approx(60.0 * fast)


@pytest.mark.parametrize(("pipeline", "succeeded"), [("true.yaml", True), ("path/false.yaml", False)])
def test_the_outcome_depends_on_the_pipeline_only(pipeline, succeeded):
    [(_, outcome)] = run_jobs(request(pipeline))

    assert outcome.succeeded is succeeded
    assert bool(outcome.message) is not succeeded
