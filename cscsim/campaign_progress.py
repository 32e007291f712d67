"""How far a campaign is: a bar with the rate and the time left at a terminal, a line for each part elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text

from cscsim.style import console_for, is_live
from procedures.campaign import Row

__all__ = ["Progress"]

_ALARMING = ("silent", "stuck", "crashed")


class _Rate(ProgressColumn):
    """Runs a second."""

    def render(self, task: Task) -> Text:
        """Write it."""
        return Text(f"{task.speed:.1f}/s" if task.speed else "", style="dim")


class Progress:
    """Shown on standard error while it is used as a context."""

    def __init__(self) -> None:
        self._console = console_for(stderr=True)
        self._live = is_live(self._console)
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[found]}", style="yellow"),
            console=self._console,
            transient=True,
            disable=not self._live,
        )
        self._task: TaskID | None = None
        self._found: dict[str, int] = {}
        self._said = time.monotonic()
        self._done = self._total = 0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def begin(self, what: str, total: int) -> None:
        """Begin a part of so many runs."""
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._done, self._total, self._said = 0, total, time.monotonic()
        self._task = self._bar.add_task(what, total=total, found="")

    def note(self, text: str) -> None:
        """Say something in a line of its own."""
        if text:
            self._console.print(text, style="dim")

    def step(self, row: Row) -> None:
        """Count a run; every half a minute it is told where there is no bar."""
        self._done += 1
        if row.classification in _ALARMING:
            self._found[row.classification] = self._found.get(row.classification, 0) + 1
        found = " ".join(f"{count} {name}" for name, count in self._found.items())
        if self._task is not None:
            self._bar.update(self._task, advance=1, found=found)
        if not self._live and time.monotonic() - self._said > 30.0:
            self._said = time.monotonic()
            self._console.print(f"{self._done} of {self._total} runs {found}".rstrip())
