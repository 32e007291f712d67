"""What others have sent, on its way from the link's thread to the loop: bounded, and looked at when there is time."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress

from csc.bus.mqtt.wire import Message
from fsm import SimulatedLoop

__all__ = ["Inbox"]

_WAITING, _WAITING_BYTES = 10_000, 2**26
"""What may wait to be looked at; more is counted and left."""


class Inbox:
    """Messages that have arrived and were not looked at yet.

    Parameters
    ----------
    loop
        The loop in which they are looked at.
    look
        Called there when something has arrived.
    """

    def __init__(self, loop: SimulatedLoop, look: Callable[[], object]) -> None:
        self._loop, self._look = loop, look
        self._messages: deque[Message] = deque()
        self._arrived = self._taken = self._left = 0
        self._bell, self._rope = socket.socketpair()
        self._bell.setblocking(False)
        self._rope.setblocking(False)
        loop.add_reader(self._bell, self._rung)

    def put(self, message: Message) -> None:
        """Take what has arrived, in any thread."""
        length = len(message.topic) + len(message.payload)
        if len(self._messages) >= _WAITING or self._arrived - self._taken + length > _WAITING_BYTES:
            self._left += 1
            return
        self._arrived += length
        self._messages.append(message)
        if len(self._messages) == 1:  # otherwise it has been rung, and nobody has come yet
            with suppress(OSError):  # the run is over
                self._rope.send(b"\0")

    def take(self) -> Iterator[Message]:
        """Yield what has arrived, until there is no more."""
        while self._messages:
            message = self._messages.popleft()
            self._taken += len(message.topic) + len(message.payload)
            yield message

    def leave(self) -> None:
        """Count a message that was looked at, and left for want of room."""
        self._left += 1

    def take_left(self) -> int:
        """Return how many were left since it was last asked."""
        left, self._left = self._left, 0
        return left

    def close(self) -> None:
        """Have nobody look any more."""
        self._loop.remove_reader(self._bell)
        self._bell.close()
        self._rope.close()

    def _rung(self) -> None:
        with suppress(OSError):
            self._bell.recv(_WAITING)
        self._look()
