"""One page a procedure, and one for the observatory's blocks, which the extension fills; and the list of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cscsim.locate import Homes
from procedures import Procedure
from procedures.block import Block
from reference_pages.markdown import GENERATED, prose, stub, table, target

__all__ = ["page_name", "pages"]

KINDS = {
    "rehearsal": ("Rehearsals", "What a person follows, from the announcement to the last look."),
    "script": (
        "Scripts",
        "SAL scripts under the observatory's own paths, for a script queue or for `cscsim rehearse`.",
    ),
    "part": ("Parts", "What several scripts do; the observatory keeps it in its control classes."),
}


def pages() -> Iterator[tuple[str, str]]:
    """Yield the list of procedures, the page of each, and that of the blocks."""
    homes = Homes()
    procedures = {kind: {name: homes.of(name).library.find(name) for name in homes.names(kind)} for kind in KINDS}
    yield "reference/procedures/index.md", _index(procedures)
    yield "reference/procedures/blocks.md", _blocks(homes.of("weekly").blocks)
    for named in procedures.values():
        for name in named:
            label = target("procedure", name)
            yield f"reference/procedures/{page_name(name)}.md", stub(name, "procedure", name, label=label)


def page_name(name: str) -> str:
    """Return a procedure's name as that of a file."""
    return name.removesuffix(".py").replace("/", ".")


def _index(procedures: Mapping[str, Mapping[str, Procedure]]) -> str:
    parts = [GENERATED, "# Procedures\n", "All that `cscsim rehearse` knows by name.\n"]
    for kind, (title, summary) in KINDS.items():
        rows = [
            (f"[{prose(name)}]({page_name(name)}.md)", prose(procedure.title))
            for name, procedure in procedures[kind].items()
        ]
        parts += [f"## {title}\n", f"{summary}\n", table(("name", "title"), rows)]
    parts.append("## Blocks\n\nWhat the Scheduler adds as one: [](blocks.md).\n")
    listed = "\n".join([*(page_name(name) for named in procedures.values() for name in named), "blocks"])
    parts.append(f"```{{toctree}}\n:hidden:\n\n{listed}\n```\n")
    return "\n".join(parts)


def _blocks(blocks: Iterable[Block]) -> str:
    parts = [GENERATED, "# Blocks\n"]
    parts.append("Observing blocks as the observatory writes them: scripts with their configurations, in order.\n")
    for block in blocks:
        parts.append(f"({target('block', block.program)})=\n\n## {block.program}\n")
        parts.append(f"```{{procedure}} {block.program}\n```\n")
    return "\n".join(parts)
