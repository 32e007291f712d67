"""The roles of the domain `csc`, and the links that directives make by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.roles import XRefRole

if TYPE_CHECKING:
    from sphinx.environment import BuildEnvironment

__all__ = ["CscRole", "link"]


class CscRole(XRefRole):
    """A name that links to where it is told; ``~ATDome.encoder_slip`` shows only its last part."""

    def __init__(self) -> None:
        super().__init__(warn_dangling=True)

    def process_link(
        self, env: BuildEnvironment, refnode: nodes.Element, has_explicit_title: bool, title: str, target: str
    ) -> tuple[str, str]:
        """Return what is shown and what is looked up."""
        target = " ".join(target.split())
        if not has_explicit_title and target.startswith("~"):
            return target[1:].rpartition("/" if "/" in target else ".")[2], target[1:]
        return title, target.lstrip("~")


def link(kind: str, target: str, docname: str, *, shown: str | None = None) -> pending_xref:
    """Return a name as code that links to its page, if the project has one."""
    words = shown or target
    return pending_xref(
        "",
        nodes.literal(words, words, classes=["xref", "csc", f"csc-{kind}"]),
        refdomain="csc",
        reftype=kind,
        reftarget=target,
        refdoc=docname,
        refexplicit=False,
        refwarn=False,
        **{"csc-optional": True},
    )
