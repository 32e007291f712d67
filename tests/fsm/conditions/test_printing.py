from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsm import parse_condition, parse_expression
from tests.fsm.conditions.stage import STAGE, Now
from tests.fsm.conditions.texts import conditions, moments, quantities


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("ATDome   is ENABLED", "ATDome is ENABLED"),
        ("ATDome is in [ENABLED]", "ATDome is ENABLED"),
        ("ATDome is not in [ENABLED, FAULT, FAULT]", "ATDome is not in [ENABLED, FAULT]"),
        ("((ATDome.homing))", "ATDome.homing"),
        ("ATDome.homing and (true and false)", "ATDome.homing and true and false"),
        ("ATDome.homing and (true or false)", "ATDome.homing and (true or false)"),
        ("not (ATDome is FAULT)", "not ATDome is FAULT"),
        ("not (true or false)", "not (true or false)"),
        ("ATDome.azimuth within 90 arcmin of 3.0 deg", "ATDome.azimuth within 1.5 deg of 3 deg"),
        ("ATWhiteLight.supply_temperature not in [16 deg_C, 24 deg_C]",
         "not ATWhiteLight.supply_temperature in [16 deg_C, 24 deg_C]"),
        ("stroke < 1.5 m", "stroke < 1500 mm"),
        ("BIAS == config.script_mode", "config.script_mode == BIAS"),
        ("config.filter == 'two words'", "config.filter == 'two words'"),
        ("config.filter == \"it's\"", "config.filter == \"it's\""),
        ("config.filter == 'plain'", "config.filter == plain"),
        ("config.filter == 'entry'", "config.filter == 'entry'"),
        ("config.filter == 'true'", "config.filter == 'true'"),
        ("config.n_flat - (2 - 1) > -(-3)", "config.n_flat - (2 - 1) > 3"),
        ("(config.n_flat - 2) - 1 > +3", "config.n_flat - 2 - 1 > 3"),
        ("config.n_flat * (2 + 1) > -(1 + 2)", "config.n_flat * (2 + 1) > -(1 + 2)"),
        ("-config.n_flat * 2 > -0.0", "-config.n_flat * 2 > 0"),
        ("unknown(ATDome) or known(last(flat).counts)", "unknown(ATDome) or known(last(flat).counts)"),
        ("(entry is ENABLED) == ATDome.homing", "(entry is ENABLED) == ATDome.homing"),
        ("config.filter == null", "config.filter == null"),
        ("SDSSr in config.filters", "SDSSr in config.filters"),
    ],
)  # fmt: skip
def test_canonical_text(text, canonical):
    condition = parse_condition(text, STAGE)

    assert str(condition) == canonical
    assert condition.text == text


@given(conditions)
def test_printing_and_parsing_agree(text):
    condition = parse_condition(text, STAGE)

    again = parse_condition(str(condition), STAGE)

    assert again == condition
    assert hash(again) == hash(condition)
    assert again.names == condition.names


@given(conditions, moments)
def test_canonical_text_means_the_same(text, values):
    condition = parse_condition(text, STAGE)

    again = parse_condition(str(condition), STAGE)

    assert again.evaluate(Now(values)) is condition.evaluate(Now(values))


@given(st.sampled_from(["deg", "s", "adu", "mm", None]).flatmap(quantities))
def test_printing_and_parsing_of_expressions_agree(text):
    expression = parse_expression(text, STAGE)

    again = parse_expression(str(expression), STAGE)

    assert again == expression
    assert again.subject == expression.subject


def test_equal_conditions_are_one_key_whatever_their_spelling():
    one = parse_condition("ATDome.azimuth > 60 arcmin", STAGE)
    other = parse_condition("(ATDome.azimuth > 1 deg)", STAGE)

    assert len({one, other}) == 1


@given(conditions)
def test_pickled_condition_is_the_same(text):
    condition = parse_condition(text, STAGE)

    again = pickle.loads(pickle.dumps(condition))

    assert again == condition
    assert again.text == text
