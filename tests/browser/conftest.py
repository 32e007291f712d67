"""A browser, and servers for it to speak with."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .devtools import Browser, Page, open_browser, program
from .stand_in import StandIn

_STARTS_WITHIN = 30.0  # [s, real]


@pytest.fixture(scope="session")
def chromium_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser for all tests."""
    with open_browser(program(), tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


@pytest.fixture
def browser(chromium_browser: Browser) -> Iterator[Browser]:
    """The browser without pages, and without what was kept in it; what goes wrong in a page fails the test.

    That is an error on its console, an exception that nobody catches, an answer that is none, and any request to
    another host than that whose page was opened.
    """
    yield chromium_browser
    faults = chromium_browser.faults
    chromium_browser.forget()
    assert faults == []


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """A session that stands still, seen by a trainee."""
    server = StandIn()
    yield server
    server.close()


@pytest.fixture
def instructed() -> Iterator[StandIn]:
    """The same, seen by an instructor."""
    server = StandIn("instructor")
    yield server
    server.close()


@pytest.fixture
def show(browser: Browser) -> Callable[[int, str], Page]:
    """Open a panel of a server, and wait until it is there."""

    def open_panel(port: int, route: str) -> Page:
        page = browser.open()
        page.go(f"http://127.0.0.1:{port}/{route}")
        page.until("document.querySelector('.chip') !== null")
        page.until("document.querySelector('main > .panel').childElementCount > 0")
        return page

    return open_panel


@contextmanager
def run_console(folder: Path, *arguments: str, port: int = 0) -> Iterator[tuple[str, str]]:
    """Run `cscsim console`, on a port that is free or on this one; give the addresses of trainee and instructor."""
    command = [
        sys.executable,
        "-m",
        "cscsim",
        "console",
        *arguments,
        "--port",
        str(port),
        "--no-browser",
        "--journal",
        f"run{len(list(folder.iterdir()))}.jsonl",
    ]
    told = folder / f"told{len(list(folder.iterdir()))}.txt"
    with told.open("w") as place:
        process = subprocess.Popen(command, cwd=folder, stdout=place, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + _STARTS_WITHIN
        while len(found := re.findall(r"http://127\.0\.0\.1:\S+", told.read_text())) < 2:
            if process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"the console does not start: {told.read_text()}")
            time.sleep(0.05)
        yield found[0], found[1]
    finally:
        os.kill(process.pid, signal.SIGINT)
        try:
            process.wait(10.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
