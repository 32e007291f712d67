"""What SAL gives every CSC: its summary-state machine, generic commands and events.

They are stated in ``summary_state.yaml``, by SAL's categories of generics.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from csc.blueprint import Command, Field, Topic
from csc.datasheet import CommandSheet, MachineSheet, TopicSheet
from csc.fields import read_field
from fsm import State, Statechart, Transition, load_document, validate

__all__ = ["STATE_COMMANDS", "generic_commands", "generic_topics", "summary_chart"]

STATE_COMMANDS = ("enterControl", "start", "enable", "disable", "standby", "exitControl")
"""The commands that change the summary state."""

HEARTBEAT_PERIOD = 1.0
"""Time [s] between a CSC's heartbeats (lsst-ts/ts_salobj: python/lsst/ts/salobj/base_csc.py)."""

SCRIPT_HEARTBEAT_PERIOD = 5.0
"""Time [s] between the heartbeats of a script, which is no CSC (the same: base_script.py)."""


class _Category(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    commands: Mapping[str, CommandSheet] = {}
    events: Mapping[str, TopicSheet] = {}


class _Generics(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    machine: MachineSheet
    mandatory: _Category
    csc: _Category
    enterControl: _Category
    configurable: _Category
    largeFileObjectAvailable: _Category
    abort: _Category
    clockOffset: _Category
    statusCode: _Category


@cache
def _generics() -> _Generics:
    source = files("csc") / "summary_state.yaml"
    return validate(load_document(source.read_text(encoding="utf-8"), name="summary_state.yaml"), _Generics)


@cache
def summary_chart() -> Statechart:
    """Return the machine of summary states."""
    sheet = _generics().machine
    return Statechart(
        name="summary",
        meaning=sheet.meaning,
        initial=sheet.initial,
        states=tuple(
            State(name=name, meaning=state.meaning, value=state.value) for name, state in sheet.states.items()
        ),
        transitions=tuple(Transition(on=row.on, sources=row.from_, target=row.to) for row in sheet.transitions),
        carrier=sheet.carrier,
    )


def _chosen(generics: tuple[str, ...]) -> list[_Category]:
    return [_generics().mandatory, *(getattr(_generics(), name) for name in generics)]


def generic_commands(generics: tuple[str, ...]) -> dict[str, Command]:
    """Return the commands that these categories of generics bring."""
    return {
        name: Command(
            name=name,
            meaning=sheet.meaning,
            fields=_fields(sheet),
            states=sheet.states,
            changes_state=name in STATE_COMMANDS,
        )
        for category in _chosen(generics)
        for name, sheet in category.commands.items()
    }


def generic_topics(generics: tuple[str, ...]) -> dict[str, Topic]:
    """Return the events that these categories of generics bring."""
    heartbeat = HEARTBEAT_PERIOD if "csc" in generics else SCRIPT_HEARTBEAT_PERIOD
    return {
        name: Topic(
            name=name,
            fields=_fields(sheet),
            cadence=heartbeat if name == "heartbeat" else None,
            meaning=sheet.meaning,
        )
        for category in _chosen(generics)
        for name, sheet in category.events.items()
    }


def _fields(sheet: CommandSheet | TopicSheet) -> dict[str, Field]:
    return {name: read_field(name, item) for name, item in sheet.fields.items()}
