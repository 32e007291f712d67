"""An observing block on a page: its scripts in order, each with the configuration that it is given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from docutils import nodes

from cscsim.locate import Site
from cscsim.sphinx.words import Words, code, facts, numbered, paragraph, yaml_block
from procedures.block import Block, BlockScript

if TYPE_CHECKING:
    from cscsim.sphinx.procedure import ProcedureDirective

__all__ = ["block_page"]


def block_page(page: ProcedureDirective, block: Block, site: Site) -> Iterator[nodes.Node]:
    """Yield a block: what it is called, and its scripts."""
    yield from page.whole("block", block.program)
    yield from facts([("name", [code(block.name)]), ("file", [code(f"procedures/library/blocks/{block.file}")])])
    yield numbered(_script(page, script, site) for script in block.scripts)


def _script(page: ProcedureDirective, script: BlockScript, site: Site) -> Words:
    name = site.library.find(script.name).name
    line = paragraph("Run ", page.link("procedure", name), " with this configuration:" if script.text else ".")
    return [line, yaml_block(script.text.rstrip())] if script.text else [line]
