"""What may come between a bus and those on it: messages that are lost, late, doubled, out of order.

A bus asks here only while there is a rule. Rules are given and taken away by `csc.disturbances`; each is asked in the
order in which it came, and hands a message on, later, twice or never.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeAlias

__all__ = ["Deliver", "Envelope", "Interference", "Rule"]

Deliver: TypeAlias = Callable[[], object]
"""Brings a message to where it goes."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What can be told of a message from outside.

    Attributes
    ----------
    kind
        command, ack, event or telemetry.
    who
        The component, by its name on the bus: that a command goes to, or that anything else comes from.
    what
        Name of the topic, or of the command that it is or acknowledges.
    seq_num
        Of the command that it is or acknowledges, or of the sample.
    is_final
        Whether it is an acknowledgement after which no other comes.
    """

    kind: str
    who: str
    what: str
    seq_num: int
    is_final: bool = False


class Rule(Protocol):
    """Decides what becomes of some messages."""

    def concerns(self, envelope: Envelope) -> bool:
        """Tell whether it decides on a message."""

    def take(self, envelope: Envelope, deliver: Deliver) -> None:
        """Take a message: deliver it now, later, twice or never."""


class Interference:
    """The rules of one bus; it is true while there are any."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def __bool__(self) -> bool:
        return bool(self._rules)

    def add(self, rule: Rule) -> Callable[[], None]:
        """Let a rule decide from now on; return what ends it."""
        self._rules.append(rule)
        return partial(self._rules.remove, rule)

    def carry(self, envelope: Envelope, deliver: Deliver) -> None:
        """Bring a message past all rules that concern it."""
        for rule in reversed([rule for rule in self._rules if rule.concerns(envelope)]):
            deliver = partial(rule.take, envelope, deliver)
        deliver()
