"""The pictures of the console: each is shown, each that is shown is there, and none is large."""

from __future__ import annotations

import re
from pathlib import Path

from tests.browser.pictures import FOLDER, LARGEST, SIZES, THEMES, VIEWS, name_of
from tests.docs.blocks import DOCS

TOGETHER = 4_000_000
"""All pictures [bytes]."""
SHOWN = re.compile(r"```\{image\} (?P<path>\S+\.png)\n:alt: (?P<alt>.+)\n:class: only-(?P<theme>\w+)\n```")


def shown() -> list[tuple[Path, str]]:
    """Return each picture that a page shows, and in which theme."""
    return [
        ((page.parent / found["path"]).resolve(), found["theme"])
        for page in DOCS.rglob("*.md")
        if "_build" not in page.parts
        for found in SHOWN.finditer(page.read_text(encoding="utf-8"))
    ]


def taken() -> set[Path]:
    """Return the pictures that are there."""
    return set(FOLDER.resolve().glob("*.png"))


def test_every_picture_is_shown_and_every_shown_one_is_there():
    assert {path for path, _ in shown()} == taken()


def test_a_picture_is_shown_in_its_own_theme():
    assert [path.name for path, theme in shown() if not path.stem.endswith(theme)] == []


def test_each_view_is_there_in_every_size_and_theme():
    wanted = {name_of(view, size, theme) for view in VIEWS for size in SIZES for theme in THEMES}

    assert {path.name for path in taken()} == wanted


def test_no_page_shows_a_picture_otherwise():
    pages = [page for page in DOCS.rglob("*.md") if "_build" not in page.parts]

    assert sum(page.read_text(encoding="utf-8").count("../pictures/") for page in pages) == len(shown())


def test_pictures_are_small():
    sizes = {path.name: path.stat().st_size for path in taken()}

    assert {name: size for name, size in sizes.items() if size > LARGEST} == {}
    assert sum(sizes.values()) <= TOGETHER
