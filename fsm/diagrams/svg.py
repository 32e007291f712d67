"""Drawings as SVG, laid out by Graphviz' program `dot`.

Frames that no arrow joins, such as the machines of a component, are laid out each by itself and set in rows like words:
left to itself, `dot` would set all of them side by side.
"""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fsm.diagrams.dot import write_dot
from fsm.diagrams.drawing import Drawing, Frame
from fsm.errors import CscsimError

__all__ = ["write_svg"]

_LONGEST = 120.0
"""Time [s] that `dot` may take."""
_GAP = 12.0
"""Between pictures [pt]."""
_WIDTH = 1300.0
"""Of a row [pt]; a picture that is wider stands alone."""
_TITLE = 28.0
"""Height of the title [pt]."""
_PICTURE = re.compile(r'<svg width="([\d.]+)pt" height="([\d.]+)pt".*?>\n(.*?)</svg>', re.DOTALL)
_PAGE = """\
<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<svg width="{width:.0f}pt" height="{height:.0f}pt" viewBox="0 0 {width:.0f} {height:.0f}" \
xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">
<title>{title}</title>
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="{middle:.0f}" y="20" text-anchor="middle" font-family="Helvetica,sans-serif" font-size="16">{title}</text>
{pictures}
</svg>
"""


@dataclass(frozen=True, slots=True)
class _Picture:
    """What `dot` has drawn; sizes in pt."""

    width: float
    height: float
    content: str


def write_svg(drawing: Drawing) -> str:
    """Lay a drawing out and return it as SVG.

    Raises
    ------
    CscsimError
        If Graphviz is not installed, or it fails.
    """
    if drawing.frame.nodes or drawing.frame.edges:
        return _laid_out(drawing.title, write_dot(drawing))
    parts = [_alone(frame) for frame in drawing.frame.inside]
    found = _PICTURE.findall(_laid_out(drawing.title, "".join(map(write_dot, parts))))
    pictures = [_Picture(float(width), float(height), content) for width, height, content in found]
    return _page(drawing.title, list(_rows(pictures)))


def _alone(frame: Frame) -> Drawing:
    return Drawing(title="", frame=Frame(id=f"{frame.id}__alone", rows=((frame,),)))


def _laid_out(title: str, text: str) -> str:
    program = shutil.which("dot")
    if program is None:
        raise CscsimError(
            "svg is laid out by Graphviz' program dot, which is not on the PATH; install it (Debian, Ubuntu: "
            "sudo apt install graphviz), or take another format: mermaid, dot, plantuml"
        )
    done = subprocess.run(
        [program, "-Tsvg"], input=text, capture_output=True, text=True, timeout=_LONGEST, check=False, encoding="utf-8"
    )
    if done.returncode:
        raise CscsimError(f"Graphviz could not lay {title} out: {done.stderr.strip()}")
    return done.stdout


def _rows(pictures: Iterable[_Picture]) -> Iterator[list[_Picture]]:
    row: list[_Picture] = []
    for picture in pictures:
        if row and sum(each.width + _GAP for each in (*row, picture)) > _WIDTH:
            yield row
            row = []
        row.append(picture)
    if row:
        yield row


def _page(title: str, rows: Sequence[Sequence[_Picture]]) -> str:
    width = max(sum(picture.width + _GAP for picture in row) for row in rows) + _GAP
    height = _TITLE + sum(max(picture.height for picture in row) + _GAP for row in rows)
    placed = "\n".join(_placed(rows))
    return _PAGE.format(width=width, height=height, middle=width / 2, title=html.escape(title), pictures=placed)


def _placed(rows: Sequence[Sequence[_Picture]]) -> Iterator[str]:
    y = _TITLE
    for row in rows:
        x = _GAP
        for picture in row:
            yield f'<g transform="translate({x:.0f} {y:.0f})">\n{picture.content}</g>'
            x += picture.width + _GAP
        y += max(picture.height for picture in row) + _GAP
