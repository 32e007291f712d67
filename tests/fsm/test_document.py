from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsm.document import load_document, nearest
from fsm.errors import AuthorError, AuthorErrors, Position

BAD = Path(__file__).parents[1] / "data" / "documents"

ONE_MISTAKE = [
    ("anchor.yaml", 1, 7, "anchor &lamp is not allowed; write the value out"),
    ("alias.yaml", 2, 8, "alias *lamp is not allowed; write the value out"),
    ("tag.yaml", 2, 10, "tag !!python/name:os.system is not allowed; write a plain value"),
    ("duplicate_key.yaml", 5, 3, "duplicate key state; it stands in line 3 already"),
    ("duplicate_key.json", 3, 3, "duplicate key lamp; it stands in line 2 already"),
    ("two_documents.yaml", 2, 1, "a second document begins here; write one document a file"),
    ("mapping_as_key.yaml", 2, 3, "a key must be a word or a number"),
    ("tab_as_indent.yaml", 2, 1, "not valid YAML: a tab; indent with spaces"),
    (
        "unquoted_colon.yaml",
        2,
        14,
        "not valid YAML: a colon inside a text, or a key indented too far; quote the text",
    ),
    ("unquoted_at.yaml", 1, 10, "not valid YAML: text begins with @; quote it"),
    ("number_too_large.yaml", 2, 8, "the number is too large"),
    ("number_too_long.yaml", 1, 9, "the number is too large"),
    ("nested_too_deep.yaml", 2, 56, "is nested deeper than 50"),
    ("control_character.yaml", 2, 8, "character U+0001 is not allowed"),
    ("not_utf8.yaml", 2, 10, "byte 0xe9 is not UTF-8"),
    ("comment.json", 2, 3, "not valid JSON: Expecting property name enclosed in double quotes"),
]


@pytest.mark.parametrize(("file", "line", "column", "message"), ONE_MISTAKE)
def test_a_mistake_is_reported_with_its_place(file, line, column, message):
    with pytest.raises(AuthorError) as caught:
        load_document(BAD / file, name=file)

    assert str(caught.value) == f"{file}:{line}:{column}: {message}"
    assert (caught.value.file, caught.value.line, caught.value.column) == (file, line, column)


@pytest.mark.parametrize(
    ("file", "line", "begin"),
    [
        ("unclosed_bracket.yaml", 2, "not valid YAML: "),
        ("empty_key.yaml", 2, ""),
        ("trailing_comma.json", (2, 3), "not valid JSON: "),  # Python 3.13 points at the comma
    ],
)
def test_a_mistake_that_the_parser_words_has_its_line(file, line, begin):
    with pytest.raises(AuthorError) as caught:
        load_document(BAD / file, name=file)

    assert caught.value.line in (line if isinstance(line, tuple) else (line,))
    assert caught.value.message.startswith(begin)


def test_every_bad_file_is_tested():
    tested = {row[0] for row in ONE_MISTAKE}
    tested |= {"unclosed_bracket.yaml", "empty_key.yaml", "trailing_comma.json", "several_mistakes.yaml"}

    assert {path.name for path in BAD.iterdir()} == tested


def test_several_mistakes_are_reported_at_once_ordered_by_line():
    with pytest.raises(AuthorErrors) as caught:
        load_document(BAD / "several_mistakes.yaml", name="bad.yaml")

    assert str(caught.value).splitlines() == [
        "bad.yaml:1:4: alias *x is not allowed; write the value out",
        "bad.yaml:3:1: duplicate key lamp; it stands in line 2 already",
        "bad.yaml:4:4: tag !t is not allowed; write a plain value",
    ]


def test_mistakes_before_unreadable_text_are_reported_too():
    with pytest.raises(AuthorErrors) as caught:
        load_document("a: *x\nb: [1", name="bad.yaml")

    assert [error.line for error in caught.value.errors] == [1, 2]


def test_words_that_yaml_1_1_takes_for_booleans_and_dates_are_text():
    text = "on: enter_ENABLED\nstates: [ON, OFF, yes, no, 'true', 2026-01-31, 12:30:00, 1_000, .inf]"

    data = load_document(text).data

    assert data == {
        "on": "enter_ENABLED",
        "states": ["ON", "OFF", "yes", "no", "true", "2026-01-31", "12:30:00", "1_000", ".inf"],
    }


def test_scalars_follow_the_core_schema():
    text = "[null, ~, true, FALSE, 12, -3, 017, 0x1F, 0o17, 1., .5, 1e3, -2.5e-3, 300 kPa, +, '5']"

    data = load_document(text).data

    assert data == [None, None, True, False, 12, -3, 17, 31, 15, 1.0, 0.5, 1000.0, -0.0025, "300 kPa", "+", "5"]


def test_keys_may_be_numbers():
    assert load_document("index: {1: LATISS, 2: LSSTComCam}").data == {"index": {1: "LATISS", 2: "LSSTComCam"}}


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n"])
def test_an_empty_document_is_null(text):
    document = load_document(text, name="empty.yaml")

    assert document.data is None
    assert document.position() == Position("empty.yaml", 1, 1)


def test_a_byte_order_mark_is_skipped(tmp_path):
    (tmp_path / "sheet.yaml").write_bytes(b"\xef\xbb\xbflamp: ON\n")

    document = load_document(tmp_path / "sheet.yaml")

    assert document.data == {"lamp": "ON"}
    assert document.key_position(("lamp",)) == Position(str(tmp_path / "sheet.yaml"), 1, 1)


def test_a_missing_file_names_the_nearest(tmp_path):
    (tmp_path / "weekly.yaml").touch()

    with pytest.raises(AuthorError, match="cannot be read: No such file or directory; did you mean weekly.yaml"):
        load_document(tmp_path / "weekyl.yaml")


def test_a_large_file_is_refused_without_reading_it_all(tmp_path):
    with (tmp_path / "large.yaml").open("wb") as file:
        file.truncate(10**12)  # sparse

    with pytest.raises(AuthorError, match="large.yaml:1:1: is larger than 1 MiB"):
        load_document(tmp_path / "large.yaml")


def test_many_aliases_cost_nothing():
    text = "a: &a [x, x]\n" + "".join(f"b{n}: [*a, *a, *a]\n" for n in range(2000))

    with pytest.raises(AuthorErrors, match="anchor &a"):
        load_document(text)


SHEET = """\
component: ATWhiteLight
machines:
  lamp:
    states:
      - ON
      - "WARM UP"
    guard: >
      ATWhiteLight is ENABLED
      and power > 800 W
    that: 'a is B
      or c is D'
    plain: a is B
      or c is D
    text: |

      first
        second
  shutter: {state: OPEN, list: [1, 2]}
"""


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        ((), 1, 1),
        (("component",), 1, 12),
        (("machines",), 3, 3),
        (("machines", "lamp", "states", 0), 5, 9),
        (("machines", "lamp", "states", 1), 6, 10),
        (("machines", "lamp", "guard"), 8, 7),
        (("machines", "lamp", "that"), 10, 12),
        (("machines", "lamp", "text"), 16, 7),
        (("machines", "shutter", "list", 1), 18, 36),
        (("machines", "shutter", "list", 7), 18, 32),
        (("machines", "shutter", "missing"), 18, 12),
    ],
)
def test_position_of_a_value(path, line, column):
    position = load_document(SHEET, name="sheet.yaml").position(path)

    assert (position.file, position.line, position.column) == ("sheet.yaml", line, column)


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        (("component",), 1, 1),
        (("machines", "lamp"), 3, 3),
        (("machines", "lamp", "states", 1), 6, 10),
        (("machines", "shutter", "list"), 18, 26),
        (("machines", "missing"), 3, 3),
    ],
)
def test_position_of_a_key(path, line, column):
    position = load_document(SHEET, name="sheet.yaml").key_position(path)

    assert (position.line, position.column) == (line, column)


@pytest.mark.parametrize(
    ("key", "word", "line", "column"),
    [("guard", "800", 9, 19), ("that", "D", 11, 15), ("plain", "or", 13, 7), ("text", "second", 17, 9)],
)
def test_position_inside_a_text_of_several_lines(key, word, line, column):
    document = load_document(SHEET)
    text = str(document.value(("machines", "lamp", key)))

    place = document.position(("machines", "lamp", key)).shifted(text.index(word))

    assert (place.line, place.column) == (line, column)


@pytest.mark.parametrize("path", [("missing",), ("machines", "lamp", "states", 2), ("component", 0)])
def test_a_path_that_leads_nowhere_has_no_value(path):
    document = load_document(SHEET)

    with pytest.raises(KeyError):
        document.value(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=12,
)


@given(value=JSON, indent=st.sampled_from([None, 2, "\t"]))
def test_json_reads_as_python_reads_it(value, indent):
    text = json.dumps(value, indent=indent)

    assert load_document(text, name="block.json").data == value


@given(text=st.text())
def test_any_text_is_a_document_or_an_author_error(text):
    try:
        document = load_document(text, name="any.yaml")
    except AuthorError as error:
        mistakes = error.errors if isinstance(error, AuthorErrors) else (error,)
        assert all(mistake.file == "any.yaml" and mistake.line and mistake.column for mistake in mistakes)
    else:
        assert document.position().line >= 1


@pytest.mark.parametrize(
    ("word", "words", "expected"),
    [
        ("OPENNED", ["OPENED", "CLOSED"], "OPENED"),
        ("moveazimuth", ["moveAzimuth", "stopAzimuth"], "moveAzimuth"),
        ("lamp", [], None),
        ("lamp", ["chiller"], None),
    ],
)
def test_nearest(word, words, expected):
    assert nearest(word, words) == expected
