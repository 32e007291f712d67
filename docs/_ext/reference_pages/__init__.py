"""Writes the reference pages and figures from the code, before Sphinx reads its sources.

Decides when the pages are written and which ones are stale. What stands on them is decided by the modules beside
this one, each of which yields pages: a path below `docs` and its text. Nothing here is written by hand a second
time, so that no page can differ from the code; the files are ignored by git.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["FOLDERS", "pages", "setup", "write"]

FOLDERS = ("generated", "reference/components", "reference/procedures")
"""What lies in these folders of `docs` is written here, and by nobody else."""


def pages() -> Iterator[tuple[str, str]]:
    """Yield every page: its path below `docs`, and its text."""
    from reference_pages import command_line, components, detector, facts, figures, files, journal, language, procedures

    for part in (components, procedures, language, files, command_line, journal, facts, figures, detector):
        yield from part.pages()


def write(docs: Path) -> None:
    """Write what has changed, so that Sphinx reads only that again; remove what is stale."""
    written = set()
    for name, text in pages():
        path = docs / name
        written.add(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for folder in FOLDERS:
        for path in sorted((docs / folder).rglob("*.*")):
            if path not in written:
                path.unlink()


def setup(app: Sphinx) -> dict[str, Any]:
    """Have Sphinx call us once it knows where its sources are."""
    app.connect("builder-inited", lambda app: write(Path(app.srcdir)))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
