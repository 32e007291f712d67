"""A script's configuration, as SAL's scripts take it."""

from __future__ import annotations

import pytest

from fsm import AuthorError, AuthorErrors
from procedures import parse_config
from procedures.config import fill_schema
from tests.procedures.play import load

HEAD = """\
config:
  type: object
  additionalProperties: false
  required: [mode]
  properties:
    mode: {type: string, enum: [BIAS, DARK]}
    count: {type: [integer, "null"], minimum: 1, default: 20}
    inner: {type: object, properties: {depth: {type: number, default: 2.5}}}
"""


def script(head: str = HEAD):
    return load("  - {log: hello}", head)


def test_defaults_are_filled_at_the_top_and_one_level_down():
    assert parse_config(script(), "mode: BIAS\ninner: {}") == {"mode": "BIAS", "inner": {"depth": 2.5}, "count": 20}


def test_null_is_kept():
    assert parse_config(script(), "mode: BIAS\ncount: null")["count"] is None


def test_metadata_is_dropped():
    assert "metadata" not in parse_config(script(), "mode: BIAS\nmetadata: {a: 1}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("count: 3", "'mode' is a required property"),
        ("mode: FLAT", "mode: 'FLAT' is not one of ['BIAS', 'DARK']"),
        ("mode: BIAS\ncuont: 3", "config of play:2:1: there is no key cuont; did you mean count?"),
        ("mode: BIAS\ncount: 0", "config of play:2:8: count: 0 is less than the minimum of 1"),
        ("- mode", "must be a mapping, not list"),
        ("mode: [", "config of play:1:8"),
    ],
)
def test_wrong_configuration_is_refused_with_its_place(text, message):
    with pytest.raises(AuthorError) as error:
        parse_config(script(), text)

    assert message in str(error.value)


@pytest.mark.parametrize("text", ["{}", " ", "a: 1"])
def test_script_without_a_schema_takes_no_text_at_all(text):
    with pytest.raises(AuthorError, match="takes no configuration; leave it empty"):
        parse_config(script(""), text)


def test_script_without_a_schema_takes_the_empty_text():
    assert parse_config(script(""), "") == {}


def test_word_that_is_none_of_the_choices_is_told_the_nearest():
    schema = {"type": "object", "properties": {"mode": {"enum": ["BIAS", "BIAS_DARK"]}}}

    with pytest.raises(
        AuthorErrors, match=r"mode: 'BIAS_DRK' is not one of \['BIAS', 'BIAS_DARK'\]; did you mean BIAS_DARK"
    ):
        fill_schema(schema, {"mode": "BIAS_DRK"}, "config")
