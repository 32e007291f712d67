"""Steps that have other procedures carried out: here, by a script queue, or as a Scheduler's block."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import yaml

from csc import Sample
from procedures.config import validate_config
from procedures.failures import StepFailed
from procedures.frame import Frame
from procedures.model import Block, Call

__all__ = ["run_block", "run_call"]

LAST = 2
"""Where a script is added to the queue: at its end (lsst-ts/ts_xml: enums/ScriptQueue.py)."""
ENDED = {4: "DONE", 5: "LOADFAILED", 6: "CONFIGURE_FAILED", 7: "TERMINATED"}
"""Process states that end a script."""
SCRIPT_DONE = 8
BLOCK_ENDED = {1: "INVALID", 5: "COMPLETED", 6: "ERROR", 7: "INTERRUPTED"}
"""Block states that end a block (lsst-ts/ts_scheduler)."""
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
    try:
        await _queue(frame, step.via, ADD_BLOCK, {"id": block}, wait=True, limit=limit)
        while True:
            sample = await statuses.next(timeout=limit)
            status = sample.data["statusId"]
            if sample.data["id"] == block and status in BLOCK_ENDED:
                break
    finally:
        statuses.close()
    if BLOCK_ENDED[status] != "COMPLETED":
        reason = _failed_script(frame, step.via)
        raise StepFailed(frame.where(step), f"{block} ended {BLOCK_ENDED[status]}{reason}")


def _failed_script(frame: Frame, queue: str) -> str:
    sample = frame.stage.observatory.bus.last(queue, "queue")
    index = sample.data["currentSalIndex"] if sample is not None else 0
    if not index:
        return ""
    info = frame.stage.observatory.bus.last(f"Script:{index}", "state")
    return f": script {index} failed: {info.data['reason']}" if info is not None and info.data["reason"] else ""


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
            location=LAST,
        )
        index = int(ack.result)
        while wait:
            info = await infos.next(timeout=limit)
            if info.data["scriptSalIndex"] == index and info.data["processState"] in ENDED:
                _judge(frame, path, index, info)
                break
    finally:
        remote.close()
    return index


def _judge(frame: Frame, path: str, index: int, info: Sample) -> None:
    if info.data["processState"] == 4 and info.data["scriptState"] == SCRIPT_DONE:
        return
    state = frame.stage.observatory.bus.last(f"Script:{index}", "state")
    reason = state.data["reason"] if state is not None else ""
    how = ENDED[info.data["processState"]] if info.data["processState"] != 4 else "FAILED"
    raise StepFailed(frame.where(None), f"script {index} {path} ended {how}" + (f": {reason}" if reason else ""))
