"""Small Sphinx projects: pages in reStructuredText or Markdown, built in this process."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from docutils import nodes
from sphinx.testing.util import SphinxTestApp

__all__ = ["CONFIGURATION", "Built", "building", "in_markdown", "in_rst", "write_pages"]

CONFIGURATION = """\
project = "pages"
extensions = ["cscsim.sphinx", "myst_parser"]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
html_theme = "basic"
nitpicky = True
smartquotes = False
"""


def in_rst(directive: str, argument: str, **options: str) -> str:
    """Return a directive as reStructuredText."""
    lines = [
        f".. {directive}:: {argument}",
        *(f"   :{name.replace('_', '-')}: {text}" for name, text in options.items()),
    ]
    return "\n".join(lines) + "\n"


def in_markdown(directive: str, argument: str, **options: str) -> str:
    """Return a directive as MyST's Markdown."""
    lines = [f":{name.replace('_', '-')}: {text}" for name, text in options.items()]
    return "\n".join([f"```{{{directive}}} {argument}", *lines, "```"]) + "\n"


class Built:
    """A project after it was built."""

    def __init__(self, app: SphinxTestApp) -> None:
        self.app = app

    @property
    def warnings(self) -> list[str]:
        """What Sphinx has warned of, with the names of files only."""
        text = re.sub(r"\x1b\[[0-9;]*m", "", self.app.warning.getvalue())
        return [line.replace(f"{self.app.srcdir}/", "") for line in text.splitlines() if line.strip()]

    def page(self, name: str = "index") -> nodes.document:
        """Return a page as a tree."""
        return self.app.env.get_doctree(name)

    def text(self, name: str = "index") -> str:
        """Return all words of a page."""
        return self.page(name).astext()

    def output(self, name: str) -> str:
        """Return a file that was written."""
        return Path(self.app.outdir, name).read_text(encoding="utf-8")

    def headings(self, name: str = "index") -> list[str]:
        """Return the headings of a page."""
        return [
            node.astext() for node in self.page(name).findall(nodes.title) if isinstance(node.parent, nodes.section)
        ]


def write_pages(folder: Path, pages: dict[str, str], configuration: str = "") -> None:
    """Write a project, as far as it is not there already; pages but the first are listed nowhere."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"conf.py": CONFIGURATION + configuration}
    for number, (name, text) in enumerate(pages.items()):
        title = "# A page\n\n" if name.endswith(".md") else "A page\n======\n\n"
        orphan = ("---\norphan: true\n---\n\n" if name.endswith(".md") else ":orphan:\n\n") if number else ""
        texts[name] = f"{orphan}{title}{text}"
    for name, text in texts.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


@contextmanager
def building(
    folder: Path, pages: dict[str, str], configuration: str = "", *, builder: str = "dummy", parallel: int = 0
) -> Iterator[Built]:
    """Build a project; what Sphinx keeps for a whole process is tidied up before it is looked at."""
    write_pages(folder, pages, configuration)
    app = SphinxTestApp(builder, srcdir=folder, warning=StringIO(), parallel=parallel)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="'myst_parser", category=PendingDeprecationWarning)
            app.build()
    finally:
        app.cleanup()
    yield Built(app)
