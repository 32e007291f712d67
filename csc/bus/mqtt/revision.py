"""Which version of a topic's fields a message has: the value of its ``private_revCode``."""

from __future__ import annotations

import hashlib
import json

from csc.blueprint import Command, Topic

__all__ = ["revision"]

_DIGITS = 8


def revision(topic: Command | Topic) -> str:
    """Return 8 hexadecimal digits that differ when the name, type, unit or length of a field does.

    Their order, meanings, ranges and names of numbers do not count: a message is read as before when they change.
    It is computed anew each time; who sends many messages of a topic keeps it.

    Examples
    --------
    >>> from csc.blueprint import Field, Topic
    >>> position = Field(name="azimuthPosition", type="double", own_unit="deg")
    >>> revision(Topic(name="position", fields={"azimuthPosition": position}))
    '35bee0c0'
    """
    fields = sorted((field.name, field.type, field.own_unit or "", field.length) for field in topic.fields.values())
    written = json.dumps(fields, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()[:_DIGITS]
