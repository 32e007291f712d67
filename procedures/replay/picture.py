"""A run at one moment: every component, every open step and condition, every command and timer under way.

Taking a picture only reads, so the run goes on as if nobody had looked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from csc import Component, Observatory
from fsm import Condition, Scope, Truth
from procedures.frame import Frame, Stage
from procedures.model import Check, Step, Wait
from procedures.replay.timers import Ringing, name_of, timers_of
from procedures.replay.tracker import Sent, Tracker
from procedures.telling import tell

__all__ = [
    "DANGER",
    "ComponentNow",
    "Flight",
    "MachineNow",
    "OpenCondition",
    "OpenStep",
    "Picture",
    "Waiting",
    "take_picture",
]


DANGER = "fails if"
"""What depends on a condition that should not come true."""


@dataclass(frozen=True, slots=True)
class OpenCondition:
    """A condition on which something depends, and why it is what it is; `role` says what depends on it."""

    role: str
    condition: str
    truth: Truth
    because: str

    @classmethod
    def of(cls, role: str, condition: Condition, scope: Scope) -> OpenCondition:
        """Look at a condition now."""
        return cls(role, str(condition), condition.evaluate(scope), condition.explain(scope))


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStep:
    """A step under way since `since` [s]; `depth` is how many others of the same doer it lies in."""

    who: str
    id: str
    name: str
    does: str
    since: float
    depth: int
    conditions: tuple[OpenCondition, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits, and for what, with the last values seen."""

    who: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """A command in flight since `since` [s].

    Attributes
    ----------
    where
        ``on its way``, ``waits its turn``, ``under way`` or ``nobody answers``.
    done
        What makes it done.
    """

    seq: int
    to: str
    command: str
    data: Mapping[str, Any]
    by: str
    since: float
    ack: str
    where: str
    done: OpenCondition | None


@dataclass(frozen=True, slots=True)
class MachineNow:
    """A machine; `until` is when its next timer rings [s]."""

    name: str
    state: str
    initial: str
    until: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentNow:
    """A component; `faults` are those that are active, each with its values."""

    name: str
    summary_state: str | None
    machines: tuple[MachineNow, ...]
    faults: tuple[str, ...]
    outputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A run at simulated time `t` [s], after so many records.

    Attributes
    ----------
    ends
        What must hold when the procedures under way are done.
    """

    t: float
    records: int
    steps: tuple[OpenStep, ...]
    ends: tuple[tuple[str, OpenCondition], ...]
    waits: tuple[Waiting, ...]
    flights: tuple[Flight, ...]
    timers: tuple[Ringing, ...]
    components: tuple[ComponentNow, ...]
    groups: Mapping[str, tuple[str, ...]]

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {name: value for name, value in asdict(self).items() if name != "groups"}


def take_picture(stage: Stage, tracker: Tracker) -> Picture:
    """Look at everything, between two callbacks.

    Parameters
    ----------
    stage
        What the procedures of the run share.
    tracker
        Has seen every record so far.
    """
    with stage.observatory.streams.kept():
        return _taken(stage, tracker)


def _taken(stage: Stage, tracker: Tracker) -> Picture:
    observatory = stage.observatory
    loop = observatory.clock.loop
    timers = tuple(timers_of(loop, stage))
    return Picture(
        t=loop.t,
        records=observatory.journal.count,
        steps=tuple(step for frame in stage.frames for step in _steps(frame, tracker)),
        ends=tuple(
            (frame.procedure.name, OpenCondition.of("must hold in the end", check.that, frame.scope))
            for frame in stage.frames
            for check in frame.procedure.postconditions
        ),
        waits=tuple(Waiting(name_of(who, stage), _in_one_line(what())) for who, what in loop.waits.values()),
        flights=tuple(_flights(observatory, tracker)),
        timers=timers,
        components=tuple(
            _component(component, timers)
            for name, component in observatory.components.items()
            if not name.startswith("Script:")
        ),
        groups=observatory.groups,
    )


def _steps(frame: Frame, tracker: Tracker) -> Iterator[OpenStep]:
    for step in frame.steps:
        identity = f"{frame.prefix}{step.id}"
        begun = tracker.steps.get((frame.who, identity))
        yield OpenStep(
            who=frame.who,
            id=identity,
            name=step.name,
            does="; ".join(tell(step)),
            since=begun.t if begun is not None else frame.now,
            depth=frame.steps.index(step) + frame.prefix.count("/"),
            conditions=tuple(_conditions(step, frame)),
        )


def _conditions(step: Step, frame: Frame) -> Iterator[OpenCondition]:
    if isinstance(step, Wait):
        if step.until is not None:
            yield OpenCondition.of("waits until", step.until, frame.scope)
        for unless in step.unless:
            yield OpenCondition.of(DANGER, unless.when, frame.scope)
    yield from _checks("must hold meanwhile", step.invariants, frame)
    yield from _checks("must hold at its end", step.postconditions, frame)


def _checks(role: str, checks: tuple[Check, ...], frame: Frame) -> Iterator[OpenCondition]:
    return (OpenCondition.of(role, check.that, frame.scope) for check in checks)


def _flights(observatory: Observatory, tracker: Tracker) -> Iterator[Flight]:
    under_way: dict[int, OpenCondition | None] = {}
    queued: set[int] = set()
    for component in observatory.components.values():
        for message, done, truth, because in component.reception.under_way():
            condition = None if done is None else OpenCondition("done when", str(done), truth, because)
            under_way[message.seq_num] = condition
        queued.update(message.seq_num for message in component.reception.waiting())
    for sent in tracker.commands.values():
        yield Flight(
            seq=sent.seq,
            to=sent.to,
            command=sent.command,
            data=sent.data,
            by=sent.by,
            since=sent.t,
            ack=sent.ack,
            where=_where(sent, observatory, under_way, queued),
            done=under_way.get(sent.seq),
        )


def _where(sent: Sent, observatory: Observatory, under_way: Mapping[int, object], queued: set[int]) -> str:
    if sent.seq in under_way:
        return "under way"
    if sent.seq in queued:
        return "waits its turn"
    return "on its way" if sent.t == round(observatory.clock.now, 6) else "nobody answers"


def _component(component: Component, timers: tuple[Ringing, ...]) -> ComponentNow:
    until = {timer.machine: timer.at for timer in reversed(timers) if timer.who == component.name and timer.machine}
    snapshot = component.snapshot()
    return ComponentNow(
        name=component.name,
        summary_state=snapshot["summary_state"],
        machines=tuple(
            MachineNow(name, machine.state, machine.chart.initial, until.get(name))
            for name, machine in component.machines.items()
        ),
        faults=tuple(
            " ".join([fault.plan.name, *(f"{key}={value}" for key, value in fault.values.items())])
            for fault in component.faults.active
        ),
        outputs=snapshot["outputs"],
    )


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
