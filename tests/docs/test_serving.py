"""What the README and the how-to pages say of a served observatory, or the console, happens word for word."""

from __future__ import annotations

import pytest

from tests.docs.blocks import DOCS
from tests.docs.terminals import blocks_of, run_page
from tests.mqtt.brokers import needs_mosquitto

pytestmark = pytest.mark.mqtt
PAGES = (
    DOCS.parent / "README.md",
    DOCS / "how-to" / "serve-an-observatory.md",
    DOCS / "how-to" / "command-from-a-notebook.md",
)
CONSOLE = DOCS / "how-to" / "run-the-console.md"


@needs_mosquitto()
@pytest.mark.timeout(180)
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_says_what_happens(path, tmp_path):
    run_page(path.read_text(encoding="utf-8"), tmp_path)


def test_the_page_of_the_console_says_what_happens(tmp_path):
    run_page(CONSOLE.read_text(encoding="utf-8"), tmp_path)


@pytest.mark.parametrize("path", [*PAGES, CONSOLE], ids=lambda path: path.name)
def test_lines_fit_the_page(path):
    blocks = list(blocks_of(path.read_text(encoding="utf-8")))

    assert blocks
    assert [line for block in blocks for line in block.text.splitlines() if len(line) > 96] == []
