"""An executor on a cluster of `dask.distributed`: what comes of the tasks is what comes of them here.

`distributed` is imported when a cluster is used: it is an extra. No more tasks are sent than the workers need to be
busy. A task on whose worker another one has killed the process is told apart from the killer as in the process pool:
it is worked on alone.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar
from uuid import uuid4

from fsm import AuthorError, CscsimError
from procedures.campaign.origin import Origin, origin_of
from procedures.campaign.pool import LOST, Lost
from procedures.campaign.scheduler import CONNECT, connect_to, read_address

if TYPE_CHECKING:
    from distributed import Client, Future

__all__ = ["DaskCluster"]

Given = TypeVar("Given")
Result = TypeVar("Result")

WORKERS = 10.0
"""How long it is waited for a first worker, and for another when all are gone [real s]."""
LOOK = 1.0
"""How long the number of workers is believed [real s]."""
AHEAD = 2
"""Tasks under way for each worker: one that it works on, one that waits there."""

_ONE_AT_A_TIME = threading.Lock()
"""Held in a worker while it works: a process has one observatory at a time, however many threads it has."""


class DaskCluster:
    """Workers of a cluster; used as a context.

    Parameters
    ----------
    address
        Of the scheduler: ``tcp://HOST:PORT``, ``tls://HOST:PORT``, or ``scheduler-file:PATH``.
    files
        Paths of files that do not come along with cscsim: every worker must have the same.
    connect, wait
        How long a scheduler, and a first worker, may take to answer [real s].

    Attributes
    ----------
    workers
        How many there were when it began.
    """

    def __init__(
        self, address: str, files: Iterable[str] = (), *, connect: float = CONNECT, wait: float = WORKERS
    ) -> None:
        self.address = read_address(address)
        self.workers = 0
        self._origin = origin_of(files)
        self._connect = connect
        self._wait = wait
        self._client: Client | None = None
        self._now, self._looked = 0, -math.inf

    def __enter__(self) -> Self:
        """Connect, and look whether the workers compute with what is here.

        Raises
        ------
        AuthorError
            If there is no scheduler or no worker, or a worker computes with something else; says what would help.
        """
        self._client = connect_to(self.address, self._connect)
        try:
            self._wait_for_workers()
            self._check_workers()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def map(self, work: Callable[[Given], Result], tasks: Iterable[Given]) -> Iterator[tuple[Given, Result | Lost]]:
        """Yield each task with its result as it comes.

        Raises
        ------
        CscsimError
            If the scheduler or all workers are gone for good.
        AuthorError
            If a worker that came later computes with something else.
        """
        session = _Session(self._begun, work, self._origin)
        waiting, suspects = deque(tasks), deque[Given]()
        alone = False  # whether the one task under way is a suspect, beside which nothing is sent
        try:
            while waiting or suspects or session.under_way:
                if suspects and not session.under_way:
                    session.send(suspects.popleft())
                    alone = True
                while (
                    waiting and not suspects and not alone and len(session.under_way) < AHEAD * max(1, self._present())
                ):
                    session.send(waiting.popleft())
                task, result = session.receive(self._when_nothing_comes)
                if isinstance(result, Lost) and not alone:
                    suspects.append(task)
                else:
                    yield task, result
                    alone = False
        finally:
            session.cancel()

    @property
    def _begun(self) -> Client:
        if self._client is None:
            raise RuntimeError("the cluster is used outside its context")
        return self._client

    def _end(self) -> None:
        if self._client is not None:
            self._client.close(timeout=CONNECT)
            self._client = None

    def _present(self) -> int:
        """Return how many workers there are, or were a moment ago."""
        now = time.monotonic()
        if now - self._looked > LOOK:
            self._looked = now
            try:
                self._now = len(self._begun.nthreads())
            except (OSError, TimeoutError):
                self._now = 0  # the scheduler does not answer; it may come back
        return self._now

    def _wait_for_workers(self) -> None:
        try:
            self._begun.wait_for_workers(1, timeout=self._wait)
        except TimeoutError as error:
            raise AuthorError(
                f"the scheduler at {self.address} has no workers after {self._wait:g} s; "
                f"start some: dask worker {self.address} --nworkers 2 --nthreads 1"
            ) from error
        self.workers = len(self._begun.nthreads())

    def _check_workers(self) -> None:
        question = _question([path for path, _ in self._origin.files])
        answers = self._begun.run(question, on_error="return")
        wrong = [f"worker {name}: {each}" for name, said in answers.items() for each in _objections(said, self._origin)]
        if wrong:
            raise AuthorError(f"workers at {self.address} would give other results:\n" + "\n".join(wrong))

    def _when_nothing_comes(self, silent: float) -> None:
        """Give up if nobody is there who could answer.

        Parameters
        ----------
        silent
            How long nothing has come [real s].
        """
        if self._begun.status != "running" and silent > self._connect:
            raise CscsimError(f"the scheduler at {self.address} is gone")
        if not self._present() and silent > self._wait:
            raise CscsimError(f"all workers at {self.address} are gone")


class _Session(Generic[Given, Result]):
    """The tasks of one map that are under way."""

    def __init__(self, client: Client, work: Callable[[Given], Result], origin: Origin) -> None:
        self._client = client
        self._work = work
        self._origin = origin
        self._name, self._numbers = f"cscsim-{uuid4().hex[:12]}", count()
        self._done: queue.SimpleQueue[Future[Any]] = queue.SimpleQueue()
        self.under_way: dict[Future[Any], Given] = {}

    def send(self, task: Given) -> None:
        key = f"{self._name}-{next(self._numbers)}"
        future = self._client.submit(_carry_out, self._work, task, self._origin, key=key, pure=False)
        self.under_way[future] = task
        future.add_done_callback(self._done.put)

    def receive(self, when_nothing_comes: Callable[[float], None]) -> tuple[Given, Result | Lost]:
        from concurrent.futures import CancelledError

        from distributed import KilledWorker

        silent = 0.0
        while True:
            try:
                future = self._done.get(timeout=1.0)
            except queue.Empty:
                silent += 1.0
                when_nothing_comes(silent)
                continue
            task = self.under_way.pop(future)
            try:
                result = future.result(timeout=CONNECT)
            except KilledWorker:
                return task, LOST
            except (CancelledError, TimeoutError) as error:
                raise CscsimError("the scheduler is gone, or has forgotten what it was given") from error
            if isinstance(result, _Refusal):
                raise AuthorError(f"worker {result.worker} would give other results: {'; '.join(result.why)}")
            return task, result

    def cancel(self) -> None:
        if self.under_way:
            self._client.cancel(list(self.under_way), force=True)
            self.under_way.clear()


# ---------------------------------------------------------------- on both sides


class _Refusal:
    """Comes from a worker instead of a result."""

    def __init__(self, worker: str, why: tuple[str, ...]) -> None:
        self.worker = worker
        self.why = why


def _carry_out(work: Callable[[Given], Result], task: Given, origin: Origin) -> Result | _Refusal:
    """Work on a task, in a worker."""
    why = tuple(origin_of(path for path, _ in origin.files).differences(origin))
    if why:
        from distributed import get_worker

        return _Refusal(get_worker().address, why)
    with _ONE_AT_A_TIME:
        return work(task)


def _question(paths: list[str]) -> Callable[[], dict[str, Any] | str]:
    """Return what a worker is asked: what it computes with, or why it cannot say."""

    def ask() -> dict[str, Any] | str:  # travels as it is written, also to where there is no cscsim
        from dataclasses import asdict

        try:
            from procedures.campaign.origin import origin_of
        except ImportError as error:
            return f"it has no cscsim, or another one ({error})"
        return asdict(origin_of(paths))

    return ask


def _objections(answer: dict[str, Any] | str | BaseException, here: Origin) -> Iterator[str]:
    if isinstance(answer, dict):
        yield from Origin(**answer).differences(here)
    else:
        yield str(answer)
