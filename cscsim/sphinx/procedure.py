"""The directive `procedure`: a page in the observatory's own layout.

Overview with warnings, Pre-Condition, Procedure Steps, Post-Condition, Contingency, as on the observatory's procedure
pages; what those leave to the reader, such as the configuration, comes after.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from docutils import nodes

from cscsim.locate import Site
from cscsim.sphinx.block import block_page
from cscsim.sphinx.configuration import configuration
from cscsim.sphinx.elements import diagram, fold
from cscsim.sphinx.page import CscDirective, anchor_of
from cscsim.sphinx.sources import files_of
from cscsim.sphinx.steps import Steps, checked
from cscsim.sphinx.words import Words, bullets, code, facts, joined, paragraph, said, strong
from fsm import AuthorError, nearest
from procedures import Procedure, load_procedure
from procedures.flowchart import draw_procedure

__all__ = ["PARTS", "ProcedureDirective"]

PARTS = {
    "overview": "Overview",
    "warnings": "",
    "pre-condition": "Pre-Condition",
    "steps": "Procedure Steps",
    "post-condition": "Post-Condition",
    "contingency": "Contingency",
    "configuration": "Configuration",
    "sources": "Sources",
}
"""The parts of a page, in order, and their headings; warnings stand in the overview."""

_SMALL = 16
"""A flow chart with more boxes is folded away until it is asked for."""


class ProcedureDirective(CscDirective):
    """``.. procedure:: weekly``: what a person or a queue follows."""

    def build(self, name: str) -> Iterator[nodes.Node]:
        """Yield the nodes for a procedure or a block.

        Raises
        ------
        AuthorError
            If there is no such procedure, its file is wrong, or an option is.
        """
        site = self.domain.homes.of(self.named(name))
        block = site.blocks.get(name)
        if block is not None:
            self.refuse_parts(name)
            self.depend_on(*files_of(block))
            yield from block_page(self, block, site)
            return
        procedure = self._find(name, site)
        self.depend_on(*files_of(procedure))
        chosen = self.chosen(tuple(PARTS))
        if "overview" in chosen:
            yield from self.whole("procedure", procedure.name)
        yield from self._sections(procedure, chosen)

    def _find(self, name: str, site: Site) -> Procedure:
        path = self.named(name)
        if path != name:
            return load_procedure(self.file(name), site.vocabulary, name=name)
        try:
            return site.procedure(name)
        except AuthorError as error:
            if error.file is not None or hasattr(error, "errors"):
                raise
            names = site.library.names()
            known = [*names, *(each.removesuffix(".py").rpartition("/")[2] for each in names), *site.blocks.ids()]
            raise AuthorError(f"there is no procedure or block {name}", suggestion=nearest(name, known)) from error

    def _sections(self, procedure: Procedure, chosen: Sequence[str]) -> Iterator[nodes.Node]:
        """Yield the parts below their headings; one that stands alone has the heading that its writer gives it."""
        body: list[nodes.Node] = []
        for part in chosen:
            body = [*body, *self._part(part, procedure)]
            if part == "overview" and "warnings" in chosen:
                continue  # they belong to it
            title = PARTS["overview" if part == "warnings" and "overview" in chosen else part]
            if not body:
                continue
            if title and len(chosen) > 1:
                yield self.section(title, anchor_of(procedure.name, title), body)
            else:
                yield from body
            body = []

    def _part(self, part: str, procedure: Procedure) -> Iterator[nodes.Node]:
        steps = Steps(self)
        match part:
            case "overview":
                yield paragraph(strong(f"{procedure.title}."), " ", said(procedure.overview))
                yield from facts(self._facts(procedure))
            case "warnings" if procedure.warnings:
                yield nodes.warning("", *_warned(procedure.warnings))
            case "pre-condition":
                yield from checked(procedure.preconditions)
            case "steps":
                yield from steps.tree(procedure.steps)
                yield from self._chart(procedure)
            case "post-condition":
                yield from checked(procedure.postconditions)
            case "contingency":
                yield from self._contingency(procedure, steps)
            case "configuration":
                yield from configuration(procedure.config)
                if procedure.config_checks:
                    yield paragraph("It must also keep:")
                    yield from checked(procedure.config_checks)
            case "sources" if procedure.sources:
                yield bullets(said(source) for source in procedure.sources)

    def _chart(self, procedure: Procedure) -> Iterator[nodes.Node]:
        drawing = draw_procedure(procedure)
        picture = diagram.of(drawing, alt=f"Flow chart of {procedure.name}", form=self.form())
        yield fold.of("Flow chart", picture, unfolded=len(drawing.nodes) <= _SMALL)

    def _contingency(self, procedure: Procedure, steps: Steps) -> Iterator[nodes.Node]:
        if procedure.contingency:
            yield bullets(said(text) for text in procedure.contingency)
        for words, inner in (
            ("If it fails, the procedure itself does:", procedure.on_failure),
            ("If it fails or is stopped, the procedure itself does last:", procedure.cleanup),
        ):
            if inner:
                yield paragraph(words)
                yield from steps.tree(inner)

    def _facts(self, procedure: Procedure) -> list[tuple[str, Words]]:
        duration = str(procedure.duration)
        return [
            ("kind", [nodes.Text(procedure.kind)]),
            ("file", [code(_file(procedure))]),
            ("lasts about", [] if duration in ("0", "0 s") else [code(duration)]),
            ("speaks with", joined(self.link("component", name.partition(":")[0], name) for name in procedure.remotes)),
            ("begins", _beginning(procedure)),
            ("at home in", [code(procedure.observatory)] if procedure.observatory else []),
        ]


def _warned(warnings: Iterable[str]) -> list[nodes.Node]:
    """Return warnings as one: a paragraph, or a list."""
    each = [said(text) for text in warnings]
    return [paragraph(each[0])] if len(each) == 1 else [bullets(each)]


def _file(procedure: Procedure) -> str:
    """Return a file of the library by its path in the project; one that the page names is called as there."""
    own = procedure.file.startswith(("scripts/", "parts/", "rehearsals/"))
    return f"procedures/library/{procedure.file}" if own else procedure.file


def _beginning(procedure: Procedure) -> Words:
    """Say how the observatory is when a rehearsal begins."""
    there = procedure.begins
    if there is None:
        return []
    parts: list[Words] = [[code(there.start)]] if there.start else []
    parts += [[nodes.Text(f"{component} "), code(state)] for component, state in there.states.items()]
    for items in (there.machines, there.parameters):
        parts += [
            [nodes.Text(f"{name}.{key} "), code(value)] for name, item in items.items() for key, value in item.items()
        ]
    return joined(parts)
