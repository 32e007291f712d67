"""What travels on the bus: commands, acknowledgements, samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from csc.summary_state import AckCode
from fsm import OperatorError

__all__ = ["Ack", "AckError", "AckTimeoutError", "CommandMessage", "Sample"]


@dataclass(frozen=True, slots=True)
class Ack:
    """An acknowledgement.

    Attributes
    ----------
    code
        What it says.
    error
        0 when all is well, 1 otherwise, or the component's own number.
    result
        Its text.
    timeout
        With an in-progress acknowledgement: time [s] by which it extends the sender's limit.
    """

    code: AckCode
    error: int = 0
    result: str = ""
    timeout: float = 0.0


@dataclass(frozen=True, slots=True)
class CommandMessage:
    """A command on its way.

    Attributes
    ----------
    to
        The component's name on the bus, ``OCPS:1``.
    seq_num
        Unique on the bus.
    identity
        Who sent it.
    reply
        Where its acknowledgements go.
    """

    to: str
    name: str
    data: Mapping[str, Any]
    seq_num: int
    identity: str
    reply: Callable[[Ack], None]


@dataclass(frozen=True, slots=True)
class Sample:
    """One published message of a topic; its fields can be read as attributes.

    Attributes
    ----------
    t
        Simulated time [s] at which it was sent.
    """

    topic: str
    data: Mapping[str, Any]
    t: float
    seq_num: int = field(default=0)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.data[name]
        except KeyError:
            raise AttributeError(f"{self.topic} has no field {name}") from None


class AckError(OperatorError):
    """A command failed.

    Parameters
    ----------
    command
        Its full name, ``ATDome.moveAzimuth``.
    ack
        The acknowledgement that ended it.
    """

    def __init__(self, command: str, ack: Ack) -> None:
        self.command = command
        self.ack = ack
        number = f" (error {ack.error})" if ack.error not in (0, 1) else ""
        super().__init__(f"{command}: {ack.code.name}{number} {ack.result}")


class AckTimeoutError(AckError):
    """No final acknowledgement came in time."""
