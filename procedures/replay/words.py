"""A record of a journal in words, for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fsm import Record

__all__ = ["in_words", "matters"]

_MATTERING = frozenset(
    {"step", "transition", "command", "condition", "expectation", "fault", "message"}
    | {"confirm", "announce", "report", "note", "hint", "pause", "hand", "goal", "branch", "end"}
)
_QUIET = frozenset({"COMPLETE", "INPROGRESS", "ACK"})
_FEW = 4
"""Fields of a message that are told; of more, how many there are."""


def matters(record: Record) -> bool:
    """Tell whether somebody who goes through a run step by step stops at a record."""
    return record["kind"] in _MATTERING or (record["kind"] == "ack" and record.get("ack") not in _QUIET)


def in_words(record: Record) -> str:
    """Say what happened.

    >>> in_words({"kind": "transition", "who": "ATDome", "machine": "homing", "source": "HOMED", "state": "HOMING"})
    'ATDome.homing goes from HOMED to HOMING'
    """
    teller = _TELLERS.get(str(record["kind"]))
    try:
        return teller(record) if teller is not None else f"{record['who']}: {record['kind']}"
    except (KeyError, TypeError):
        return f"{record['who']}: {record['kind']}"


def _step(record: Record) -> str:
    because = f", because {record['because']}" if record.get("because") else ""
    name = f": {record['name']}" if record["name"] else ""
    return f"{record['who']} step {record['step']} {record['what']}{name}{because}"


def _condition(record: Record) -> str:
    truth = {True: "holds", False: "does not hold", None: "is unknown"}[record["truth"]]
    because = f" ({record['because']})" if record.get("because") else ""
    return f"{record['where']}: {record['condition']} {truth}{because}"


def _ack(record: Record) -> str:
    result = f" {record['result']}" if record["result"] and record["result"] != record["ack"] else ""
    return f"{record['who']} acknowledges {record['command']} ({record['seq']}): {record['ack']}{result}"


def _fault(record: Record) -> str:
    values = _fields(record.get("parameters", {}))
    return f"fault {record['who']}.{record['fault']} is {record['what']}" + (f": {values}" if values else "")


def _branch(record: Record) -> str:
    what = [f"scenario {record['scenario']}"] if record["scenario"] else []
    what += [f"fault {fault}" for fault in record["faults"]]
    return f"the run branches: {', '.join(what) or 'nothing goes wrong'}"


def _run(record: Record) -> str:
    return f"the run of {record['procedure']} begins in {record['observatory']}, seed {record['seed']}"


def _report(record: Record) -> str:
    suspect = f"{record['component']}.{record['fault']}" if record["fault"] else record["component"]
    return f"{record['who']} reports {suspect}" + (f": {record['text']}" if record["text"] else "")


def _end(record: Record) -> str:
    return f"the run ends: {record['outcome']}" + (f": {record['because']}" if record.get("because") else "")


def _fields(data: Mapping[str, Any]) -> str:
    if len(data) > _FEW:
        return f"{len(data)} fields"
    return ", ".join(f"{key}={value}" for key, value in data.items())


_TELLERS: Mapping[str, Callable[[Record], str]] = {
    "run": _run,
    "step": _step,
    "condition": _condition,
    "command": lambda record: (
        f"{record['by']} sends {record['who']} {record['command']} {_fields(record['data'])}".rstrip()
    ),
    "ack": _ack,
    "event": lambda record: f"{record['who']} publishes {record['topic']}: {_fields(record['data'])}",
    "transition": lambda r: f"{r['who']}.{r['machine']} goes from {r['source']} to {r['state']}",
    "fault": _fault,
    "message": lambda record: f"{record['type']} {record['name']} of {record['who']} is {record['what']}",
    "expectation": lambda record: f"what should never be so is: {record['condition']} ({record['because']})",
    "confirm": lambda record: f"a person answers {'yes' if record['answer'] else 'no'}: {record['question']}",
    "announce": lambda record: f"a person announces: {record['text']}",
    "report": _report,
    "note": lambda record: f"{record['who']} notes: {record['text']}",
    "hint": lambda record: f"{record['who']} is shown hint {record['number']}: {record['text']}",
    "pause": lambda record: f"{record['who']}: the clock is {record['what']}",
    "hand": lambda record: f"{record['who']}, by hand at {record['component']}: {record['act']} ({record['what']})",
    "refused": lambda record: f"{record['who']} refuses {record['what']} of {record['by']}: {record['because']}",
    "goal": lambda record: f"goal {record['goal']} is {record['what']} ({record['because']})",
    "log": lambda record: f"{record['who']} logs {record['level']}: {record['message']}",
    "branch": _branch,
    "end": _end,
}
