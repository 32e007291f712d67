"""One document over another: what is said, and where it was written."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ConfigDict

from fsm import AuthorErrors, Document, load_document, overlay, validate

LOWER = """\
colour: red
size:
  height: 2
  width: 3
steps: [one, two, three]
"""
UPPER = """\
size:
  width: 4
  depth: null
colour: null
steps: [four]
"""


def laid(upper: str = UPPER, lower: str = LOWER) -> Document:
    return overlay(load_document(upper, name="upper.yaml"), load_document(lower, name="lower.yaml"))


def test_mappings_are_joined_and_other_values_replaced():
    assert laid("{size: {width: 4}, steps: [four]}").data == {
        "colour": "red",
        "size": {"height": 2, "width": 4},
        "steps": ["four"],
    }


def test_null_takes_away_what_is_below_and_stays_where_nothing_is():
    assert laid().data == {"size": {"height": 2, "width": 4, "depth": None}, "steps": ["four"]}


def test_a_mapping_stands_for_a_value_and_a_value_for_a_mapping():
    assert laid("{colour: {hue: 3}, size: small}").data == {
        "colour": {"hue": 3},
        "size": "small",
        "steps": ["one", "two", "three"],
    }


def test_three_documents_are_read_as_one():
    top = load_document("size: {width: 5}", name="top.yaml")

    both = overlay(top, laid())

    assert both.value(("size",)) == {"height": 2, "width": 5, "depth": None}
    assert both.position(("size", "height")).file == "lower.yaml"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("size", "height"), "lower.yaml:3:11"),
        (("size", "width"), "upper.yaml:2:10"),
        (("steps", 0), "upper.yaml:5:9"),
        (("size",), "upper.yaml:2:3"),
        (("size", "height", "unit"), "lower.yaml:3:11"),
    ],
)
def test_a_value_keeps_its_place(path, place):
    position = laid().position(path)

    assert f"{position.file}:{position.line}:{position.column}" == place


def test_a_mistake_is_told_in_the_file_that_makes_it():
    class Size(BaseModel):
        model_config = ConfigDict(extra="forbid")
        height: str
        width: int

    with pytest.raises(AuthorErrors) as error:
        validate(laid("size: {width: wide}"), Size, ("size",))

    assert [str(each) for each in error.value.errors] == [
        "lower.yaml:3:11: size.height: must be a valid string, found 2",
        "upper.yaml:1:15: size.width: must be a valid integer, found 'wide'",
    ]


def test_the_documents_beneath_are_left_as_they_were():
    lower = load_document(LOWER, name="lower.yaml")

    overlay(load_document(UPPER, name="upper.yaml"), lower)

    assert lower.value(("size",)) == {"height": 2, "width": 3}
