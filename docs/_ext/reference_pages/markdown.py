"""Text as the pages want it: paragraphs, tables, code, links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

__all__ = ["GENERATED", "code", "joined", "prose", "row_of", "stub", "table", "target"]

GENERATED = "<!-- Generated from the code when the documentation is built. -->\n"
"""Line one of every page."""

_CODE = re.compile(r"(`[^`\n]+`)")
_SIGNS = re.compile(r"([\\*<>\[\]|#$~]|(?<!\w)_|_(?!\w))")
_LIST = re.compile(r"^(\s*)([-+]|\d+[.)])(\s)")


def prose(text: str | None) -> str:
    """Return words of a file so that they look on the page as they were written."""
    words = " ".join((text or "").split())
    parts = [part if part.startswith("`") else _SIGNS.sub(r"\\\1", part) for part in _CODE.split(words)]
    return _LIST.sub(r"\1\\\2\3", "".join(parts))


def code(text: object) -> str:
    """Return a name or a condition as code; nothing for nothing."""
    words = " ".join(str(text).split())
    if not words:
        return ""
    fence = "``" if "`" in words else "`"
    return f"{fence}{words}{fence}"


def joined(items: Iterable[object]) -> str:
    """Return names as code, one after the other."""
    return ", ".join(code(item) for item in items)


def row_of(cells: Iterable[str]) -> str:
    """Return one row of a table."""
    return "| " + " | ".join(cell.replace("\n", " ") if cell else " " for cell in cells) + " |"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Return a table without the columns that are empty; nothing without rows.

    >>> print(table(["a", "b", "c"], [["1", "", "2"]]))
    | a | c |
    |---|---|
    | 1 | 2 |
    <BLANKLINE>
    """
    rows = [[_in_cell(cell) for cell in row] for row in rows]
    kept = [number for number in range(len(heads)) if any(row[number] for row in rows)]
    if not rows:
        return ""
    lines = [row_of(heads[number] for number in kept), "|" + "---|" * len(kept)]
    lines += [row_of(row[number] for number in kept) for row in rows]
    return "\n".join(lines) + "\n"


def _in_cell(cell: str) -> str:
    """Keep a bar inside code from ending the cell."""
    return re.sub(r"(?<!\\)\|", r"\\|", cell)


def target(*words: str) -> str:
    """Return the label that links of other pages may name."""
    return "-".join(re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-") for word in words)


def stub(title: str, directive: str, name: str, *, label: str = "") -> str:
    """Return a page that one directive of `cscsim.sphinx` fills."""
    labelled = f"({label})=\n\n" if label else ""
    return f"{GENERATED}\n{labelled}# {prose(title)}\n\n```{{{directive}}} {name}\n```\n"
