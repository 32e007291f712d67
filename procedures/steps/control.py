"""Steps that order other steps, and those that only speak."""

from __future__ import annotations

import asyncio

from fsm import NULL
from procedures.failures import reason_of
from procedures.frame import Frame
from procedures.model import Background, Checkpoint, ForEach, Join, Let, Log, Parallel, Repeat, When

__all__ = [
    "run_background",
    "run_checkpoint",
    "run_for_each",
    "run_join",
    "run_let",
    "run_log",
    "run_parallel",
    "run_repeat",
    "run_when",
]


async def run_parallel(step: Parallel, frame: Frame) -> None:
    """Carry branches out at the same time; the first failure ends the others."""
    try:
        async with asyncio.TaskGroup() as group:
            for number, branch in enumerate(step.branches):
                group.create_task(frame.run_steps(branch), name=f"{frame.where(step)} branch {number + 1}")
    except BaseExceptionGroup as errors:
        if len(errors.exceptions) == 1:
            raise errors.exceptions[0] from None
        raise


async def run_for_each(step: ForEach, frame: Frame) -> None:
    """Carry steps out for each item of a list."""
    items = step.of.evaluate(frame.scope)
    if items is None or items is NULL:
        return
    for item in items if isinstance(items, tuple) else (items,):
        frame.scope.variables[step.item] = item
        await frame.run_steps(step.steps)


async def run_repeat(step: Repeat, frame: Frame) -> None:
    """Repeat steps until a condition holds, so many times at most."""
    for _ in range(int(frame.number(step.times, "times"))):
        await frame.run_steps(step.steps)
        if step.until is not None and await frame.holds(step.until):
            return


async def run_when(step: When, frame: Frame) -> None:
    """Carry one of two lists of steps out."""
    await frame.run_steps(step.steps if await frame.holds(step.condition) else step.otherwise)


async def run_background(step: Background, frame: Frame) -> None:
    """Let steps go on beside those that follow; their failure is only logged."""

    async def work() -> None:
        try:
            await frame.run_steps(step.steps)
        except Exception as error:
            reason = reason_of(error)
            if reason is None:
                raise
            frame.say(step, "error", f"{step.task}: {reason}")

    frame.tasks[step.task] = asyncio.get_running_loop().create_task(work(), name=f"{frame.who} {step.task}")


async def run_join(step: Join, frame: Frame) -> None:
    """Wait for background steps; past the limit they are cancelled with a warning."""
    waited = {name: frame.tasks.pop(name) for name in step.tasks if name in frame.tasks}
    if not waited:
        return
    limit = frame.number(step.limit, "limit")
    _, late = await asyncio.wait(waited.values(), timeout=limit * len(waited))
    for name, task in waited.items():
        if task in late:
            frame.say(step, "warning", f"{name} is not finished after {limit * len(waited):g} s and is cancelled")
            task.cancel()
    await asyncio.gather(*waited.values(), return_exceptions=True)
    for task in waited.values():
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error


async def run_checkpoint(step: Checkpoint, frame: Frame) -> None:
    """Say where the script is; it may be paused or stopped here."""
    text = step.text.fill(frame.scope)
    if frame.script is not None:
        await frame.script.checkpoint(text)


async def run_log(step: Log, frame: Frame) -> None:
    """Write a line to the log."""
    frame.say(step, step.level, step.text.fill(frame.scope))


async def run_let(step: Let, frame: Frame) -> None:
    """Give names to values, to those of telemetry when a new sample has come."""
    for name, expression in step.values:
        await frame.refresh(expression.names)
        frame.scope.variables[name] = expression.evaluate(frame.scope)
