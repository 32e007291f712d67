"""The form of a procedure, as its author writes it.

A step is a mapping with exactly one key that says its kind (`command`, `wait`, `expect` ...), keys of that
kind, and keys that every step may have. Conditions and expressions are still text here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

__all__ = ["COMMON", "KINDS", "Check", "CheckSheet", "ProcedureSheet", "Sheet", "StepSheet"]


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


def _as_check(value: Any) -> Any:
    return {"that": value} if isinstance(value, (str, bool)) else value


Text = Annotated[str, BeforeValidator(_as_text)]


class Sheet(BaseModel):
    """What every part of a procedure's file has: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class CheckSheet(Sheet):
    """A condition that must hold, and what is said otherwise."""

    that: Text
    else_: str | None = Field(default=None, alias="else")


Check = Annotated[CheckSheet, BeforeValidator(_as_check)]


class UnlessSheet(Sheet):
    """What ends a wait as a failure."""

    when: Text
    because: str


class ImagesSheet(Sheet):
    """Exposures to take with a camera."""

    type: Text
    count: Text = "1"
    exposure_times: Text
    camera: str = "ATCamera"
    reason: Text | None = None
    program: Text | None = None
    note: Text | None = None
    pause: Text = "0 s"
    checkpoints: bool = False
    save: str | None = None
    discard: Text = "0"
    save_ids: str | None = None


class IngestedSheet(Sheet):
    """Images that must have arrived in the archive."""

    images: Text
    oods: str = "ATOODS"
    detectors: Text = "1"


class PipelineSheet(Sheet):
    """A job for OCPS."""

    ocps: str = "OCPS:1"
    pipeline: Text
    config: Text = ""
    data_query: Text = ""
    save: str | None = None
    threshold: Text | None = None
    detectors: Text = "1"


class RepeatSheet(Sheet):
    """Steps that are repeated."""

    times: Text
    until: Text | None = None
    steps: tuple[StepSheet, ...]


class ForEachSheet(Sheet):
    """Steps for each item of a list."""

    item: str
    of: Text
    steps: tuple[StepSheet, ...]


class CallSheet(Sheet):
    """Another procedure, carried out here, or by a script queue with `via`."""

    procedure: Text
    config: Mapping[str, Any] | None = None
    via: str | None = None
    wait: bool = True
    save: str | None = None


class SummaryStateSheet(Sheet):
    """Components brought to a summary state."""

    of: Text
    to: Text
    override: Text = ""
    overrides: Mapping[str, Text] = Field(default_factory=dict)
    ignore: Text | None = None


class JoinSheet(Sheet):
    """Waiting for background steps."""

    tasks: tuple[str, ...]
    limit: Text


class BeginningSheet(Sheet):
    """What is so when a rehearsal begins, instead of what the observatory says."""

    start: str | None = None
    states: Mapping[str, str] = Field(default_factory=dict)
    machines: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)


class StepSheet(Sheet):
    """One step."""

    id: str | None = None
    name: str | None = None
    timeout: Text | None = None
    preconditions: tuple[Check, ...] = ()
    postconditions: tuple[Check, ...] = ()
    invariants: tuple[Check, ...] = ()
    on_failure: tuple[StepSheet, ...] | Literal["warn"] | None = None

    command: Text | None = None
    with_: Mapping[str, Any] | None = Field(default=None, alias="with")
    save: str | None = None
    summary_state: SummaryStateSheet | None = None
    wait: Text | None = None
    unless: tuple[UnlessSheet, ...] = ()
    expect: Check | None = None
    confirm: str | None = None
    look_at: tuple[str, ...] = ()
    announce: str | None = None
    call: CallSheet | None = None
    block: Text | None = None
    override: Mapping[str, Any] | None = None
    via: str | None = None
    parallel: tuple[tuple[StepSheet, ...], ...] | None = None
    for_each: ForEachSheet | None = None
    repeat: RepeatSheet | None = None
    when: Text | None = None
    then: tuple[StepSheet, ...] = ()
    otherwise: tuple[StepSheet, ...] = ()
    take_images: ImagesSheet | None = None
    ingested: IngestedSheet | None = None
    pipeline: PipelineSheet | None = None
    background: str | None = None
    steps: tuple[StepSheet, ...] = ()
    join: JoinSheet | None = None
    checkpoint: str | None = None
    log: str | None = None
    level: Literal["info", "warning", "error"] = "info"
    let: Mapping[str, Text] | None = None


KINDS: Mapping[str, frozenset[str]] = {
    "command": frozenset({"with_", "save"}),
    "summary_state": frozenset(),
    "wait": frozenset({"unless", "save"}),
    "expect": frozenset(),
    "confirm": frozenset({"look_at"}),
    "announce": frozenset(),
    "call": frozenset(),
    "block": frozenset({"via", "override"}),
    "parallel": frozenset(),
    "for_each": frozenset(),
    "repeat": frozenset(),
    "when": frozenset({"then", "otherwise"}),
    "take_images": frozenset(),
    "ingested": frozenset(),
    "pipeline": frozenset(),
    "background": frozenset({"steps"}),
    "join": frozenset(),
    "checkpoint": frozenset(),
    "log": frozenset({"level"}),
    "let": frozenset(),
}
"""The kinds of step, and the keys that only they have."""

COMMON = frozenset({"id", "name", "timeout", "preconditions", "postconditions", "invariants", "on_failure"})
"""The keys that every step may have."""


class ProcedureSheet(Sheet):
    """A procedure: a script, a part of scripts, or a rehearsal that a person follows."""

    procedure: str
    kind: Literal["script", "part", "rehearsal"]
    title: str
    standard: bool = True
    sources: tuple[str, ...] = ()
    overview: str = ""
    warnings: tuple[str, ...] = ()
    config: Mapping[str, Any] | None = None
    config_checks: tuple[Check, ...] = ()
    duration: Text = "0 s"
    remotes: tuple[str, ...] = ()
    observatory: str | None = None
    begins: BeginningSheet | None = None
    preconditions: tuple[Check, ...] = ()
    steps: tuple[StepSheet, ...]
    postconditions: tuple[Check, ...] = ()
    on_failure: tuple[StepSheet, ...] = ()
    cleanup: tuple[StepSheet, ...] = ()
    contingency: tuple[str, ...] = ()


for _model in (RepeatSheet, ForEachSheet, StepSheet, ProcedureSheet):
    _model.model_rebuild()
