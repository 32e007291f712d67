"""`cscsim images`: the images of a run or a folder, one line each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.table import Table

    from cscsim.pictures.shots import Shot

__all__ = ["command"]

_HELP = """\
List the images of SOURCE: name, type, filter, exposure time, counts, and what they are for.

SOURCE is the journal of a run, which is run again for what its images saw, or a folder of raw FITS files, whose counts
are those of a few rows. No pixel is rendered.

\b
  cscsim rehearse weekly --yes --journal weekly.jsonl
  cscsim images weekly.jsonl --type flat --filter SDSSr_65mm --last 5
  cscsim images weekly.jsonl --reason weekly_PTC --json

Exit code: 0 listed, 2 bad input."""


@click.command(name="images", help=_HELP, short_help="list the images of a run or a folder")
@click.argument("source", metavar="SOURCE", type=click.Path(path_type=Path))
@click.option("--type", "image_type", metavar="TYPE", help="only bias, dark, flat, ...")
@click.option("--filter", "filter_name", metavar="NAME", help="only this filter or grating, or both as FILTER~GRATING")
@click.option("--reason", metavar="REASON", help="only what was taken for it, such as weekly_PTC")
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="only the last N of them")
@click.option("--json", "as_json", is_flag=True, help="print one JSON array")
def command(
    source: Path,
    image_type: str | None,
    filter_name: str | None,
    reason: str | None,
    last: int | None,
    as_json: bool,
) -> None:
    """Find them, select, print."""
    from cscsim.pictures.choosing import select
    from cscsim.pictures.notes import tell
    from cscsim.pictures.sources import open_source

    found = open_source(source)
    shots = select(found.shots, type=image_type, filter=filter_name, reason=reason, last=last)
    tell(found.notes)
    if as_json:
        import orjson

        click.echo(orjson.dumps([shot.as_json() for shot in shots], option=orjson.OPT_INDENT_2))
        return
    from rich.text import Text

    from cscsim.style import console_for, write

    console = console_for()
    if not shots:
        write(console, [Text("There are none.", style="dim")])
        return
    number = f"{len(shots)} of {len(found.shots)}" if len(shots) < len(found.shots) else f"{len(shots)}"
    write(
        console,
        [
            _table(shots, console.width),
            Text(f"{number} image{'s' if len(found.shots) > 1 else ''}; time in s, counts in adu", style="dim"),
        ],
    )


def _table(shots: Sequence[Shot], width: int) -> Table:
    """Return a line for each image; columns in which nothing stands, or that do not fit, are left out."""
    from rich.table import Table
    from rich.text import Text

    columns = [
        column for column in _columns() if width >= column.narrowest and any(column.shown(shot) for shot in shots)
    ]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        table.add_column(
            Text(column.title),
            justify="right" if column.is_number else "left",
            no_wrap=column.is_number or column.title == "name",
        )
    for shot in shots:
        table.add_row(
            *(Text(column.shown(shot), style=column.style or ("red" if shot.saturated else "")) for column in columns)
        )
    return table


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """A column: what it shows of an image, and on which terminals [signs]."""

    title: str
    shown: Callable[[Shot], str]
    is_number: bool = False
    style: str = ""
    narrowest: int = 0


def _columns() -> tuple[_Column, ...]:
    from cscsim.style import counts

    return (
        _Column(title="name", shown=lambda shot: shot.name, style="bold"),
        _Column(title="type", shown=lambda shot: shot.image_type),
        _Column(title="filter", shown=lambda shot: shot.filter),
        _Column(title="grating", shown=lambda shot: shot.grating),
        _Column(title="time", shown=lambda shot: f"{shot.exposure_time:g}", is_number=True),
        _Column(
            title="counts",
            shown=lambda shot: "" if shot.counts is None else counts(shot.counts),
            is_number=True,
        ),
        _Column(title="", shown=lambda shot: "saturated" if shot.saturated else ""),
        _Column(title="reason", shown=lambda shot: shot.reason, narrowest=96),
        _Column(title="program", shown=lambda shot: shot.program, narrowest=108),
        _Column(title="begin", shown=lambda shot: shot.time.partition("T")[2], is_number=True),
        _Column(title="group", shown=lambda shot: shot.group_id, narrowest=134),
    )
