"""The form of a data sheet, as its author writes it.

Decides which keys a sheet may have and what shape their values take. Conditions, expressions and
quantities are still text here; `csc.blueprint` resolves them against the sheets of the whole observatory.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

__all__ = [
    "CommandSheet",
    "DataSheet",
    "EffectSheet",
    "FaultSheet",
    "FieldSheet",
    "MachineSheet",
    "OutputSheet",
    "ParameterSheet",
    "RowSheet",
    "TopicSheet",
]

SalType = Literal["boolean", "byte", "short", "int", "long", "long long", "unsigned int", "float", "double", "string"]
Generic = Literal[
    "csc", "configurable", "largeFileObjectAvailable", "enterControl", "abort", "clockOffset", "statusCode"
]
Level = Literal["debug", "info", "warning", "error", "critical"]


def _as_list(value: Any) -> Any:
    return value if isinstance(value, (list, tuple)) or value is None else [value]


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


Text = Annotated[str, BeforeValidator(_as_text)]
"""A condition, expression or quantity: a bare number or truth value is text too."""
Words = Annotated[tuple[str, ...], BeforeValidator(_as_list)]


class _Sheet(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ParameterSheet(_Sheet):
    """A number, text, truth value or list that configuration or a fault may change."""

    default: Any
    range: tuple[Text, Text] | None = None
    choices: tuple[str, ...] | None = None
    meaning: str
    source: str | None = None


class OverrideSheet(_Sheet):
    """A configuration file that `start` accepts by name."""

    meaning: str
    parameters: Mapping[str, Any] = Field(default_factory=dict)


class LogSheet(_Sheet):
    """A line for the component's log."""

    level: Level = "info"
    text: str


class StateSheet(_Sheet):
    """A state of a machine."""

    meaning: str
    value: int | None = None
    publishes: Mapping[str, Any] = Field(default_factory=dict)
    invariants: tuple[Text, ...] = ()


class RowSheet(_Sheet):
    """A transition."""

    on: Words = ()
    after: Text | None = None
    from_: Words = Field(alias="from")
    to: str | None = None
    guard: Text | None = None
    raises: str | None = None
    emits: Words = ()
    assign: Mapping[str, Text] = Field(default_factory=dict)
    fault: str | None = None
    log: LogSheet | None = None


class MachineSheet(_Sheet):
    """A machine beside the summary state."""

    meaning: str
    carrier: str | None = None
    initial: str
    states: Mapping[str, StateSheet]
    transitions: tuple[RowSheet, ...] = ()


class FieldSheet(_Sheet):
    """A field of a command, event or telemetry topic; a stamp is filled with TAI when its message is sent.

    The field of an event or of telemetry may have a `value`, which it always says: a quantity, a text, a list, or
    the name of a parameter.
    """

    type: SalType
    unit: str | None = None
    length: int = 1
    range: tuple[Text, Text] | None = None
    enum: Mapping[str, int] | None = None
    bits: Mapping[str, int] | None = None
    stamp: bool = False
    value: Any = None
    meaning: str = ""


class GuardSheet(_Sheet):
    """What must hold for a command, and what its sender is told otherwise."""

    that: Text
    else_: str = Field(alias="else")
    error: str | None = None


class FailureSheet(_Sheet):
    """What makes a command under way fail."""

    when: Text
    because: str
    error: str | None = None


class CommandSheet(_Sheet):
    """A command."""

    meaning: str = ""
    fields: Mapping[str, FieldSheet] = Field(default_factory=dict)
    states: tuple[str, ...] = ("ENABLED",)
    guards: tuple[GuardSheet, ...] = ()
    ignored_when: Text | None = None
    done: Text | None = None
    fails: tuple[FailureSheet, ...] = ()
    limit: Text | None = None
    endless: str | None = None
    in_progress: Text | None = None
    takes: Text | None = None
    refuses: str = ""
    simulated: bool = True
    allow_concurrent: bool = True


class TopicSheet(_Sheet):
    """An event or telemetry topic; telemetry has a cadence."""

    meaning: str = ""
    cadence: Text | None = None
    early: bool = False
    simulated: bool = True
    fields: Mapping[str, FieldSheet] = Field(default_factory=dict)


class OutputSheet(_Sheet):
    """A named quantity that conditions may use."""

    type: Literal["number", "integer", "flag", "text", "list"] = "number"
    unit: str | None = None
    meaning: str
    topic: Words = ()
    initial: Any = None
    wraps: bool = False
    range: tuple[Text, Text] | None = None
    steady: Text | None = None
    set_by: Literal["behaviour"] | None = None


class SenseSheet(_Sheet):
    """Physics that reaches the component from another: truth, not messages."""

    from_: str = Field(alias="from")
    default: Any
    unit: str | None = None
    reported: bool = False
    meaning: str = ""


class ErrorSheet(_Sheet):
    """An error code and its text."""

    code: int
    text: str


class EffectSheet(_Sheet):
    """One thing that a fault does; exactly one of set, hold, fire, fault, drop, delay."""

    set: Mapping[str, Text] | None = None
    hold: str | None = None
    times: Text | None = None
    fire: str | None = None
    fault: str | None = None
    drop: str | None = None
    delay: str | None = None
    by: Text | None = None


class FaultParameterSheet(_Sheet):
    """A parameter of a fault."""

    default: Any
    range: tuple[Text, Text] | None = None
    meaning: str = ""


class FaultSheet(_Sheet):
    """What can be done to the component from outside."""

    meaning: str
    parameters: Mapping[str, FaultParameterSheet] = Field(default_factory=dict)
    effects: tuple[EffectSheet, ...]
    seen: str
    cure: str
    cured_by: Words = ()
    source: str | None = None


class DataSheet(_Sheet):
    """A component, as far as it can be stated."""

    component: str
    like: str | None = None
    index: Mapping[int, str] = Field(default_factory=dict)
    title: str
    summary: str
    aliases: tuple[str, ...] = ()
    generics: tuple[Generic, ...] = ("csc",)
    sources: tuple[str, ...] = ()
    remotes: tuple[str, ...] = ()
    senses: Mapping[str, SenseSheet] = Field(default_factory=dict)
    parameters: Mapping[str, ParameterSheet] = Field(default_factory=dict)
    configurations: Mapping[str, OverrideSheet] = Field(default_factory=dict)
    machines: Mapping[str, MachineSheet] = Field(default_factory=dict)
    invariants: tuple[Text, ...] = ()
    fires: Mapping[str, Text] = Field(default_factory=dict)
    sends: Mapping[str, Text] = Field(default_factory=dict)
    fails: Mapping[str, Text] = Field(default_factory=dict)
    commands: Mapping[str, CommandSheet] = Field(default_factory=dict)
    events: Mapping[str, TopicSheet] = Field(default_factory=dict)
    telemetry: Mapping[str, TopicSheet] = Field(default_factory=dict)
    outputs: Mapping[str, OutputSheet] = Field(default_factory=dict)
    errors: Mapping[str, ErrorSheet] = Field(default_factory=dict)
    faults: Mapping[str, FaultSheet] = Field(default_factory=dict)
