"""`cscsim ptc`: the photon transfer curve of a run's pairs of flats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cscsim.errors import Complaint

if TYPE_CHECKING:
    from rich.console import RenderableType

    from csc.ocps.photon_transfer import TransferCurve
    from cscsim.pictures.curves import Truth
    from cscsim.pictures.shots import Shot

__all__ = ["command"]

_HELP = """\
Measure the photon transfer curve of the pairs of flats in SOURCE: gain, read noise and turn-off of every amplifier.

SOURCE is the journal of a run, whose flats are rendered at a small scale, or a folder of raw FITS files. Flats of equal
exposure time are a pair. Their overscan is subtracted and nothing else: a curve to look at, not one to certify.

\b
  cscsim ptc weekly.jsonl
  cscsim ptc weekly.jsonl --png curve.png
  cscsim ptc weekly.jsonl --truth          beside what the pixels were made with

Exit code: 0 measured, 2 bad input."""

_SCALE = 0.2


@click.command(name="ptc", help=_HELP, short_help="measure the photon transfer curve of a run")
@click.argument("source", metavar="SOURCE", type=click.Path(path_type=Path))
@click.option("--png", "picture", metavar="FILE", type=click.Path(path_type=Path), help="draw it")
@click.option("--reason", metavar="REASON", help="which flats; by default those whose reason ends in PTC")
@click.option("--detector", type=click.IntRange(min=0), metavar="N", help="which sensor; by default the first")
@click.option("--scale", type=float, metavar="S", help=f"size of rendered images, by default {_SCALE}; 1 is full size")
@click.option("--truth", "shows_truth", is_flag=True, help="show what is true of the simulated sensor, too")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def command(
    source: Path,
    picture: Path | None,
    reason: str | None,
    detector: int | None,
    scale: float | None,
    shows_truth: bool,
    as_json: bool,
) -> None:
    """Find the flats, measure, show."""
    from cscsim.image import save
    from cscsim.pictures.curves import flats_for_curve, measure, truth_of
    from cscsim.pictures.notes import require, tell
    from cscsim.pictures.sources import open_source

    require("scipy", *(["matplotlib"] if picture is not None else []))
    found = open_source(source)
    if found.has_files and scale is not None:
        raise Complaint(f"cscsim ptc: {source} has files: their pixels have a scale, leave out --scale")
    flats = flats_for_curve(found.shots, reason)
    number = flats[0].detectors[0] if detector is None else detector
    if number not in flats[0].detectors:
        raise Complaint(f"cscsim ptc: there is no detector {number}; there is {_words(flats[0].detectors)}")
    tell(found.notes)
    with _progress(len(flats) // 2) as notice:
        curve = measure(found, flats, number, _SCALE if scale is None else scale, notice)
    truth = truth_of(flats[0].instrument, number) if shows_truth else None
    sensor = f"{flats[0].instrument} detector {number}"
    if picture is not None:
        from cscsim.pictures.curve_drawing import draw_curve

        save(picture, draw_curve(curve, flats, sensor, truth))
    _report(curve, flats, sensor, truth, picture, as_json=as_json)


def _words(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def _report(
    curve: TransferCurve,
    flats: Sequence[Shot],
    sensor: str,
    truth: Mapping[str, Truth] | None,
    picture: Path | None,
    *,
    as_json: bool,
) -> None:
    from cscsim.pictures.curves import as_json as plain
    from cscsim.pictures.curves import curve_lines
    from cscsim.style import console_for, write

    if as_json:
        import orjson

        click.echo(orjson.dumps(plain(curve, flats, truth), option=orjson.OPT_INDENT_2))
        return
    from rich.text import Text

    def page() -> Iterator[RenderableType]:
        if picture is not None:
            yield Text(f"wrote {picture}")
            return
        titles, *lines = curve_lines(curve, truth)
        yield Text(f"Photon transfer curve of {sensor}: {len(curve.pairs)} pairs of flats", style="bold")
        if curve.single:
            yield Text(f"{len(curve.single)} flats have no partner of their exposure time", style="yellow")
        yield Text()
        yield Text(titles, style="dim", no_wrap=True)
        yield from (Text(line, no_wrap=True) for line in lines)
        yield Text("gain in electron/adu, noise in electron, turn-off in adu", style="dim")

    write(console_for(), page())


@contextmanager
def _progress(pairs: int) -> Iterator[Callable[[int], None] | None]:
    """Show on a terminal how many pairs are measured."""
    from cscsim.style import console_for, is_live

    console = console_for(stderr=True)
    if not is_live(console):
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("measuring"), BarColumn(), MofNCompleteColumn(), TextColumn("pairs"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("measuring", total=pairs)
        yield lambda number: bar.update(task, completed=number)
