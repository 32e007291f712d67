from __future__ import annotations

from pathlib import Path

import pytest

from csc.catalogue import read_sheets
from fsm import AuthorErrors
from tests.csc.tiny import SHEETS

# One sheet for each rule, named after what is wrong with it; its first line says what its author is told.
BAD = sorted((SHEETS / "bad").glob("*.yaml"))


def mistakes(*paths: Path) -> list[str]:
    """Read sheets beside tiny.yaml; return what is wrong with them."""
    with pytest.raises(AuthorErrors) as caught:
        read_sheets([SHEETS / "tiny.yaml", *paths])
    return [str(error) for error in caught.value.errors]


def bad(name: str) -> Path:
    return SHEETS / "bad" / f"{name}.yaml"


@pytest.mark.parametrize("path", BAD, ids=[path.stem for path in BAD])
def test_a_mistake_is_told_with_its_place_and_the_nearest_spelling(path: Path) -> None:
    expected = path.read_text().splitlines()[0].removeprefix("# ")

    assert mistakes(path) == [f"{path.name}:{expected}"]


def test_all_mistakes_of_a_sheet_are_told_at_once_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "both.yaml"
    lines = bad("row_guard_unknown_name").read_text().splitlines(keepends=True)
    path.write_text("".join([*lines, lines[-1].replace("lmap", "lapm"), "remotes: [Tinny]\n"]))

    assert [text.split(": ")[0] for text in mistakes(path)] == ["both.yaml:11:52", "both.yaml:12:52", "both.yaml:13:11"]


def test_the_mistakes_of_several_sheets_are_told_at_once() -> None:
    found = mistakes(bad("unknown_key"), bad("unknown_generic"))

    assert [text.split(":")[0] for text in found] == ["unknown_generic.yaml", "unknown_key.yaml"]


def test_a_sheet_that_cannot_be_read_does_not_make_others_seem_wrong(tmp_path: Path) -> None:
    spoilt = tmp_path / "tiny.yaml"
    spoilt.write_text((SHEETS / "tiny.yaml").read_text().replace("title:", "tilte:"))

    with pytest.raises(AuthorErrors) as caught:
        read_sheets([spoilt, SHEETS / "peer.yaml"])

    assert {error.file for error in caught.value.errors} == {"tiny.yaml"}


def test_a_component_is_described_once(tmp_path: Path) -> None:
    again = tmp_path / "again.yaml"
    again.write_text((SHEETS / "tiny.yaml").read_text())

    assert mistakes(again) == ["again.yaml:2:12: Tiny is described in tiny.yaml already"]


def test_a_file_that_is_no_data_sheet_is_passed_over(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("amplifiers: [1, 2]\n")

    assert list(read_sheets([SHEETS / "tiny.yaml", other])) == ["Tiny"]
