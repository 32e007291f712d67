"""What people did, read off a journal: their own commands, and the records of `procedures.training.acts`.

A script that was put on a queue and a block that was given to a Scheduler are told as what they are, not as the
commands that carry them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from fsm import Record
from procedures.branch import INSTRUCTOR
from procedures.steps.queue import ADD_BLOCK
from procedures.training.acts import OBSERVER

__all__ = ["Act", "acts_of", "is_person"]

_OF_PEOPLE = frozenset({"report", "note", "hint", "pause", "hand", "confirm", "announce"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that a person did.

    Attributes
    ----------
    t, n
        When [s], and the number of its record.
    kind
        ``command``, ``script``, ``block``, or the kind of its record.
    component
        What it was sent to, reported or done by hand to; of a script its queue, of a block its queue or Scheduler.
    what
        The command, path, block, fault, trigger, step or word.
    data
        Fields of the command, or of the record.
    """

    t: float
    n: int
    by: str
    kind: str
    component: str = ""
    what: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Say it as an observer's log would."""
        match self.kind:
            case "report":
                return f"reports {self.component}{f'.{self.what}' if self.what else ''}{_quoted(self.data.get('text'))}"
            case "script":
                config = " ".join(str(self.data.get("config", "")).split())
                return f"adds {self.what} to {self.component}{f' ({config})' if config else ''}"
            case "block":
                return f"adds {self.what} by {self.component}"
            case "hand":
                done = "" if self.data.get("what") == "done" else "; there is nothing to do"
                return f"by hand: {self.component}.{self.what}{done}"
            case "hint":
                return f"is shown hint {self.what}{_quoted(self.data.get('text'))}"
            case "note":
                return f"notes{_quoted(self.data.get('text'))}"
            case "pause":
                return {"paused": "stops the clock", "resumed": "lets the clock go on"}.get(self.what, self.what)
            case "confirm":
                return f"answers {'yes' if self.data.get('answer') else 'no'}: {self.data.get('question', '')}"
            case "announce":
                return f"announces{_quoted(self.data.get('text'))}"
        values = ", ".join(f"{key}={value}" for key, value in self.data.items())
        return f"sends {self.component}.{self.what}{f' ({values})' if values else ''}"


def _quoted(text: object) -> str:
    return f": {text}" if text else ""


def is_person(who: str) -> bool:
    """Tell whether a name in the journal is a person's.

    >>> [is_person(who) for who in ("observer", "observer:Ana", "instructor", "Script:200000", "ATDome")]
    [True, True, True, False, False]
    """
    return who.partition(":")[0] in (OBSERVER, INSTRUCTOR)


def acts_of(records: Iterable[Record]) -> Iterator[Act]:
    """Yield what people did, in order."""
    for record in records:
        kind = record["kind"]
        if kind == "command" and is_person(str(record.get("by", ""))):
            yield _commanded(record)
        elif kind in _OF_PEOPLE and is_person(record["who"]):
            yield _recorded(record)


def _commanded(record: Record) -> Act:
    to, command, data = str(record["who"]), str(record["command"]), dict(record.get("data", {}))
    kind, what = "command", command
    match to.partition(":")[0], command:
        case "ScriptQueue", "add":
            kind, what = "script", str(data.get("path", ""))
            if what == ADD_BLOCK:
                kind, what = "block", _block_in(str(data.get("config", ""))) or what
        case "Scheduler", "addBlock":
            kind, what = "block", str(data.get("id", ""))
    return Act(t=record["t"], n=record["n"], by=record["by"], kind=kind, component=to, what=what, data=data)


def _block_in(config: str) -> str:
    """Return the block that a script is to add; empty if its configuration is no YAML that says one."""
    try:
        read = yaml.safe_load(config)
    except yaml.YAMLError:
        return ""
    return str(read.get("id", "")) if isinstance(read, dict) else ""


def _recorded(record: Record) -> Act:
    data = {key: value for key, value in record.items() if key not in ("t", "n", "kind", "who")}
    what = next((str(data[key]) for key in ("fault", "act", "number", "step", "what") if key in data), "")
    component = str(data.get("component", ""))
    return Act(
        t=record["t"], n=record["n"], by=record["who"], kind=record["kind"], component=component, what=what, data=data
    )
