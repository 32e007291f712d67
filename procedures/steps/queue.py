"""Steps that have other procedures carried out: here, by a script queue, or as a Scheduler's block."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from csc import Sample
from csc.scheduler.blocks import BlockStatus
from csc.scriptqueue.enums import Location, ProcessState, ScriptState
from fsm import NULL
from procedures.config import validate_config
from procedures.failures import StepFailed
from procedures.frame import Frame
from procedures.model import Block, Call

__all__ = ["run_block", "run_call"]

ADD_BLOCK = "auxtel/scheduler/add_block.py"


async def run_call(step: Call, frame: Frame) -> None:
    """Carry another procedure out here, or have a script queue do it."""
    from procedures.runner import run_procedure

    path = str(frame.value(step.procedure))
    config = None if step.config is None else {key: frame.value(value) for key, value in step.config.items()}
    limit = None if step.timeout is None else frame.number(step.timeout, "timeout")
    if step.via is not None:
        index = await _queue(frame, step.via, path, config, wait=step.wait, limit=limit)
        if step.save is not None:
            frame.scope.variables[step.save] = index
        return
    procedure = frame.stage.library.find(path)
    complete = validate_config(procedure, config or {})
    async with asyncio.timeout(limit):
        inner = await run_procedure(
            frame.stage,
            procedure,
            complete,
            who=frame.who,
            script=frame.script,
            prefix=f"{frame.prefix}{step.id}/",
        )
    if step.save is not None:
        frame.scope.variables[step.save] = dict(inner.scope.variables)


async def run_block(step: Block, frame: Frame) -> None:
    """Add a block by its script, as an observer does, and wait until all its scripts are done."""
    block = str(frame.value(step.block))
    scheduler = f"Scheduler:{step.via.partition(':')[2]}"
    statuses = frame.stage.observatory.remote(scheduler, frame.who).event("blockStatus")
    statuses.flush()
    limit = None if step.timeout is None else frame.number(step.timeout, "timeout")
    left = _countdown(frame, limit)
    try:
        await _queue(frame, step.via, ADD_BLOCK, _addition(step, frame, block), wait=True, limit=limit)
        while True:
            sample = await statuses.next(timeout=left())
            status = BlockStatus(sample.data["statusId"])
            if sample.data["id"] == block and status.has_ended:
                break
    except TimeoutError as error:
        because = _why_waiting(frame, step.via, _shown(frame, step.via)["currentSalIndex"])
        raise StepFailed(frame.where(step), f"{block} has not ended after {limit:g} s: {because}") from error
    finally:
        statuses.close()
    if status is not BlockStatus.COMPLETED:
        failed = _failed_script(frame, step.via)
        raise StepFailed(frame.where(step), f"{block} ended {status.name}" + (f": {failed}" if failed else ""))


def _addition(step: Block, frame: Frame, block: str) -> Mapping[str, Any]:
    """Return the configuration of the script that adds a block."""
    values = {key: frame.value(value) for key, value in step.override.items()}
    override = {key: value for key, value in values.items() if value is not None and value is not NULL}
    return {"id": block, "override": override} if override else {"id": block}


def _countdown(frame: Frame, limit: float | None) -> Callable[[], float | None]:
    """Return what tells how much of a limit [s] is left."""
    clock = frame.stage.observatory.clock
    deadline = None if limit is None else clock.now + limit
    return lambda: None if deadline is None else max(deadline - clock.now, 0.0)


def _shown(frame: Frame, queue: str) -> Mapping[str, Any]:
    """Return the queue as it has shown itself."""
    sample = frame.stage.observatory.bus.last(queue, "queue")
    return {"enabled": False, "running": False, "currentSalIndex": 0} if sample is None else sample.data


def _state(frame: Frame, index: int) -> tuple[str, str, str]:
    """Return the state of a script, the last checkpoint it passed and why it failed; empty if it shows none."""
    sample = frame.stage.observatory.bus.last(f"Script:{index}", "state") if index else None
    if sample is None:
        return "", "", ""
    state = ScriptState(sample.data["state"]).name
    return state, sample.data["lastCheckpoint"], sample.data["reason"]


def _failed_script(frame: Frame, queue: str) -> str:
    """Say which script has failed and keeps its place, and why; empty if none has."""
    index = _shown(frame, queue)["currentSalIndex"]
    state, _, reason = _state(frame, index)
    return f"script {index} failed: {reason}" if state == "FAILED" else ""


def _why_waiting(frame: Frame, queue: str, index: int) -> str:
    """Say what keeps a script from ending, and what would help."""
    shown = _shown(frame, queue)
    current = shown["currentSalIndex"]
    if not shown["enabled"]:
        return f"{queue} is not ENABLED; enable it"
    state, checkpoint, _ = _state(frame, current)
    if current == index and state == "PAUSED":
        return f"script {current} is PAUSED at its checkpoint {checkpoint!r}; resume the script, or stop it"
    if current == index and state not in ("", "FAILED"):
        where = f", last at its checkpoint {checkpoint!r}" if checkpoint else ""
        return f"script {current} is {state}{where}; look at what it waits for, or stop it"
    if not shown["running"]:
        failed = _failed_script(frame, queue)
        return f"{queue} is PAUSED{f' since {failed}' if failed else ''}; resume the queue to go on"
    return f"script {current} is before it on {queue}; wait for it, or stop it" if current else f"{queue} has no script"


async def _queue(
    frame: Frame, queue: str, path: str, config: Mapping[str, Any] | None, *, wait: bool, limit: float | None
) -> int:
    """Add a script to a queue; wait until it is done; return its SAL index."""
    procedure = frame.stage.library.find(path)
    text = "" if not config else yaml.safe_dump(dict(config), sort_keys=False)
    remote = frame.stage.observatory.remote(queue, frame.who)
    infos = remote.event("script")
    infos.flush()
    try:
        ack = await remote.command(
            "add",
            isStandard=procedure.standard,
            path=procedure.name,
            config=text,
            descr=f"{frame.procedure.name}",
            location=Location.LAST,
        )
        index = int(ack.result)
        left = _countdown(frame, limit)
        while wait:
            try:
                info = await infos.next(timeout=left())
            except TimeoutError as error:
                text = f"script {index} {path} has not ended after {limit:g} s: {_why_waiting(frame, queue, index)}"
                raise StepFailed(frame.where(None), text) from error
            if info.data["scriptSalIndex"] == index and ProcessState(info.data["processState"]).has_ended:
                _judge(frame, path, index, info)
                break
    finally:
        remote.close()
    return index


def _judge(frame: Frame, path: str, index: int, info: Sample) -> None:
    process = ProcessState(info.data["processState"])
    if process is ProcessState.DONE and info.data["scriptState"] == ScriptState.DONE:
        return
    state = frame.stage.observatory.bus.last(f"Script:{index}", "state")
    reason = state.data["reason"] if state is not None else ""
    how = "FAILED" if process is ProcessState.DONE else process.name
    raise StepFailed(frame.where(None), f"script {index} {path} ended {how}" + (f": {reason}" if reason else ""))
