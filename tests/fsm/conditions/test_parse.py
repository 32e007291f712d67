from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fsm import (
    Anything,
    AuthorError,
    Flag,
    Position,
    Quantity,
    Sequence,
    States,
    Text,
    parse_condition,
    parse_expression,
)
from tests.fsm.conditions.stage import STAGE

MISTAKES = [
    # names
    ("ATDome.azimut > 3 deg", 1, "there is no ATDome.azimut", "ATDome.azimuth"),
    ("true and ATDom is ENABLED", 10, "there is no ATDom", "ATDome"),
    ("lost(flat).counts > 3 adu", 1, r"there is no lost\(flat\).counts", None),
    ("last(flat, filter=config.fliter).counts > 3 adu", 19, "there is no config.fliter", "config.filter"),
    ("known(ATDom)", 7, "there is no ATDom", "ATDome"),
    # states
    ("ATDome is ENABELD", 11, "ATDome has no state ENABELD", "ENABLED"),
    ("ATDome is enabled", 11, "ATDome has no state enabled", "ENABLED"),
    ("ATDome.main_door is in [CLOSED, OPENNED]", 33, "ATDome.main_door has no state OPENNED", "OPENED"),
    ("ATDome.azimuth is OPENED", 1, "ATDome.azimuth is in deg and has no states", None),
    ("config.script_mode is BIAS", 1, "is a text and has no states", "config.script_mode == BIAS"),
    ("ATDome.homing is ENABLED", 1, "is true or false and has no states", "ATDome.homing"),
    ("ATDome is entry.a", 11, "ATDome has no state entry.a", None),
    ("entry is ATDome.homing", 10, "ATDome.homing is a name, not a state", None),
    ("ATDome == ENABLED", 1, "a machine with states, not a text or a number", "ATDome is ENABLED"),
    ("ATDome != ENABLED", 1, "a machine with states", "ATDome is not ENABLED"),
    ("ATDome > 3", 1, "ATDome is a machine with states, not a quantity", None),
    ("ATDome in [ENABLED, FAULT]", 1, "ATDome is a machine", "ATDome is in [STANDBY, DISABLED]"),
    ("ATDome", 1, "ATDome is a machine with states, not a condition", "ATDome is STANDBY"),
    # units
    ("ATDome.azimuth > 3 deg_C", 18, "ATDome.azimuth is in deg, but 3 deg_C is in deg_C", None),
    ("ATDome.azimuth > 3", 18, "ATDome.azimuth is in deg, but 3 has no unit", "3 deg"),
    ("config.n_flat > 3 s", 17, "config.n_flat has no unit, but 3 s is in s", None),
    ("ATDome.azimuth within 1 s of 3 deg", 23, "ATDome.azimuth is in deg, but 1 s is in s", None),
    ("ATDome.azimuth within 1 deg of 3 s", 32, "but 3 s is in s", None),
    ("ATDome.azimuth within -1 deg of 3 deg", 23, "tolerance -1 deg is negative", None),
    ("ATDome.azimuth > 5 Deg", 20, "there is no unit Deg", "deg"),
    ("ATWhiteLight.power * ATDome.azimuth > 3 W", 1, r"W \* deg has no unit here", None),
    ("ATDome.azimuth + 3 s > 3 deg", 18, "ATDome.azimuth is in deg, but 3 s is in s", None),
    ("config.exp_times[1 s] > 3 s", 18, "1 s is in s, not an index", None),
    ("config.n_flat > 1e999", 17, "1e999 is too large", None),
    # texts
    ("config.script_mode == BIAS_DRAK", 23, "BIAS_DRAK is none of BIAS, BIAS_DARK", "BIAS_DARK"),
    ("config.script_mode in [BIAS, 'FLAT']", 30, "FLAT is none of", None),
    ("config.n_flat == flat", 18, "there is no flat", None),
    ("config.n_flat == 'flat'", 18, "config.n_flat has no unit, but 'flat' is a text", None),
    ("config.filter > 3", 1, "config.filter is a text, not a quantity", None),
    ("config.filter == config.n_flat", 18, "config.filter is a text, but config.n_flat has no unit", None),
    ("config.n_flat in config.filters", 1, "but an element of config.filters is a text", None),
    ("config.n_flat in ATDome.homing", 18, "ATDome.homing is true or false, not a list", None),
    ("config.filter in []", 1, "the list is empty", None),
    # intervals
    ("config.n_flat in [1, 2, 3]", 19, "an interval has two ends, not 3", None),
    ("config.n_flat in [5, 3]", 19, r"\[5, 3\] is empty", "[3, 5]"),
    ("ATDome.homing in [1, 2]", 1, "neither a text nor a quantity", None),
    # kinds
    ("ATDome.azimuth", 1, "ATDome.azimuth is a quantity in deg, not a condition", None),
    ("not config.n_flat", 5, "config.n_flat is a number without a unit, not a condition", None),
    ("config.n_flat > null", 17, "null is null, not a quantity", None),
    ("config.filter[0] == a", 1, "config.filter is a text, not a list", None),
    # functions
    ("len(3) > 2", 5, "neither a list nor a text", None),
    ("listed(3) == a", 8, "not a list", None),
    ("abs(1, 2) > 2", 1, r"abs\(\) takes 1 arguments, not 2", None),
    ("max() > 2", 1, r"max\(\) takes 1 to 20 arguments", None),
    ("abs(x=1) > 2", 5, r"abs\(\) has no argument x", None),
    ("round(2, 1.5) > 2", 10, "number of digits", None),
    ("min(ATDome.azimuth, 3 s) > 2 s", 1, "but 3 s is in s", None),
    ("sum(config.n_flat) > 2", 5, "not a list", None),
    ("max(config.filters) > 2", 5, "not a quantity", None),
    ("either(ATDome, 3) > 2", 8, "takes quantities, texts, flags or lists", None),
    ("known(3)", 7, r"known\(\) takes a name, not 3", None),
    ("last(flat, bias).counts > 3 adu", 12, "an argument after the first needs its key", "key=value"),
    ("last(flat, a=1, a=2).counts > 3 adu", 17, "argument a is given twice", None),
    ("last(flat, a.b=1).counts > 3 adu", 12, "a.b is not the key of an argument", None),
    ("last(flat, a=(1 + 2)).counts > 3 adu", 12, "an argument is a word, a text, a number or a name", None),
    ("last(flat, a='entry').counts > 3 adu", 14, "'entry' is also the name of a value here", None),
    # grammar
    ("ATDome is", 10, "'ATDome is' ends where a state is expected", None),
    ("", 1, "'' ends where a name or a value is expected", None),
    ("(true", 6, r"ends where \) is expected", None),
    ("ATDome is ENABLED AND true", 19, "not AND", "and"),
    ("ATDome is ENABLED && true", 19, "not &", "and"),
    ("config.n_flat = 3", 15, "not =", "=="),
    ("!ATDome.homing", 1, "not !", "not"),
    ("1 < config.n_flat < 3", 19, "an operator or the end is expected, not <", None),
    ("ATDome is 3", 11, "a state is expected, not 3", None),
    ("ATDome ENABLED", 8, "an operator or the end is expected, not ENABLED", None),
    ("__import__('os').system > 3", 1, r"there is no __import__\(os\).system", None),
    ("config.n_flat > #", 17, "not #", None),
    ("not " * 101 + "true", 401, "more than 100 deep", None),
    ("true or " * 600 + "true", 1, "more than 4000", None),
]


@pytest.mark.parametrize(("text", "column", "message", "suggestion"), MISTAKES, ids=[each[0][:50] for each in MISTAKES])
def test_mistake_is_refused_with_its_place_and_a_suggestion(text, column, message, suggestion):
    with pytest.raises(AuthorError, match=message) as caught:
        parse_condition(text, STAGE, at=Position("weekly.yaml", 42, 7))

    error = caught.value
    assert (error.file, error.line, error.column) == ("weekly.yaml", 42, 6 + column)
    assert error.suggestion == suggestion


def test_error_reads_as_one_sentence():
    with pytest.raises(AuthorError) as caught:
        parse_condition("ATDome.main_door is OPENNED", STAGE, at=Position("weekly.yaml", 42, 7))

    assert str(caught.value) == "weekly.yaml:42:27: ATDome.main_door has no state OPENNED; did you mean OPENED?"


def test_place_counts_lines_where_none_is_given():
    with pytest.raises(AuthorError, match=r"^2:5: there is no ATDom;"):
        parse_condition("true\nand ATDom is ENABLED", STAGE)


def test_remembered_text_is_judged_again_by_another_vocabulary():
    class Empty:
        def describe(self, name):
            return None

        def suggest(self, name):
            return None

    parse_condition("ATDome.homing", STAGE)

    with pytest.raises(AuthorError, match=r"there is no ATDome.homing$"):
        parse_condition("ATDome.homing", Empty())


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("15 min", Quantity("s")),
        ("config.n_flat + config.n_discard_flat", Quantity()),
        ("ATDome.azimuth / ATDome.velocity", Quantity("s")),
        ("stroke / 2 s", Quantity("m/s")),
        ("ATDome.azimuth + 3 deg", Quantity("deg", wraps=True)),
        ("abs(ATDome.azimuth)", Quantity("deg")),
        ("2 * ATDome.azimuth", Quantity("deg")),
        ("len(config.filters)", Quantity()),
        ("max(config.exp_times)", Quantity("s")),
        ("sum(config.exp_times) + count(bias) * 2 s", Quantity("s")),
        ("round(3.14159, 2)", Quantity()),
        ("either(config.filter, 'empty_1')", Text()),
        ("either(null, 3 s)", Quantity("s")),
        ("config.exp_times[0]", Quantity("s")),
        ("[1 s, 2 s]", Sequence(Quantity("s"))),
        ("ATDome.homing and true", Flag()),
        ("ATDome.main_door", States(("CLOSED", "OPENED", "PARTIALLY_OPENED"))),
        ("entry", Anything()),
        ("entry + entry", Anything()),
        ("entry + 3 s", Quantity("s")),
        ("'two words'", Text()),
        ("null", Anything()),
    ],
)
def test_expression_knows_its_subject(text, subject):
    assert parse_expression(text, STAGE).subject == subject


@pytest.mark.parametrize(
    ("text", "expected", "message"),
    [
        ("3", Quantity("s"), r"3 has no unit, not in s; did you mean 3 s\?"),
        ("3 deg", Quantity("s"), "3 deg is in deg, not in s"),
        ("true", Quantity(), "true is true or false, not a number without a unit"),
        ("DRAK", Text(("DARK", "FLAT")), r"DRAK is none of DARK, FLAT; did you mean DARK\?"),
        ("3", Flag(), "3 has no unit, not true or false"),
    ],
)
def test_expression_that_is_not_what_is_expected_is_refused(text, expected, message):
    with pytest.raises(AuthorError, match=message):
        parse_expression(text, STAGE, expected=expected)


def test_bare_word_is_a_text_where_a_text_is_expected():
    expression = parse_expression("DARK", STAGE, expected=Text(("DARK", "FLAT")))

    assert str(expression) == "DARK"


def test_words_that_yaml_takes_for_truth_values_are_states():
    condition = parse_condition("ATWhiteLight.lamp is ON or ATWhiteLight.lamp is OFF", STAGE)

    assert str(condition) == "ATWhiteLight.lamp is ON or ATWhiteLight.lamp is OFF"


@given(
    st.text()
    | st.lists(st.sampled_from("ATDome is not in within of ( ) [ ] , 3 deg . = == and entry 'a'".split())).map(" ".join)
)
@example("(" * 3000)
@example("-" * 3000 + "1 > 2")
@example("1" + "+1" * 1900 + " > 2")
def test_any_text_is_a_condition_or_an_author_error(text):
    try:
        parse_condition(text, STAGE)
    except AuthorError as error:
        assert error.line is not None  # noqa: PT017 - either outcome will do


def test_importing_conditions_leaves_lark_alone():
    program = "import sys, fsm.conditions; print('lark' in sys.modules)"

    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        env={"PYTHONPATH": ":".join(path or "." for path in sys.path)},
        check=True,
    )

    assert ran.stdout.decode().strip() == "False"
