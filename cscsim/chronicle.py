"""What a spectator remembers of a rehearsal: enough for the live display and for the summary.

Looking at a record costs next to nothing: it is stored or passed over, and nothing is drawn here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from csc import Observatory
from csc.latiss.images import Exposure
from fsm import Record
from procedures import Rehearsal

__all__ = ["Chronicle", "Message", "OpenStep", "ScriptRun"]

_KEPT_MESSAGES = 500
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}
_ENDED = frozenset({"DONE", "STOPPED", "FAILED", "CONFIGURE_FAILED"})


@dataclass(frozen=True, slots=True)
class Message:
    """A line that somebody logged at simulated time `t` [s]; `level` as Python's logging has it.

    Attributes
    ----------
    is_condition
        Whether it says that a condition did not hold.
    """

    t: float
    who: str
    level: int
    text: str
    is_condition: bool = False


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step of the rehearsed procedure that has begun at simulated time `start` [s]."""

    id: str
    name: str
    start: float


@dataclass(slots=True)
class ScriptRun:
    """A script of a queue.

    Attributes
    ----------
    name
        Its name on the bus, ``Script:200003``.
    path
        What it runs.
    filters
        The filters it says it uses.
    start, end
        When it ran, in simulated s; None before.
    """

    name: str
    path: str = ""
    filters: str = ""
    state: str = "UNKNOWN"
    checkpoint: str = ""
    reason: str = ""
    start: float | None = None
    end: float | None = None

    @property
    def index(self) -> str:
        """Its SAL index."""
        return self.name.partition(":")[2]


class Chronicle:
    """Watches a rehearsal and remembers.

    Attributes
    ----------
    steps
        The steps under way, by id, in the order in which they began.
    scripts
        Every script of the queues, by name.
    messages
        What was logged: by components everything from INFO up, by scripts from WARNING up; the latest 500.
    questions
        Human checks that were answered.
    violated
        How many conditions did not hold so far.
    """

    def __init__(self) -> None:
        self.rehearsal: Rehearsal | None = None
        self.observatory: Observatory | None = None
        self.steps: dict[str, OpenStep] = {}
        self.scripts: dict[str, ScriptRun] = {}
        self.messages: deque[Message] = deque(maxlen=_KEPT_MESSAGES)
        self.faults: list[Record] = []
        self.questions = 0
        self.checked = 0
        self.violated = 0
        self.last_image: Exposure | None = None
        self.image_count = 0
        self._who = ""
        self._said: dict[str, dict[str, Any]] = {}
        self._by_kind: dict[str, Callable[[Record], None]] = {
            "step": self._see_step,
            "event": self._see_event,
            "transition": self._see_transition,
            "condition": self._see_condition,
            "log": self._see_log,
            "fault": self._see_fault,
            "confirm": self._see_confirm,
        }
        self._by_topic: dict[str, Callable[[Record], None]] = {
            "logMessage": self._see_log_message,
            "state": self._see_script,
            "description": self._see_script,
            "metadata": self._see_script,
        }

    def begin(self, rehearsal: Rehearsal, observatory: Observatory) -> None:
        """Learn what is rehearsed, and where."""
        self.rehearsal = rehearsal
        self.observatory = observatory
        self._who = rehearsal.who
        observatory.services["images"].listen(self._see_image)

    def see(self, record: Record) -> None:
        """Remember a record, or pass over it."""
        handler = self._by_kind.get(record["kind"])
        if handler is not None:
            handler(record)

    @property
    def current_script(self) -> ScriptRun | None:
        """The script that runs now; the last one that began if there are several."""
        running = [run for run in self.scripts.copy().values() if run.start is not None and run.end is None]
        return running[-1] if running else None

    def _see_step(self, record: Record) -> None:
        if record["who"] != self._who:
            return
        identity = record["step"]
        if record["what"] == "started":
            self.steps[identity] = OpenStep(identity, record["name"], record["t"])
        else:
            self.steps.pop(identity, None)

    def _see_event(self, record: Record) -> None:
        handler = self._by_topic.get(record["topic"])
        if handler is not None:
            handler(record)

    def _see_log_message(self, record: Record) -> None:
        who = record["who"]
        said = self._said.setdefault(who, {})  # a record holds only the fields that have changed
        said.update(record["data"])
        if not who.startswith("Script:") or said.get("level", 0) >= _LEVELS["warning"]:
            self.messages.append(Message(record["t"], who, said.get("level", 0), said.get("message", "")))

    def _see_script(self, record: Record) -> None:
        who = record["who"]
        if not who.startswith("Script:"):
            return
        run = self.scripts.setdefault(who, ScriptRun(who))
        data = record["data"]
        run.path = data.get("classname", run.path)
        run.filters = data.get("filters", run.filters)
        run.checkpoint = data.get("lastCheckpoint", run.checkpoint)
        run.reason = data.get("reason", run.reason)

    def _see_transition(self, record: Record) -> None:
        if record["machine"] != "script" or not record["who"].startswith("Script:"):
            return
        run = self.scripts.setdefault(record["who"], ScriptRun(record["who"]))
        run.state = record["state"]
        if run.state == "RUNNING" and run.start is None:
            run.start = record["t"]
        elif run.state in _ENDED:
            run.end = record["t"]

    def _see_condition(self, record: Record) -> None:
        self.checked += 1
        if record["truth"] is not True:
            self.violated += 1
            text = f"does not hold: {record.get('because') or record['condition']}"
            self.messages.append(Message(record["t"], record["where"], _LEVELS["error"], text, is_condition=True))

    def _see_log(self, record: Record) -> None:
        # A script's own lines come again as its log messages.
        level = _LEVELS.get(record["level"], 20)
        if not record["who"].startswith("Script:"):
            self.messages.append(Message(record["t"], record["who"], level, record["message"]))

    def _see_fault(self, record: Record) -> None:
        self.faults.append(record)

    def _see_confirm(self, record: Record) -> None:
        self.questions += 1

    def _see_image(self, exposure: Exposure) -> None:
        self.last_image = exposure
        self.image_count += 1
