"""What all pages see of one run: its records, and the newest of everything else, each with a version.

A page takes from here what is newer than what it has, when its connection can take it: a slow page skips values that
are not the newest any more, never a record, and keeps nobody waiting.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from cscsim.console.lookout import Look
from cscsim.console.roles import Role, as_seen_by
from fsm import Record

__all__ = ["Batch", "History", "Inbox", "Pieces", "encode"]

_KEPT = 50_000
"""Records that are kept for pages that come back or lag behind."""


def encode(value: Any) -> bytes:
    """Return JSON to be kept; what JSON does not know is told in words."""
    text = orjson.dumps(value, default=_plain, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
    return bytes(memoryview(text))  # orjson's own holds several kilobytes, however short it is


def _plain(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    return value.item() if hasattr(value, "item") else str(value)


@dataclass(frozen=True, slots=True)
class _Line:
    """A record as JSON, for a trainee (None: not for one) and for an instructor."""

    n: int
    trainee: bytes | None
    instructor: bytes


class Inbox:
    """Takes records in the simulation's thread and gives them to the server's.

    Parameters
    ----------
    wake
        Called once when there is something in it again; safe in any thread.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lines: deque[_Line] = deque()
        self._woken = False
        self.hidden: Mapping[str, frozenset[str]] = {}

    def hear(self, record: Record) -> None:
        """Take a record."""
        whole = encode(record)
        seen = as_seen_by(Role.TRAINEE, record, self.hidden)
        self._lines.append(
            _Line(record["n"], None if seen is None else whole if seen is record else encode(seen), whole)
        )
        if not self._woken:
            self._woken = True
            self._wake()

    def take(self) -> Iterator[_Line]:
        """Yield what has come."""
        self._woken = False
        while self._lines:
            yield self._lines.popleft()


class History:
    """The records of a run, as far as they are kept."""

    def __init__(self) -> None:
        self._lines: deque[_Line] = deque(maxlen=_KEPT)
        self.count = 0

    def add(self, lines: Iterable[_Line]) -> bool:
        """Add records in order; tell whether there were any."""
        before = self.count
        for line in lines:
            self._lines.append(line)
            self.count = line.n
        return self.count != before

    def has_all_after(self, n: int) -> bool:
        """Tell whether everything after a record is still here."""
        return n <= self.count and (not self._lines or n >= self._lines[0].n - 1)

    def after(self, n: int, role: Role) -> list[orjson.Fragment]:
        """Return what a role may see of all records after one."""
        new = self.count - n
        if new <= 0:
            return []
        lines = list(self._lines) if new >= len(self._lines) else _last(self._lines, new)
        return [orjson.Fragment(shown) for line in lines if (shown := _for(line, role)) is not None]

    def latest(self, most: int, role: Role) -> list[orjson.Fragment]:
        """Return the last records that a role may see."""
        found: list[orjson.Fragment] = []
        for line in reversed(self._lines):
            shown = _for(line, role)
            if shown is not None:
                found.append(orjson.Fragment(shown))
                if len(found) == most:
                    break
        return found[::-1]


def _for(line: _Line, role: Role) -> bytes | None:
    return line.instructor if role is Role.INSTRUCTOR else line.trainee


def _last(lines: deque[_Line], count: int) -> list[_Line]:
    newest = reversed(lines)
    return [next(newest) for _ in range(count)][::-1]


Key = tuple[str, str]
"""What a piece is of: its kind, and whose; the name is empty where there is only one."""


@dataclass(frozen=True, slots=True)
class _Piece:
    version: int
    trainee: orjson.Fragment
    instructor: orjson.Fragment


@dataclass(frozen=True, slots=True)
class _Sample:
    """The newest sample of a topic: its fields as JSON, each with the version since which it is so.

    `told` keeps what was told of it to those who had another version.
    """

    version: int
    t: float
    fields: Mapping[str, tuple[int, bytes]]
    told: dict[int, orjson.Fragment]


@dataclass(frozen=True, slots=True)
class Batch:
    """What a page is told at once, as JSON; and whether there is anything in it that is not in every batch."""

    text: bytes
    is_new: bool
    has_samples: bool


class Pieces:
    """The newest of everything that changes, the newest last.

    Attributes
    ----------
    head, standing
        Time, speed and the like, which every batch has; and the same without the time.
    batches
        Those that were made of what there is now, by what makes one another.
    """

    def __init__(self) -> None:
        self.version = 0
        self.head: Mapping[str, Any] = {}
        self.standing: Mapping[str, Any] = {}
        self.batches: dict[Hashable, Batch] = {}
        self.images: list[orjson.Fragment] = []
        self._pieces: dict[Key, _Piece] = {}
        self._samples: dict[str, _Sample] = {}

    def take(self, look: Look) -> None:
        """Take what was seen."""
        self.set_head(look.head)
        for name, (seen, true) in look.components.items():
            self._put(("components", name), seen, true)
        for name, value in look.queues.items():
            self._put(("queues", name), value)
        for name, value in look.telemetry.items():
            self._put_sample(name, value)
        for name, value in look.explain.items():
            self._put(("explain", name), value)
        for name, value in look.truth.items():
            self._put(("truth", name), value)
        for name, value in look.steps.items():
            self._put(("steps", name), value)
        for kind in ("beats", "live", "asks", "instructor"):
            value = getattr(look, kind)
            if value is not None:
                self._put((kind, ""), value)
        self.images += [orjson.Fragment(encode(row)) for row in look.images]

    def set_head(self, head: Mapping[str, Any]) -> None:
        """Take what every batch begins with."""
        self.head = head
        self.standing = {key: value for key, value in head.items() if key != "t"}
        self.batches.clear()

    def _put(self, key: Key, seen: Any, true: Any = None) -> None:
        self.version += 1
        self._pieces.pop(key, None)
        trainee = orjson.Fragment(encode(seen))
        instructor = trainee if true is None or true == seen else orjson.Fragment(encode(true))
        self._pieces[key] = _Piece(self.version, trainee, instructor)

    def _put_sample(self, name: str, sample: Mapping[str, Any]) -> None:
        self.version += 1
        last = self._samples.get(name)
        there = last.fields if last is not None else {}
        fields = {}
        for key, value in sample["data"].items():
            text, (since, before) = encode(value), there.get(key, (0, b""))
            fields[key] = (since if text == before else self.version, text)
        self._samples[name] = _Sample(self.version, sample["t"], fields, {})

    def sample(self, name: str, had: int) -> orjson.Fragment | None:
        """Return what was sampled of a topic since a version; None if nothing was.

        It is what is otherwise than in the samples before, as an event tells it.
        """
        sample = self._samples.get(name)
        if sample is None or sample.version <= had:
            return None
        if had not in sample.told:
            data = {key: orjson.Fragment(text) for key, (since, text) in sample.fields.items() if since > had}
            sample.told[had] = orjson.Fragment(encode({"t": sample.t, "data": data}))
        return sample.told[had]

    def newer(self, version: int) -> list[Key]:
        """Return what has changed since a version."""
        found: list[Key] = []
        for key in reversed(self._pieces):
            if self._pieces[key].version <= version:
                break
            found.append(key)
        return found[::-1]

    def all(self) -> list[Key]:
        """Return what there is."""
        return list(self._pieces)

    def of(self, kind: str) -> list[Key]:
        """Return what there is of a kind."""
        return [key for key in self._pieces if key[0] == kind]

    def get(self, key: Key, role: Role) -> orjson.Fragment | None:
        """Return a piece as a role sees it; None if there is none."""
        piece = self._pieces.get(key)
        if piece is None:
            return None
        return piece.instructor if role is Role.INSTRUCTOR else piece.trainee
