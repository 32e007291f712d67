"""What a journal says of the run that wrote it: enough to run it again.

The first record holds the circumstances; the answers of people and the branches are records of their own. A journal
that was cut says as much as it can.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from fsm import AuthorError, Record

__all__ = ["Recording", "lines_of", "read_recording", "record_of"]

_CIRCUMSTANCES: Mapping[str, type | tuple[type, ...]] = {
    "procedure": (str, type(None)),
    "observatory": str,
    "parameter_set": str,
    "seed": int,
    "config": dict,
    "scenario": (str, type(None)),
    "faults": list,
}
_COMMON: Mapping[str, type | tuple[type, ...]] = {"t": (int, float), "n": int, "kind": str, "who": str}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A journal, read.

    Attributes
    ----------
    circumstances
        The first record, without what every record has. The procedure is None if a test has done what was done.
    answers
        What people were asked, and whether they said yes, in order.
    branches
        The records that say where the run branched.
    end
        The record of how it ended; None if the journal was cut.
    records
        How many there are; `last` is the time [s] of the last one.
    digest
        SHA-256 of its whole lines.
    """

    path: Path
    circumstances: Mapping[str, Any]
    answers: tuple[tuple[str, bool], ...]
    branches: tuple[Record, ...]
    end: Record | None
    records: int
    last: float
    digest: str

    @property
    def is_cut(self) -> bool:
        """Whether the run did not come to its end."""
        return self.end is None

    @property
    def was_interrupted(self) -> bool:
        """Whether somebody ended the run from outside: that is nothing that circumstances would bring about."""
        return self.end is not None and self.end.get("because") == "interrupted"

    def lines(self) -> Iterator[bytes]:
        """Yield the lines of its records."""
        return lines_of(self.path)


def read_recording(path: Path) -> Recording:
    """Read what a journal says of its run.

    Raises
    ------
    AuthorError
        If it cannot be read, is empty, or is no journal; says where.
    """
    digest = hashlib.sha256()
    circumstances: Record | None = None
    answers: list[tuple[str, bool]] = []
    branches: list[Record] = []
    end: Record | None = None
    record: Record = {}
    count = 0
    for count, line in enumerate(lines_of(path), start=1):
        digest.update(line)
        record = record_of(line, path, count)
        match record["kind"]:
            case "run" if count == 1:
                circumstances = {key: value for key, value in record.items() if key not in _COMMON}
            case "confirm":
                answers.append((str(record.get("question")), bool(record.get("answer"))))
            case "branch":
                branches.append(record)
            case "end":
                end = record
        if circumstances is None:
            kind = record["kind"]
            raise AuthorError(f"no journal of a rehearsal: it begins with {kind}, not with run", file=str(path), line=1)
    if circumstances is None:
        raise AuthorError("holds no record: the run was ended before it began, or this is no journal", file=str(path))
    _check(circumstances, _CIRCUMSTANCES, path, 1)
    return Recording(
        path=path,
        circumstances=circumstances,
        answers=tuple(answers),
        branches=tuple(branches),
        end=end,
        records=count,
        last=float(record["t"]),
        digest=digest.hexdigest(),
    )


def lines_of(path: Path) -> Iterator[bytes]:
    """Yield the lines of a journal's records, up to the last whole one.

    Raises
    ------
    AuthorError
        If the file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            for line in stream:
                if not line.endswith(b"\n"):
                    return
                yield line
    except OSError as error:
        raise AuthorError(f"cannot be read: {error.strerror}", file=str(path)) from error


def record_of(line: bytes, path: Path, number: int) -> Record:
    """Return the record that a line says.

    Raises
    ------
    AuthorError
        If it says none.
    """
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise AuthorError(f"not a journal record: {error}", file=str(path), line=number) from error
    if not isinstance(record, dict):
        raise AuthorError("not a journal record: an object is expected", file=str(path), line=number)
    _check(record, _COMMON, path, number)
    return record


def _check(record: Mapping[str, Any], fields: Mapping[str, Any], path: Path, number: int) -> None:
    wrong = [key for key, kind in fields.items() if key not in record or not isinstance(record[key], kind)]
    if wrong:
        what = f"not a journal record: {', '.join(wrong)} is missing or not what it should be"
        raise AuthorError(what, file=str(path), line=number)
