"""Raw images written, several at a time. What is there already stays: a file is whole, or it is not there."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csc.latiss.detector.raw_file import raw_name, write_raw
from csc.latiss.detector.sensor import Sensor, latiss_sensor
from cscsim.errors import Breakdown, Complaint
from cscsim.raws_plan import RawShot
from cscsim.style import console_for, is_live
from procedures.campaign import LOST, ProcessPool

__all__ = ["Written", "write_all"]

_MANIFEST = "raws.json"
_BYTES_PER_PIXEL = 1.3
_SAID_EVERY = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of a plan: files that are new, that were there before, and the size of all of them [bytes]."""

    new: int
    before: int
    size: int


@dataclass(frozen=True, slots=True)
class _Task:
    shot: RawShot
    folder: str
    scale: float


def write_all(shots: list[RawShot], folder: Path, *, scale: float, seed: int, workers: int) -> Written:
    """Write all images that are not there yet.

    Parameters
    ----------
    folder
        Made if it is not there. It remembers which exposures it is for, and takes no others.
    scale
        Of the sensor, 1 at full size.
    workers
        Processes.

    Raises
    ------
    Complaint
        If the folder holds other images, the scale is too small, or there is no room; nothing was written then.
    Breakdown
        If an image could not be written; those that are there are whole.
    """
    try:
        sensor = latiss_sensor(scale)
    except ValueError as error:
        raise Complaint(f"--scale {scale:g}: {error}") from None
    missing = [shot for shot in shots if not (folder / raw_name(shot.exposure, sensor)).exists()]
    _require_room(folder, len(missing), sensor)
    _claim(folder, shots, scale, seed)
    _write(missing, folder, scale, min(workers, max(1, len(missing))))
    size = sum((folder / raw_name(shot.exposure, sensor)).stat().st_size for shot in shots)
    return Written(new=len(missing), before=len(shots) - len(missing), size=size)


def _write(shots: list[RawShot], folder: Path, scale: float, workers: int) -> None:
    if not shots:
        return
    tasks = [_Task(shot, str(folder), scale) for shot in shots]
    done = 0
    with ProcessPool(workers) if workers > 1 else nullcontext() as pool:
        results = pool.map(_write_one, tasks) if pool else ((task, _write_one(task)) for task in tasks)
        try:
            for task, fault in _shown(results, len(tasks)):
                if fault is LOST or fault:
                    why = "its process was killed, perhaps for want of memory" if fault is LOST else fault
                    raise Breakdown(
                        f"cscsim raws: {task.shot.exposure.name}: {why}; the same command goes on from there"
                    )
                done += 1
        except KeyboardInterrupt:
            raise Breakdown(f"cscsim raws: interrupted after {done} images; the same command goes on") from None


def _write_one(task: _Task) -> str:
    """Write an image; return what went wrong, empty if nothing did."""
    try:
        write_raw(task.shot.exposure, Path(task.folder), latiss_sensor(task.scale), known=task.shot.known)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _shown(results: Iterable[Any], total: int) -> Iterator[Any]:
    """Hand results on; show how many there are, the rate and the time left."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = console_for(stderr=True)
    live = is_live(console)
    columns = (
        TextColumn("raw images"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}", style="dim"),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    began = said = time.monotonic()
    with Progress(*columns, console=console, transient=True, disable=not live) as bar:
        shown = bar.add_task("raw images", total=total, rate="")
        for count, result in enumerate(results, 1):
            now = time.monotonic()
            rate = count / max(now - began, 1e-3)
            bar.update(shown, advance=1, rate=f"{rate:.1f}/s")
            if not live and now - said > _SAID_EVERY:
                said = now
                console.print(f"{count} of {total} raw images, {rate:.1f}/s, {(total - count) / rate:.0f} s left")
            yield result


def _require_room(folder: Path, images: int, sensor: Sensor) -> None:
    amplifiers, rows, columns = sensor.raw_shape
    needed = images * amplifiers * rows * columns * _BYTES_PER_PIXEL
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        raise Complaint(f"{there}: a file; name a folder")
    free = shutil.disk_usage(there).free
    if needed > free:
        raise Complaint(
            f"{folder}: {images} images need about {needed / 1e9:.1f} GB, {free / 1e9:.1f} GB are free; "
            "make room, or take a smaller --scale"
        )


def _claim(folder: Path, shots: list[RawShot], scale: float, seed: int) -> None:
    """Write down what the folder is for, or hold it against what it says."""
    text = repr([(shot.exposure, sorted(shot.known.items())) for shot in shots])
    ours = {"scale": scale, "seed": seed, "exposures": hashlib.sha256(text.encode()).hexdigest()}
    manifest = folder / _MANIFEST
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not manifest.exists():
            manifest.write_text(json.dumps(ours, indent=1) + "\n", encoding="utf-8")
        there = json.loads(manifest.read_text(encoding="utf-8"))
    except OSError as error:
        raise Complaint(f"{error.filename}: {error.strerror}") from None
    except ValueError:
        there = None
    if there != ours:
        raise Complaint(f"{folder}: it holds images of another plan, scale or seed; name another folder, or remove it")
