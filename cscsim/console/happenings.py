"""What has happened in a run that tells of a step: acts and what came of them, events, and steps carried out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from csc.scheduler.blocks import BlockStatus
from cscsim.console.queues import QueueViews
from cscsim.console.seen import Seen
from fsm import Record
from procedures.training import Act, acts_of, is_person

__all__ = ["Happenings", "Moment", "Standing"]

_ENDED = {"COMPLETE": "done", "FAILED": "failed", "ABORTED": "failed", "TIMEOUT": "failed", "NOPERM": "failed"}
_SCRIPTS = {"DONE": "done", "TERMINATED": "failed", "LOADFAILED": "failed", "CONFIGURE_FAILED": "failed"}
_WORDS = ("report", "note", "hint", "pause")
"""Acts that no step asks for."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A place in the journal: the number of its last record then, and the time [s]."""

    n: int
    t: float


@dataclass(frozen=True, slots=True)
class Standing:
    """How a step stands, whose doing it is, and why it failed."""

    status: str
    by: str = ""
    because: str = ""


class Happenings:
    """What has happened so far in one run.

    Parameters
    ----------
    topics
        Events that somebody waits for, by who sends them and name.
    """

    def __init__(self, seen: Seen, queues: QueueViews, topics: Iterable[tuple[str, str]]) -> None:
        self._seen, self._queues, self._topics = seen, queues, frozenset(topics)
        self._seqs: dict[int, int] = {}
        self._acks: dict[int, tuple[str, str]] = {}
        self._blocks: dict[str, tuple[int, BlockStatus]] = {}
        self._events: dict[tuple[str, str], tuple[int, Mapping[str, Any]]] = {}
        self._n = -1

    @property
    def now(self) -> Moment:
        """The moment until which all is known."""
        return Moment(self._n, self._seen.clock.now)

    def see(self, record: Record) -> bool:
        """Take a record; tell whether a step may stand otherwise since."""
        self._n, kind, who = record["n"], record["kind"], record["who"]
        if kind == "ack":
            self._acks[record["seq"]] = (record["ack"], str(record.get("result", "")))
            return record["seq"] in self._seqs.values() and record["ack"] in _ENDED
        if kind != "event":
            return False
        topic = record["topic"]
        if topic == "blockStatus" and who.startswith("Scheduler:"):
            data = self._whole(record)
            self._blocks[str(data.get("id", ""))] = (self._n, BlockStatus(data["statusId"]))
            return True
        if (who, topic) in self._topics:
            self._events[who, topic] = (self._n, self._whole(record))
            return True
        return topic == "script" and who in self._queues.names

    def acts(self, record: Record) -> Iterator[Act]:
        """Yield the act that a record tells of, if it may belong to a step."""
        for act in acts_of([record]):
            if act.kind not in _WORDS:
                if record["kind"] == "command":
                    self._seqs[act.n] = record["seq"]
                yield act

    def event(self, who: str, topic: str) -> tuple[int, Mapping[str, Any]] | None:
        """Return the last event of a topic that somebody waits for, with the number of its record."""
        return self._events.get((who, topic))

    def of_act(self, act: Act, *, waits: bool = True) -> Standing:
        """Return how a step stands that an act belongs to.

        Parameters
        ----------
        waits
            Whether the end of a script belongs to the step.
        """
        if act.kind == "confirm":
            return Standing("done" if act.data.get("answer") else "failed", "you")
        seq = self._seqs.get(act.n)
        if seq is None:
            return Standing("done", "you")
        ack, result = self._acks.get(seq, ("", ""))
        status = _ENDED.get(ack, "doing")
        if status != "done" or not waits:
            return Standing(status, "you", result if status == "failed" else "")
        if act.kind == "script":
            return self._of_script(act.component, result)
        if act.kind == "block":
            return self._of_block(act, result)
        return Standing("done", "you")

    def _of_script(self, queue: str, index: str) -> Standing:
        """Return how a script stands that was put on a queue."""
        if not index.isdigit() or queue not in self._queues.names:
            return Standing("done", "you")
        script = self._queues.script(queue, int(index))
        reason = str(script["reason"])
        if script["state"] in ("FAILED", "STOPPED"):
            return Standing("failed", "you", reason)
        status = _SCRIPTS.get(script["process"], "doing")
        return Standing(status, "you", reason if status == "failed" else "")

    def _of_block(self, act: Act, index: str) -> Standing:
        """Return how a block stands: it is done once all its scripts are."""
        added = self._of_script(act.component, index)
        if added.status == "failed":
            return added
        n, status = self._blocks.get(act.what, (-1, BlockStatus.AVAILABLE))
        if n < act.n or not status.has_ended:
            return Standing("doing", "you")
        if status is BlockStatus.COMPLETED:
            return Standing("done", "you")
        return Standing("failed", "you", f"{act.what} ended {status.name}")

    def _whole(self, record: Record) -> Mapping[str, Any]:
        """Return all fields of an event: the journal has those that have changed."""
        sample = self._seen.last(record["who"], record["topic"])
        return {**(sample.data if sample is not None else {}), **record["data"]}


_STEPS = {"started": "doing", "done": "done", "failed": "failed", "stopped": "failed"}


def of_step(record: Record) -> Standing | None:
    """Return how a step stands by its own record: the console has carried it out for somebody."""
    if record["kind"] != "step" or not is_person(record["who"]):
        return None
    return Standing(_STEPS.get(record["what"], "doing"), "done for you", str(record.get("because", "")))
