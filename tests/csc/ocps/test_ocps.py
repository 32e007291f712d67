"""OCPS: the life of jobs, their events and acknowledgements, faults of the service."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from csc import Ack, AckError
from csc.ocps.backend import JobOutcome, JobRequest, PipelineError
from tests.csc.rig import Rig, run

OCPS = "OCPS:1"


def try_out(scenario: Callable[[Rig], Coroutine[Any, Any, Any]], **options: Any) -> Any:
    return run(scenario, OCPS, **options)


class Submission:
    """An `execute` under way, with what was acknowledged so far."""

    def __init__(self, rig: Rig, **fields: str) -> None:
        self.acks: list[Ack] = []
        given: dict[str, Any] = {"pipeline": "cpBias.yaml", "data_query": "exposure in (1)", **fields}
        command = rig.remote(OCPS).command("execute", on_progress=self.acks.append, **given)
        self.task = rig.clock.loop.create_task(command)

    @property
    def job_id(self) -> str:
        return str(json.loads(self.acks[0].result)["job_id"])


async def submit(rig: Rig, **fields: str) -> Submission:
    submission = Submission(rig, **fields)
    await rig.sleep(0.01)
    return submission


def results(rig: Rig) -> list[dict[str, Any]]:
    """Return the JSON of each job_result so far."""
    return [json.loads(r["data"]["result"]) for r in rig.records("event", OCPS) if r["topic"] == "job_result"]


def test_the_first_acknowledgement_carries_the_job_id_and_extends_the_limit():
    async def scenario(rig):
        await rig.enable(OCPS)

        job = await submit(rig)

        assert [ack.timeout for ack in job.acks] == [600.0]
        assert rig.event(OCPS, "job_id").job_id == job.job_id
        assert rig.event(OCPS, "job_id").event_name == "cmd_execute"
        await job.task

    try_out(scenario)


def test_the_result_is_published_before_the_last_acknowledgement():
    async def scenario(rig):
        await rig.enable(OCPS)
        job = await submit(rig)

        ack = await job.task

        assert ack.result == "Done"
        result = rig.event(OCPS, "job_result")
        assert (result.job_id, result.exit_code) == (job.job_id, 0)
        report = json.loads(result.result)
        assert report["jobId"] == job.job_id
        sent = [record["seq"] for record in rig.records("command", OCPS) if record["command"] == "execute"]
        assert (report["runId"], rig.event(OCPS, "job_id").data["seq_num"]) == (str(sent[0]), sent[0])
        assert report["phase"] == "completed"
        assert report["outputCollection"] == f"u/ocps/{job.job_id}"

    try_out(scenario)


def test_a_job_passes_its_phases():
    async def scenario(rig):
        await rig.enable(OCPS)
        job = await submit(rig)
        assert rig.state(OCPS, "job") == "PENDING"

        await job.task

        assert rig.states_seen(OCPS, "job") == ["PENDING", "QUEUED", "EXECUTING", "COMPLETED"]

    try_out(scenario)


def test_several_jobs_run_at_once():
    async def scenario(rig):
        await rig.enable(OCPS)
        jobs = [await submit(rig) for _ in range(3)]
        assert rig.output(OCPS, "jobs_under_way") == 3

        for job in jobs:
            await job.task

        assert len({job.job_id for job in jobs}) == 3
        assert rig.now < 40.0
        assert rig.output(OCPS, "jobs_under_way") == 0
        assert {report["jobId"] for report in results(rig)} == {job.job_id for job in jobs}

    try_out(scenario)


def test_a_job_waits_for_those_that_it_needs():
    async def scenario(rig):
        await rig.enable(OCPS)
        first = await submit(rig)
        second = await submit(rig, prereq_jobs=first.job_id)
        await rig.sleep(1.5)
        assert rig.state(OCPS, "job") == "QUEUED"

        await first.task
        assert rig.state(OCPS, "job") == "EXECUTING"
        await second.task

        assert [report["jobId"] for report in results(rig)] == [first.job_id, second.job_id]

    try_out(scenario)


def test_a_job_whose_need_failed_ends_in_error():
    async def scenario(rig):
        await rig.enable(OCPS)
        first = await submit(rig, pipeline="false.yaml")
        second = await submit(rig, prereq_jobs=first.job_id)

        await second.task

        report = results(rig)[-1]
        assert report["phase"] == "error"
        assert report["message"] == f"needs jobs that did not complete: {first.job_id} (error)"
        await first.task

    try_out(scenario)


def test_a_need_that_does_not_exist_is_refused():
    async def scenario(rig):
        await rig.enable(OCPS)

        with pytest.raises(AckError, match="there is no job 'nonsense'"):
            await rig.command(OCPS, "execute", pipeline="cpBias.yaml", prereq_jobs="nonsense")

        assert rig.state(OCPS, "job") == "NONE"
        assert rig.event(OCPS, "job_id") is None

    try_out(scenario)


def test_a_failed_pipeline_is_acknowledged_as_done_with_exit_code_1():
    async def scenario(rig):
        await rig.enable(OCPS)
        job = await submit(rig, pipeline="false.yaml")

        ack = await job.task

        assert ack.code.name == "COMPLETE"
        assert rig.event(OCPS, "job_result").exit_code == 1
        assert results(rig)[-1]["phase"] == "error"
        assert rig.state(OCPS) == "ENABLED"

    try_out(scenario)


@pytest.mark.parametrize(("after", "phase"), [(0.5, "PENDING"), (1.5, "EXECUTING")])
def test_abort_job_ends_a_job_with_exit_code_255(after, phase):
    async def scenario(rig):
        await rig.enable(OCPS)
        job = await submit(rig)
        await rig.sleep(after)
        assert rig.state(OCPS, "job") == phase

        await rig.command(OCPS, "abort_job", job_id=job.job_id)

        await job.task
        assert rig.event(OCPS, "job_result").exit_code == 255
        assert results(rig)[-1]["phase"] == "aborted"
        await rig.sleep(60.0)
        assert len(results(rig)) == 1

    try_out(scenario)


def test_abort_job_ends_a_queued_job():
    async def scenario(rig):
        await rig.enable(OCPS)
        first = await submit(rig)
        second = await submit(rig, prereq_jobs=first.job_id)
        await rig.sleep(1.5)

        await rig.command(OCPS, "abort_job", job_id=second.job_id)

        await second.task
        await first.task
        assert [report["phase"] for report in results(rig)] == ["aborted", "completed"]

    try_out(scenario)


def test_abort_job_refuses_what_it_does_not_know_or_what_has_ended():
    async def scenario(rig):
        await rig.enable(OCPS)
        job = await submit(rig)
        await job.task
        count = rig.journal.count

        with pytest.raises(AckError, match="there is no job 'x'"):
            await rig.command(OCPS, "abort_job", job_id="x")
        with pytest.raises(AckError, match=f"job {job.job_id} has ended already; its phase is completed"):
            await rig.command(OCPS, "abort_job", job_id=job.job_id)

        assert rig.journal.count == count + 4

    try_out(scenario)


def test_standby_aborts_the_jobs_under_way():
    async def scenario(rig):
        await rig.enable(OCPS)
        job = await submit(rig)
        await rig.sleep(2.0)

        await rig.set_state(OCPS, "STANDBY")

        await job.task
        assert rig.event(OCPS, "job_result").exit_code == 255

    try_out(scenario)


def test_jobs_go_on_while_disabled():
    async def scenario(rig):
        await rig.enable(OCPS)
        job = await submit(rig)

        await rig.command(OCPS, "disable")

        await job.task
        assert rig.event(OCPS, "job_result").exit_code == 0

    try_out(scenario)


@pytest.mark.parametrize("command", ["execute", "abort_job"])
def test_without_the_service_commands_fail_and_there_is_no_fault(command):
    async def scenario(rig):
        await rig.enable(OCPS)

        rig.inject(OCPS, "service_down")

        with pytest.raises(AckError, match="the pipeline service does not answer"):
            await rig.command(OCPS, command)
        assert rig.state(OCPS) == "ENABLED"

    try_out(scenario)


def test_jobs_under_way_are_lost_with_the_service():
    async def scenario(rig):
        await rig.enable(OCPS)
        job = await submit(rig)
        await rig.sleep(2.0)

        rig.inject(OCPS, "service_down")

        with pytest.raises(AckError, match="the pipeline service does not answer"):
            await job.task
        assert results(rig) == []

    try_out(scenario)


def test_cycling_the_csc_does_not_bring_the_service_back():
    async def scenario(rig):
        await rig.enable(OCPS)
        rig.inject(OCPS, "service_down")
        await rig.set_state(OCPS, "STANDBY")
        await rig.enable(OCPS)
        with pytest.raises(AckError, match="does not answer"):
            await rig.command(OCPS, "execute", pipeline="cpBias.yaml")

        rig.component(OCPS).fire("service_restored")

        await rig.command(OCPS, "execute", pipeline="cpBias.yaml")

    try_out(scenario)


def test_job_error_makes_so_many_jobs_fail():
    async def scenario(rig):
        await rig.enable(OCPS)
        rig.inject(OCPS, "job_error", times=2)

        for _ in range(3):
            await rig.command(OCPS, "execute", pipeline="cpBias.yaml")

        assert [report["phase"] for report in results(rig)] == ["error", "error", "completed"]

    try_out(scenario)


def test_job_error_ends_when_the_pipeline_is_mended():
    async def scenario(rig):
        await rig.enable(OCPS)
        rig.inject(OCPS, "job_error", times=100)
        await rig.set_state(OCPS, "STANDBY")
        await rig.enable(OCPS)
        await rig.command(OCPS, "execute", pipeline="cpBias.yaml")

        rig.component(OCPS).fire("pipeline_mended")
        await rig.command(OCPS, "execute", pipeline="cpBias.yaml")

        assert [report["phase"] for report in results(rig)] == ["error", "completed"]

    try_out(scenario)


def test_job_slow_lets_jobs_last_longer_until_the_service_is_relieved():
    async def scenario(rig):
        await rig.enable(OCPS)
        rig.inject(OCPS, "job_slow", factor=60.0)
        job = await submit(rig)
        await rig.sleep(120.0)
        assert results(rig) == []
        await job.task

        rig.component(OCPS).fire("service_relieved")
        began = rig.now
        await rig.command(OCPS, "execute", pipeline="cpBias.yaml")

        assert rig.now - began < 40.0

    try_out(scenario)


class Broken:
    """A back end that cannot run anything."""

    async def run(self, request: JobRequest) -> JobOutcome:
        raise PipelineError(f"{request.instrument} has no {request.pipeline}")


def test_the_observatory_may_lend_another_back_end():
    async def scenario(rig):
        await rig.enable(OCPS)

        await rig.command(OCPS, "execute", pipeline="cpBias.yaml")

        assert results(rig)[-1]["message"] == "LATISS has no cpBias.yaml"
        assert results(rig)[-1]["phase"] == "error"

    try_out(scenario, services={"pipelines": Broken()})


def test_execute_needs_enabled():
    async def scenario(rig):
        await rig.set_state(OCPS, "DISABLED")

        with pytest.raises(AckError, match=r"Not allowed in state=<State.DISABLED: 1>"):
            await rig.command(OCPS, "execute", pipeline="cpBias.yaml")

    try_out(scenario)


def test_a_run_may_end_with_jobs_under_way():
    async def scenario(rig):
        await rig.enable(OCPS)
        job = await submit(rig)
        await rig.sleep(2.0)
        job.task.cancel()

    try_out(scenario)


def test_two_runs_give_the_same_journal():
    async def scenario(rig):
        await rig.enable(OCPS)
        await rig.command(OCPS, "execute", pipeline="cpBias.yaml")
        return rig.journal.digest

    assert try_out(scenario) == try_out(scenario)
