"""The process that does jobs: in order, whatever becomes of it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from csc.ocps.backend import DurationsOnly, JobOutcome, JobRequest
from csc.ocps.workshop import Working, Workshop
from fsm import Clock, Streams, simulate


def do(request: JobRequest, repository: Path, log: Path) -> JobOutcome:
    """Do what a test asks for."""
    with log.open("a") as said:
        said.write(f"{request.job_id} in {repository.name}\n")
    if request.pipeline == "die":
        os._exit(3)
    if request.pipeline == "sleep":
        time.sleep(60)
    return JobOutcome(succeeded=True, message=f"{request.pipeline} by {os.getpid()}")


def request(name: str, pipeline: str = "work") -> JobRequest:
    return JobRequest(job_id=name, run_id="1", instrument="LATISS", pipeline=pipeline)


@pytest.fixture
def workshop(tmp_path) -> Iterator[Workshop]:
    with Workshop(do, tmp_path / "repo", tmp_path / "jobs") as workshop:
        yield workshop


def test_jobs_are_done_in_order_by_one_process(workshop, tmp_path) -> None:
    works = [workshop.begin(request(name)) for name in "abc"]

    outcomes = [work.result() for work in reversed(works)]

    assert len({outcome.message for outcome in outcomes}) == 1
    assert workshop.log_of("a").read_text() == "a in repo\n"
    times = [workshop.log_of(name).stat().st_mtime_ns for name in "abc"]
    assert times == sorted(times)


def test_a_process_that_dies_costs_its_job_only(workshop) -> None:
    first, second, third = (workshop.begin(request(*job)) for job in (("a", "work"), ("b", "die"), ("c", "work")))

    assert first.result().succeeded
    died = second.result()
    assert not died.succeeded
    assert died.message == "the process that did it has died (exit code 3)"
    assert third.result().succeeded


def test_a_job_that_is_called_off_takes_the_process_with_it_and_no_other_job(workshop) -> None:
    long = workshop.begin(request("a", "sleep"))
    next_one = workshop.begin(request("b"))
    began = time.monotonic()

    long.cancel()

    assert next_one.result().succeeded
    assert time.monotonic() - began < 30


def test_a_job_that_is_done_may_be_called_off(workshop) -> None:
    work = workshop.begin(request("a"))
    workshop.begin(request("b")).result()

    work.cancel()

    assert workshop.begin(request("c")).result().succeeded


def test_nothing_is_left_when_it_is_closed(tmp_path) -> None:
    with Workshop(do, tmp_path / "repo", tmp_path / "jobs") as workshop:
        pid = int(workshop.begin(request("a")).result().message.rpartition(" ")[2])

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_job_lasts_as_long_as_its_model_says(workshop) -> None:
    async def main(clock: Clock) -> tuple[float, JobOutcome]:
        durations = DurationsOnly(clock, Streams(1).stream("OCPS:1", "durations"), mean=1000.0, spread=0.0)
        return clock.now, await Working(durations, workshop).run(request("a"))

    began = time.monotonic()
    _, outcome = simulate(main)

    assert outcome.succeeded
    assert time.monotonic() - began < 30


def test_a_job_that_is_aborted_is_not_waited_for(workshop) -> None:
    async def main(clock: Clock) -> float:
        durations = DurationsOnly(clock, Streams(1).stream("OCPS:1", "durations"), mean=1000.0, spread=0.0)
        task = clock.loop.create_task(Working(durations, workshop).run(request("a", "sleep")))
        await clock.sleep(5.0)
        task.cancel()
        await clock.sleep(1.0)
        return clock.now

    assert simulate(main) == pytest.approx(6.0)
    assert workshop.begin(request("b")).result().succeeded
