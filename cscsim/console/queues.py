"""Script queues as the page shows them: put together from what a queue and its scripts publish."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from csc import Observatory, Sample
from csc.scriptqueue.enums import ProcessState, ScriptState
from fsm import Record

__all__ = ["QueueViews"]

_KEPT = 200
"""Log lines of a script, and scripts of the past that are shown."""
_REMEMBERED = 500
"""Scripts of a queue, and requests to add one, that are remembered: those that have not ended, and the newest."""
_LEVELS = ((50, "critical"), (40, "error"), (30, "warning"), (20, "info"))


class QueueViews:
    """The script queues of one observatory, kept up to date by the records of the journal.

    Parameters
    ----------
    observatory
        Where.
    tai_start
        TAI at t = 0 [s].
    """

    def __init__(self, observatory: Observatory, tai_start: float) -> None:
        self._bus = observatory.bus
        self._tai_start = tai_start
        self.names = tuple(name for name in observatory.sheet.components if name.partition(":")[0] == "ScriptQueue")
        self._stale = set(self.names)
        self._added: dict[int, Mapping[str, Any]] = {}
        self._scripts: dict[str, dict[int, Mapping[str, Any]]] = {name: {} for name in self.names}
        self._requests: dict[str, dict[int, Mapping[str, Any]]] = {name: {} for name in self.names}
        self._logs: dict[int, deque[dict[str, Any]]] = {}
        self._ends = [self._bus.subscribe(name, "script", partial(self._learn, name)) for name in self.names]

    def see(self, record: Record) -> None:
        """Take a record of the journal."""
        who, kind = record["who"], record["kind"]
        if who in self._scripts and kind == "command" and record["command"] in ("add", "requeue"):
            self._added[record["seq"]] = record["data"]
            if len(self._added) > _REMEMBERED:
                del self._added[next(iter(self._added))]
        elif kind == "event" and who in self._scripts:
            self._stale.add(who)
        elif kind == "event" and who.startswith("Script:"):
            self._stale.update(self.names)
            if record["topic"] == "logMessage":
                self._log(int(who.partition(":")[2]), record)

    def _learn(self, queue: str, sample: Sample) -> None:
        data = sample.data
        index = data["scriptSalIndex"]
        self._scripts[queue][index] = data
        request = self._added.get(data["cmdId"])
        if request is not None and index not in self._requests[queue]:
            old = self._requests[queue].get(request.get("scriptSalIndex", 0))
            self._requests[queue][index] = request if "path" in request or old is None else old
        self._stale.add(queue)
        self._forget_old(queue)

    def _forget_old(self, queue: str) -> None:
        """Forget the oldest scripts that have ended, if there are too many."""
        scripts = self._scripts[queue]
        if len(scripts) <= _REMEMBERED:
            return
        ended = [index for index, told in scripts.items() if told.get("timestampProcessEnd")]
        for index in ended[: len(scripts) - _REMEMBERED]:
            del scripts[index]
            self._requests[queue].pop(index, None)
            self._logs.pop(index, None)

    def _log(self, index: int, record: Record) -> None:
        lines = self._logs.setdefault(index, deque(maxlen=_KEPT))
        sample = self._bus.last(record["who"], "logMessage")
        data = {**(sample.data if sample is not None else {}), **record["data"]}
        level = next((word for number, word in _LEVELS if data.get("level", 0) >= number), "debug")
        lines.append({"t": record["t"], "level": level, "text": str(data.get("message", ""))})

    def changed(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the queues of which something has changed."""
        for name in sorted(self._stale):
            yield name, self.look(name)
        self._stale.clear()

    def forget(self) -> None:
        """Take all queues as changed."""
        self._stale.update(self.names)

    def script(self, queue: str, index: int) -> dict[str, Any]:
        """Return a script of a queue as it is now."""
        return self._script(queue, index)

    def last_config(self, queue: str, path: str) -> str | None:
        """Return the configuration with which a script was added last."""
        asked = [each for each in self._requests.get(queue, {}).values() if each.get("path") == path]
        return str(asked[-1].get("config", "")) if asked else None

    def look(self, name: str) -> dict[str, Any]:
        """Return a queue as it is now."""
        queue, available = self._bus.last(name, "queue"), self._bus.last(name, "availableScripts")
        told: Mapping[str, Any] = queue.data if queue is not None else {}
        current = told.get("currentSalIndex", 0)
        waiting = told.get("salIndices", ())[: told.get("length", 0)]
        past = told.get("pastSalIndices", ())[: told.get("pastLength", 0)]
        return {
            "enabled": bool(told.get("enabled")),
            "running": bool(told.get("running")),
            "current": self._script(name, current) if current else None,
            "waiting": [self._script(name, index) for index in waiting],
            "past": [self._script(name, index) for index in past[:_KEPT]],
            "available": {kind: _paths(available, kind) for kind in ("standard", "external")},
        }

    def _script(self, queue: str, index: int) -> dict[str, Any]:
        who = f"Script:{index}"
        told = self._scripts[queue].get(index, {})
        asked = self._requests[queue].get(index, {})
        state, metadata = self._field(who, "state"), self._field(who, "metadata")
        checkpoints = self._field(who, "checkpoints")
        return {
            "index": index,
            "path": told.get("path", ""),
            "standard": bool(told.get("isStandard", True)),
            "config": str(asked.get("config", "")),
            "process": ProcessState(told.get("processState", 0)).name,
            "state": ScriptState(state.get("state", told.get("scriptState", 0))).name,
            "checkpoint": state.get("lastCheckpoint", ""),
            "passed": state.get("numCheckpoints", 0),
            "checkpoints": metadata.get("totalCheckpoints", 0),
            "expected": metadata.get("duration", 0.0),
            "started": self._time(told.get("timestampRunStart", 0.0)),
            "ended": self._time(told.get("timestampProcessEnd", 0.0)),
            "description": self._field(who, "description").get("description", ""),
            "reason": state.get("reason", ""),
            "pause": checkpoints.get("pause", asked.get("pauseCheckpoint", "")),
            "stop": checkpoints.get("stop", asked.get("stopCheckpoint", "")),
            "log": list(self._logs.get(index, ())),
        }

    def _field(self, who: str, topic: str) -> Mapping[str, Any]:
        sample = self._bus.last(who, topic)
        return sample.data if sample is not None else {}

    def _time(self, tai: float) -> float | None:
        return round(tai - self._tai_start, 3) if tai else None


def _paths(available: Sample | None, kind: str) -> list[str]:
    return [path for path in str(available.data[kind]).split(":") if path] if available is not None else []
