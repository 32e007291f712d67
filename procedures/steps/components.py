"""Steps that speak with components: commands, summary states, waits, expectations."""

from __future__ import annotations

import json

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
    fields = {key: value for key, value in given.items() if value is not None}
    ack = await frame.remote(step.component).command(step.command, timeout=timeout, **fields)
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
        ignore = tuple(str(item) for item in frame.value(step.ignore) or ())
        await group.set_summary_state(target, overrides=overrides, ignore=ignore, timeout=timeout)
        return
    if name not in vocabulary.blueprints:
        raise StepFailed(frame.where(step), f"there is no component {name}")
    override = str(frame.value(step.override) or "")
    await frame.remote(name).set_summary_state(target, override=override, timeout=timeout)


async def run_wait(step: Wait, frame: Frame) -> None:
    """Wait for a time, an event, or a condition."""
    limit = None if step.timeout is None else frame.number(step.timeout, "timeout")
    if step.duration is not None:
        await frame.stage.observatory.clock.sleep(frame.number(step.duration, "wait"))
    elif step.event is not None:
        component, topic = step.event
        reader = frame.stage.observatory.remote(component, frame.who).event(topic)
        try:
            await reader.next(flush=True, timeout=limit)
        finally:
            reader.close()
    elif step.until is not None:
        await frame.until(step.until, unless=step.unless, limit=limit)


async def run_expect(step: Expect, frame: Frame) -> None:
    """Make sure that a condition holds."""
    await frame.require(step.check, step, "expect")
