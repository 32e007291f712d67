"""Where a campaign keeps its runs: a file of SQLite, one row a run, written as it comes.

The columns are for queries, ``SELECT fault, classification FROM runs WHERE safe = 0``; the rest of a run is in `run`.
A row says of which `world` it is, the code and files it came from: in another world it is no result any more.
Several campaigns may share a file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from fsm import AuthorError
from procedures.campaign.case import Case
from procedures.campaign.judging import Verdict
from procedures.campaign.run import Run

__all__ = ["COLUMNS", "Row", "Store", "is_store", "kept_runs"]

COLUMNS = {
    "key": "TEXT PRIMARY KEY",
    "world": "TEXT NOT NULL",
    "procedure": "TEXT NOT NULL",
    "scenario": "TEXT",
    "fault": "TEXT",
    "faults": "TEXT",
    "at_step": "TEXT",
    "seed": "INTEGER NOT NULL",
    "outcome": "TEXT",
    "classification": "TEXT NOT NULL",
    "because": "TEXT",
    "detected_by": "TEXT",
    "detected_where": "TEXT",
    "detected_after_s": "REAL",
    "injected_at_s": "REAL",
    "harm": "TEXT",
    "noticed": "TEXT",
    "safe": "INTEGER",
    "unsafe": "TEXT",
    "simulated_s": "REAL",
    "digest": "TEXT",
    "command": "TEXT NOT NULL",
    "run": "TEXT NOT NULL",
}
"""Name and type of each column; several texts in one are lines."""

_BASELINE = "baseline"
_MAGIC = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A run, and what it has shown; a baseline has no verdict."""

    case: Case
    run: Run
    verdict: Verdict | None = None

    @property
    def classification(self) -> str:
        """Its word."""
        return self.verdict.classification if self.verdict is not None else _BASELINE

    def columns(self) -> dict[str, Any]:
        """Return it as the file has it, without its world."""
        case, run, verdict = self.case, self.run, self.verdict or Verdict(classification=_BASELINE, because="")
        return {
            "key": case.key,
            "procedure": case.procedure,
            "scenario": case.scenario,
            "fault": case.fault or None,
            "faults": "\n".join(case.faults) or None,
            "at_step": case.at_step,
            "seed": case.seed,
            "outcome": run.outcome or None,
            "classification": verdict.classification,
            "because": verdict.because or None,
            "detected_by": verdict.detected_by,
            "detected_where": verdict.detected_where,
            "detected_after_s": verdict.detected_after,
            "injected_at_s": verdict.injected_at,
            "harm": "\n".join(verdict.harm) or None,
            "noticed": "\n".join(verdict.noticed) or None,
            "safe": None if run.crash else int(not verdict.unsafe),
            "unsafe": "\n".join(verdict.unsafe) or None,
            "simulated_s": run.seconds,
            "digest": run.digest or None,
            "command": case.command,
            "run": run.as_text(),
        }


class Store:
    """A file of runs.

    Parameters
    ----------
    path
        Made, with its folder, if it is not there.
    world
        What the runs come from; rows of another are not read, and written over.

    Raises
    ------
    AuthorError
        If the file is none of these, or cannot be written.
    """

    def __init__(self, path: Path, world: str) -> None:
        self.path = path
        self.world = world
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, isolation_level=None)
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute("PRAGMA synchronous = NORMAL")
            columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
            self._file.execute(f"CREATE TABLE IF NOT EXISTS runs ({columns}) WITHOUT ROWID")
            there = [row[1] for row in self._file.execute("PRAGMA table_info(runs)")]
        except (OSError, sqlite3.Error) as error:
            raise AuthorError(f"cannot be used as the store of a campaign: {error}", file=str(path)) from error
        if there != list(COLUMNS):
            raise AuthorError("cannot be used as the store of a campaign: it has another table `runs`", file=str(path))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def keep(self, row: Row) -> None:
        """Write a row; it is on disk when this returns."""
        columns = row.columns() | {"world": self.world}
        marks = ", ".join(f":{name}" for name in COLUMNS)
        self._file.execute(f"INSERT OR REPLACE INTO runs VALUES ({marks})", columns)

    def runs(self, cases: Iterable[Case]) -> Iterator[tuple[Case, Run]]:
        """Yield those of the cases that were run in this world, with their runs."""
        found = dict(self._file.execute("SELECT key, run FROM runs WHERE world = ?", (self.world,)))
        for case in cases:
            text = found.get(case.key)
            if text is not None:
                yield case, Run.from_text(text)

    def stale(self, cases: Sequence[Case]) -> int:
        """Return how many of the cases were run in another world only."""
        found = {key for (key,) in self._file.execute("SELECT key FROM runs WHERE world <> ?", (self.world,))}
        return sum(case.key in found for case in cases)

    def forget(self, cases: Iterable[Case]) -> None:
        """Remove the rows of these cases."""
        self._file.executemany("DELETE FROM runs WHERE key = ?", [(case.key,) for case in cases])


def is_store(path: Path) -> bool:
    """Tell whether a file is one of SQLite, as stores are."""
    with path.open("rb") as stream:
        return stream.read(len(_MAGIC)) == _MAGIC


def kept_runs(path: Path) -> Iterator[Run]:
    """Yield the runs of a store, of whatever world, in the order of their keys; nothing is written.

    Raises
    ------
    AuthorError
        If the file is no store.
    """
    try:
        file = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            for (text,) in file.execute("SELECT run FROM runs ORDER BY key"):
                yield Run.from_text(text)
        finally:
            file.close()
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise AuthorError(f"is no store of a campaign: {error}", file=str(path)) from error
