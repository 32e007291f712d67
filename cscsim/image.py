"""`cscsim image`: one image of a run or a folder, as an observer looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cscsim.errors import Complaint

if TYPE_CHECKING:
    from rich.console import RenderableType

    from csc.ocps.developing import Developed
    from cscsim.pictures.shots import Shot
    from cscsim.pictures.sources import ImageSource

__all__ = ["command", "save"]

_HELP = """\
Show an image of SOURCE: the figures of its amplifiers, or with --png a picture.

Its overscan is subtracted, and with --with also a combined bias and dark; a combined flat divides it.

SOURCE is the journal of a run, whose pixels are rendered, always the same, or a folder of raw FITS files, or one of
them. NAME is the name of an image, its exposure id, its number within the day, "last", "last flat" or only "flat".
Without it the last image is shown.

\b
  cscsim image weekly.jsonl last flat
  cscsim image weekly.jsonl 45 --png flat.png
  cscsim image weekly.jsonl AT_O_20260115_000021 --raw --log --png bias.png
  cscsim image comcam.jsonl flat --png raft.png          all sensors, side by side
  cscsim image comcam.jsonl flat --detector 4 --png S11.png

Exit code: 0 shown, 2 bad input."""

_RAFT_SCALE = 0.25
"""Scale of several images side by side, if none is asked for: a picture has no more pixels."""


@click.command(name="image", help=_HELP, short_help="show an image of a run or a folder")
@click.argument("source", metavar="SOURCE", type=click.Path(path_type=Path))
@click.argument("name", metavar="[NAME]", nargs=-1)
@click.option("--png", "picture", metavar="FILE", type=click.Path(path_type=Path), help="draw it")
@click.option("--raw/--corrected", "is_raw", default=False, help="draw it as it was read out, or corrected (default)")
@click.option(
    "--with",
    "files",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="correct it with this combined bias, dark or flat; may be repeated",
)
@click.option("--log", "is_log", is_flag=True, help="let colours stand for logarithms")
@click.option("--scale", type=float, metavar="S", help="size of rendered images; 1 is full size")
@click.option("--detector", type=click.IntRange(min=0), metavar="N", help="one sensor of several")
@click.option(
    "--fits", "folder", metavar="FOLDER", type=click.Path(path_type=Path), help="write its raw FITS file there"
)
@click.option("--json", "as_json", is_flag=True, help="print the figures as one JSON object")
def command(
    source: Path,
    name: tuple[str, ...],
    picture: Path | None,
    is_raw: bool,
    files: tuple[Path, ...],
    is_log: bool,
    scale: float | None,
    detector: int | None,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Find it, develop it, show it."""
    from cscsim.pictures.choosing import choose
    from cscsim.pictures.notes import require, tell
    from cscsim.pictures.sources import open_source

    if picture is None and (is_raw or is_log):
        raise Complaint("cscsim image: --raw and --log are of a picture; name its file with --png")
    require("scipy", *(["matplotlib"] if picture is not None else []))
    found = open_source(source)
    if found.has_files and (scale is not None or folder is not None):
        raise Complaint(f"cscsim image: {source} has files: their pixels have a scale, leave out --scale and --fits")
    shot = choose(found.shots, " ".join(name))
    detectors = _detectors(shot, detector)
    size = scale if scale is not None else 1.0 if len(detectors) == 1 else _RAFT_SCALE
    tell(found.notes)
    images = _develop(found, shot, detectors, size, files, is_raw=is_raw)
    written = [*_write_files(found, shot, detectors, size, folder)]
    if picture is not None:
        save(picture, _drawn(shot, images, is_log=is_log))
        written.append(picture)
    _report(shot, images, written, as_json=as_json)


def _detectors(shot: Shot, wanted: int | None) -> tuple[int, ...]:
    if wanted is None:
        return shot.detectors
    if wanted not in shot.detectors:
        numbers = ", ".join(map(str, shot.detectors))
        raise Complaint(f"cscsim image: {shot.name} has no detector {wanted}; it has {numbers}")
    return (wanted,)


def _develop(
    source: ImageSource, shot: Shot, detectors: Sequence[int], scale: float, files: Sequence[Path], *, is_raw: bool
) -> list[Developed]:
    from csc.ocps.developing import develop, read_calibration

    if files and len(detectors) > 1:
        raise Complaint("cscsim image: --with corrects the image of one sensor; say which with --detector")
    calibrations = dict(map(read_calibration, files))
    try:
        return [
            develop(source.raw(shot, number, scale), shot.instrument, number, is_raw=is_raw, calibrations=calibrations)
            for number in detectors
        ]
    except ValueError as error:
        raise Complaint(f"cscsim image: {shot.name}: {error}") from error


def _write_files(
    source: ImageSource, shot: Shot, detectors: Sequence[int], scale: float, folder: Path | None
) -> Iterator[Path]:
    from cscsim.pictures.sources import Run

    if folder is None or not isinstance(source, Run):
        return
    for number in detectors:
        try:
            yield source.write(shot, number, scale, folder)
        except OSError as error:
            raise Complaint(f"cscsim image: {error.strerror or error}") from error


def _drawn(shot: Shot, images: Sequence[Developed], *, is_log: bool) -> bytes:
    if len(images) == 1:
        from cscsim.pictures.drawing import draw_image

        return draw_image(shot, images[0], is_log=is_log)
    from cscsim.pictures.mosaic import draw_mosaic

    return draw_mosaic(shot, images, is_log=is_log)


def save(path: Path, png: bytes) -> None:
    """Write a picture.

    Raises
    ------
    Complaint
        If it cannot be written.
    """
    try:
        path.write_bytes(png)
    except OSError as error:
        raise Complaint(f"cscsim: {path}: cannot be written: {error.strerror}") from error


def _report(shot: Shot, images: Sequence[Developed], written: Sequence[Path], *, as_json: bool) -> None:
    if as_json:
        import orjson

        from cscsim.pictures.words import as_json as plain

        click.echo(orjson.dumps(plain(shot, images), option=orjson.OPT_INDENT_2))
        return
    from rich.text import Text

    from cscsim.style import console_for, write

    files: list[RenderableType] = [Text(f"wrote {path}") for path in written]
    write(console_for(), files or _page(shot, images))


def _page(shot: Shot, images: Sequence[Developed]) -> Iterator[RenderableType]:
    from rich.text import Text

    from cscsim.pictures.words import raft_lines, subtitle, table_lines, title

    single = images[0] if len(images) == 1 else None
    yield Text(title(shot, single), style="bold")
    yield Text(subtitle(shot, images[0]), style="dim")
    yield Text()
    if single is not None:
        titles, *lines = table_lines(single.amplifiers)
        units = "adu above the overscan; noise e- and nominal in electron, gain nominal in electron/adu"
    else:
        titles, *lines = raft_lines(images)
        units = "adu above the overscan, of the amplifiers; noise in electron; --detector N shows one sensor"
    yield Text(titles, style="dim", no_wrap=True)
    yield from (Text(line, no_wrap=True) for line in lines)
    yield Text(units, style="dim")
