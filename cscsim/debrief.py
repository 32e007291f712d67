"""`cscsim debrief`: what a journal tells of a run, and how well somebody did who was trained in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cscsim.errors import Complaint

if TYPE_CHECKING:
    from cscsim.debrief_pictures import Pictures

__all__ = ["command"]

_HELP = """\
Tell what JOURNAL says of its run: what people did, what went wrong, what the guide would have done.

A journal of a training session is scored: goals, time to notice and to safe, wrong cures, hints, time against par. Any
other journal can be debriefed, too, also one that was cut.

\b
  cscsim debrief session.jsonl
  cscsim debrief session.jsonl --report debrief.html
  cscsim rehearse weekly --yes --fault ATDome.encoder_slip --journal run.jsonl
  cscsim debrief run.jsonl --training faint_flats

Exit code: 0 told, 2 bad input."""


@click.command(name="debrief", help=_HELP, short_help="what a run's journal tells, with a score for a training")
@click.argument("journal", metavar="JOURNAL", type=click.Path(path_type=Path))
@click.option("--training", metavar="NAME|FILE", help="score it by this training; by default the one it names")
@click.option(
    "--report", metavar="FILE", type=click.Path(path_type=Path), help="write an HTML page that can be kept and printed"
)
@click.option(
    "--json", "data", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True), help="write JSON; - prints it"
)
@click.option("--pictures/--no-pictures", "is_drawn", default=True, help="whether the page shows small images")
def command(journal: Path, training: str | None, report: Path | None, data: Path | None, is_drawn: bool) -> None:
    """Read the journal, and tell it in the ways that are asked for."""
    from cscsim.debrief_pictures import draw_pictures
    from cscsim.debriefed import open_journal

    for name, path in (("--report", report), ("--json", data)):
        if path is not None and path.resolve() == journal.resolve():
            raise Complaint(f"cscsim debrief: {name} {path}: is the journal itself; name another file")
    found = open_journal(journal, training)
    pictures = draw_pictures(found, is_drawn=is_drawn and report is not None) if report or data else None
    if data is not None:
        _write_json(data, {**found.debrief.as_dict(), "shots": _shots(pictures)})
    if report is not None:
        from cscsim.debrief_html import html_page

        page = html_page(found.debrief, training=found.training, pictures=pictures)
        _write(report, page.encode())
        click.echo(f"wrote {report}", err=data == Path("-"))
    if report is None and data is None:
        from cscsim.debrief_page import debrief_page
        from cscsim.style import console_for, write

        write(console_for(), debrief_page(found.debrief, found.training))


def _shots(pictures: Pictures | None) -> list[dict[str, Any]]:
    return [shot.as_json() for shot in pictures.shots] if pictures is not None else []


def _write_json(path: Path, value: dict[str, Any]) -> None:
    import orjson

    text = orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY, default=str)
    if path == Path("-"):
        click.echo(text)
    else:
        _write(path, text)
        click.echo(f"wrote {path}")


def _write(path: Path, content: bytes) -> None:
    """Write a file whole, or not at all.

    Raises
    ------
    Complaint
        If it cannot be written.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Complaint(f"cscsim debrief: {path}: cannot be written: {error.strerror}") from error
