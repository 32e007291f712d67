"""A drawing for those formats in which it cannot be drawn: its boxes, and where each leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from docutils import nodes

from cscsim.sphinx.words import Words, code, paragraph, strong, table
from fsm.diagrams import Drawing, Node, Shape

__all__ = ["picture_as_table"]

_SIGNS = (Shape.START, Shape.END, Shape.BAR, Shape.NOTE)
"""Boxes without a name."""


def picture_as_table(drawing: Drawing) -> list[nodes.Node]:
    """Return a table for each frame that has boxes of its own, below the frame's title, and its notes."""
    names = {node.id: "the end" if node.shape in _SIGNS else " ".join(node.lines) for node in drawing.nodes}
    found: list[nodes.Node] = []
    for frame in drawing.frame.walk():
        boxes = [node for node in frame.nodes if node.shape not in _SIGNS]
        if boxes and frame.title:
            found.append(paragraph(strong(frame.title)))
        rows = [row for node in boxes for row in _rows(node, drawing, names)]
        found += table(("box", "says", "leads to", "by"), rows)
        found += [paragraph(" ".join((*node.lines, *node.inner))) for node in frame.nodes if node.shape is Shape.NOTE]
    return found


def _rows(node: Node, drawing: Drawing, names: Mapping[str, str]) -> Iterator[Sequence[Words]]:
    """Yield a row for each arrow that leaves a box; what the box says stands in the first."""
    said: Words = [nodes.Text(text)] if (text := " ".join((*node.small, *node.inner))) else []
    ways = [edge for edge in drawing.edges if edge.source == node.id and not edge.hidden]
    for edge in ways:
        yield [strong(names[node.id])], said, [code(names[edge.target])], [nodes.Text(" ".join(edge.lines))]
        said = []
    if not ways:
        yield [strong(names[node.id])], said, [], []
