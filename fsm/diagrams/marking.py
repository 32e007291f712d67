"""What a drawing shows besides the table: where something is now, and what a journal has visited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from fsm.diagrams.drawing import Drawing, Edge, Frame, Node
from fsm.diagrams.paint import PAINTS, Paint

__all__ = ["Covered", "Visits", "cover", "covered", "highlight"]

Key = tuple[str, str]


class Covered(NamedTuple):
    """How many boxes, and ways between two boxes, were visited, and how many there are."""

    nodes: tuple[int, int]
    ways: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """How often boxes, by key, and arrows, by their two keys, were visited."""

    nodes: Mapping[Key, int] = field(default_factory=dict)
    edges: Mapping[tuple[Key, Key], int] = field(default_factory=dict)

    def of(self, edge: Edge) -> int:
        """Count the visits of an arrow; rows between the same states count together."""
        return sum(self.edges.get(pair, 0) for pair in edge.stands_for)


def highlight(drawing: Drawing, keys: Collection[Key]) -> Drawing:
    """Mark boxes as the present ones.

    Raises
    ------
    ValueError
        If one of them is not there.
    """
    there = {node.key for node in drawing.nodes}
    for key in keys:
        if key not in there:
            raise ValueError(f"{key[0]} has no {key[1]}")

    def mark(node: Node) -> Node:
        return replace(node, paint=PAINTS["present"]) if node.key in keys else node

    return replace(drawing, frame=_changed(drawing.frame, mark, lambda edge: edge))


def cover(drawing: Drawing, visits: Visits) -> Drawing:
    """Write beside boxes and arrows how often they were visited, and grey out the others.

    A journal does not say which of several rows between two states was taken: their arrows are counted together, and
    say so.
    """
    shared = Counter(pair for edge in drawing.edges for pair in edge.stands_for)
    unseen = {node.id for node in drawing.nodes if node.key is not None and not visits.nodes.get(node.key)}

    def count_node(node: Node) -> Node:
        if node.key is None:
            return node
        times = visits.nodes.get(node.key, 0)
        return replace(node, lines=(*node.lines, f"×{times}")) if times else replace(node, paint=_grey(node.paint))

    def count_edge(edge: Edge) -> Edge:
        if edge.stands_for:
            times = visits.of(edge)
            if not times:
                return replace(edge, paint=_grey(edge.paint))
            together = (
                " together" if any(shared[pair] > 1 and visits.edges.get(pair) for pair in edge.stands_for) else ""
            )
            return replace(edge, lines=(*edge.lines, f"×{times}{together}"))
        return replace(edge, paint=_grey(edge.paint)) if {edge.source, edge.target} & unseen else edge

    return replace(drawing, frame=_changed(drawing.frame, count_node, count_edge))


def covered(drawing: Drawing, visits: Visits) -> Covered:
    """Count what of a drawing was visited; arrows between the same boxes are one way."""
    keys = {node.key for node in drawing.nodes if node.key is not None}
    ways = {pair for edge in drawing.edges for pair in edge.stands_for}
    return Covered(
        nodes=(sum(1 for key in keys if visits.nodes.get(key)), len(keys)),
        ways=(sum(1 for pair in ways if visits.edges.get(pair)), len(ways)),
    )


def _grey(paint: Paint) -> Paint:
    return replace(PAINTS["unseen"], dashed=paint.dashed)


def _changed(frame: Frame, node: Callable[[Node], Node], edge: Callable[[Edge], Edge]) -> Frame:
    return replace(
        frame,
        nodes=tuple(map(node, frame.nodes)),
        edges=tuple(map(edge, frame.edges)),
        rows=tuple(tuple(_changed(inner, node, edge) for inner in row) for row in frame.rows),
    )
