"""Drawings in the language of Graphviz.

Rows of frames lie under each other: each frame has an invisible foot below all its boxes, and invisible arrows lead
from the feet of one row to the boxes of the next.

References
----------
graphviz.org: "DOT Language", "Node Shapes", "HTML-Like Labels".
"""

from __future__ import annotations

import html
from collections.abc import Iterator

from fsm.diagrams.drawing import Drawing, Edge, Frame, Node, Shape
from fsm.diagrams.paint import PAINTS, Paint

__all__ = ["write_dot"]

_HEAD = """\
    graph [label={title}, labelloc=t, fontname="Helvetica", fontsize=16, rankdir=TB, nodesep=0.35, ranksep=0.45,
           remincross=true]
    node [fontname="Helvetica", fontsize=11, shape=box, margin="0.12,0.06"]
    edge [fontname="Helvetica", fontsize=10, arrowsize=0.7]
"""
_SHAPES = {
    Shape.START: 'shape=circle, style=filled, fillcolor="#333333", width=0.14, fixedsize=true',
    Shape.END: 'shape=doublecircle, style=filled, fillcolor="#333333", width=0.12, fixedsize=true',
    Shape.BAR: 'shape=box, style=filled, fillcolor="#333333", width=1.2, height=0.05, fixedsize=true',
    Shape.STATE: "shape=box, style={style}",
    Shape.STEP: "shape=box, style={style}",
    Shape.CHOICE: "shape=hexagon, style={style}",
    Shape.CONDITION: "shape=tab, style={style}",
    Shape.WAIT: "shape=oval, style={style}",
    Shape.PERSON: "shape=octagon, style={style}",
    Shape.CALL: "shape=box, peripheries=2, style={style}",
    Shape.NOTE: "shape=note, style={style}",
}
_ROUNDED = {Shape.STATE, Shape.WAIT}
_PLAIN = {Shape.START, Shape.END, Shape.BAR}


def write_dot(drawing: Drawing) -> str:
    """Write a drawing in the language of Graphviz."""
    title = _quoted(drawing.title)
    body = "\n".join(_inside(drawing.frame, "    "))
    return f"digraph {title} {{\n{_HEAD.format(title=title)}{body}\n}}\n"


def _inside(frame: Frame, indent: str) -> Iterator[str]:
    for node in frame.nodes:
        yield f'{indent}{node.id} [id="{node.id}", {_box(node)}]'
    for inner in frame.inside:
        yield f"{indent}subgraph cluster_{inner.id} {{"
        yield f"{indent}    graph [label={_quoted(inner.title)}, labeljust=l, fontsize=13, {_border(inner)}]"
        yield from _inside(inner, f"{indent}    ")
        if len(frame.rows) > 1:
            yield f"{indent}    {_foot(inner)} [style=invis, shape=point, width=0.01]"
            below = " ".join(node.id for node in inner.nodes)
            yield f"{indent}    {{{below}}} -> {_foot(inner)} [style=invis, weight=0]"
        yield f"{indent}}}"
    for upper, lower in zip(frame.rows, frame.rows[1:], strict=False):
        feet = " ".join(_foot(inner) for inner in upper)
        tops = " ".join(inner.nodes[0].id for inner in lower)
        yield f"{indent}{{{feet}}} -> {{{tops}}} [style=invis, weight=0]"
    for edge in frame.edges:
        yield f"{indent}{edge.source} -> {edge.target} [{_line(edge)}]"


def _foot(frame: Frame) -> str:
    return f"{frame.id}__foot"


def _border(frame: Frame) -> str:
    return f'color="{PAINTS["frame"].line}", style=rounded' if frame.title else "style=invis"


def _box(node: Node) -> str:
    if node.shape in _PLAIN:
        return f'label="", {_SHAPES[node.shape]}'
    words = [word for word, wanted in (("filled", True), ("rounded", node.shape in _ROUNDED)) if wanted]
    words += ["dashed"] if node.paint.dashed else []
    style = _quoted(",".join(words))
    width = ", penwidth=2.5" if node.paint.thick else ""
    return f"label={_label(node)}, {_SHAPES[node.shape].format(style=style)}, {_colours(node.paint)}{width}"


def _colours(paint: Paint) -> str:
    return f'fillcolor="{paint.fill}", color="{paint.line}", fontcolor="{paint.ink}"'


def _line(edge: Edge) -> str:
    if edge.hidden:
        return "style=invis"
    text = "\\n".join(line.replace("\\", "\\\\") for line in edge.lines)
    parts = [f"label={_quoted(text)}"] if edge.lines else []
    parts += [
        f'color="{edge.paint.line}", fontcolor="{edge.paint.ink}"',
        *(["style=dashed"] if edge.paint.dashed else []),
    ]
    return ", ".join(parts)


def _label(node: Node) -> str:
    """Return a label: a table where something stands below a rule, for that is what a rule needs."""
    align = 'BALIGN="LEFT" ALIGN="LEFT"' if node.shape is Shape.NOTE else ""
    cells = [_cell("<BR/>".join(map(_text, node.lines)) + _small(node), align)]
    if node.inner:
        cells += ["<HR/>", _cell("<BR/>".join(map(_text, node.inner)), align)]
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{"".join(cells)}</TABLE>>'


def _cell(text: str, align: str) -> str:
    return f"<TR><TD {align}>{text}</TD></TR>" if align else f"<TR><TD>{text}</TD></TR>"


def _small(node: Node) -> str:
    return "".join(f'<BR/><FONT POINT-SIZE="9">{_text(line)}</FONT>' for line in node.small)


def _text(text: str) -> str:
    return html.escape(text, quote=False) or " "


def _quoted(text: str) -> str:
    escaped = text.replace('"', '\\"')
    return f'"{escaped}"'
