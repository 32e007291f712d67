"""The components that other processes have, as the broker tells, or still remembers.

A broker keeps the word that a component is there. If it dies together with the component's process, nobody takes that
word back, and the broker, once it has read it from its disk, says it of one that is gone. So whoever relies on it has
them called: a component that is there answers at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from csc.bus.mqtt.address import Address
from csc.bus.mqtt.presence import ASKED, says_alive
from csc.bus.mqtt.topics import TopicTree
from csc.bus.mqtt.wire import Message

__all__ = ["ANSWER_WITHIN", "Others", "absent", "question"]

ANSWER_WITHIN = 1.0
"""Who is there answers in this time [s, real]."""


def question(tree: TopicTree, who: str) -> Message:
    """Return what asks whether a component is there."""
    return Message(tree.of(who, "demand", ASKED), b"{}")


def absent(observatory: str, address: Address, *, remembered: bool) -> str:
    """Return what is told to who looks for an observatory that is not there.

    Parameters
    ----------
    remembered
        Whether the broker says that it is.
    """
    but = ": the broker remembers it, but nobody answers" if remembered else ""
    return f"{observatory} is not on {address} now{but}; `cscsim serve {observatory}` starts it"


class Others:
    """Who else is there.

    Parameters
    ----------
    tree
        The observatory's topics.
    publish
        Sends a question.
    most
        How many are remembered.
    """

    def __init__(self, tree: TopicTree, publish: Callable[[Message], object], most: int) -> None:
        self._tree, self._publish, self._most = tree, publish, most
        self._there: set[str] = set()
        self._silent: set[str] = set()  # of these nothing was heard but what was kept, or not since they were doubted
        self._changed = threading.Condition()

    @property
    def there(self) -> frozenset[str]:
        """Those of whom it was said last that they are there."""
        with self._changed:
            return frozenset(self._there)

    def hear(self, who: str, message: Message) -> bool:
        """Take word of one, in any thread; tell whether it has come just now."""
        is_there = says_alive(message.payload)
        with self._changed:
            is_new = is_there and who not in self._there
            if not is_there:
                self._there.discard(who)
            elif len(self._there) < self._most:
                self._there.add(who)
            if not (is_there and message.retain):
                self._silent.discard(who)
                self._changed.notify_all()
            elif is_new and who in self._there:  # what was kept is no answer
                self._silent.add(who)
        return is_new

    def call(self, names: Iterable[str]) -> frozenset[str]:
        """Ask those who are said to be there, and wait for them; return those who are gone without a word."""
        asked = self.doubt(names)
        self.ask(asked)
        with self._changed:
            self._changed.wait_for(lambda: not asked & self._silent, ANSWER_WITHIN)
        return self.drop(asked)

    def doubt(self, names: Iterable[str] | None = None) -> frozenset[str]:
        """Take those who are said to be there, or some of them, for silent until they are heard; return them."""
        with self._changed:
            doubted = frozenset(self._there if names is None else self._there.intersection(names))
            self._silent |= doubted
        return doubted

    def ask(self, names: Iterable[str] | None = None) -> frozenset[str]:
        """Ask those who have been silent, or those of some; return them."""
        with self._changed:
            silent = frozenset(self._silent if names is None else self._silent.intersection(names))
        for who in sorted(silent):
            self._publish(question(self._tree, who))
        return silent

    def drop(self, names: Iterable[str]) -> frozenset[str]:
        """Take those of some who are still silent for gone; return them."""
        with self._changed:
            gone = self._silent.intersection(names)
            self._there -= gone
            self._silent -= gone
        return frozenset(gone)
