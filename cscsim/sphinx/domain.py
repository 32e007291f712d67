"""The domain `csc`: what pages tell of components and procedures, by name, so that other pages can link to it.

A name is that of a component, ``ATDome``, of something that it has, ``ATDome.encoder_slip``, of a procedure,
``auxtel/prepare_for/flat.py``, or of a block, ``BLOCK-309``. Directives note them, roles look them up; other projects
do so by intersphinx.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.domains import Domain, ObjType
from sphinx.errors import NoUri
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

from csc import load_catalogue
from cscsim.locate import Homes
from cscsim.sphinx.roles import CscRole
from fsm import nearest

if TYPE_CHECKING:
    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment

__all__ = ["GENERICS", "CscDomain", "Place", "explain_missing"]

_LOG = logging.getLogger(__name__)

GENERICS = "CSC"
"""What stands for every CSC: SAL's generics, which the pages of components leave out."""

_KINDS = ("component", "machine", "command", "event", "telemetry", "output", "parameter", "fault", "procedure", "block")
_WHOLE = ("component", "procedure")
"""Their anchors belong to the headings of whole pages, which have labels of their own."""


class Place(NamedTuple):
    """Where something is told."""

    document: str
    anchor: str


class CscDomain(Domain):
    """Components and procedures."""

    name = "csc"
    label = "CSC"
    object_types = {kind: ObjType(kind, kind) for kind in _KINDS}  # noqa: RUF012  # as every domain of Sphinx has it
    roles = {kind: CscRole() for kind in _KINDS}  # noqa: RUF012
    initial_data: ClassVar[dict[str, Any]] = {"places": {}}
    data_version = 1

    @property
    def places(self) -> dict[tuple[str, str], Place]:
        """Where each kind and name is told."""
        places: dict[tuple[str, str], Place] = self.data["places"]
        return places

    @cached_property
    def homes(self) -> Homes:
        """The observatories, opened once in a build."""
        return Homes()

    def note(self, kind: str, name: str, anchor: str, location: str) -> None:
        """Keep where something is told; a second place is warned of, and forgotten."""
        known = self.places.setdefault((kind, name), Place(self.env.docname, anchor))
        if known.document != self.env.docname:
            self._warn_of_second(kind, name, known, location)

    @staticmethod
    def _warn_of_second(kind: str, name: str, known: Place, location: str) -> None:
        words = "%s %s is told in %s already; give one of the two :no-index:"
        _LOG.warning(words, kind, name, known.document, location=location, type="csc", subtype="duplicate")

    def clear_doc(self, docname: str) -> None:
        """Forget a page."""
        for key in [key for key, place in self.places.items() if place.document == docname]:
            del self.places[key]

    def merge_domaindata(self, docnames: Set[str], otherdata: dict[str, Any]) -> None:
        """Take over what another process has read."""
        for (kind, name), place in otherdata["places"].items():
            if place.document in docnames:
                known = self.places.setdefault((kind, name), Place(*place))
                if known.document != place.document:
                    self._warn_of_second(kind, name, known, place.document)

    def find(self, kind: str, target: str) -> tuple[str, Place] | None:
        """Return the full name and the place of what a role names; None if no page tells it."""
        for name in _spellings(kind, target):
            place = self.places.get((kind, name))
            if place is not None:
                return name, place
        ends = [name for known, name in self.places if known == kind and _is_end(target, name)]
        return (ends[0], self.places[kind, ends[0]]) if kind == "procedure" and len(ends) == 1 else None

    def resolve_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        node: pending_xref,
        contnode: nodes.Element,
    ) -> nodes.reference | None:
        """Return the link for a role."""
        found = self.find(typ, target)
        if found is None:
            return None
        name, place = found
        return make_refnode(builder, fromdocname, place.document, place.anchor, contnode, f"{name} ({typ})")

    def resolve_any_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        target: str,
        node: pending_xref,
        contnode: nodes.Element,
    ) -> list[tuple[str, nodes.reference]]:
        """Return the links for a name of whichever kind, or for an anchor, as Markdown has it."""
        found = []
        for kind, place in self._any(target):
            try:
                link = make_refnode(builder, fromdocname, place.document, place.anchor, contnode, target)
            except NoUri:
                continue
            found.append((f"csc:{kind}", link))
        return found

    def _any(self, target: str) -> Iterator[tuple[str, Place]]:
        for (kind, name), place in self.places.items():
            if target == name or (target == place.anchor and kind not in _WHOLE):
                yield kind, place

    def get_objects(self) -> Iterable[tuple[str, str, str, str, str, int]]:
        """Yield everything for searches and for the inventory that other projects read."""
        for (kind, name), place in self.places.items():
            yield name, name, kind, place.document, place.anchor, 1


def _spellings(kind: str, target: str) -> Iterator[str]:
    """Yield the names that may be meant by what was written."""
    yield target
    if kind == "procedure":
        yield f"{target}.py"
        return
    head, dot, rest = target.partition(".")
    for plan in load_catalogue().values():
        if head in plan.aliases:
            head = plan.component
            yield f"{head}{dot}{rest}"
    if rest:
        yield f"{GENERICS}.{rest}"  # a generic command is told once for all CSCs


def _is_end(target: str, name: str) -> bool:
    return name.removesuffix(".py").endswith(f"/{target.removesuffix('.py')}")


def explain_missing(app: object, domain: Domain | None, node: pending_xref) -> bool | None:
    """Say what no page tells, with the nearest name; what a directive would have linked by itself may be absent."""
    if not isinstance(domain, CscDomain):
        return None
    if not node.get("csc-optional"):
        kind, target = node["reftype"], node["reftarget"]
        near = nearest(target, [name for known, name in domain.places if known == kind])
        hint = f"; did you mean {near}?" if near else ""
        _LOG.warning("no page tells of a %s %s%s", kind, target, hint, location=node, type="ref", subtype=kind)
    return True
