"""The tutorial of the console, done word for word: what it tells to click is clicked, what it shows is looked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.blocks import DOCS, matches

from .conftest import run_console
from .devtools import Browser
from .doing import Reader
from .reading import Line, Verb, Walk, walks_of

PAGE = DOCS / "tutorial" / "console.md"


@pytest.fixture(scope="module")
def walks() -> list[Walk]:
    """The walks of the page."""
    return walks_of(PAGE.read_text(encoding="utf-8"))


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("number", [0, 1, 2], ids=["first_weekly", "faint_flats", "instructor"])
def test_a_walk_goes_as_the_page_says(browser: Browser, tmp_path: Path, walks: list[Walk], number: int) -> None:
    walk = walks[number]
    arguments = walk.command.removeprefix("cscsim console ").split()

    with run_console(tmp_path, *arguments) as (trainee, instructor):
        reader = Reader(browser, trainee, instructor)
        for line in walk.lines:
            reader.do(line)

        told = re.sub(r":\d+/", ":8700/", next(tmp_path.glob("told*.txt")).read_text())
        assert matches(list(walk.output), told.splitlines())
        assert reader.complaints == []


def test_the_page_opens_three_consoles(walks: list[Walk]) -> None:
    assert [walk.command for walk in walks] == [
        "cscsim console --training first_weekly",
        "cscsim console --training faint_flats",
        "cscsim console --training faint_flats",
    ]


def test_a_line_is_read_as_it_is_written() -> None:
    (walk,) = walks_of(
        "% run by tests/browser/test_tutorial.py\n```console\n$ cscsim console\n```\n"
        "1. Then click **Yes** beside **clear**, if it is.\n   Nothing is said here.\n"
        "   You see **A** and **B**.\n   You see about 29 500 under **counts**.\n"
    )

    assert walk.lines == (
        Line(number=5, verb=Verb.CLICK, names=("Yes",), beside="clear"),
        Line(number=7, verb=Verb.SEE, names=("A", "B")),
        Line(number=8, verb=Verb.COUNT, names=("counts",), count=29500),
    )


@pytest.mark.parametrize("text", ["Press **ADD**.", 'It says "done".', "Click **ADD**, and you see **DONE**."])
def test_a_line_that_cannot_be_followed_is_a_mistake(text: str) -> None:
    with pytest.raises(ValueError, match="line 1: it says nothing that can be done or seen"):
        walks_of(text)
