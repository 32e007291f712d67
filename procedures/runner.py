"""Carries a procedure out, step by step, over the bus.

Around every step: its preconditions before, its invariants meanwhile, its postconditions after. A failure
stops the procedure unless the step says what to do about it. What a procedure does about its own failure it does
once it has begun: not if it may not begin at all, nor if somebody stops it. What a script cleans up it does then, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from procedures.failures import Declined, StepFailed, reason_of
from procedures.frame import Frame, Stage
from procedures.model import Check, Procedure, Step
from procedures.scope import ProcedureScope
from procedures.steps import EXECUTORS

if TYPE_CHECKING:
    from csc.scriptqueue.program import ScriptControl

__all__ = ["run_procedure", "run_steps"]


async def run_procedure(
    stage: Stage,
    procedure: Procedure,
    config: Mapping[str, Any],
    *,
    who: str,
    script: ScriptControl | None = None,
    prefix: str = "",
) -> Frame:
    """Carry a procedure out.

    Parameters
    ----------
    stage
        Where it acts.
    procedure, config
        What to do; the configuration is complete and valid.
    who
        Whose doing it is, in the journal.
    script
        The script that runs it, if one does.
    prefix
        Step ids of the callers, for the journal.

    Returns
    -------
    Frame
        With the variables that its steps gave.

    Raises
    ------
    StepFailed
        If a step fails or a condition does not hold.
    """
    scope = ProcedureScope(stage.observatory, stage.images, config, script)
    frame = Frame(stage=stage, procedure=procedure, scope=scope, who=who, script=script, prefix=prefix)
    frame.run_steps = partial(run_steps, frame=frame)
    stage.frames.append(frame)
    try:
        for check in procedure.preconditions:
            await frame.require(check, None, "precondition")
        try:
            await run_steps(procedure.steps, frame)
            for check in procedure.postconditions:
                await frame.require(check, None, "postcondition")
        except Exception as error:
            await _clean_up((*procedure.on_failure, *procedure.cleanup), None, frame, error)
            raise
        except asyncio.CancelledError:
            if script is not None and script.is_stopping:
                await run_steps(procedure.cleanup, frame)
            raise
    finally:
        stage.frames.remove(frame)
        await frame.finish()
        for remote in frame.remotes.values():
            remote.close()
    return frame


async def run_steps(steps: tuple[Step, ...], frame: Frame) -> None:
    """Carry steps out, one after the other."""
    for step in steps:
        await _run_step(step, frame)


async def _run_step(step: Step, frame: Frame) -> None:
    identity = f"{frame.prefix}{step.id}"
    frame.record("step", step=identity, name=step.name, what="started")
    frame.steps.append(step)
    try:
        for check in step.preconditions:
            await frame.require(check, step, "precondition")
        if step.invariants:
            await _watched(step, frame)
        else:
            await _execute(step, frame)
        for check in step.postconditions:
            await frame.require(check, step, "postcondition")
    except Exception as error:
        reason = reason_of(error)
        if reason is None:
            raise
        frame.record("step", step=identity, name=step.name, what="failed", because=reason)
        if step.on_failure is None or isinstance(error, Declined):
            if isinstance(error, StepFailed):
                raise
            raise StepFailed(frame.where(step), reason) from error
        await _clean_up(step.on_failure, step, frame, error)
        return
    except asyncio.CancelledError:
        frame.record("step", step=identity, name=step.name, what="stopped")
        raise
    finally:
        frame.steps.remove(step)
    frame.record("step", step=identity, name=step.name, what="done")


async def _clean_up(steps: tuple[Step, ...], step: Step | None, frame: Frame, error: Exception) -> None:
    """Take the steps for a failure; if they fail too, both reasons are told."""
    try:
        await run_steps(steps, frame)
    except Exception as another:
        first, second = reason_of(error), reason_of(another)
        if first is None:
            raise error from another
        if second is None:
            raise
        where = error.where if isinstance(error, StepFailed) else frame.where(step)
        condition = error.condition if isinstance(error, StepFailed) else None
        kind = Declined if isinstance(error, Declined) else StepFailed
        raise kind(where, f"{first}; and on_failure: {second}", condition=condition) from error


async def _execute(step: Step, frame: Frame) -> None:
    await EXECUTORS[type(step)](step, frame)


async def _watched(step: Step, frame: Frame) -> None:
    """Carry a step out while its invariants are watched; the first that fails stops it."""
    loop = asyncio.get_running_loop()
    body = loop.create_task(_execute(step, frame), name=frame.where(step))
    broken: list[StepFailed] = []

    def look() -> None:
        if broken or body.done():
            return
        for check in step.invariants:
            if check.that.evaluate(frame.scope) is False:
                _break(check)
                return

    def _break(check: Check) -> None:
        try:
            frame.judge(check, step, "invariant")
        except StepFailed as failure:
            broken.append(failure)
            body.cancel()

    names = {name for check in step.invariants for name in check.that.names}
    with frame.watching(names, look):
        look()
        try:
            await body
        except asyncio.CancelledError:
            if broken:
                raise broken[0] from None
            body.cancel()
            raise
    for check in step.invariants:
        if check.that.evaluate(frame.scope) is True:
            frame.judge(check, step, "invariant")
