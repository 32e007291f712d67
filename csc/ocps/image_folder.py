"""A folder in which a rehearsal's images are real, and what OCPS is asked for is really done.

::

    raw/LATISS/20260115/AT_O_20260115_000001_R00_S00.fits   what the camera has written
    repo/                                                   a repository of the butler
    jobs/<job id>.log                                       what each job of OCPS says
    scale                                                   of all images in it; 1 is full size
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

from csc.latiss.images import ImageStore
from csc.ocps.workshop import Workshop
from fsm import AuthorError

__all__ = ["image_folder"]

_NAME = re.compile(r"[A-Z]{2}_O_(\d{8})_(\d{6})_")


@contextmanager
def image_folder(folder: Path, scale: float) -> Iterator[Mapping[str, object]]:
    """Open a folder, made if it is not there, and give what an observatory lends to its components from it.

    Images of an earlier rehearsal stay, and new ones are numbered after them.

    Parameters
    ----------
    scale
        Of the images, above 0 and up to 1, the full size.

    Raises
    ------
    AuthorError
        If the pipelines are not installed, the folder cannot be used, or its images have another scale.
    """
    missing = [name for name in ("lsst.daf.butler", "lsst.ctrl.mpexec") if not _is_there(name)]
    if missing:
        raise AuthorError(f"real images and pipelines need {' and '.join(missing)}: pip install 'cscsim[pipelines]'")
    from csc.ocps.archive import ButlerArchive
    from csc.ocps.doing import do_job

    repository = folder / "repo"
    try:
        _prepare(folder, repository, scale)
    except OSError as error:
        raise AuthorError(f"cannot hold images: {error.strerror or error}", file=str(folder)) from error
    except ValueError as error:  # the scale is no scale of a camera
        raise AuthorError(f"images of {error}") from error
    with ExitStack() as open_things:
        archive = open_things.enter_context(ButlerArchive(folder / "raw", repository, scale))
        workshop = open_things.enter_context(Workshop(do_job, repository, folder / "jobs"))
        yield {"images": ImageStore(_taken(folder / "raw")), "archive": archive, "workshop": workshop}


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _prepare(folder: Path, repository: Path, scale: float) -> None:
    """Make what is not there yet."""
    from csc.comcam.focal_plane import true_sensors
    from csc.latiss.detector.sensor import latiss_sensor
    from pipelines.middleware.repository import create_observatory_repository

    sensors = {"LATISS": latiss_sensor(scale), "LSSTComCam": true_sensors(scale)[0]}
    note = folder / "scale"
    if note.exists():
        there = note.read_text(encoding="utf-8").strip()
        if there != f"{scale:g}":
            words = f"its images have the scale {there}, not {scale:g}; name another folder"
            raise AuthorError(words, file=str(folder))
    elif folder.is_dir() and any(folder.iterdir()):
        raise AuthorError("is no folder of images, and not empty; name another one", file=str(folder))
    if not (repository / "butler.yaml").exists():
        folder.mkdir(parents=True, exist_ok=True)
        create_observatory_repository(repository, {name: sensor.shape for name, sensor in sensors.items()})
        note.write_text(f"{scale:g}\n", encoding="utf-8")


def _taken(raws: Path) -> dict[int, int]:
    """Return the highest number of an image of each day."""
    found: defaultdict[int, int] = defaultdict(int)
    for file in raws.rglob("*.fits"):
        if match := _NAME.match(file.name):
            day, number = int(match[1]), int(match[2])
            found[day] = max(found[day], number)
    return dict(found)
