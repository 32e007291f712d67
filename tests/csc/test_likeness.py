"""Sheets that say what is different from another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from csc import Catalogue
from csc.catalogue import read_sheets
from csc.diagrams import mermaid_component
from fsm import AuthorErrors
from tests.csc.tiny import SHEETS

TINY = SHEETS / "tiny.yaml"


def read(folder: Path, **sheets: str) -> Catalogue:
    """Read sheets beside tiny.yaml, each by its file's name."""
    paths = [TINY]
    for name, text in sheets.items():
        path = folder / f"{name}.yaml"
        path.write_text(text)
        paths.append(path)
    return read_sheets(paths)


def mistakes(folder: Path, **sheets: str) -> list[str]:
    with pytest.raises(AuthorErrors) as error:
        read(folder, **sheets)
    return [str(each) for each in error.value.errors]


def test_a_sheet_has_all_that_the_other_has(tmp_path):
    plans = read(tmp_path, twin="component: Twin\nlike: Tiny\n")

    tiny, twin = plans["Tiny"], plans["Twin"]
    assert (twin.component, twin.like, twin.file) == ("Twin", "Tiny", "twin.yaml")
    assert (set(twin.machines), set(twin.commands)) == (set(tiny.machines), set(tiny.commands))
    assert (set(twin.parameters), set(twin.faults)) == (set(tiny.parameters), set(tiny.faults))


def test_what_it_says_itself_stands(tmp_path):
    text = "component: Twin\nlike: Tiny\ntitle: Another\nmachines: {lamp: {states: {ON: {meaning: bright}}}}\n"

    twin = read(tmp_path, twin=text)["Twin"]

    assert twin.title == "Another"
    assert twin.machines["lamp"].by_name["ON"].meaning == "bright"
    assert "m__lamp__ON" in mermaid_component(twin)


def test_null_takes_something_away(tmp_path):
    plans = read(tmp_path, twin="component: Twin\nlike: Tiny\nfaults: null\n")

    assert plans["Tiny"].faults
    assert not plans["Twin"].faults


def test_a_sheet_may_be_read_before_the_one_that_it_is_like(tmp_path):
    early = tmp_path / "early.yaml"
    early.write_text("component: Early\nlike: Tiny\n")

    plans = read_sheets([early, TINY])

    assert set(plans["Early"].machines) == set(plans["Tiny"].machines)


def test_likeness_may_have_several_steps(tmp_path):
    plans = read(
        tmp_path,
        twin="component: Twin\nlike: Tiny\ntitle: Twin\n",
        triplet="component: Triplet\nlike: Twin\nsummary: The third.\n",
    )

    assert (plans["Triplet"].title, plans["Triplet"].summary) == ("Twin", "The third.")


def test_it_must_be_like_a_component_that_there_is(tmp_path):
    assert mistakes(tmp_path, twin="component: Twin\nlike: Tinny\n") == [
        "twin.yaml:2:7: there is no component Tinny; did you mean Tiny?"
    ]


def test_it_cannot_be_like_itself(tmp_path):
    told = mistakes(tmp_path, one="component: One\nlike: Two\n", two="component: Two\nlike: One\n")

    assert told == [
        "one.yaml:2:7: One is like Two is like One: one of them must say what it is",
        "two.yaml:2:7: Two is like One is like Two: one of them must say what it is",
    ]


def test_a_wrong_key_is_told_in_its_own_file(tmp_path):
    told = mistakes(tmp_path, twin="component: Twin\nlike: Tiny\ncolour: red\n")

    assert told == ["twin.yaml:3:1: unknown key colour"]


def test_a_mistake_of_the_other_sheet_is_told_once(tmp_path):
    spoilt = tmp_path / "tiny.yaml"
    spoilt.write_text(TINY.read_text().replace("title:", "tilte:", 1))
    twin = tmp_path / "twin.yaml"
    twin.write_text("component: Twin\nlike: Tiny\ntitle: Twin\n")

    with pytest.raises(AuthorErrors) as error:
        read_sheets([spoilt, twin])

    told = [str(each) for each in error.value.errors]
    assert len(told) == len(set(told))
    assert {each.file for each in error.value.errors} == {"tiny.yaml"}
