"""What Sphinx has no node for: a diagram, and something that is folded away until it is asked for.

Both hold what other formats than HTML show in their place, so that a page loses nothing as a PDF or a man page.
"""

from __future__ import annotations

from collections.abc import Sequence

from docutils import nodes

from fsm.diagrams import Drawing

__all__ = ["diagram", "fold", "fold_title"]


class diagram(nodes.General, nodes.Element):  # noqa: N801  # nodes are written small, like the tags of HTML
    """A drawing; its children are what is shown where it cannot be drawn, perhaps nothing.

    Attributes ``drawing``, ``alt`` and ``format``: mermaid, svg, or empty for what the project's configuration says.
    """

    @classmethod
    def of(cls, drawing: Drawing, *, alt: str, form: str = "", instead: Sequence[nodes.Node] = ()) -> diagram:
        """Return the node of a drawing."""
        return cls("", *instead, drawing=_Kept(drawing), alt=alt, format=form)

    @property
    def drawing(self) -> Drawing:
        """What is drawn."""
        kept: _Kept = self["drawing"]
        return kept.drawing


class fold(nodes.General, nodes.Element):  # noqa: N801
    """Something folded away: a `fold_title`, then the rest. Attribute ``open``: whether it is unfolded at first."""

    @classmethod
    def of(cls, title: str, *body: nodes.Node, unfolded: bool = False) -> fold:
        """Return the node with a title."""
        return cls("", fold_title(title, title), *body, open=unfolded)


class fold_title(nodes.General, nodes.TextElement):  # noqa: N801
    """What is seen of a fold that is closed."""


class _Kept:
    """A drawing as the attribute of a node: a dump of the page says its title, not all of it."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing

    def __repr__(self) -> str:
        return self.drawing.title
