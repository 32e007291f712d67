"""A procedure with everything resolved: the frozen value that is checked, run and drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from fsm import Condition, Expression, Position, Template
from procedures.placement import Placement

__all__ = [
    "Announce",
    "Argument",
    "Background",
    "Block",
    "Call",
    "Check",
    "Checkpoint",
    "Command",
    "Confirm",
    "Expect",
    "ForEach",
    "Ingested",
    "Join",
    "Let",
    "Log",
    "Parallel",
    "Pipeline",
    "Procedure",
    "Repeat",
    "Step",
    "SummaryStateStep",
    "TakeImages",
    "Unless",
    "Wait",
    "When",
]

Argument: TypeAlias = (
    "Expression | Template | tuple[Argument, ...] | Mapping[str, Argument] | str | bool | int | float | None"
)
"""A value with expressions in it: found when the step begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A condition that must hold, and what is said otherwise."""

    that: Condition
    otherwise: Template | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unless:
    """What ends a wait as a failure."""

    when: Condition
    because: Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What every step has.

    Attributes
    ----------
    id
        Unique in its procedure; numbered like ``4.2`` where the author gives none.
    timeout
        Longest time [s] the step may take, or its own kind's limit.
    on_failure
        Steps to take when it fails; an empty tuple only warns; None lets the failure stop the procedure.
    """

    id: str
    name: str
    position: Position | None = None
    timeout: Expression | None = None
    preconditions: tuple[Check, ...] = ()
    postconditions: tuple[Check, ...] = ()
    invariants: tuple[Check, ...] = ()
    on_failure: tuple[Step, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Step):
    """A command to a component."""

    component: str
    command: str
    fields: Mapping[str, Argument]
    save: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryStateStep(Step):
    """Components brought to a summary state: one, or a group all at once."""

    of: Argument
    to: Argument
    override: Argument = ""
    overrides: Mapping[str, Argument] = field(default_factory=dict)
    ignore: Argument = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(Step):
    """A wait: until a condition holds, for an event to come, or for a time.

    Attributes
    ----------
    latest
        Whether an event that has come already will do.
    save
        Variable that gets the fields of the event.
    """

    until: Condition | None = None
    duration: Expression | None = None
    event: tuple[str, str] | None = None
    latest: bool = False
    save: str | None = None
    unless: tuple[Unless, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect(Step):
    """A condition that must hold here."""

    check: Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(Step):
    """A check that only a person can make."""

    question: Template
    look_at: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce(Step):
    """Words that a person passes on, to a channel."""

    text: Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Step):
    """Another procedure, carried out here or by a script queue."""

    procedure: Argument
    config: Mapping[str, Argument] | None = None
    via: str | None = None
    wait: bool = True
    save: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(Step):
    """An observing block given to a Scheduler, and its scripts waited for.

    Attributes
    ----------
    override
        Values that replace those of the block's configuration; null leaves one as it is.
    """

    block: Argument
    via: str
    override: Mapping[str, Argument] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel(Step):
    """Branches at the same time; the first failure ends the others."""

    branches: tuple[tuple[Step, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForEach(Step):
    """Steps for each item of a list."""

    item: str
    of: Expression
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat(Step):
    """Steps repeated until a condition holds, so many times at most."""

    times: Expression
    until: Condition | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class When(Step):
    """Steps taken only if a condition holds, and others if it does not."""

    condition: Condition
    steps: tuple[Step, ...]
    otherwise: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeImages(Step):
    """Exposures.

    Attributes
    ----------
    save
        Variable that gets the names of all images.
    discard, save_ids
        Variable that gets the exposure ids, separated by commas, without those of the first `discard` images.
    """

    camera: Argument
    image_type: Argument
    count: Argument
    exposure_times: Argument
    reason: Argument = None
    program: Argument = None
    note: Argument = None
    pause: Argument = 0.0
    checkpoints: bool = False
    save: str | None = None
    discard: Argument = 0
    save_ids: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested(Step):
    """A wait for images to arrive in the archive; what is missing at its end is only logged."""

    images: Argument
    oods: Argument
    detectors: Argument


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline(Step):
    """A job for OCPS, waited for until its result is known.

    Attributes
    ----------
    save
        Variable that gets the result: `job_id`, `exit_code`, `phase`, `passed`, `clean` (no test failed) and
        `report`.
    threshold, detectors
        Of a verification: how many failures are too many (`procedures.verification`). What is no verification has
        passed if it completed.
    """

    ocps: Argument
    pipeline: Argument
    config: Argument
    data_query: Argument
    save: str | None = None
    threshold: Argument = None
    detectors: Argument = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Background(Step):
    """Steps that go on beside those that follow."""

    task: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Join(Step):
    """A wait for background steps; past the limit [s] they are cancelled with a warning."""

    tasks: tuple[str, ...]
    limit: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint(Step):
    """A place where a script may be paused or stopped."""

    text: Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Log(Step):
    """A line for the log."""

    level: str
    text: Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Let(Step):
    """Names given to values."""

    values: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Procedure:
    """A script, a part of scripts, or a rehearsal.

    Attributes
    ----------
    config
        JSON schema of its configuration; None if it takes none.
    config_checks
        What a configuration must also keep, for example that two of its values agree; refused if one is false.
    duration
        Estimate [s] that a script's metadata gives.
    observatory
        Where it is at home; None if anywhere where its remotes are.
    begins
        How the observatory is when a rehearsal of it begins; None if as ever.
    on_failure
        Steps taken when it fails.
    cleanup
        Steps taken when it fails, after those, or when the script that it is was told to stop.
    """

    name: str
    kind: str
    title: str
    file: str
    standard: bool = True
    sources: tuple[str, ...] = ()
    overview: str = ""
    warnings: tuple[str, ...] = ()
    config: Mapping[str, Any] | None = None
    config_checks: tuple[Check, ...] = ()
    duration: Expression
    remotes: tuple[str, ...] = ()
    observatory: str | None = None
    begins: Placement | None = None
    preconditions: tuple[Check, ...] = ()
    steps: tuple[Step, ...] = ()
    postconditions: tuple[Check, ...] = ()
    on_failure: tuple[Step, ...] = ()
    cleanup: tuple[Step, ...] = ()
    contingency: tuple[str, ...] = ()
