"""A drawing before it has a format: boxes, arrows, notes and frames, with what stands in them and how they look.

Whoever draws something builds a `Drawing`; whoever writes a format walks one. A writer knows shapes, paints and
lines of text, and nothing of machines or procedures; a drawing holds no escapes of any format.

::

    statechart, procedure --draw--> Drawing --mark, cover--> Drawing --write--> mermaid, dot, svg, plantuml
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from fsm.diagrams.paint import PAINTS, Paint

__all__ = ["Drawing", "Edge", "Frame", "Node", "Shape"]


class Shape(Enum):
    """What a box looks like."""

    START = auto()
    END = auto()
    STATE = auto()
    STEP = auto()
    CHOICE = auto()
    CONDITION = auto()
    WAIT = auto()
    PERSON = auto()
    CALL = auto()
    BAR = auto()
    NOTE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A box.

    Attributes
    ----------
    id
        Unique in its drawing; letters, digits and underscores.
    lines
        What stands in it.
    inner
        What stands in it below a rule: rows that stay in a state, conditions of a step.
    small
        What stands in it in smaller letters: what a state means.
    key
        By what it is known outside: a machine and a state, a procedure and a step. None for what only helps to draw.
    """

    id: str
    shape: Shape
    lines: tuple[str, ...] = ()
    small: tuple[str, ...] = ()
    inner: tuple[str, ...] = ()
    paint: Paint = PAINTS["plain"]
    key: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """An arrow between two boxes.

    Attributes
    ----------
    stands_for
        The pairs of keys between which it leads: several, if its box stands for many states.
    hidden
        Whether it is not drawn, and only keeps one box below another.
    """

    source: str
    target: str
    lines: tuple[str, ...] = ()
    paint: Paint = PAINTS["arrow"]
    stands_for: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Boxes and arrows that belong together; without a title it has no border.

    Attributes
    ----------
    rows
        Frames inside it, in rows that lie under each other.
    """

    id: str
    title: str = ""
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    rows: tuple[tuple[Frame, ...], ...] = ()

    @property
    def inside(self) -> Iterator[Frame]:
        """The frames directly inside it."""
        return (frame for row in self.rows for frame in row)

    def walk(self) -> Iterator[Frame]:
        """Yield the frame and all inside it, each before those in it."""
        yield self
        for frame in self.inside:
            yield from frame.walk()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture: a title and one frame that holds everything."""

    title: str
    frame: Frame

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every box."""
        return tuple(node for frame in self.frame.walk() for node in frame.nodes)

    @property
    def edges(self) -> tuple[Edge, ...]:
        """Every arrow."""
        return tuple(edge for frame in self.frame.walk() for edge in frame.edges)
