r"""Drawings in PlantUML's language, as a state diagram: it has frames, notes, forks, broken lines and colours.

References
----------
plantuml.com: "State Diagram", "Creole". A label ends with its line, so lines are joined by ``\n``; what Creole would
take for its own is written as ``<U+002A>``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fsm.diagrams.drawing import Drawing, Edge, Frame, Node, Shape
from fsm.diagrams.paint import PAINTS, Paint

__all__ = ["write_plantuml"]

_HEAD = """\
@startuml
title {title}
hide empty description
skinparam shadowing false
skinparam defaultTextAlignment center
"""
_SIGNS = {Shape.START: "<<start>>", Shape.END: "<<end>>", Shape.BAR: "<<fork>>"}
_WORDS = {Shape.CHOICE: "?", Shape.CONDITION: "✓", Shape.WAIT: "⏱", Shape.PERSON: "☺", Shape.CALL: "▶"}
"""What stands before the words of a box, for PlantUML's states have one shape."""
_ESCAPED = re.compile(r'["\\<>~*_/\-=#|{}\[\]]')


def write_plantuml(drawing: Drawing) -> str:
    """Write a drawing in PlantUML's language."""
    body = "\n".join([*_inside(drawing.frame, ""), *_arrows(drawing.frame)])
    return f"{_HEAD.format(title=_escape(drawing.title))}{body}\n@enduml\n"


def _inside(frame: Frame, indent: str) -> Iterator[str]:
    for node in frame.nodes:
        yield from _box(node, indent)
    for inner in frame.inside:
        yield f'{indent}state "{_escape(inner.title) or " "}" as {inner.id} {_paint(PAINTS["frame"])} {{'
        yield from _inside(inner, f"{indent}  ")
        yield f"{indent}}}"


def _box(node: Node, indent: str) -> Iterator[str]:
    if node.shape is Shape.NOTE:
        yield f"{indent}note as {node.id}"
        yield from (f"{indent}  {_escape(line)}" for line in node.lines)
        yield f"{indent}end note"
        return
    if node.shape in _SIGNS:
        yield f"{indent}state {node.id} {_SIGNS[node.shape]}"
        return
    sign = f"{_WORDS[node.shape]} " if node.shape in _WORDS else ""
    lines = [*map(_escape, node.lines), *(f"<size:10>{_escape(line)}</size>" for line in node.small)]
    words = "\\n".join(lines)
    yield f'{indent}state "{sign}{words}" as {node.id} {_paint(node.paint)}'
    yield from (f"{indent}{node.id} : {_escape(line)}" for line in node.inner)


def _arrows(frame: Frame) -> Iterator[str]:
    for inner in frame.inside:
        yield from _arrows(inner)
    for edge in frame.edges:
        yield _arrow(edge)


def _arrow(edge: Edge) -> str:
    if edge.hidden:
        return f"{edge.source} -[hidden]-> {edge.target}"
    style = ",".join([edge.paint.line, *(["dashed"] if edge.paint.dashed else [])])
    words = "\\n".join(map(_escape, edge.lines))
    return f"{edge.source} -[{style}]-> {edge.target}" + (f" : {words}" if words else "")


def _paint(paint: Paint) -> str:
    line = ";line.dashed" if paint.dashed else ";line.bold" if paint.thick else ""
    return f"{paint.fill};line:{paint.line.removeprefix('#')}{line};text:{paint.ink.removeprefix('#')}"


def _escape(text: str) -> str:
    return _ESCAPED.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)
