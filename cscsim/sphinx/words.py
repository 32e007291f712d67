"""The nodes of which pages are made: words, names, lists, tables.

Nothing here knows a component or a procedure. Nodes are built, never parsed, so that a page is the same in
reStructuredText and in Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from docutils import nodes

__all__ = [
    "Words",
    "aside",
    "bullets",
    "code",
    "emphasis",
    "facts",
    "items",
    "joined",
    "numbered",
    "paragraph",
    "said",
    "strong",
    "table",
    "yaml_block",
]

Words: TypeAlias = Sequence[nodes.Node]
"""Words of one paragraph, or whole paragraphs and lists; empty for nothing."""

_CODE = re.compile(r"`([^`]+)`")
_NUMBERS = ("arabic", "loweralpha", "lowerroman", "upperalpha")
"""How lists inside lists are numbered."""


def said(text: str | None) -> list[nodes.Node]:
    """Return words of a file as its author meant them: what stands between backquotes is code.

    >>> [str(node) for node in said("wait for `homed` *here*")]
    ['wait for ', '<literal>homed</literal>', ' *here*']
    """
    parts = _CODE.split(" ".join((text or "").split()))
    return [code(part) if number % 2 else nodes.Text(part) for number, part in enumerate(parts) if part]


def code(text: object) -> nodes.literal:
    """Return a name, a value or a condition."""
    words = " ".join(str(text).split())
    return nodes.literal(words, words)


def strong(text: str) -> nodes.strong:
    """Return words that stand out."""
    return nodes.strong(text, text)


def emphasis(text: str) -> nodes.emphasis:
    """Return words that are a label of what follows."""
    return nodes.emphasis(text, text)


def joined(parts: Iterable[object], between: str = ", ") -> list[nodes.Node]:
    """Return names as code, or nodes as they are, one after the other."""
    found: list[nodes.Node] = []
    for part in parts:
        if found:
            found.append(nodes.Text(between))
        if isinstance(part, (list, tuple)):
            found += part
        else:
            found.append(part if isinstance(part, nodes.Node) else code(part))
    return found


def paragraph(*parts: str | nodes.Node | Words, classes: Sequence[str] = ()) -> nodes.paragraph:
    """Return a paragraph of words and nodes."""
    node = nodes.paragraph(classes=list(classes))
    for part in parts:
        if isinstance(part, str):
            node += nodes.Text(part)
        else:
            node += part
    return node


def aside(*parts: str | nodes.Node | Words) -> nodes.paragraph:
    """Return what stands below other words in the cell of a table, smaller than they."""
    return paragraph(*parts, classes=["csc-aside"])


def items(entries: Iterable[Words]) -> list[nodes.Node]:
    """Return the items of a list."""
    return [nodes.list_item("", *_blocks(entry)) for entry in entries]


def bullets(entries: Iterable[Words]) -> nodes.bullet_list:
    """Return a list."""
    return nodes.bullet_list("", *items(entries), bullet="-")


def numbered(entries: Iterable[Words], depth: int = 0) -> nodes.enumerated_list:
    """Return a numbered list; one inside another is numbered with letters."""
    kind = _NUMBERS[depth % len(_NUMBERS)]
    return nodes.enumerated_list("", *items(entries), enumtype=kind, prefix="", suffix=".")


def facts(rows: Iterable[tuple[str, Words]]) -> list[nodes.Node]:
    """Return labels with what is said of each, without those of which nothing is; nothing without rows."""
    fields = [
        nodes.field("", nodes.field_name(label, label), nodes.field_body("", *_blocks(words)))
        for label, words in rows
        if words
    ]
    return [nodes.field_list("", *fields, classes=["csc-facts"])] if fields else []


def table(heads: Sequence[str], rows: Iterable[Sequence[Words]]) -> list[nodes.Node]:
    """Return a table without the columns that are empty; nothing without rows."""
    written = [list(row) for row in rows]
    kept = [number for number in range(len(heads)) if any(_text(row[number]) for row in written)]
    if not kept:
        return []
    group = nodes.tgroup(cols=len(kept))
    for number in kept:
        longest = max(len(_text(row[number])) for row in written)
        group += nodes.colspec(colwidth=min(max(longest, len(heads[number]), 4), 40))
    group += nodes.thead("", _row([[nodes.Text(heads[number])] for number in kept]))
    group += nodes.tbody("", *(_row([row[number] for number in kept]) for row in written))
    return [nodes.table("", group, classes=["csc-table", "colwidths-auto"])]


def yaml_block(text: str) -> nodes.literal_block:
    """Return YAML as it is typed."""
    return nodes.literal_block(text, text, language="yaml", force=True)


def _row(cells: Iterable[Words]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", *_blocks(cell)) for cell in cells))


def _blocks(words: Words) -> list[nodes.Node]:
    """Return words as paragraphs: those that stand loose are put into one."""
    blocks: list[nodes.Node] = []
    loose: list[nodes.Node] = []
    for node in words:
        if isinstance(node, (nodes.Text, nodes.Inline)):
            loose.append(node)
            continue
        blocks += [paragraph(loose)] if loose else []
        blocks.append(node)
        loose = []
    return [*blocks, paragraph(loose)] if loose else blocks


def _text(words: Words) -> str:
    return "".join(node.astext() for node in words)
