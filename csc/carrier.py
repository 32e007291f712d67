"""What of a message carries a machine's state: a field, or one element of an array."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Carrier"]

_KEY = re.compile(r"(?P<topic>[^.\[]*)\.?(?P<field>[^\[]*)(\[(?P<element>\d+)\])?")


@dataclass(frozen=True, slots=True)
class Carrier:
    """A topic, its field, and of an array the element, counted from 0.

    Examples
    --------
    >>> Carrier.of("ventGateState.state[2]")
    Carrier(topic='ventGateState', field='state', element=2)
    """

    topic: str
    field: str
    element: int | None = None

    @classmethod
    def of(cls, key: str) -> Carrier:
        """Read what an author wrote; a text that is none is taken as a topic, which nobody has."""
        match = _KEY.fullmatch(key)
        if match is None:
            return cls(key, "")
        return cls(match["topic"], match["field"], None if match["element"] is None else int(match["element"]))
