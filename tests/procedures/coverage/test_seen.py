"""What has come about: counted, merged in any order, packed and read again."""

from __future__ import annotations

from collections import Counter

import pytest

from procedures.coverage import Seen, note_run

ONE = Seen(counts=Counter({("state", "ATDome", "drive", "STOPPED"): 2}), codes={"a"}, files={"x.yaml": "12"})
TWO = Seen(counts=Counter({("state", "ATDome", "drive", "STOPPED"): 3, ("error", "ATDome", "1"): 1}), codes={"b"})


def merged(*parts):
    seen = Seen()
    for part in parts:
        seen.add(part)
    return seen


def test_what_is_packed_is_read_again():
    assert Seen.unpack(ONE.pack()) == ONE


def test_nothing_is_read_from_an_empty_text():
    assert Seen.unpack("") == Seen()


def test_the_order_of_merging_does_not_matter():
    assert merged(ONE, TWO).pack() == merged(TWO, ONE).pack()
    assert merged(ONE, TWO).counts["state", "ATDome", "drive", "STOPPED"] == 5


@pytest.mark.parametrize("text", ["no", "c$@()", "{}"])
def test_a_text_that_is_something_else_is_refused(text):
    with pytest.raises(ValueError, match=r"coverage|base85"):
        Seen.unpack(text)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"items": 3},
        {"items": [["state", 3.5]], "codes": [], "files": {}},
        {"items": [[1]], "codes": [], "files": {}},
    ],
)
def test_data_that_are_something_else_are_refused(data):
    with pytest.raises(ValueError, match="of coverage"):
        Seen.from_data(data)


def test_a_run_is_noted_with_the_files_that_it_came_from():
    seen = Seen()

    note_run(
        seen, {"procedure": "light", "observatory": "small", "files": {"procedure": {"path": "l.yaml", "sha256": "9"}}}
    )

    assert seen.runs == 1
    assert list(seen.counts) == [("run", "light", "l.yaml", "small", "")]
    assert seen.files == {"l.yaml": "9"}
