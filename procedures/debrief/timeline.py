"""A run along the axis of simulated time: what lasted, and what happened at a moment, by lanes.

A lane is a list of things of one kind: steps, scripts, what people did, faults, states of those components that had
trouble, conditions that did not hold, images, goals. How it is drawn is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from csc import SummaryState
from fsm import Record
from procedures.replay.words import in_words
from procedures.training.act import Act, acts_of
from procedures.training.model import SAFE, SHOWS

__all__ = ["Moment", "Span", "Taken", "Timeline", "make_timeline"]

_SUMMARY = {int(state): state.name for state in SummaryState}
_ENDED = frozenset({"DONE", "STOPPED", "FAILED", "CONFIGURE_FAILED"})


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened at simulated time `t` [s], in record `n`."""

    t: float
    n: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Something that lasted.

    Attributes
    ----------
    what
        How it went: of a step or a script how it ended, of a fault what ended it, of a component its summary state.
    end
        When [s]; None if it still lasts when the journal ends.
    """

    label: str
    what: str
    begin: float
    end: float | None
    n: int
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An image, as the camera has announced it; `t` is the beginning of its integration [s]."""

    t: float
    n: int
    name: str
    image_type: str
    exposure_time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What happened, by lanes.

    Attributes
    ----------
    end
        Simulated time of the last record [s].
    states
        Summary states of the components that had trouble, by component.
    transitions
        What the machines of those did, and how many transitions there were in all.
    """

    end: float
    acts: tuple[Act, ...]
    steps: tuple[Span, ...]
    scripts: tuple[Span, ...]
    faults: tuple[Span, ...]
    states: Mapping[str, tuple[Span, ...]]
    transitions: tuple[Moment, ...]
    transition_count: int
    violations: tuple[Moment, ...]
    images: tuple[Taken, ...]
    goals: tuple[Moment, ...]
    endings: tuple[Moment, ...]


def make_timeline(records: Sequence[Record], *, concerned: Sequence[str] = ()) -> Timeline:
    """Read a timeline off the records of a journal.

    Parameters
    ----------
    concerned
        Components whose states are wanted besides those that had a fault or were in FAULT.
    """
    return _Reader(records, concerned).timeline()


@dataclass(slots=True)
class _Script:
    path: str = ""
    begin: float | None = None
    n: int = 0
    end: float | None = None
    state: str = ""
    reason: str = ""


@dataclass(slots=True)
class _Reader:
    records: Sequence[Record]
    concerned: Sequence[str]
    scripts: dict[str, _Script] = field(default_factory=dict)
    images: list[Taken] = field(default_factory=list)
    steps: dict[str, Span] = field(default_factory=dict)
    told_steps: list[Span] = field(default_factory=list)
    faults: list[Span] = field(default_factory=list)
    _said: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def timeline(self) -> Timeline:
        readers: Mapping[str, Callable[[Record], None]] = {
            "step": self._step,
            "event": self._event,
            "transition": self._transition,
            "fault": self._fault,
        }
        for record in self.records:
            reader = readers.get(record["kind"])
            if reader is not None:
                reader(record)
        end = float(self.records[-1]["t"]) if self.records else 0.0
        transitions = [record for record in self.records if record["kind"] == "transition"]
        troubled = self._troubled(transitions)
        goals = [r for r in self.records if r["kind"] == "goal" and not str(r["goal"]).startswith((SAFE, SHOWS))]
        return Timeline(
            end=end,
            acts=tuple(acts_of(self.records)),
            steps=tuple(sorted([*self.told_steps, *self.steps.values()], key=lambda span: span.n)),
            scripts=tuple(self._scripts()),
            faults=tuple(self.faults),
            states={name: tuple(_states(name, self.records, end)) for name in troubled},
            transitions=tuple(
                _moment(each) for each in transitions if each["who"] in troubled and each["machine"] != "summary"
            ),
            transition_count=len(transitions),
            violations=tuple(
                _moment(r)
                for r in self.records
                if r["kind"] == "expectation" or (r["kind"] == "condition" and r["truth"] is not True)
            ),
            images=tuple(self.images),
            goals=tuple(_moment(record) for record in goals),
            endings=tuple(_moment(record) for record in self.records if record["kind"] in ("branch", "end")),
        )

    def _troubled(self, transitions: Sequence[Record]) -> list[str]:
        found = dict.fromkeys(record["who"] for record in self.records if record["kind"] == "fault")
        found |= dict.fromkeys(r["who"] for r in transitions if r["machine"] == "summary" and r["state"] == "FAULT")
        return list(found | dict.fromkeys(self.concerned))

    def _step(self, record: Record) -> None:
        """Keep the steps of the procedure itself, not those of what it calls."""
        identity = str(record["step"])
        if record["who"].startswith("Script:") or "/" in identity:
            return
        if record["what"] == "started":
            self.steps[identity] = Span(
                label=identity,
                what="running",
                begin=record["t"],
                end=None,
                n=record["n"],
                text=str(record.get("name", "")),
            )
        elif identity in self.steps:
            begun = self.steps.pop(identity)
            because = record.get("because", "")
            self.told_steps.append(
                Span(
                    label=identity,
                    what=record["what"],
                    begin=begun.begin,
                    end=record["t"],
                    n=begun.n,
                    text=": ".join(each for each in (begun.text, because) if each),
                )
            )

    def _event(self, record: Record) -> None:
        who, topic, data = str(record["who"]), record["topic"], record["data"]
        if who.startswith("Script:"):
            script = self.scripts.setdefault(who, _Script())
            script.path = data.get("classname", script.path)
            script.reason = data.get("reason", script.reason)
        elif topic == "startIntegration":
            said = self._said.setdefault((who, topic), {})  # a record holds only the fields that have changed
            said.update(data)
            keys = str(said.get("additionalKeys", "")).split(":")
            values = _values(str(said.get("additionalValues", "")))
            more = dict(zip(keys, values, strict=False))
            self.images.append(
                Taken(
                    t=record["t"],
                    n=record["n"],
                    name=str(said.get("imageName", "")),
                    image_type=more.get("imageType", ""),
                    exposure_time=float(said.get("exposureTime", 0.0)),
                )
            )

    def _transition(self, record: Record) -> None:
        if record["machine"] != "script" or not record["who"].startswith("Script:"):
            return
        script = self.scripts.setdefault(record["who"], _Script())
        script.state = record["state"]
        if script.state == "RUNNING" and script.begin is None:
            script.begin, script.n = record["t"], record["n"]
        elif script.state in _ENDED:
            script.end = record["t"]

    def _scripts(self) -> Iterator[Span]:
        for name, script in self.scripts.items():
            if script.begin is not None:
                index = name.partition(":")[2]
                yield Span(
                    label=script.path,
                    what=script.state,
                    begin=script.begin,
                    end=script.end,
                    n=script.n,
                    text=f"{index}{f', {script.reason}' if script.reason else ''}",
                )

    def _fault(self, record: Record) -> None:
        label = f"{record['who']}.{record['fault']}"
        if record["what"] == "injected":
            self.faults.append(
                Span(label=label, what="active", begin=record["t"], end=None, n=record["n"], text=in_words(record))
            )
            return
        for number, span in enumerate(self.faults):
            if span.label == label and span.end is None:
                self.faults[number] = Span(
                    label=label, what=record["what"], begin=span.begin, end=record["t"], n=span.n, text=span.text
                )
                return


def _values(text: str) -> list[str]:
    """Part the camera's list at its colons; one that belongs to a value has a stroke before it."""
    return [each.replace("\0", ":") for each in text.replace("\\:", "\0").split(":")]


def _states(component: str, records: Sequence[Record], end: float) -> Iterator[Span]:
    """Yield the summary states that a component has published, with how long it was in each."""
    told = [
        (record, _SUMMARY[record["data"]["summaryState"]])
        for record in records
        if (record["kind"], record["who"], record.get("topic")) == ("event", component, "summaryState")
        and record["data"].get("summaryState") in _SUMMARY
    ]
    for (record, state), following in zip(told, [*told[1:], None], strict=False):
        until = following[0]["t"] if following is not None else end
        yield Span(label=component, what=state, begin=record["t"], end=until, n=record["n"])


def _moment(record: Record) -> Moment:
    return Moment(record["t"], record["n"], record["kind"], in_words(record))
