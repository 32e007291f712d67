"""The directive `state-diagram`: a component, one of its machines or a procedure as a picture."""

from __future__ import annotations

from collections.abc import Iterator

from docutils import nodes
from docutils.parsers.rst import directives

from cscsim.drawn import Drawn, find_drawn
from cscsim.sphinx.elements import diagram, fold
from cscsim.sphinx.page import CscDirective, as_words
from cscsim.sphinx.picture_as_table import picture_as_table
from cscsim.sphinx.sources import files_of
from cscsim.sphinx.words import paragraph
from cscsim.visited import visits_in
from fsm.diagrams import Drawing, cover, covered, highlight, write_mermaid

__all__ = ["StateDiagramDirective"]


class StateDiagramDirective(CscDirective):
    """``.. state-diagram:: ATDome.homing``."""

    option_spec = {  # noqa: RUF012  # as docutils has it
        "highlight": as_words,
        "coverage": directives.unchanged,
        "meanings": directives.flag,
        "format": directives.unchanged,
        "caption": directives.unchanged,
        "alt": directives.unchanged,
        "source": directives.flag,
        "name": directives.unchanged,
    }

    def build(self, name: str) -> Iterator[nodes.Node]:
        """Yield the picture.

        Raises
        ------
        CscsimError
            If there is nothing of that name, or an option is wrong.
        """
        form = self.form()
        drawn = find_drawn(self.named(name), homes=self.domain.homes)
        self.depend_on(*files_of(drawn.subject))
        drawing, visited = self._marked(drawn)
        alt = str(self.options.get("alt") or f"Diagram of {drawing.title}")
        node = diagram.of(drawing, alt=alt, form=form, instead=picture_as_table(drawing))
        yield self._captioned(node, visited)
        if "source" in self.options:
            text = write_mermaid(drawing)
            yield fold.of("Source, in Mermaid's language", nodes.literal_block(text, text, language="text"))

    def _marked(self, drawn: Drawn) -> tuple[Drawing, str]:
        """Return the drawing as the options want it, and what files have visited of it."""
        drawing, visited = drawn.drawing(meanings="meanings" in self.options), ""
        if "coverage" in self.options:
            visits, _ = visits_in(drawn, [self.file(name.strip()) for name in str(self.options["coverage"]).split(",")])
            visited = f"Visited: {drawn.figure(covered(drawing, visits))}."
            drawing = cover(drawing, visits)
        return highlight(drawing, {drawn.key(each) for each in self.options.get("highlight", ())}), visited

    def _captioned(self, node: diagram, visited: str) -> nodes.Element:
        caption = str(self.options.get("caption", "")).strip()
        figure = nodes.figure("", node, classes=["csc-figure"])
        if caption:
            words, messages = self.state.inline_text(caption, self.lineno)
            figure += nodes.caption(caption, "", *words)
            figure += messages
        if visited:
            figure += nodes.legend("", paragraph(visited)) if caption else nodes.caption(visited, visited)
        if len(figure) == 1 and "name" not in self.options:
            return node
        self.add_name(figure)
        return figure
