"""Commands to components of other processes: each is known until it is answered, and sent again if that takes long.

It may not have arrived: its component was not there yet, or a broker died that had it. A component that has it already
knows it by its correlation, and does it once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from csc.bus.mqtt.link import Link
from csc.bus.mqtt.wire import Message
from csc.messages import Ack, CommandMessage

__all__ = ["Unanswered"]

_AGAIN_AFTER = (1.0, 3.0, 7.0, 15.0, 30.0)
"""When a command of which nothing was heard is sent again [s, real]."""
_LOOK_EVERY = 0.25  # [s, real]


@dataclass(slots=True)
class _Waiting:
    """A command without a final acknowledgement; times are since it was sent, or a connection came back."""

    command: CommandMessage
    message: Message
    since: float
    times_sent: int = 0
    is_heard_of: bool = False

    def begin_anew(self, now: float) -> None:
        self.since, self.times_sent, self.is_heard_of = now, 0, False

    def is_due(self, now: float) -> bool:
        if self.is_heard_of or self.times_sent >= len(_AGAIN_AFTER):
            return False
        return now - self.since >= _AGAIN_AFTER[self.times_sent]


class Unanswered:
    """The commands that wait for an answer, by their correlations.

    Parameters
    ----------
    link
        Over which they go.
    now
        Real time [s].
    """

    def __init__(self, link: Link, now: Callable[[], float] = time.monotonic) -> None:
        self._link, self._now = link, now
        self._waiting: dict[str, _Waiting] = {}
        self._looks = False  # set in the link's thread only

    def send(self, correlation: str, command: CommandMessage, message: Message) -> None:
        """Send a command, and go on until it is answered."""
        self._waiting[correlation] = _Waiting(command, message, self._now())
        self._link.publish(message)
        if not self._looks:  # it stops before it looks for the last time, so that none is overlooked
            self._link.run(self._begin_to_look)

    def answer(self, correlation: str, ack: Ack) -> None:
        """Tell who has sent a command what came of it; what nobody waits for any more is passed over."""
        found = self._waiting.get(correlation)
        if found is None:
            return
        found.is_heard_of = True
        if ack.code.is_final:
            del self._waiting[correlation]
        found.command.reply(ack)

    def forget(self, correlation: str) -> None:
        """Wait no longer for a command to be answered."""
        self._waiting.pop(correlation, None)

    def __contains__(self, correlation: str) -> bool:
        return correlation in self._waiting

    # ---------------------------------------------------------------- in the link's thread

    def begin_anew(self) -> tuple[Message, ...]:
        """Return all that wait, as the connection was lost; they are watched as if they had just been sent."""
        now, found = self._now(), tuple(self._waiting.values())
        for each in found:
            each.begin_anew(now)
        return tuple(each.message for each in found)

    def send_again(self, to: str) -> None:
        """Send again what waits for a component that has just come: it may not have been there to hear it."""
        self._link.repeat(each.message for each in tuple(self._waiting.values()) if each.command.to == to)

    def _begin_to_look(self) -> None:
        if not self._looks:
            self._looks = True
            self._link.loop.call_later(_LOOK_EVERY, self._look)

    def _look(self) -> None:
        now = self._now()
        due = [each for each in tuple(self._waiting.values()) if each.is_due(now)]
        for each in due:
            each.times_sent += 1
        if due and self._link.is_up:  # or else all are sent again when it is
            self._link.repeat(each.message for each in due)
        self._looks = False
        if self._waiting:
            self._begin_to_look()
