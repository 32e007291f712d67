"""A data sheet with everything resolved: the frozen plan from which a component is run, drawn and checked.

Units are canonical here, conditions are parsed, and every name in them is known to exist.
`csc.resolve` makes blueprints out of data sheets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fsm import Condition, Expression, Quantity, Statechart, States, Subject, Template, Text, Value
from fsm.conditions import Flag, Sequence

__all__ = [
    "Blueprint",
    "Command",
    "Effect",
    "Failure",
    "Fault",
    "Field",
    "Guard",
    "Output",
    "Parameter",
    "Sending",
    "Sense",
    "Topic",
    "subject_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A value that configuration or a fault may change; canonical unit."""

    name: str
    default: Value
    unit: str | None = None
    range: tuple[float, float] | None = None
    choices: tuple[str, ...] | None = None
    meaning: str = ""
    source: str | None = None

    @property
    def subject(self) -> Subject:
        """What a condition may ask of it."""
        return subject_of(self.default, self.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a message. `scale` turns its own unit into the canonical one; a stamp is the TAI of sending.

    `unit` is the canonical one, `own_unit` the one that it is sent in, as its sheet spells it.

    What it always says is a `value` in the canonical unit, or that of a `parameter`.
    """

    name: str
    type: str
    unit: str | None = None
    own_unit: str | None = None
    scale: float = 1.0
    length: int = 1
    range: tuple[float, float] | None = None
    enum: Mapping[str, int] | None = None
    bits: Mapping[str, int] | None = None
    stamp: bool = False
    value: Value = None
    parameter: str | None = None
    meaning: str = ""

    @property
    def default(self) -> Value:
        """SAL's default: zero, false, empty or so many of them."""
        one: Value = False if self.type == "boolean" else "" if self.type == "string" else 0.0 if self.is_real else 0
        return one if self.length == 1 or self.type == "string" else (one,) * self.length

    @property
    def sent_unit(self) -> str:
        """The unit of what is sent, for people: as we spell it, if it is the canonical one; nothing if it has none."""
        if self.unit is None or self.own_unit is None or self.scale == 1.0:
            return self.unit or ""
        return self.own_unit

    @property
    def is_real(self) -> bool:
        """Whether the field holds a floating-point number."""
        return self.type in ("float", "double")

    @property
    def subject(self) -> Subject:
        """What a condition may ask of it."""
        one: Subject = Flag() if self.type == "boolean" else Text() if self.type == "string" else Quantity(self.unit)
        return one if self.length == 1 or self.type == "string" else Sequence(one)

    @property
    def message_subject(self) -> Subject:
        """What a condition may ask of it in the last message: one of its names, where its numbers have names."""
        return States(tuple(self.enum)) if self.enum and self.length == 1 else self.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """An event, or with a cadence [s] telemetry or a heartbeat, which are sampled only for listeners.

    One that is not simulated is never sent. One that is `early` is published before the CSC has reached its hardware.
    """

    name: str
    fields: Mapping[str, Field]
    early: bool = False
    cadence: float | None = None
    telemetry: bool = False
    simulated: bool = True
    meaning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What must hold for a command, and what its sender is told otherwise: a text and an error number."""

    that: Condition
    otherwise: Template
    error: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What makes a command under way fail, and what its sender is told: a text and an error number."""

    when: Condition
    because: Template
    error: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command: its fields, what it needs, and when it is done."""

    name: str
    meaning: str = ""
    fields: Mapping[str, Field] = field(default_factory=dict)
    states: tuple[str, ...] = ("ENABLED",)
    guards: tuple[Guard, ...] = ()
    ignored_when: Condition | None = None
    done: Condition | None = None
    fails: tuple[Failure, ...] = ()
    limit: Expression | None = None
    endless: str | None = None
    in_progress: Expression | None = None
    takes: Expression | None = None
    refuses: str = ""
    simulated: bool = True
    allow_concurrent: bool = False
    changes_state: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A named quantity of a component, and the fields (topic, field) that carry it.

    Attributes
    ----------
    range
        Between which values it is while nothing is broken.
    steady
        While this holds, what is not stored but computed does not change by itself.
    set_by_behaviour
        Whether the behaviour sets it too, besides the rows of machines.
    """

    name: str
    type: str = "number"
    unit: str | None = None
    meaning: str = ""
    topics: tuple[tuple[str, str], ...] = ()
    initial: Value = None
    wraps: bool = False
    range: tuple[float, float] | None = None
    steady: Condition | None = None
    set_by_behaviour: bool = False

    @property
    def subject(self) -> Subject:
        """What a condition may ask of it."""
        if self.type == "flag":
            return Flag()
        if self.type == "list":
            return Sequence(Quantity(self.unit))
        return Text() if self.type == "text" else Quantity(self.unit, self.wraps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """A command that the behaviour sends to another component, and while what holds it may do so."""

    component: str
    command: str
    when: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Sense:
    """Physics that reaches a component: the true output of another one, or what that one's sensor says of it."""

    name: str
    component: str
    output: str
    default: Value
    unit: str | None = None
    reported: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One thing that a fault does."""

    kind: str
    target: str = ""
    values: tuple[tuple[str, Expression], ...] = ()
    amount: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What can be done to a component from outside."""

    name: str
    meaning: str
    parameters: Mapping[str, Parameter]
    effects: tuple[Effect, ...]
    seen: str
    cure: str
    cured_by: tuple[str, ...] = ()
    source: str | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Blueprint:
    """The whole plan of one component."""

    component: str
    like: str | None = None
    title: str
    summary: str
    folder: str
    file: str
    indices: Mapping[int, str]
    aliases: tuple[str, ...]
    generics: tuple[str, ...]
    sources: tuple[str, ...]
    remotes: tuple[str, ...]
    senses: Mapping[str, Sense]
    parameters: Mapping[str, Parameter]
    configurations: Mapping[str, Mapping[str, Value]]
    summary_chart: Statechart | None
    machines: Mapping[str, Statechart]
    commands: Mapping[str, Command]
    topics: Mapping[str, Topic]
    outputs: Mapping[str, Output]
    errors: Mapping[str, tuple[int, str]]
    faults: Mapping[str, Fault]
    invariants: tuple[Condition, ...] = ()
    fires: Mapping[str, Condition] = field(default_factory=dict)
    sends: tuple[Sending, ...] = ()
    fails: Mapping[str, Condition] = field(default_factory=dict)

    @property
    def is_csc(self) -> bool:
        """Whether the component has a summary state."""
        return self.summary_chart is not None

    def published(self, what: str) -> bool:
        """Tell whether a machine's state or an output can be read from the bus."""
        chart = self.machines.get(what)
        if chart is not None:
            return chart.carrier is not None or all(state.publishes for state in chart.states)
        output = self.outputs.get(what)
        return output is not None and bool(output.topics)

    def subject(self, what: str) -> Subject | None:
        """Say what a condition may ask of a machine, output or parameter of this component."""
        if what == "summary" and self.summary_chart is not None:
            return States(self.summary_chart.state_names)
        if what in self.machines:
            return States(self.machines[what].state_names)
        if what in self.outputs:
            return self.outputs[what].subject
        if what in self.parameters:
            return self.parameters[what].subject
        return None

    @property
    def carried(self) -> frozenset[str]:
        """Every topic that is published because a machine or output changed."""
        topics = {topic for output in self.outputs.values() for topic, _ in output.topics}
        for chart in self.machines.values():
            if chart.carrier:
                topics.add(chart.carrier.split(".")[0])
            topics.update(key.split(".")[0] for state in chart.states for key, _ in state.publishes)
        return frozenset(topics)


def subject_of(value: Value, unit: str | None = None) -> Subject:
    """Say what a condition may ask of a value like this one."""
    if isinstance(value, bool):
        return Flag()
    if isinstance(value, str):
        return Text()
    if isinstance(value, tuple):
        return Sequence(subject_of(value[0]) if value else Text())
    return Quantity(unit)
