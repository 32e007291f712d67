"""Steps about images: exposures, their way into the archive, pipelines.

The camera's client rules are the observatory's (lsst-ts/ts_observatory_control:
python/lsst/ts/observatory/control/base_camera.py).
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any

from csc import Ack, Sample
from csc.latiss.images import exposure_id
from procedures.failures import StepFailed
from procedures.frame import Frame
from procedures.model import Ingested, Pipeline, TakeImages
from procedures.verification import judge

__all__ = ["run_ingested", "run_pipeline", "run_take_images"]

SHUT = ("BIAS", "DARK")
"""Image types for which the shutter stays closed."""
SHORTEST_OPEN = 0.1
"""Shortest open-shutter exposure [s]."""
READOUT = 2.0
"""What a client allows for the read-out [s]."""
CAMERA_GRACE = 120.0
"""What a client allows beyond exposure and read-out, and for startIntegration [s]."""
READINESS = 30.0
"""What a client allows beyond twice the exposure for the image before to be read out [s]."""
IDLE_LIMIT = 5.0
"""How long a client waits for the camera to be idle before it warns [s]."""
JOB_RESULT_LIMIT = 120.0
"""How long a client waits for a finished job's result [s]."""


async def run_take_images(step: TakeImages, frame: Frame) -> None:
    """Take exposures one at a time, each when the one before is read out."""
    image_type = str(frame.value(step.image_type)).upper()
    times = _exposure_times(step, frame)
    shut = image_type in SHUT
    for exposure_time in times:
        if not shut and exposure_time < SHORTEST_OPEN:
            raise StepFailed(frame.where(step), f"{image_type} of {exposure_time:g} s: at least {SHORTEST_OPEN} s")
    _listen_to_archive(frame)
    group_id = _group_id(frame)
    keys = {"imageType": image_type, "groupId": group_id, "testType": image_type, "stutterRows": 0,
            "stutterNShifts": 0, "stutterDelay": 0, "reason": frame.value(step.reason),
            "program": frame.value(step.program)}  # fmt: skip
    key_value_map = ", ".join(f"{key}: {value}" for key, value in keys.items() if value is not None)
    name = frame.component(step, step.camera)
    camera = frame.remote(name)
    started = camera.event("startIntegration")
    pause = frame.number(step.pause, "pause")
    names = []
    for number, exposure_time in enumerate(times, start=1):
        if step.checkpoints and frame.script is not None:
            await frame.script.checkpoint(f"exposure {number} of {len(times)}")
        await _ready(step, frame, name)
        started.flush()
        await camera.command(
            "takeImages",
            timeout=exposure_time + READOUT + CAMERA_GRACE,
            numImages=1,
            expTime=exposure_time,
            shutter=not shut,
            keyValueMap=key_value_map,
            obsNote=str(frame.value(step.note) or ""),
        )
        try:
            sample = await started.next(timeout=CAMERA_GRACE)
        except TimeoutError as error:
            raise StepFailed(frame.where(step), f"{name} has sent no startIntegration") from error
        names.append(sample.data["imageName"])
        if pause:
            await frame.stage.observatory.clock.sleep(pause)
    if step.save is not None:
        frame.scope.variables[step.save] = tuple(names)
    if step.save_ids is not None:
        kept = names[int(frame.number(step.discard, "discard")) :]
        frame.scope.variables[step.save_ids] = ", ".join(str(exposure_id(name)) for name in kept)


def _exposure_times(step: TakeImages, frame: Frame) -> list[float]:
    given = frame.value(step.exposure_times)
    count = frame.value(step.count)
    if isinstance(given, list):
        times = [float(item) for item in given]
        if count is not None and count != len(times):
            raise StepFailed(
                frame.where(step), f"{len(times)} exposure times for {count:g} images; give one, or one for each"
            )
        return times
    return [float(given or 0.0)] * int(count or 1)


def _group_id(frame: Frame) -> str:
    if frame.script is not None and frame.script.group_id:
        return frame.script.group_id
    moment = datetime.datetime.fromtimestamp(frame.stage.observatory.clock.tai, tz=datetime.UTC)
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00")


async def _ready(step: TakeImages, frame: Frame, camera: str) -> None:
    """Wait for the image before to be read out and for the camera to be idle; go on with a warning if neither comes."""
    bus = frame.stage.observatory.bus
    begun, read = bus.last(camera, "startIntegration"), bus.last(camera, "endReadout")
    if begun is not None and (read is None or begun.data["imageName"] != read.data["imageName"]):
        limit = READINESS + 2 * begun.data["exposureTime"] + READOUT
        try:
            await frame.remote(camera).event("endReadout").next(flush=True, timeout=limit)
        except TimeoutError:
            # The observatory's client means to go on, too, but asks for ever.
            _warn(step, frame, f"{camera} has not read out its last image: no endReadout within {limit:g} s; going on")
    idle = bus.last(camera, "ccsCommandState")
    if idle is not None and idle.data["substate"] != 1:
        try:
            await frame.remote(camera).event("ccsCommandState").next(flush=True, timeout=IDLE_LIMIT)
        except TimeoutError:
            _warn(step, frame, f"{camera} is still busy")


def _warn(step: TakeImages, frame: Frame, text: str) -> None:
    frame.record("log", step=f"{frame.prefix}{step.id}", level="warning", message=text)
    if frame.script is not None:
        frame.script.log("warning", text)


def _listen_to_archive(frame: Frame) -> None:
    """Count from now on which images arrive in which archive."""
    observatory = frame.stage.observatory
    for oods in (name for name in observatory.components if name.endswith("OODS")):
        if oods in frame.ingested:
            continue
        arrived: dict[str, int] = {}
        frame.ingested[oods] = arrived

        def count(sample: Sample, arrived: dict[str, int] = arrived) -> None:
            name = sample.data["obsid"]
            arrived[name] = arrived.get(name, 0) + 1

        frame.ends.append(observatory.bus.subscribe(oods, "imageInOODS", count))


async def run_ingested(step: Ingested, frame: Frame) -> None:
    """Wait for images to arrive in the archive; what is missing at the end is only logged."""
    names = list(frame.value(step.images) or ())
    detectors = int(frame.number(step.detectors, "detectors"))
    limit = frame.number(step.timeout, "timeout") if step.timeout is not None else CAMERA_GRACE
    oods = frame.component(step, step.oods)
    arrived = frame.ingested.setdefault(oods, {})
    clock = frame.stage.observatory.clock
    deadline = clock.now + limit
    reader = frame.stage.observatory.remote(oods, frame.who).event("imageInOODS")
    reader.flush()

    def missing() -> list[str]:
        return [name for name in names if arrived.get(name, 0) < detectors]

    try:
        while missing() and clock.now < deadline:
            await reader.next(timeout=deadline - clock.now)
    except TimeoutError:
        text = f"{oods}: not ingested after {limit:g} s: {', '.join(missing())}"
        frame.record("log", step=f"{frame.prefix}{step.id}", level="error", message=text)
        if frame.script is not None:
            frame.script.log("error", text)
    finally:
        reader.close()


async def run_pipeline(step: Pipeline, frame: Frame) -> None:
    """Give OCPS a job and wait until its result is known."""
    job: dict[str, object] = {}

    def note(ack: Ack) -> None:
        job.update(json.loads(ack.result) if ack.result else {})

    remote = frame.stage.observatory.remote(frame.component(step, step.ocps), frame.who)
    results = remote.event("job_result")
    results.flush()
    try:
        await remote.command(
            "execute",
            on_progress=note,
            pipeline=str(frame.value(step.pipeline)),
            version="",
            config=str(frame.value(step.config)),
            data_query=str(frame.value(step.data_query)),
        )
        while True:
            sample = await results.next(timeout=JOB_RESULT_LIMIT)
            if sample.data["job_id"] == job.get("job_id"):
                break
    finally:
        remote.close()
    if step.save is not None:
        outcome = json.loads(sample.data["result"])
        frame.scope.variables[step.save] = {
            "job_id": sample.data["job_id"],
            "exit_code": sample.data["exit_code"],
            "phase": str(outcome.get("phase", "")),
            **_verdict(step, frame, sample.data["exit_code"] == 0, outcome),
        }


def _verdict(step: Pipeline, frame: Frame, completed: bool, outcome: Mapping[str, Any]) -> dict[str, bool | str]:
    """Say whether what a job did is good enough; a back end that looks at no data reports no statistics."""
    statistics = outcome.get("verification")
    threshold, detectors = frame.value(step.threshold), frame.number(step.detectors, "detectors")
    if threshold is None or not completed or statistics is None:
        return {"passed": completed, "clean": completed, "report": str(outcome.get("message") or "no statistics")}
    verdict = judge(statistics, threshold=int(threshold), detectors=int(detectors))
    return {"passed": verdict.passed, "clean": not verdict.failures, "report": str(verdict)}
