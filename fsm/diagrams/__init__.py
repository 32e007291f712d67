"""Machines as pictures: the tables that run are the tables that are drawn.

::

    Statechart --machines--> Drawing --marking--> Drawing --WRITERS--> text in one of the formats
    Statechart --scxml-----> a document that another engine can run
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from fsm.diagrams.dot import write_dot
from fsm.diagrams.drawing import Drawing, Edge, Frame, Node, Shape
from fsm.diagrams.labels import explain_row, explain_time, wrap_condition, wrap_words
from fsm.diagrams.machines import Manner, draw_machine, draw_machines, note_lines
from fsm.diagrams.marking import Covered, Visits, cover, covered, highlight
from fsm.diagrams.mermaid import write_mermaid
from fsm.diagrams.paint import PAINTS, Paint
from fsm.diagrams.plantuml import write_plantuml
from fsm.diagrams.svg import write_svg

__all__ = [
    "PAINTS",
    "WRITERS",
    "Covered",
    "Drawing",
    "Edge",
    "Frame",
    "Manner",
    "Node",
    "Paint",
    "Shape",
    "Visits",
    "cover",
    "covered",
    "draw_machine",
    "draw_machines",
    "explain_row",
    "explain_time",
    "highlight",
    "note_lines",
    "wrap_condition",
    "wrap_words",
    "write_dot",
    "write_mermaid",
    "write_plantuml",
    "write_svg",
]

WRITERS: Mapping[str, Callable[[Drawing], str]] = MappingProxyType(
    {"mermaid": write_mermaid, "dot": write_dot, "svg": write_svg, "plantuml": write_plantuml}
)
"""What writes a drawing in each format."""
