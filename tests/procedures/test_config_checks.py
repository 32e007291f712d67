"""What a configuration must keep besides its schema."""

from __future__ import annotations

import pytest

from fsm import AuthorError, AuthorErrors
from procedures import parse_config
from procedures.model import Procedure
from tests.procedures.play import load

HEAD = """
config:
  type: object
  properties:
    number: {anyOf: [{type: integer}, {type: "null"}], default: null}
    times: {anyOf: [{type: number}, {type: array}], default: 1}
config_checks:
  - that: config.number == null or len(config.times) == config.number
    else: ${config.number} times are wanted
"""


def procedure(head: str = HEAD) -> Procedure:
    loaded: Procedure = load("  - log: done\n", head)
    return loaded


@pytest.mark.parametrize("text", ["", "times: [1, 2]", "{number: 2, times: [1, 2]}", "{number: 2, times: 3}"])
def test_a_configuration_that_keeps_its_checks_is_taken(text: str) -> None:
    assert parse_config(procedure(), text)


def test_a_configuration_that_breaks_a_check_is_refused_with_the_reason() -> None:
    with pytest.raises(AuthorErrors, match=r"config of play: 3 times are wanted \(.*len\(config\.times\) is 2"):
        parse_config(procedure(), "{number: 3, times: [1, 2]}")


def test_the_schema_is_looked_at_first() -> None:
    with pytest.raises(AuthorErrors, match=r"number: 'three' is not valid") as caught:
        parse_config(procedure(), "{number: three, times: [1, 2]}")

    assert len(caught.value.errors) == 1


def test_a_check_knows_the_configuration_only() -> None:
    with pytest.raises(AuthorError, match=r"play\.yaml:\d+:\d+: only the configuration is known here, not Tiny"):
        procedure("config: {type: object}\nconfig_checks:\n  - Tiny is ENABLED\n")
