"""What a text of each format may be: every drawing of the project is held to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from xml.etree import ElementTree as Xml

from fsm.diagrams import Drawing, Shape

__all__ = ["CHECKS", "check_mermaid", "check_plantuml", "check_svg"]

_ID = r"[A-Za-z_]\w*"
_PLAIN = r"(?:[^#;\"<>`{}&\\]|#(?:\d+|quot|amp|lt|gt);|<br/>|<hr/>|</?small>)*"
_LABEL = rf'"{_PLAIN}"'
_BOXES = (
    rf"\({_LABEL}\)",
    rf"\[{_LABEL}\]",
    rf"\{{\{{{_LABEL}\}}\}}",
    rf"\(\[{_LABEL}\]\)",
    rf"\[\[{_LABEL}\]\]",
    rf"@\{{ shape: [a-z-]+, label: {_LABEL} \}}",
)
_STYLE = r"[-\w]+:[-#\w ]+(?:,[-\w]+:[-#\w ]+)*"
_MERMAID = re.compile(
    "|".join(
        (
            rf"(?P<node>{_ID})(?:{'|'.join(_BOXES)})",
            rf"subgraph (?P<frame>{_ID})\[{_LABEL}\]",
            r"direction TB",
            r"end",
            rf"(?P<source>{_ID}) (?:-->|-\.->|~~~)(?:\|{_LABEL}\|)? (?P<target>{_ID})",
            rf"classDef paint\d+ {_STYLE}",
            rf"class (?P<worn>{_ID}(?:,{_ID})*) paint\d+",
            rf"linkStyle (?P<links>\d+(?:,\d+)*) {_STYLE}",
        )
    )
)


def check_mermaid(text: str, drawing: Drawing) -> None:
    """Check that each line is one that Mermaid's grammar of flow charts knows, and that names stand for something."""
    head, _, body = text.partition("\nflowchart ")
    assert head.startswith("---\ntitle: ")
    direction, *lines = [line.strip() for line in body.splitlines()]
    assert direction in ("TB", "LR")
    found = [(line, _MERMAID.fullmatch(line)) for line in lines]
    assert [line for line, match in found if match is None] == []
    matches = [match for _, match in found if match is not None]
    nodes = [match["node"] for match in matches if match["node"]]
    frames = [match["frame"] for match in matches if match["frame"]]
    assert sorted(nodes) == sorted(node.id for node in drawing.nodes)
    assert len(set(nodes + frames)) == len(nodes + frames)
    assert len(frames) == lines.count("end")
    arrows = [(match["source"], match["target"]) for match in matches if match["source"]]
    assert sorted(arrows) == sorted((edge.source, edge.target) for edge in drawing.edges)
    assert {end for arrow in arrows for end in arrow} <= set(nodes)
    assert {name for match in matches if match["worn"] for name in match["worn"].split(",")} <= set(nodes + frames)
    assert all(int(n) < len(arrows) for match in matches if match["links"] for n in match["links"].split(","))


_WORDS = r'(?:[^"\\<>~*_/\-=#|{}\[\]]|\\n|<U\+[0-9A-F]{4}>|</?size(?::10)?>)*'
_COLOUR = r"#[0-9a-f]{6};line:[0-9a-f]{6}(?:;line\.(?:dashed|bold))?;text:[0-9a-f]{6}"
_PLANTUML = re.compile(
    "|".join(
        (
            rf"title {_WORDS}",
            r"hide empty description",
            r"skinparam \w+ \w+",
            rf'state "{_WORDS}" as (?P<state>{_ID}) {_COLOUR}(?P<opens> \{{)?',
            rf"state (?P<sign>{_ID}) <<(?:start|end|fork)>>",
            r"\}",
            rf"note as (?P<note>{_ID})",
            rf"(?P<inner>{_ID}) : {_WORDS}",
            rf"(?P<source>{_ID}) -\[(?:hidden|#[0-9a-f]{{6}}(?:,dashed)?)\]-> (?P<target>{_ID})(?: : {_WORDS})?",
        )
    )
)


def check_plantuml(text: str, drawing: Drawing) -> None:
    """Check that each line is one that PlantUML's grammar of state diagrams knows, and that names are there."""
    assert text.startswith("@startuml\n")
    assert text.endswith("\n@enduml\n")
    without_notes = re.sub(rf"(note as {_ID})\n(?: *{_WORDS}\n)*? *end note", r"\1", text)
    lines = [line.strip() for line in without_notes.splitlines()[1:-1]]
    found = [(line, _PLANTUML.fullmatch(line)) for line in lines]
    assert [line for line, match in found if match is None] == []
    matches = [match for _, match in found if match is not None]
    declared = [name for match in matches for name in (match["state"], match["sign"], match["note"]) if name]
    assert len(set(declared)) == len(declared)
    assert {node.id for node in drawing.nodes} <= set(declared)
    assert sum(1 for match in matches if match["opens"]) == lines.count("}")
    arrows = [(match["source"], match["target"]) for match in matches if match["source"]]
    assert sorted(arrows) == sorted((edge.source, edge.target) for edge in drawing.edges)
    assert {match["inner"] for match in matches if match["inner"]} <= set(declared)


def check_svg(text: str, drawing: Drawing) -> None:
    """Check that it is well-formed XML that has every box, and every word of every box."""
    root = Xml.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert {node.id for node in drawing.nodes} <= set(ids)
    written = {(element.text or "").strip() for element in root.iter("{http://www.w3.org/2000/svg}text")}
    boxes = [node for node in drawing.nodes if node.shape not in (Shape.START, Shape.END, Shape.BAR)]
    assert {_spaced(line) for node in boxes for line in (*node.lines, *node.inner)} <= set(map(_spaced, written))


def _spaced(text: str) -> str:
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


CHECKS: Mapping[str, Callable[[str, Drawing], None]] = {"mermaid": check_mermaid, "plantuml": check_plantuml}
"""How a text is checked that no program need read."""
