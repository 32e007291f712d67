"""What is open in a run, read off its records: steps that have begun, commands without a final acknowledgement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fsm import Record

__all__ = ["Begun", "Sent", "Tracker"]

_IN_PROGRESS = frozenset({"ACK", "INPROGRESS"})


@dataclass(frozen=True, slots=True)
class Begun:
    """A step that began at simulated time `t` [s]."""

    who: str
    id: str
    name: str
    t: float


@dataclass(slots=True)
class Sent:
    """A command that was sent at simulated time `t` [s], and the last acknowledgement of it, if there is one."""

    seq: int
    to: str
    command: str
    data: Mapping[str, object]
    by: str
    t: float
    ack: str = ""


class Tracker:
    """Reads records.

    Attributes
    ----------
    steps
        Those under way, by whose they are and their id.
    commands
        Those in flight, by sequence number.
    last_step
        The step that began last.
    """

    def __init__(self) -> None:
        self.steps: dict[tuple[str, str], Begun] = {}
        self.commands: dict[int, Sent] = {}
        self.last_step: Begun | None = None
        self._by_kind: dict[str, Callable[[Record], None]] = {
            "step": self._see_step,
            "command": self._see_command,
            "ack": self._see_ack,
        }

    def see(self, record: Record) -> None:
        """See a record, or pass over it."""
        handler = self._by_kind.get(record["kind"])
        if handler is not None:
            handler(record)

    def _see_step(self, record: Record) -> None:
        key = (str(record["who"]), str(record["step"]))
        if record["what"] == "started":
            self.last_step = self.steps[key] = Begun(*key, str(record["name"]), float(record["t"]))
        else:
            self.steps.pop(key, None)

    def _see_command(self, record: Record) -> None:
        self.commands[record["seq"]] = Sent(
            record["seq"], record["who"], record["command"], record["data"], record["by"], record["t"]
        )

    def _see_ack(self, record: Record) -> None:
        if record["ack"] in _IN_PROGRESS:
            if record["seq"] in self.commands:
                self.commands[record["seq"]].ack = record["ack"]
        else:
            self.commands.pop(record["seq"], None)
