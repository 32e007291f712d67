"""Messages that mean no good, made from the AsyncAPI document and from nothing; and what becomes of each.

A shot is one message. `Assault` fires it at an observatory that is served, then asks a component that only answers:
when its answer is there, whatever came of the shot is there, too.
"""

from __future__ import annotations

import json
import queue
import time
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from csc import Ack, AckCode, Component
from csc.bus.mqtt.address import Address
from csc.bus.mqtt.asyncapi import asyncapi_document
from csc.bus.mqtt.link import Link, Message
from csc.bus.mqtt.presence import ASKED
from csc.bus.mqtt.topics import KINDS, Place
from csc.messages import CommandMessage
from tests.asyncapi.contract import Contract
from tests.mqtt.stage import Served

__all__ = ["Assault", "Shot", "shots"]

PROBE = "Probe:1"
"""A component of the observatory that answers every command at once."""
_PATIENCE = 30.0
_SHOWN = 400  # characters
_SENSIBLE = 32  # items or characters in what is made from nothing
_LARGE = 40_000  # characters of a text that is long


_AWAY = "/inject/restart"
"""What takes a component away as it should."""


class Shot(NamedTuple):
    """A message, and how it is sent."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False

    def __repr__(self) -> str:
        topic, payload = (_brief(repr(part)) for part in (self.topic, self.payload))
        return f"Shot({topic}, {payload}, qos={self.qos}, retain={self.retain})"


def _brief(text: str) -> str:
    return text if len(text) < _SHOWN else f"{text[:_SHOWN]}... {len(text)} characters"


# ---------------------------------------------------------------- what is fired

_ANY_TEXT = st.text(max_size=_SENSIBLE) | st.sampled_from(
    ["NaN", "Infinity", "\0", "\u202e", "🌌" * 9, "x" * _LARGE, "../../etc/passwd", "{}", "%s%n", "True"]
)
_ANY_NUMBER = (
    st.integers()
    | st.floats()
    | st.sampled_from([0, -1, 2**31, -(2**63), 2**64, 10**30, 1e308, -0.0, 5e-324, float("nan"), float("inf")])
)
_ANY_VALUE: SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | _ANY_NUMBER | _ANY_TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_ANY_TEXT, inner, max_size=5),
    max_leaves=10,
)
_TORN = st.sampled_from(
    [b"", b"{", b"}", b"[]", b"null", b"\xff\xfe", b"{]", b'{"a":1}{"b":2}', b"[" * 100_000, b'{"a":' * 5_000 + b"1"]
) | st.binary(max_size=_SENSIBLE)
_PRIVATE = ("sndStamp", "seqNum", "identity", "origin", "revCode", "t", "correlation", "replyTo", "noSuchField")


def shots(served: Served) -> SearchStrategy[Shot]:
    """Return what makes shots at an observatory."""
    contract = Contract(asyncapi_document(served.sheet, served.observatory.catalogue))
    topics = sorted(topic for topic in contract.topics(KINDS) if "{" not in topic and not topic.endswith(_AWAY))
    private = st.dictionaries(
        st.sampled_from(_PRIVATE).map(lambda name: f"private_{name}"), _private(served), max_size=4
    )

    @st.composite
    def drawn(draw: st.DrawFn) -> Shot:
        topic = draw(st.sampled_from(topics))
        how = draw(st.integers(0, 9))
        if how == 0:
            payload = draw(_TORN)
        else:
            schema = contract.message(contract.keys(topic)[0])["payload"]
            fields = draw(_ANY_VALUE) if how == 1 else draw(_valid(schema, contract))
            if isinstance(fields, dict):
                fields = fields | draw(private)
                if how < 6:
                    fields = draw(_spoilt(fields))
            payload = json.dumps(fields, ensure_ascii=draw(st.booleans())).encode(errors="replace")
            if how == 2:
                payload = payload[: len(payload) // 2]
        if how in (3, 4):
            topic = draw(_twisted(topic, served))
        return Shot(topic, payload, draw(st.integers(0, 1)), draw(st.integers(0, 9)) == 0)

    return drawn()


def _private(served: Served) -> SearchStrategy[Any]:
    tree, stage = served.bus.tree, served.bus.client
    return (
        st.sampled_from(
            [
                *(tree.reply(name) for name in ("me", stage, "another/one", "a" * 300, "+", "#", "")),
                *("#", "a\0b", tree.clock, tree.of("ATDome", "command", "stop")),
                *(f"{stage}-1", f"{stage}-", "1", "2", "é" * 256, "x" * 257, "\n", ""),
            ]
        )
        | _ANY_VALUE
    )


def _spoilt(fields: dict[str, Any]) -> SearchStrategy[dict[str, Any]]:
    """Replace, add or leave out some fields."""
    names = st.sampled_from(sorted(fields)) if fields else _ANY_TEXT
    return st.builds(
        lambda new, gone: {name: value for name, value in {**fields, **new}.items() if name not in gone},
        st.dictionaries(names | _ANY_TEXT, _ANY_VALUE, max_size=3),
        st.sets(names, max_size=2),
    )


def _twisted(topic: str, served: Served) -> SearchStrategy[str]:
    """Change a level of a topic to what need not exist; a broker takes no control characters, and no + or #."""
    levels = topic.split("/")
    printable = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S"), exclude_characters="+#/"))
    new = st.sampled_from(["", "ATDome", "command", "inject", "demand", "event", "alive", "10", "a" * 5_000, "😀"])
    return st.builds(
        lambda number, level, more: "/".join([*levels[:number], level, *levels[number + 1 :], *more]),
        st.integers(3, len(levels) - 1),
        new | printable,
        st.lists(new, max_size=2),
    )


def _valid(schema: Mapping[str, Any], contract: Contract) -> SearchStrategy[Any]:
    """Return what makes values that fit a schema, as far as the document's own schemas go."""
    schema = contract.resolve(schema)
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return st.one_of([_valid(each, contract) for each in schema[several]])
    if "allOf" in schema:
        return st.builds(_merged, *[_valid(each, contract) for each in schema["allOf"]])
    kinds = schema.get("type", "object" if "properties" in schema else "string")
    return st.one_of([_of_kind(kind, schema, contract) for kind in ([kinds] if isinstance(kinds, str) else kinds)])


def _of_kind(kind: str, schema: Mapping[str, Any], contract: Contract) -> SearchStrategy[Any]:
    if kind == "object":
        wanted = schema.get("required", ())
        values = {name: _valid(each, contract) for name, each in schema.get("properties", {}).items()}
        return st.fixed_dictionaries(
            {name: each for name, each in values.items() if name in wanted},
            optional={name: each for name, each in values.items() if name not in wanted},
        )
    if kind == "array":
        least = schema.get("minItems", 0)
        most = min(schema.get("maxItems", least + 3), least + 30)
        return st.lists(_valid(schema.get("items", {}), contract), min_size=least, max_size=most)
    low, high = schema.get("minimum"), schema.get("maximum")
    if kind == "integer":
        return st.integers(low, high)
    if kind == "number":
        return st.floats(low, high, allow_nan=False, allow_infinity=False)
    return {"boolean": st.booleans(), "null": st.none()}.get(kind, st.text(max_size=_SENSIBLE))


def _merged(*values: Any) -> Any:
    found: dict[str, Any] = {}
    for value in values:
        if isinstance(value, dict):
            found |= value
    return found


# ---------------------------------------------------------------- what comes of it


class _Echo:
    def __init__(self, served: Served) -> None:
        self._bus = served.bus

    def receive(self, message: CommandMessage) -> None:
        self._bus.acknowledge(message, Ack(AckCode.COMPLETE, 0, "Done"))

    def cadence(self, topic: str) -> float | None:
        return None

    def sample(self, topic: str) -> Mapping[str, Any] | None:
        return None

    def revision(self, topic: str) -> str:
        return ""


class Assault:
    """One who fires, and looks at what comes of it.

    Parameters
    ----------
    served
        The observatory; it gets a component more.
    """

    def __init__(self, address: Address, served: Served) -> None:
        self._served, self._tree = served, served.bus.tree
        self._heard: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._number = 0
        self._name = f"assault-{uuid4().hex}"
        served.do(lambda: served.bus.attach(PROBE, _Echo(served)))
        self._link = Link(address, self._name, self._heard.put)
        self._link.open()
        self._link.subscribe(f"{self._tree.replies}/#")
        self._link.subscribe(self._tree.of("+", "ack", "+"))
        self.ask(PROBE)

    def __enter__(self) -> Assault:
        return self

    def __exit__(self, *exception: object) -> None:
        self._link.close()

    def heal(self) -> None:
        """End all faults: what they did was asked for."""
        for component in self._served.observatory.components.values():
            self._served.call(partial(_heal, component))
        self.ask(PROBE)

    def ask(self, who: str, command: str = "noSuchCommand") -> list[Message]:
        """Send a command as one should; return what was heard until its final acknowledgement came."""
        self._number += 1
        mine, reply_to = f"{self._name}-{self._number}", self._tree.reply(self._name)
        told = json.dumps({"private_correlation": mine, "private_replyTo": reply_to}).encode()
        deadline = time.monotonic() + _PATIENCE
        self._link.publish(Message(self._tree.of(who, "command", command), told))
        found: list[Message] = []
        while True:
            if not self._served.is_up:
                self._served.close()
            try:
                message = self._heard.get(timeout=min(1.0, max(0.01, deadline - time.monotonic())))
            except queue.Empty:
                assert time.monotonic() < deadline, f"{who} answers no more"
                continue
            if message.topic != reply_to or (ack := json.loads(message.payload))["private_correlation"] != mine:
                found.append(message)
            elif AckCode(ack["ack"]).is_final:
                return found

    def fire(self, shot: Shot) -> None:
        """Send a message of any kind; it must be answered or journaled if a component is meant."""
        before = self._notes()
        self._link.publish(Message(*shot))
        heard = self.ask(PROBE)
        if not heard and self._notes() == before and self._must_be_noted(shot):
            raise AssertionError(f"nothing came of {shot}")

    def _notes(self) -> int:
        counts = self._served.counts
        return sum(number for (who, kind), number in counts.items() if who != PROBE and kind in _NOTED)

    def _must_be_noted(self, shot: Shot) -> bool:
        place = self._tree.place(shot.topic)
        if place is None:
            return any(
                shot.topic.startswith(f"{self._tree.of(who, 'demand')}/") for who in self._served.sheet.components
            )
        if place.who not in self._served.sheet.components or (place.every and place.kind != "demand"):
            return False
        if place == Place(place.who, "demand", ASKED):
            return False  # whatever it holds, its answer is `alive`
        if place.kind == "demand":
            return not _is_lease(shot.payload)
        if place.kind in ("command", "inject"):
            # The same request once more is answered when there is something to say; the observatory's own never is.
            return b"private_correlation" not in shot.payload
        return False


def _heal(component: Component) -> None:
    while component.faults.active:
        component.faults.clear(component.faults.active[0])


_NOTED = ("command", "fault", "wire")


def _is_lease(payload: bytes) -> bool:
    try:
        message = json.loads(payload or b"{}")
        return isinstance(message, dict) and float(message.get("lease", 1.0)) > 0.0
    except (TypeError, ValueError):
        return False
