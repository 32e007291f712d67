"""Where jobs are really done: a process of its own, one job after another in the order in which they began.

A job lasts as long as its model says in simulated time, whatever the work takes: who waits for its end waits, then, for
the work. One that is called off takes the process with it; the next job has a new one, and the repository is as if
the half of a job had never been.
"""

from __future__ import annotations

import hashlib
import signal
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import TracebackType
from typing import Self

from csc.ocps.backend import DurationsOnly, JobOutcome, JobRequest

__all__ = ["Do", "Work", "Working", "Workshop"]

Do = Callable[[JobRequest, Path, Path], JobOutcome]


class Work:
    """A job that was begun."""

    def __init__(self, workshop: Workshop, request: JobRequest) -> None:
        self._workshop = workshop
        self.request = request

    def result(self) -> JobOutcome:
        """Wait until it is done, and return how it went."""
        return self._workshop.wait(self.request.job_id)

    def cancel(self) -> None:
        """Call it off."""
        self._workshop.cancel(self.request.job_id)


class Workshop:
    """A process that does jobs.

    Used as a context, so that the process is gone at its end.

    Parameters
    ----------
    do
        Does a job: takes the request, the repository and the log, and returns the outcome. A function of a module.
    repository
        Where the data are.
    logs
        Folder for the log of each job, ``<job id>.log``.
    """

    def __init__(self, do: Do, repository: Path, logs: Path) -> None:
        self._do = do
        self._repository = repository
        self._logs = logs
        self._process: SpawnProcess | None = None
        self._line: Connection | None = None
        self._waiting: dict[str, JobRequest] = {}
        self._done: dict[str, JobOutcome] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def log_of(self, job_id: str) -> Path:
        """Return the log of a job."""
        return self._logs / f"{job_id}.log"

    def unused(self, job_id: str) -> str:
        """Return a job's identifier, or another one if a job of an earlier run has it: seeds repeat, folders stay."""
        while self.log_of(job_id).exists():
            job_id = hashlib.md5(job_id.encode(), usedforsecurity=False).hexdigest()
        return job_id

    def begin(self, request: JobRequest) -> Work:
        """Begin a job, after those that were begun before."""
        self._waiting[request.job_id] = request
        if self._line is None:
            self._start()
        else:
            self._line.send(request)
        return Work(self, request)

    def wait(self, job_id: str) -> JobOutcome:
        """Wait until a job is done, and return how it went.

        A process that dies costs the job that it was at; those after it are done by another one.
        """
        while job_id not in self._done:
            try:
                done, outcome = self._receive()
            except (EOFError, ConnectionError):
                done, outcome = next(iter(self._waiting)), self._died()
            self._waiting.pop(done, None)
            self._done[done] = outcome
            if self._line is None and self._waiting:
                self._start()
        return self._done.pop(job_id)

    def cancel(self, job_id: str) -> None:
        """Call a job off; what was begun after it is begun again."""
        self._done.pop(job_id, None)
        if self._waiting.pop(job_id, None) is not None:
            self._end()
            if self._waiting:
                self._start()

    def _start(self) -> None:
        """Start a process, and hand it all that waits."""
        context = get_context("spawn")  # nothing of this process is in it
        self._line, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, self._do, self._repository, self._logs), name="pipelines", daemon=True
        )
        self._process.start()
        theirs.close()
        for request in self._waiting.values():
            self._line.send(request)

    def _receive(self) -> tuple[str, JobOutcome]:
        if self._line is None:
            raise EOFError
        done, outcome = self._line.recv()
        return done, outcome

    def _died(self) -> JobOutcome:
        process = self._process
        self._end()
        code = process.exitcode if process is not None else None
        return JobOutcome(succeeded=False, message=f"the process that did it has died (exit code {code})")

    def _end(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._process is not None:
            self._process.kill()
            self._process.join()


class Working:
    """A back end whose jobs are really done, and last in simulated time as long as their model says.

    Parameters
    ----------
    durations
        The model.
    workshop
        Does them.
    """

    def __init__(self, durations: DurationsOnly, workshop: Workshop) -> None:
        self._durations = durations
        self._workshop = workshop

    async def run(self, request: JobRequest) -> JobOutcome:
        """Begin a job, let its duration pass, and return how it went."""
        work = self._workshop.begin(request)
        try:
            await self._durations.run(request)
        except BaseException:
            work.cancel()
            raise
        return work.result()


def _serve(line: Connection, do: Do, repository: Path, logs: Path) -> None:
    """Do jobs until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who called this process ends it
    logs.mkdir(parents=True, exist_ok=True)
    while True:
        try:
            request: JobRequest = line.recv()
        except (EOFError, ConnectionError):
            return
        line.send((request.job_id, do(request, repository, logs / f"{request.job_id}.log")))
