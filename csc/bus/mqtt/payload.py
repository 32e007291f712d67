"""What a message looks like on the wire: a JSON object of the topic's fields, and SAL's private ones beside them.

A number that JSON cannot write (NaN, an infinity) is the text ``NaN``, ``Infinity`` or ``-Infinity``, as in protobuf.
"""

from __future__ import annotations

import json
import math
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from csc.fields import shown
from fsm import OperatorError

__all__ = ["LARGEST", "PRIVATE", "Malformed", "Private", "decode", "encode", "user_at_host"]

LARGEST = 262_144
"""Longest message that is looked at [bytes]. Chosen here: four times the longest text of a field."""
PRIVATE = "private_"
"""What the names of fields begin with that are not the topic's own: lsst-ts/ts_xml, topic_info.py."""
_DEEPEST = 16  # levels of a message; those of real ones have two
_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class Malformed(OperatorError):
    """A message that nobody can read; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Private:
    """The private fields of a message, by SAL's names without their ``private_``.

    Attributes
    ----------
    sndStamp
        When it was sent, by the sender's clock [s, TAI].
    seqNum
        Of its topic and sender; of a command that is acknowledged.
    identity
        Who has sent it: a component's name, or ``user@host``. It is the sender's word.
    origin
        Number of the sending process.
    revCode
        Version of the topic's fields.
    t
        Simulated time [s] at which it was sent; SAL has none.
    correlation
        By what a sender knows the acknowledgements of a command; a component does one command of it once.
    replyTo
        Topic for them.
    """

    sndStamp: float = 0.0  # SAL's names
    seqNum: int = 0
    identity: str = ""
    origin: int = 0
    revCode: str = ""
    t: float | None = None
    correlation: str | None = None
    replyTo: str | None = None


_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "sndStamp": (int, float),
    "seqNum": int,
    "identity": str,
    "origin": int,
    "revCode": str,
    "t": (int, float),
    "correlation": str,
    "replyTo": str,
}
_LONGEST = 256  # characters of a private text


def encode(fields: Mapping[str, Any], private: Private) -> bytes:
    """Return a message as it travels.

    Raises
    ------
    Malformed
        If it is longer than anybody would read.
    TypeError
        If a value is nothing that JSON knows.
    """
    message = {name: _plain(value) for name, value in fields.items()}
    for name in Private.__slots__:
        value = getattr(private, name)
        if value is not None:
            message[PRIVATE + name] = value
    payload = orjson.dumps(message, option=orjson.OPT_SERIALIZE_NUMPY)
    if len(payload) > LARGEST:
        raise Malformed(f"a message of {len(payload)} bytes is too long; at most {LARGEST} are read")
    return payload


def decode(payload: bytes) -> tuple[dict[str, Any], Private]:
    """Return the fields of a message and its private ones.

    Raises
    ------
    Malformed
        If it is too long, no JSON object, nested too deeply, or a private field is not what it should be; names it.
    """
    if len(payload) > LARGEST:
        raise Malformed(f"a message of {len(payload)} bytes is too long; at most {LARGEST} are read")
    try:
        message = orjson.loads(payload) if payload else {}
    except orjson.JSONDecodeError as error:
        raise Malformed(f"no JSON: {error}: {shown(payload[:80].decode(errors='replace'))}") from None
    if not isinstance(message, dict):
        raise Malformed(f"a JSON object is expected, fields with their values, not {shown(message)}")
    if _depth(message) > _DEEPEST:
        raise Malformed(f"nested deeper than {_DEEPEST} levels")
    private = {name[len(PRIVATE) :]: value for name, value in message.items() if name.startswith(PRIVATE)}
    fields = {name: value for name, value in message.items() if not name.startswith(PRIVATE)}
    return fields, Private(**{name: _private(name, value) for name, value in private.items() if name in _KINDS})


def _private(name: str, value: Any) -> Any:
    kind = _KINDS[name]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Malformed(f"{PRIVATE}{name} is {shown(value)}")
    if isinstance(value, str) and (len(value) > _LONGEST or not value.isprintable()):
        raise Malformed(f"{PRIVATE}{name} is {shown(value)}; at most {_LONGEST} printable characters")
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return json.dumps(value)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def number(value: Any) -> Any:
    """Return the number that a text stands for which JSON cannot write as one; anything else as it is."""
    return _NOT_FINITE.get(value, value) if isinstance(value, str) else value


def _depth(value: Any) -> int:
    """Return how many levels a message has, without a call for each."""
    depth, level = 0, [value]
    while level:
        depth += 1
        if depth > _DEEPEST:
            break
        level = [
            inner
            for item in level
            if isinstance(item, (dict, list))
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return depth


def user_at_host() -> str:
    """Return who runs this process, as SAL's clients call themselves."""
    name = os.environ.get("USER") or os.environ.get("LOGNAME") or str(os.getuid())
    return f"{name}@{socket.gethostname()}"
