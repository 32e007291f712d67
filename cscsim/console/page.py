"""One page that is open in some browser: what it has seen, what it wants, and what it is sent next."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from cscsim.console.hub import Batch, History, Key, Pieces
from cscsim.console.roles import Role

__all__ = ["PROTOCOL", "Page", "Subscription"]

PROTOCOL = 2
"""What is spoken here; see docs/reference/console-protocol.md."""
_RECORDS_OF_HELLO = 300
_IMAGES_OF_HELLO = 200
_HEARTBEAT = 1.0
"""Real time [s] after which a page hears that the server is there."""
_SLACK = 0.02
"""Real time [s] by which a sample may be early: so may a look."""
_ALONE = ("beats", "live", "asks", "instructor")
_FOR_INSTRUCTORS = ("truth", "instructor")
_OF_PROCEDURE = ("live", "steps")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What a page wants besides what every page gets; `every` is the real time [s] between samples."""

    topics: frozenset[str] = frozenset()
    every: float = 0.2
    explain: frozenset[str] = frozenset()
    truth: frozenset[str] = frozenset()
    procedure: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Page:
    """A page.

    Attributes
    ----------
    wake
        Has what is due sent.
    has_news
        Whether a batch is due, besides the messages of its own.
    shows
        What somebody sees on it, for the instructor.
    """

    role: Role
    name: str
    wake: Callable[[], None]
    wants: Subscription = field(default_factory=Subscription)
    shows: dict[str, Any] = field(default_factory=lambda: {"panel": "", "detail": ""})
    messages: list[Mapping[str, Any]] = field(default_factory=list)
    acks: list[Mapping[str, Any]] = field(default_factory=list)
    needs_hello: bool = True
    has_news: bool = True
    _run: int = 0
    _n: int = 0
    _version: int = 0
    _images: int = 0
    _held: dict[Any, list[Mapping[str, Any]]] = field(default_factory=dict)
    _fresh: set[Key] = field(default_factory=set)
    _samples: int = 0
    _sampled: float = 0.0
    _unsampled: frozenset[str] = frozenset()
    _sent: float = 0.0
    _standing: Mapping[str, Any] = field(default_factory=dict)

    @property
    def by(self) -> str:
        """Who it is, in the journal."""
        who = "instructor" if self.role is Role.INSTRUCTOR else "observer"
        return f"{who}:{self.name}" if self.name else who

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send a message of its own, in the server's thread."""
        self.messages.append(message)
        if message["kind"] == "answer":
            self.acks += self._held.pop(message["id"], ())
        self.wake()

    def acknowledge(self, identity: Any, ack: Mapping[str, Any]) -> None:
        """Take an acknowledgement of a command that it has sent by this request; it goes with the next batch.

        One that comes before the answer to the request waits for it.
        """
        self._held.get(identity, self.acks).append(ack)

    def look(self) -> None:
        """Have a batch sent if there is anything new."""
        self.has_news = True
        self.wake()

    def expect_answer(self, identity: Any) -> None:
        """Learn that a request of this number is under way."""
        self._held[identity] = []

    def resume(self, run: int, n: int, images: int) -> None:
        """Go on where a page of the same run was, with every piece anew."""
        self.needs_hello = False
        self._run, self._n, self._version, self._images = run, n, 0, max(0, images - _IMAGES_OF_HELLO)
        self._samples = 0

    def subscribe(self, wants: Subscription) -> None:
        """Take what it wants from now on."""
        had, self.wants = self.wants, wants
        self._fresh |= {("explain", name) for name in wants.explain}
        self._fresh |= {("truth", name) for name in wants.truth}
        self._unsampled = wants.topics - (had.topics - self._unsampled)
        if wants.procedure and not had.procedure:
            self._fresh.add(("live", ""))
        self.look()

    # ------------------------------------------------------------ what it is sent

    def hello(self, run: int, first: Mapping[str, Any], history: History, pieces: Pieces) -> bytes:
        """Return all there is."""
        self.needs_hello = False
        self._run, self._n, self._version, self._images = run, history.count, pieces.version, len(pieces.images)
        self._fresh.clear()
        self._samples, self._unsampled = 0, frozenset()
        self._standing, self._sent = pieces.standing, time.monotonic()
        message: dict[str, Any] = {
            "kind": "hello",
            "protocol": PROTOCOL,
            "run": str(run),
            "role": str(self.role),
            "n": history.count,
            **pieces.head,
            **first,
            "live": {},
            "steps": {},
            "components": {},
            "queues": {},
            "asks": [],
            "images": pieces.images[-_IMAGES_OF_HELLO:][::-1],
            "records": history.latest(_RECORDS_OF_HELLO, self.role),
        }
        self._add(message, pieces, pieces.all())
        self._add_samples(message, pieces)
        self._samples, self._sampled = pieces.version, time.monotonic()
        return orjson.dumps(message)

    def batch(self, history: History, pieces: Pieces) -> bytes | None:
        """Return what is new; None if nothing is, and it knows that the server is there."""
        self.has_news = False
        now = time.monotonic()
        is_time = bool(self._unsampled) or now >= self._sampled + self.wants.every - _SLACK
        batch = self._batch(history, pieces, takes_samples=is_time)
        self._n, self._version, self._images = history.count, pieces.version, len(pieces.images)
        self._fresh.clear()
        if is_time:
            self._samples, self._unsampled = pieces.version, frozenset()
        if batch.has_samples:
            self._sampled = now
        acks, self.acks = self.acks, []
        is_new = batch.is_new or acks or pieces.standing != self._standing
        if not is_new and now < self._sent + _HEARTBEAT:
            return None
        self._standing, self._sent = pieces.standing, now
        if not acks:
            return batch.text
        return b'%b,"acks":%b}' % (batch.text[:-1], orjson.dumps(acks, default=str, option=orjson.OPT_SERIALIZE_NUMPY))

    def _batch(self, history: History, pieces: Pieces, *, takes_samples: bool) -> Batch:
        """Return what is new but for its own acknowledgements; made once for all pages that are to hear the same."""
        had = (self._n, self._version, self._images, self._samples if takes_samples else None)
        same = (history.count, self.role, self.wants, had, frozenset(self._fresh), self._unsampled)
        batch = pieces.batches.get(same)
        if batch is None:
            batch = pieces.batches[same] = self._make_batch(history, pieces, takes_samples=takes_samples)
        return batch

    def _make_batch(self, history: History, pieces: Pieces, *, takes_samples: bool) -> Batch:
        message: dict[str, Any] = {"kind": "batch", "n": history.count, **pieces.head}
        usual = len(message)
        records = history.after(self._n, self.role)
        if records:
            message["records"] = records
        steps = pieces.of("steps") if ("live", "") in self._fresh else ()
        self._add(message, pieces, dict.fromkeys((*self._fresh, *steps, *pieces.newer(self._version))))
        if takes_samples:
            self._add_samples(message, pieces)
        images = pieces.images[self._images :][::-1]
        if images:
            message["images"] = images
        return Batch(orjson.dumps(message), is_new=len(message) > usual, has_samples="telemetry" in message)

    def lags(self, history: History) -> bool:
        """Tell whether records are gone that it has not seen."""
        return not history.has_all_after(self._n)

    def _add(self, message: dict[str, Any], pieces: Pieces, keys: Iterable[Key]) -> None:
        for key in keys:
            kind, name = key
            if kind in _FOR_INSTRUCTORS and self.role is not Role.INSTRUCTOR:
                continue
            if not self._wants(key):
                continue
            value = pieces.get(key, self.role)
            if value is None:
                continue
            if kind in _ALONE:
                message[kind] = value
            else:
                message.setdefault(kind, {})[name] = value

    def _add_samples(self, message: dict[str, Any], pieces: Pieces) -> None:
        """Add what has been sampled since it took samples last."""
        for name in self.wants.topics:
            sample = pieces.sample(name, 0 if name in self._unsampled else self._samples)
            if sample is not None:
                message.setdefault("telemetry", {})[name] = sample

    def _wants(self, key: Key) -> bool:
        kind, name = key
        match kind:
            case "explain":
                return name in self.wants.explain
            case "truth":
                return name in self.wants.truth
        return self.wants.procedure or kind not in _OF_PROCEDURE
