"""What components here have said and the broker keeps: said again if it has forgotten, set right if it was changed."""

from __future__ import annotations

import os
from collections.abc import Callable

from csc.bus.mqtt.payload import Malformed, decode
from csc.bus.mqtt.wire import Message

__all__ = ["OwnWords"]


class OwnWords:
    """The last word on each topic.

    Parameters
    ----------
    publish
        Says one again.
    """

    def __init__(self, publish: Callable[[Message], None]) -> None:
        self._publish = publish
        self._last: dict[str, Message] = {}
        self._cleared: set[str] = set()  # topics that were taken off the broker here; word of it comes back

    def note(self, message: Message) -> None:
        """Learn what is said."""
        self._last[message.topic] = message

    def all(self) -> tuple[Message, ...]:
        """Return the last word on every topic, for a broker that may have forgotten it."""
        self._cleared.clear()
        return tuple(self._last.values())

    def mend(self, who: str, message: Message, newest: int) -> bool:
        """Set right what stands under one of our topics, if it is not our last word.

        Parameters
        ----------
        who
            The component here in whose name it was said.
        newest
            Number of the newest sample that was published here.

        Returns
        -------
        bool
            Whether somebody else has just said it: it is not ours, nor kept from former times.
        """
        ours = self._last.get(message.topic)
        if not message.payload and message.topic in self._cleared:
            self._cleared.discard(message.topic)
            return False
        if message.payload == (b"" if ours is None else ours.payload):
            return False
        if ours is None:
            self._cleared.add(message.topic)
        self._publish(ours if ours is not None else Message(message.topic, b"", retain=True))
        return not (message.retain or _was_said_here(who, message.payload, newest))


def _was_said_here(who: str, payload: bytes, newest: int) -> bool:
    """Tell whether something is once more what a component here has said before."""
    try:
        _, private = decode(payload)
    except Malformed:
        return False
    return private.origin == os.getpid() and private.identity == who and private.seqNum <= newest
