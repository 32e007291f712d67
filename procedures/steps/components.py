"""Steps that speak with components: commands, summary states, waits, expectations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

from csc import RemoteGroup
from procedures.failures import StepFailed
from procedures.frame import Frame
from procedures.model import Command, Expect, SummaryStateStep, Wait
from procedures.scope import as_value

__all__ = ["run_command", "run_expect", "run_summary_state", "run_wait"]

COMMAND_TIMEOUT = 3600.0
"""Limit [s] of a command whose step names none: SAL's own (lsst-ts/ts_salobj)."""
STATE_TIMEOUT = 60.0
"""Limit [s] of a transition (lsst-ts/ts_standardscripts: set_summary_state.py)."""


async def run_command(step: Command, frame: Frame) -> None:
    """Send a command and wait for its final acknowledgement."""
    timeout = COMMAND_TIMEOUT if step.timeout is None else frame.number(step.timeout, "timeout")
    given = {key: frame.value(argument) for key, argument in step.fields.items()}
    # What has structure of its own travels as YAML, as SAL's scripts send it.
    fields: dict[str, Any] = {
        key: yaml.safe_dump(dict(value), sort_keys=False) if isinstance(value, Mapping) else value
        for key, value in given.items()
        if value is not None
    }
    ack = await frame.remote(step.component).command(step.command, timeout=timeout, data=fields)
    if step.save is not None:
        frame.scope.variables[step.save] = as_value(_result(ack.result))


def _result(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


async def run_summary_state(step: SummaryStateStep, frame: Frame) -> None:
    """Bring a component, or all of a group at once, to a summary state."""
    target = str(frame.value(step.to)).upper()
    vocabulary = frame.stage.observatory.vocabulary()
    name = vocabulary.canonical(str(frame.value(step.of)).removesuffix(":0"))
    timeout = STATE_TIMEOUT if step.timeout is None else frame.number(step.timeout, "timeout")
    if name in frame.stage.observatory.groups:
        members = frame.stage.observatory.groups[name]
        overrides = {key: str(frame.value(value) or "") for key, value in step.overrides.items()}
        group = RemoteGroup(name, {member: frame.remote(member) for member in members})
        ignore = _ignored(step, frame, name, members)
        await group.set_summary_state(target, overrides=overrides, ignore=ignore, timeout=timeout)
        return
    override = str(frame.value(step.override) or "")
    for component in _instances(step, frame, name):
        await frame.remote(component).set_summary_state(target, override=override, timeout=timeout)


def _instances(step: SummaryStateStep, frame: Frame, name: str) -> list[str]:
    """Return the component, or with the index ``*`` all that are there."""
    known = frame.stage.observatory.vocabulary().blueprints
    kind, _, index = name.partition(":")
    found = [each for each in known if each.partition(":")[0] == kind] if index == "*" else [name]
    if not found or found[0] not in known:
        raise StepFailed(frame.where(step), f"there is no component {name}")
    return found


def _ignored(step: SummaryStateStep, frame: Frame, group: str, members: tuple[str, ...]) -> tuple[str, ...]:
    """Return the members that are left alone: named as on the bus, or in lower case with ``_`` before the index."""
    spellings = {spelling: member for member in members for spelling in (member, member.lower().replace(":", "_"))}
    ignored = []
    for item in frame.value(step.ignore) or ():
        if str(item) in spellings:
            ignored.append(spellings[str(item)])
        else:
            frame.say(step, "warning", f"{item} is not in {group}, which has {', '.join(members)}; it is not ignored")
    return tuple(ignored)


async def run_wait(step: Wait, frame: Frame) -> None:
    """Wait for a time, an event, or a condition."""
    limit = None if step.timeout is None else frame.number(step.timeout, "timeout")
    if step.duration is not None:
        await frame.stage.observatory.clock.sleep(frame.number(step.duration, "wait"))
    elif step.event is not None:
        component, topic = step.event
        reader = frame.stage.observatory.remote(component, frame.who).event(topic)
        try:
            sample = await reader.next(flush=not step.latest, timeout=limit)
        finally:
            reader.close()
        if step.save is not None:
            frame.scope.variables[step.save] = as_value(dict(sample.data))
    elif step.until is not None:
        # The last sample of telemetry may be from long ago: nobody listened since.
        await frame.refresh(step.until.names)
        await frame.until(step.until, unless=step.unless, limit=limit)


async def run_expect(step: Expect, frame: Frame) -> None:
    """Make sure that a condition holds."""
    await frame.require(step.check, step, "expect")
