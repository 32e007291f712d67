"""Diagrams and folds as HTML; in all other formats they become what stands in their place."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util import logging

from cscsim.sphinx.elements import diagram, fold, fold_title
from cscsim.sphinx.words import paragraph, strong
from fsm import CscsimError
from fsm.diagrams import write_mermaid, write_svg

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

__all__ = ["add_elements"]

_LOG = logging.getLogger(__name__)
_SMALLEST = 0.6
"""A picture is shrunk to the page, but never further than this: then it is scrolled."""
_PROLOGUE = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_COMMENTS = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_IDS = re.compile(r'(<(?:g|a)\b[^>]*?) id="[^"]*"')
_SIZE = re.compile(r'<svg width="([\d.]+)pt" height="[\d.]+pt"')


def add_elements(app: Sphinx) -> None:
    """Teach Sphinx how they look in HTML."""
    app.add_node(diagram, html=(_visit_diagram, _depart_nothing))
    app.add_node(fold, html=(_visit_fold, _depart_fold))
    app.add_node(fold_title, html=(_visit_fold_title, _depart_fold_title))
    app.connect("doctree-resolved", _put_in_place)


def _put_in_place(app: Sphinx, page: nodes.document, name: str) -> None:
    """Put in place of a page's diagrams and folds what other formats than HTML can show."""
    if app.builder.format == "html":
        return
    for node in list(page.findall(diagram)):
        figure = node.parent
        if isinstance(figure, nodes.figure):
            figure.replace_self(_unframed(figure, node))  # tables float badly inside of figures
        else:
            node.replace_self(node.children)
    for closed in list(page.findall(fold)):
        title, *body = closed.children
        closed.replace_self([paragraph(strong(title.astext())), *body] if body else [])


def _unframed(figure: nodes.figure, node: diagram) -> list[nodes.Node]:
    found: list[nodes.Node] = [nodes.target("", "", ids=figure["ids"])] if figure["ids"] else []
    found += [paragraph(nodes.strong("", "", *each.children)) for each in figure.findall(nodes.caption)]
    found += [child for each in figure.findall(nodes.legend) for child in each.children]
    return [*found, *node.children]


def _visit_diagram(self: HTML5Translator, node: diagram) -> None:
    form = node["format"] or self.config.cscsim_diagrams
    if self.builder.name.startswith("epub"):
        form = "svg"  # readers of books run no programs
    if form == "mermaid":
        source = html.escape(write_mermaid(node.drawing))
        self.body.append(f'<pre class="csc-diagram csc-mermaid" data-alt="{html.escape(node["alt"])}">{source}</pre>\n')
        raise nodes.SkipNode
    try:
        self.body.append(_inline(write_svg(node.drawing), node["alt"]))
    except CscsimError as error:
        _LOG.warning("%s", error, location=node, type="csc", subtype="svg")
        return  # what stands in its place is shown
    raise nodes.SkipNode


def _inline(text: str, alt: str) -> str:
    """Return a picture as a part of a page: names inside it must not meet those of the next one."""
    text = _IDS.sub(r"\1", _COMMENTS.sub("", _PROLOGUE.sub("", text, count=1)))
    width = float(found[1]) if (found := _SIZE.search(text)) else 0.0
    style = f"width: {width:.0f}pt; max-width: 100%; min-width: {_SMALLEST * width:.0f}pt; height: auto"
    label = html.escape(alt)
    head = f'<svg role="img" aria-label="{label}" style="{style}"'
    return f'<div class="csc-diagram csc-svg">\n{_SIZE.sub(head, text, count=1)}</div>\n'


def _visit_fold(self: HTML5Translator, node: fold) -> None:
    tag = self.starttag(node, "details", CLASS="csc-fold")
    self.body.append(tag.replace("<details", "<details open", 1) if node["open"] else tag)


def _depart_fold(self: HTML5Translator, node: fold) -> None:
    self.body.append("</details>\n")


def _visit_fold_title(self: HTML5Translator, node: fold_title) -> None:
    self.body.append(self.starttag(node, "summary", ""))


def _depart_fold_title(self: HTML5Translator, node: fold_title) -> None:
    self.body.append("</summary>\n")


def _depart_nothing(self: HTML5Translator, node: diagram) -> None:
    """End a diagram that could not be drawn: what stands in its place has been shown."""
