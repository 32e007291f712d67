"""What must be computed for OCPS: which jobs there are, which may begin, what they report."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from csc import Behaviour, Blueprint, Refused, on_enter, on_trigger
from csc.ocps.backend import DurationsOnly, JobOutcome, JobRequest, PipelineBackend, PipelineError
from csc.ocps.job import Job
from csc.ocps.workshop import Working, Workshop

__all__ = ["OCPS"]


class OCPS(Behaviour):
    """Keeps the jobs of one OCPS."""

    def start(self) -> None:
        """Take the back end that the observatory lends, or one that only simulates durations."""
        self._jobs: dict[str, Job] = {}
        self._chart = self.component.blueprint.machines["job"]
        self._instrument = self.component.blueprint.indices[int(self.component.name.partition(":")[2])]
        self._backend = self._back_end()

    def _back_end(self) -> PipelineBackend:
        """Return the back end that the observatory lends, or one of simulated durations; its workshop does the work."""
        services = self.component.services
        backend: PipelineBackend | None = services.get("pipelines")
        if backend is not None:
            return backend
        durations = DurationsOnly(
            self.clock, self.rng("durations"), mean=self.p.mean_duration, spread=self.p.duration_spread
        )
        workshop = self._workshop()
        return durations if workshop is None else Working(durations, workshop)

    def _workshop(self) -> Workshop | None:
        """Return where jobs are really done, if the observatory lends such a place."""
        workshop: Workshop | None = self.component.services.get("workshop")
        return workshop

    def jobs_under_way(self) -> int:
        """Count the jobs that have not ended."""
        return sum(not job.has_ended for job in self._jobs.values())

    @classmethod
    def wrong_with(cls, blueprint: Blueprint, name: str, p: Any) -> str:
        """See whether the configuration is for the instrument of the index."""
        instrument = blueprint.indices[int(name.partition(":")[2])]
        return "" if p.instance in ("", instrument) else f"it is for {p.instance}, but {name} is that of {instrument}"

    async def do_execute(self, data: SimpleNamespace) -> None:
        """Hand a job to the service, tell its identifier, and wait for its end."""
        number = self.component.reception.seq_num(data)
        job = self._submit(data, number)
        job_id = job.request.job_id
        self.component.reception.progress("execute", self.p.ack_timeout, json.dumps({"job_id": job_id}), data)
        self.publish("job_id", event_name="cmd_execute", seq_num=number, job_id=job_id)
        self.changed()
        await self.clock.wait(job.ended, f"job {job_id} to end")
        if job.lost:
            raise Refused(job.lost)

    def do_abort_job(self, data: SimpleNamespace) -> None:
        """End a job."""
        job = self._find(data.job_id)
        if job.has_ended:
            raise Refused(f"job {data.job_id} has ended already; its phase is {job.phase.lower()}")
        self._abort(job)

    def _find(self, job_id: str) -> Job:
        job = self._jobs.get(job_id)
        if job is None:
            raise Refused(f"there is no job {job_id!r}")
        return job

    def _submit(self, data: SimpleNamespace, number: int) -> Job:
        needs = tuple(self._find(job_id) for job_id in _split(data.prereq_jobs, ","))
        job_id = self.rng("job_id").bytes(16).hex()
        if (workshop := self._workshop()) is not None:
            job_id = workshop.unused(job_id)
        request = JobRequest(
            job_id=job_id,
            run_id=str(number),
            instrument=self._instrument,
            pipeline=data.pipeline,
            version=data.version,
            config=_split(data.config, " "),
            data_query=data.data_query,
            output_dataset_types=_split(data.output_dataset_types, ","),
            output_collection=f"{self.p.output_prefix}/{job_id}",
            slowdown=self.v.slowdown,
        )
        job = Job(self.component, self._chart, request, needs, self._look_at)
        self._jobs[job_id] = job
        self.component.machines["job"] = job.machine
        job.machine.fire("job_submitted")
        return job

    def _look_at(self, job: Job) -> None:
        """Do what the phase asks for that a job has entered."""
        if job.phase == "QUEUED":
            self._begin_if_possible(job)
        elif job.phase == "EXECUTING":
            job.task = self.component.spawn(self._run(job), f"{self.component.name} job {job.request.job_id}")
        elif job.has_ended:
            self._end(job)

    def _begin_if_possible(self, job: Job) -> None:
        failed = [need for need in job.needs if need.has_ended and need.phase != "COMPLETED"]
        if failed:
            names = ", ".join(f"{need.request.job_id} ({need.phase.lower()})" for need in failed)
            job.outcome = JobOutcome(succeeded=False, message=f"needs jobs that did not complete: {names}")
            job.machine.fire("job_failed")
        elif all(need.has_ended for need in job.needs):
            job.machine.fire("job_begun")

    async def _run(self, job: Job) -> None:
        must_fail = self.v.jobs_to_fail > 0
        if must_fail:
            self.v.jobs_to_fail -= 1
        try:
            job.outcome = await self._backend.run(job.request)
        except PipelineError as error:
            job.outcome = JobOutcome(succeeded=False, message=str(error))
        if must_fail:
            job.outcome = JobOutcome(succeeded=False, message="the pipeline failed; see its log")
        job.task = None
        job.machine.fire("job_succeeded" if job.outcome.succeeded else "job_failed")
        self.changed()

    def _end(self, job: Job) -> None:
        if job.task is not None:
            job.task.cancel()
        if not job.lost:
            self.publish(
                "job_result",
                job_id=job.request.job_id,
                exit_code=job.exit_code,
                result=job.result(),
                force=True,
            )
        if not job.ended.done():
            job.ended.set_result(None)
        for other in tuple(self._jobs.values()):
            if other.phase == "QUEUED":
                self._begin_if_possible(other)

    def _abort(self, job: Job) -> None:
        job.outcome = JobOutcome(succeeded=False, message="aborted")
        job.machine.fire("job_aborted")

    @on_trigger("enter_STANDBY")
    def _abort_all(self) -> None:
        for job in tuple(self._jobs.values()):
            if not job.has_ended:
                self._abort(job)

    @on_enter("service", "DOWN")
    def _lose_all(self) -> None:
        for job in tuple(self._jobs.values()):
            if not job.has_ended:
                job.lost = "the pipeline service does not answer"
                job.machine.fire("job_lost")


def _split(text: str, separator: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(separator) if part.strip())
