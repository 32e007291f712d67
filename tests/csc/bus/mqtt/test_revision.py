"""The revision of a topic's fields: what changes it, and what does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csc import Field, Topic
from csc.bus.mqtt.revision import revision

STATE = Field(name="state", type="int")
POWER = Field(name="power", type="double", unit="W", own_unit="kW", scale=1e3)


def of(*fields: Field) -> str:
    return revision(Topic(name="lampState", fields={field.name: field for field in fields}))


def test_it_has_eight_hexadecimal_digits():
    assert len(of(STATE, POWER)) == 8
    int(of(STATE, POWER), 16)


@pytest.mark.parametrize(
    "changed",
    [
        replace(POWER, name="strength"),
        replace(POWER, type="float"),
        replace(POWER, own_unit="W"),
        replace(POWER, own_unit=None),
        replace(POWER, length=2),
    ],
)
def test_it_changes_with_the_name_type_unit_and_length_of_a_field(changed):
    assert of(STATE, changed) != of(STATE, POWER)


def test_it_changes_with_a_field_more_or_less():
    assert len({of(), of(STATE), of(POWER), of(STATE, POWER)}) == 4


@pytest.mark.parametrize("changed", [replace(POWER, meaning="electric"), replace(POWER, range=(0.0, 1.0))])
def test_it_does_not_change_with_what_a_reader_need_not_know(changed):
    assert of(STATE, changed) == of(STATE, POWER)


def test_it_does_not_change_with_the_order_of_fields():
    assert of(POWER, STATE) == of(STATE, POWER)
