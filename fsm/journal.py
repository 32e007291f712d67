"""The record of a run: written as it happens, read back to the last whole record, digested.

One JSON object a line: ``t`` the simulated time [s, to the microsecond], ``n`` the record's number,
``kind`` what happened, ``who`` to whom, and what else that kind carries. No wall-clock time enters a record, and
no path but that of a file that somebody gave by it, so the same inputs and seed give the same journal byte for byte;
the digest proves it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import orjson

from fsm.errors import AuthorError

__all__ = ["Aside", "Journal", "Record", "line_of", "read_journal"]

Record = dict[str, Any]
Aside = Callable[[str, str, object, object], None]
"""Hears what is too small for a record: its kind, to whom it happened, and two things that its kind carries."""
_OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY


class _Sink(Protocol):
    def write(self, data: bytes, /) -> Any: ...

    def close(self) -> None: ...


def _plain(value: Any) -> Any:
    """Turn what orjson does not know (tuples' cousins, frozensets) into lists, in a fixed order."""
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if hasattr(value, "item"):
        return value.item()
    return str(value)


_DEPTH = 32
"""Nesting [levels] of what a foreign client sends beyond which a record says no more."""


def _tame(value: Any, depth: int = 0) -> Any:
    """Turn what JSON cannot say (half a character, 70-bit numbers, keys that are no text) into what is nearest."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, bool | float) or value is None:
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**64 else hex(value)
    if isinstance(value, Mapping | list | tuple) and depth == _DEPTH:
        return "..."
    if isinstance(value, Mapping):
        return {str(_tame(key, depth + 1)): _tame(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_tame(item, depth + 1) for item in value]
    return value


def line_of(record: Mapping[str, Any]) -> bytes:
    """Return the line of a journal that says a record."""
    return orjson.dumps(record, default=_plain, option=_OPTIONS)


class Journal:
    """What happened, in order.

    Parameters
    ----------
    now
        Returns the simulated time [s].
    path
        File to write, one record a line, each handed to the system as it is made; None keeps none.
    keep
        Whether to keep the records in memory for the debrief.

    Attributes
    ----------
    kinds
        The kinds of all records so far.
    aside
        Who hears what is too small for a record, and changes no digest: each ``row`` that a machine takes, with the
        state that it left; each ``condition`` that a procedure looks at, with its truth. None if nobody does.
    """

    def __init__(self, now: Callable[[], float], *, path: Path | None = None, keep: bool = True) -> None:
        self._now = now
        self._hash = hashlib.sha256()
        self._file: _Sink | None = path.open("wb", buffering=0) if path is not None else None
        self._keep = keep
        self._closed = False
        self._listeners: list[Callable[[Record], None]] = []
        self.records: list[Record] = []
        self.kinds: set[str] = set()
        self.count = 0
        self.aside: Aside | None = None

    def write(self, kind: str, who: str, **fields: Any) -> None:
        """Record that something happened now; once the journal is closed, nothing is recorded any more."""
        if self._closed:
            return
        self.count += 1
        self.kinds.add(kind)
        record: Record = {"t": round(self._now(), 6), "n": self.count, "kind": kind, "who": who, **fields}
        try:
            line = line_of(record)
        except TypeError:
            record = _tame(record)
            line = line_of(record)
        self._hash.update(line)
        if self._file is not None:
            self._file.write(line)
        if self._keep:
            self.records.append(record)
        for listener in self._listeners:
            listener(record)

    def listen(self, listener: Callable[[Record], None]) -> Callable[[], None]:
        """Call `listener` with every record from now on; return what ends it."""
        self._listeners.append(listener)

        def end() -> None:  # a new list: the old one may be gone through just now
            self._listeners = [each for each in self._listeners if each is not listener]

        return end

    def of_kind(self, *kinds: str) -> Iterator[Record]:
        """Yield the kept records of these kinds."""
        return (record for record in self.records if record["kind"] in kinds)

    @property
    def digest(self) -> str:
        """SHA-256 of all lines so far, in hexadecimal."""
        return self._hash.hexdigest()

    def close(self) -> None:
        """End the record, and close the file."""
        self._closed = True
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_journal(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the records of a journal, up to the last whole one.

    A run that was killed leaves at most one broken line, at the end; it is left out.

    Raises
    ------
    AuthorError
        If a line before the last is not a record.
    """
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                if line.endswith(b"\n"):
                    raise AuthorError(f"not a journal record: {error}", file=str(path), line=number) from error
                return
            if not isinstance(record, dict):
                raise AuthorError("not a journal record: an object is expected", file=str(path), line=number)
            yield record
