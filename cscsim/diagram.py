"""`cscsim diagram`: a component, one of its machines or a procedure as a drawing, from the file that runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from cscsim.drawn import Drawn

__all__ = ["command"]

_FORMATS = ("mermaid", "dot", "svg", "plantuml", "scxml")


@click.command(name="diagram", short_help="draw a component, a machine or a procedure")
@click.argument("name")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="mermaid", show_default=True, help="its format")
@click.option("--machine", metavar="MACHINE", help="only one of its machines; `summary` is its summary state")
@click.option(
    "--highlight", metavar="STATE", multiple=True, help="mark STATE of a machine, MACHINE.STATE, or the id of a step"
)
@click.option(
    "--coverage",
    metavar="JOURNAL|STORE|COVERAGE.json",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="count what a journal, a campaign's store or a coverage has visited, and grey out the rest; may be repeated",
)
@click.option("--meanings", is_flag=True, help="let each state say what it means")
@click.option("--observatory", metavar="NAME|FILE", help="where procedures act; by default where they are at home")
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="write to a file, not the terminal",
)
def command(
    name: str,
    form: str,
    machine: str | None,
    highlight: tuple[str, ...],
    coverage: tuple[Path, ...],
    meanings: bool,
    observatory: str | None,
    output: Path | None,
) -> None:
    """Draw NAME: a component, COMPONENT.MACHINE (short for --machine), a procedure, or a procedure's file.

    svg needs Graphviz. scxml is a document that other engines can run; nothing can be marked in it.
    """
    from cscsim.drawn import find_drawn
    from fsm import AuthorError

    drawn = find_drawn(name, machine, observatory)
    if form == "scxml":
        if highlight or coverage or meanings:
            raise AuthorError("scxml is run, not looked at: leave --highlight, --coverage and --meanings out")
        text = drawn.scxml()
    else:
        text = _text(drawn, form, highlight, coverage, meanings=meanings)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise AuthorError(f"cannot be written: {error.strerror}", file=str(output)) from error


def _text(drawn: Drawn, form: str, highlighted: tuple[str, ...], files: tuple[Path, ...], *, meanings: bool) -> str:
    from fsm.diagrams import WRITERS, cover, covered, highlight

    drawing = drawn.drawing(meanings=meanings)
    if files:
        from cscsim.visited import visits_in

        visits, notes = visits_in(drawn, files)
        for note in notes:
            click.echo(note, err=True)
        click.echo(f"visited: {drawn.figure(covered(drawing, visits))}", err=True)
        drawing = cover(drawing, visits)
    drawing = highlight(drawing, {drawn.key(each) for each in highlighted})
    return WRITERS[form](drawing)
