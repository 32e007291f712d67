"""Drawings in Mermaid's language: a flow chart, for it alone has broken lines and colours of arrows.

References
----------
Mermaid's documentation, "Flowcharts - Basic Syntax" (version 11.3 or newer). A label ends at a quote, so what Mermaid
would take for its own is written as ``#59;``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fsm.diagrams.drawing import Drawing, Edge, Frame, Node, Shape
from fsm.diagrams.paint import PAINTS, Paint

__all__ = ["write_mermaid"]

_ENTITIES = {
    "#": "#35;",
    ";": "#59;",
    '"': "#quot;",
    "&": "#amp;",
    "<": "#lt;",
    ">": "#gt;",
    "`": "#96;",
    "\\": "#92;",
    "{": "#123;",
    "}": "#125;",
    "*": "#42;",
}
_ESCAPED = re.compile(f"[{re.escape(''.join(_ENTITIES))}]|%(?=%)|(?<!\\w)_|_(?!\\w)")
_HEAD = """\
---
title: {title}
config:
  themeVariables:
    edgeLabelBackground: "#ffffff"
  flowchart:
    nodeSpacing: 40
    rankSpacing: 40
    wrappingWidth: 500
    curve: catmullRom
---
flowchart {direction}
"""
_SHAPES = {
    Shape.START: '@{{ shape: f-circ, label: " " }}',
    Shape.END: '@{{ shape: framed-circle, label: " " }}',
    Shape.BAR: '@{{ shape: fork, label: " " }}',
    Shape.STATE: '("{label}")',
    Shape.STEP: '["{label}"]',
    Shape.CHOICE: '{{{{"{label}"}}}}',
    Shape.CONDITION: '@{{ shape: notch-rect, label: "{label}" }}',
    Shape.WAIT: '(["{label}"])',
    Shape.PERSON: '@{{ shape: sl-rect, label: "{label}" }}',
    Shape.CALL: '[["{label}"]]',
    Shape.NOTE: '["{label}"]',
}
_DARK = {Shape.START, Shape.END, Shape.BAR}


def write_mermaid(drawing: Drawing) -> str:
    """Write a drawing as a flow chart in Mermaid's language."""
    rows = len(drawing.frame.rows)
    head = _HEAD.format(title=_quoted(drawing.title), direction="LR" if rows > 1 else "TB")
    lines = [*_inside(drawing.frame, "    "), *_styles(drawing)]
    return head + "\n".join(lines) + "\n"


def _inside(frame: Frame, indent: str) -> Iterator[str]:
    for node in frame.nodes:
        yield f"{indent}{node.id}{_SHAPES[node.shape].format(label=_label(node))}"
    for number, row in _backwards(frame):
        if len(frame.rows) == 1:
            for inner in reversed(row):
                yield from _frame(inner, indent)
        else:
            yield f'{indent}subgraph {frame.id}__row{number}[" "]'
            yield f"{indent}    direction TB"
            for inner in reversed(row):
                yield from _frame(inner, f"{indent}    ")
            yield f"{indent}end"
    for edge in frame.edges:
        yield f"{indent}{_arrow(edge)}"


def _backwards(frame: Frame) -> Iterator[tuple[int, tuple[Frame, ...]]]:
    """Yield the rows with their numbers, the last one first, for Mermaid lays frames out from the last to the first."""
    return reversed(list(enumerate(frame.rows, start=1)))


def _frame(frame: Frame, indent: str) -> Iterator[str]:
    yield f'{indent}subgraph {frame.id}["{_escape(frame.title) or " "}"]'
    yield f"{indent}    direction TB"
    yield from _inside(frame, f"{indent}    ")
    yield f"{indent}end"


def _arrow(edge: Edge) -> str:
    if edge.hidden:
        return f"{edge.source} ~~~ {edge.target}"
    line = "-.->" if edge.paint.dashed else "-->"
    label = f'|"{"<br/>".join(map(_escape, edge.lines))}"|' if edge.lines else ""
    return f"{edge.source} {line}{label} {edge.target}"


def _label(node: Node) -> str:
    label = "<br/>".join(map(_escape, node.lines)) or " "
    if node.small:
        label += f"<br/><small>{'<br/>'.join(map(_escape, node.small))}</small>"
    if node.inner:
        label += f"<hr/>{'<br/>'.join(map(_escape, node.inner))}"
    return label


def _styles(drawing: Drawing) -> Iterator[str]:
    """Yield what says which boxes, frames and arrows wear which paint, each paint once."""
    worn: dict[str, list[str]] = {}
    for node in drawing.nodes:
        style = "fill:#333333,stroke:#333333" if node.shape in _DARK else _box(node.paint, node.shape)
        worn.setdefault(style, []).append(node.id)
    for frame in drawing.frame.walk():
        if frame is not drawing.frame:
            worn.setdefault(_box(PAINTS["frame"], None), []).append(frame.id)
        if len(frame.rows) > 1:
            rows = range(1, len(frame.rows) + 1)
            worn.setdefault("fill:none,stroke:none", []).extend(f"{frame.id}__row{number}" for number in rows)
    for number, (style, ids) in enumerate(worn.items(), start=1):
        yield f"    classDef paint{number} {style}"
        yield f"    class {','.join(ids)} paint{number}"
    arrows: dict[str, list[int]] = {}
    for number, edge in enumerate(_in_order(drawing.frame)):
        if edge.paint != PAINTS["arrow"]:
            arrows.setdefault(f"stroke:{edge.paint.line},color:{edge.paint.ink}", []).append(number)
    for style, numbers in arrows.items():
        yield f"    linkStyle {','.join(map(str, numbers))} {style}"


def _in_order(frame: Frame) -> Iterator[Edge]:
    """Yield arrows in the order in which they are written: those of frames inside come first."""
    for _, row in _backwards(frame):
        for inner in reversed(row):
            yield from _in_order(inner)
    yield from frame.edges


def _box(paint: Paint, shape: Shape | None) -> str:
    style = f"fill:{paint.fill},stroke:{paint.line},color:{paint.ink}"
    if paint.thick:
        style += ",stroke-width:3px"
    if paint.dashed:
        style += ",stroke-dasharray:4 3"
    return style + (",text-align:left" if shape is Shape.NOTE else "")


def _escape(text: str) -> str:
    return _ESCAPED.sub(lambda found: _ENTITIES.get(found[0], f"#{ord(found[0])};"), text)


def _quoted(text: str) -> str:
    """Write a text for the YAML head."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
