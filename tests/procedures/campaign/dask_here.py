"""A cluster of dask.distributed on this machine, made of processes that tests may kill."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[3]
_SERVER = ("--host", "127.0.0.1", "--no-dashboard")


class DaskHere:
    """A scheduler and workers of one thread each."""

    def __init__(self, folder: Path, *, allowed_failures: int = 3) -> None:
        self._folder = folder
        self._allowed_failures = str(allowed_failures)
        self.file = folder / "scheduler.json"
        self.workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self.scheduler = self._start("scheduler", "--port", "0")
        self.address = self._address()
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()

    def add_worker(self, *, whatever_code: bool = False) -> subprocess.Popen[bytes]:
        options = ["--nthreads", "1", "--no-nanny", "--local-directory", str(self._folder)]
        options += ["--preload", "tests.procedures.campaign.whatever_code"] if whatever_code else []
        worker = self._start("worker", *options)
        self.workers.append(worker)
        return worker

    def _start(self, what: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", what, "--scheduler-file", str(self.file), *_SERVER, *options]
        places = {"PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": self._allowed_failures}
        return subprocess.Popen(
            command,
            cwd=self._folder,
            env=os.environ | places,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _address(self) -> str:
        for _ in range(1000):
            with contextlib.suppress(OSError, ValueError):
                return str(json.loads(self.file.read_text())["address"])
            if self.scheduler.poll() is not None:
                break
            time.sleep(0.02)
        raise RuntimeError("the scheduler did not begin")


@contextlib.contextmanager
def dask_here(folder: Path, workers: int, *, allowed_failures: int = 3) -> Iterator[DaskHere]:
    with DaskHere(folder, allowed_failures=allowed_failures) as here:
        for _ in range(workers):
            here.add_worker(whatever_code=True)
        yield here


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
