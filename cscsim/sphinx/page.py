"""What the three directives share: mistakes that are told, parts that are chosen, headings, anchors, dependencies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, cast

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_id

from cscsim.sphinx.domain import CscDomain
from cscsim.sphinx.elements import diagram
from cscsim.sphinx.roles import link
from cscsim.sphinx.sources import MAKERS
from fsm import AuthorError, AuthorErrors, CscsimError, nearest

__all__ = ["CscDirective", "anchor_of", "as_words"]

_LOG = logging.getLogger(__name__)


def as_words(text: str | None) -> list[str]:
    """Read an option: words with commas or spaces between them."""
    return re.split(r"[,\s]+", text.strip()) if text and text.strip() else []


def anchor_of(*words: str) -> str:
    """Return what stands behind the # of an address."""
    return "-".join(re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-") for word in words)


class CscDirective(SphinxDirective):
    """One thing that cscsim knows, named by the argument."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = False
    option_spec: ClassVar[dict[str, Callable[[str], Any]]] = {
        "only": as_words,
        "without": as_words,
        "format": directives.unchanged,
        "no-index": directives.flag,
    }

    def run(self) -> list[nodes.Node]:
        """Return the nodes; what the writer of the page must mend is told with document and line."""
        self._files: dict[str, str] = {}
        try:
            found = list(self.build(" ".join(self.arguments[0].split())))
            for node in (each for whole in found for each in whole.findall(diagram)):
                self.set_source_info(node)  # should it turn out later that it cannot be drawn
            return found
        except CscsimError as error:
            for each in error.errors if isinstance(error, AuthorErrors) else (error,):
                _LOG.warning("%s", self._told(each), location=self.get_location(), type="csc", subtype=self._short)
            return []

    def build(self, name: str) -> Iterator[nodes.Node]:
        """Yield the nodes for a name.

        Raises
        ------
        CscsimError
            If the argument or an option is wrong, or a file that it names.
        """
        raise NotImplementedError

    @property
    def _short(self) -> str:
        return self.name.rpartition(":")[2]

    def _told(self, error: Exception) -> str:
        """Return a message that names files as the page does, not as this machine does."""
        text = str(error)
        for path, name in self._files.items():
            text = text.replace(path, name)
        return text

    @property
    def domain(self) -> CscDomain:
        """Where places are kept."""
        return cast(CscDomain, self.env.get_domain("csc"))

    # ---------------------------------------------------------------- options

    def chosen(self, parts: Sequence[str]) -> list[str]:
        """Return the parts that `only` and `without` leave, in the order of the page.

        Raises
        ------
        AuthorError
            If there is no such part, or no part is left.
        """
        only, without = self.options.get("only"), self.options.get("without", [])
        for name in (*(only or ()), *without):
            if name not in parts:
                message = f"{self._short} has no part {name}; it has {', '.join(parts)}"
                raise AuthorError(message, suggestion=nearest(name, parts))
        kept = [part for part in parts if (only is None or part in only) and part not in without]
        if not kept:
            raise AuthorError(f"{self._short}: nothing is left to be shown; it has {', '.join(parts)}")
        return kept

    def refuse_parts(self, name: str) -> None:
        """Refuse `only` and `without`.

        Raises
        ------
        AuthorError
            If one of them is given.
        """
        if "only" in self.options or "without" in self.options:
            raise AuthorError(f"{name} is told as a whole; leave :only: and :without: out")

    def form(self) -> str:
        """Return the format of diagrams; empty for that of the configuration.

        Raises
        ------
        AuthorError
            If it is none.
        """
        form = str(self.options.get("format", ""))
        return check_form(form) if form else ""

    def file(self, name: str) -> Path:
        """Return a file that the page names, and have the page read again when it changes.

        Raises
        ------
        AuthorError
            If it is not there.
        """
        _, path = self.env.relfn2path(name)
        self.env.note_dependency(path)
        self._files[path] = name
        if not Path(path).is_file():
            raise AuthorError(f"there is no file {name} beside the page")
        return Path(path)

    def named(self, name: str) -> str:
        """Return a name as it is, but the path of a file that lies beside the page as one from anywhere.

        Raises
        ------
        AuthorError
            If it is not there.
        """
        return str(self.file(name)) if name.endswith((".yaml", ".yml")) else name

    # ----------------------------------------------------------- dependencies

    def depend_on(self, *paths: str | Path) -> None:
        """Have the page read again when one of these files changes, or how pages are made."""
        for path in (*paths, *MAKERS):
            self.env.note_dependency(str(path))

    # ------------------------------------------------------ headings, anchors

    def link(self, kind: str, target: str, shown: str | None = None) -> addnodes.pending_xref:
        """Return a name that links to its page, if the project has one."""
        return link(kind, target, self.env.docname, shown=shown)

    def section(self, title: str, anchor: str, body: Iterable[nodes.Node]) -> nodes.Element:
        """Return a section; below something that can have none, only its heading stands out."""
        content = list(body)
        known = self._id(anchor)
        if self._takes_sections:
            return nodes.section("", nodes.title(title, title), *content, ids=[known])
        return nodes.container("", nodes.rubric(title, title, ids=[known]), *content)

    def told(self, kind: str, name: str, node: nodes.Element) -> list[nodes.Node]:
        """Return a section and the entry of the index for it; roles find it from now on."""
        node_id = node["ids"][0] if node["ids"] else node[0]["ids"][0]  # type: ignore[index]  # a rubric has the id
        return [*self._note(kind, name, node_id), node]

    def anchor(self, kind: str, name: str, anchor: str) -> list[nodes.Node]:
        """Return where something begins that has no heading of its own."""
        if "no-index" in self.options:
            return []
        known = self._id(anchor)
        return [*self._note(kind, name, known), nodes.target("", "", ids=[known])]

    def whole(self, kind: str, name: str) -> list[nodes.Node]:
        """Note what the whole section around the directive is about."""
        parent = self._parent
        if isinstance(parent, nodes.section) and parent["ids"]:
            return self._note(kind, name, parent["ids"][0])
        return self.anchor(kind, name, anchor_of("csc", kind, name))

    def _id(self, anchor: str) -> str:
        node_id: str = make_id(self.env, self.state.document, "", anchor)
        self.state.document.ids.setdefault(node_id, nodes.target())  # taken, also for the next of this page
        return node_id

    @property
    def _parent(self) -> nodes.Node:
        """What the directive stands in."""
        return cast(nodes.Node, self.state_machine.node)  # what a Markdown parser has, too

    @property
    def _takes_sections(self) -> bool:
        return isinstance(self._parent, (nodes.document, nodes.section))

    def _note(self, kind: str, name: str, anchor: str) -> list[nodes.Node]:
        if "no-index" in self.options:
            return []
        self.domain.note(kind, name, anchor, self.get_location())
        whole, _, part = name.partition(".") if kind not in ("procedure", "block") else (name, "", "")
        entry = f"{whole}; {part} ({kind})" if part else f"{whole} ({kind})"
        return [addnodes.index(entries=[("single", entry, anchor, "", None)])]


def check_form(form: str) -> str:
    """Return a format of diagrams.

    Raises
    ------
    AuthorError
        If it is none.
    """
    if form not in ("mermaid", "svg"):
        message = f"diagrams are drawn as mermaid or svg, not {form}"
        raise AuthorError(message, suggestion=nearest(form, ("mermaid", "svg")))
    return form
