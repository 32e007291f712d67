"""What every test is held to: no task is left running, nothing is left to warn about; and the golden files."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# Tests fill all cores as it is; threads of numpy that wait for each other would take the time of several.
# It counts in processes that have not loaded numpy yet: those that tests are spread over, and those that tests start.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# No test depends on the wall clock, on chance, or on what an earlier run has found.
settings.register_profile("cscsim", deadline=None, derandomize=True, database=None)
settings.load_profile("cscsim")

GOLDEN = Path(__file__).parent / "data" / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-golden", action="store_true", help="rewrite the golden files instead of comparing")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With --rewrite-golden, keep only the tests that have a golden file."""
    if config.getoption("--rewrite-golden"):
        kept = [item for item in items if "golden" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


def pytest_collection_finish() -> None:
    """Leave what all tests share out of the search for garbage, and search seldom but behind each test.

    An eighth of the time would go there.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(autouse=True)
def _nothing_left_running(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that leaves a task running, loses one, or loses an exception of one."""
    started: weakref.WeakSet[asyncio.Task[Any]] = weakref.WeakSet()
    create_task = asyncio.BaseEventLoop.create_task
    # asyncio.run would tidy up what its coroutine left.
    cancel_all_tasks = asyncio.runners._cancel_all_tasks  # type: ignore[attr-defined]  # typeshed leaves it out
    left: list[str] = []
    complaints: list[str] = []

    def recording(loop: asyncio.BaseEventLoop, *args: Any, **kwargs: Any) -> asyncio.Task[Any]:
        task = create_task(loop, *args, **kwargs)
        started.add(task)
        return task

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            complaints.append(record.getMessage())

    def cancelling(loop: asyncio.AbstractEventLoop) -> None:
        left.extend(task.get_name() for task in asyncio.all_tasks(loop) if not task.cancelling())
        cancel_all_tasks(loop)

    monkeypatch.setattr(asyncio.BaseEventLoop, "create_task", recording)
    monkeypatch.setattr(asyncio.runners, "_cancel_all_tasks", cancelling)
    listener = Listener(logging.ERROR)
    log = logging.getLogger("asyncio")
    log.addHandler(listener)
    yield
    left.extend(task.get_name() for task in started if not task.done())
    gc.collect(1)  # what is lost complains now, not in the next test
    log.removeHandler(listener)
    if left:
        pytest.fail(f"left running: {', '.join(sorted(left))}", pytrace=False)
    if complaints:
        pytest.fail("\n".join(complaints), pytrace=False)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with tests/data/golden/<name>; `make golden` rewrites the files."""

    def compare(text: str, name: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--rewrite-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path} is missing; `make golden` writes it"
        assert text == path.read_text(encoding="utf-8"), f"differs from {path}; `make golden` rewrites it"

    return compare
