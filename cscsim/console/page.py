"""One page that is open in some browser: what it has seen, what it wants, and what it is sent next."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from cscsim.console.hub import History, Key, Pieces
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


@dataclass(slots=True, kw_only=True)
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
    _sampled: dict[str, tuple[int, float]] = field(default_factory=dict)
    _sent: float = 0.0
    _head: Mapping[str, Any] = field(default_factory=dict)

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

    def subscribe(self, wants: Subscription) -> None:
        """Take what it wants from now on."""
        had, self.wants = self.wants, wants
        self._fresh |= {("explain", name) for name in wants.explain}
        self._fresh |= {("truth", name) for name in wants.truth}
        for name in had.topics - wants.topics:
            self._sampled.pop(name, None)
        if wants.procedure and not had.procedure:
            self._fresh.add(("live", ""))
        self.look()

    # ------------------------------------------------------------ what it is sent

    def hello(self, run: int, first: Mapping[str, Any], history: History, pieces: Pieces) -> bytes:
        """Return all there is."""
        self.needs_hello = False
        self._run, self._n, self._version, self._images = run, history.count, pieces.version, len(pieces.images)
        self._fresh.clear()
        self._sampled.clear()
        self._head, self._sent = dict(pieces.head), time.monotonic()
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
        return orjson.dumps(message)

    def batch(self, history: History, pieces: Pieces) -> bytes | None:
        """Return what is new; None if nothing is, and it knows that the server is there."""
        self.has_news = False
        records = history.after(self._n, self.role)
        if ("live", "") in self._fresh:
            self._fresh.update(pieces.of("steps"))
        keys = [*dict.fromkeys((*self._fresh, *pieces.newer(self._version)))]
        images = pieces.images[self._images :][::-1]
        message: dict[str, Any] = {"kind": "batch", "n": history.count, **pieces.head}
        if records:
            message["records"] = records
        self._add(message, pieces, keys)
        if self.acks:
            message["acks"], self.acks = self.acks, []
        if images:
            message["images"] = images
        now = time.monotonic()
        is_new = len(message) > 2 + len(pieces.head) or _without_time(pieces.head) != _without_time(self._head)
        self._n, self._version, self._images = history.count, pieces.version, len(pieces.images)
        self._fresh.clear()
        if not is_new and now < self._sent + _HEARTBEAT:
            return None
        self._head, self._sent = dict(pieces.head), now
        return orjson.dumps(message, default=str, option=orjson.OPT_SERIALIZE_NUMPY)

    def lags(self, history: History) -> bool:
        """Tell whether records are gone that it has not seen."""
        return not history.has_all_after(self._n)

    def _add(self, message: dict[str, Any], pieces: Pieces, keys: list[Key]) -> None:
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
        self._add_samples(message, pieces)

    def _add_samples(self, message: dict[str, Any], pieces: Pieces) -> None:
        """Add the samples whose time has come."""
        now = time.monotonic()
        due = now - self.wants.every + _SLACK
        for name in self.wants.topics:
            had, then = self._sampled.get(name, (0, 0.0))
            if then > due:
                continue
            version, value = pieces.sample(name, had)
            if value is not None:
                self._sampled[name] = (version, now)
                message.setdefault("telemetry", {})[name] = value

    def _wants(self, key: Key) -> bool:
        kind, name = key
        match kind:
            case "explain":
                return name in self.wants.explain
            case "truth":
                return name in self.wants.truth
        return self.wants.procedure or kind not in _OF_PROCEDURE


def _without_time(head: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in head.items() if key != "t"}
