"""The schemas of the AsyncAPI document: as strict as the components are, no more and no less."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csc import Command, Field, load_catalogue, load_observatory
from csc.arguments import arguments
from csc.bus.mqtt.asyncapi import arguments_schema, asyncapi_document
from csc.bus.mqtt.payload import Private, decode, encode
from csc.bus.mqtt.topics import TopicTree
from csc.fields import FLOAT_LIMIT, TEXT_LIMIT, take
from fsm import Refused
from tests.asyncapi.contract import Contract

CATALOGUE = load_catalogue()
AUXTEL = load_observatory(Path(__file__).parents[4] / "sim_configs" / "observatories" / "auxtel.yaml", CATALOGUE)
TREE = TopicTree("auxtel")
CONTRACT = Contract(asyncapi_document(AUXTEL, CATALOGUE))
PLACED = {name: CATALOGUE[name.partition(":")[0]] for name in AUXTEL.components}
WITH_FIELDS = [(name, command) for name, plan in PLACED.items() for command in plan.commands.values() if command.fields]


def ends_of(field: Field) -> list[Any]:
    """Return values at the ends of what suits a field, and just beyond; and values of other kinds."""
    ends = [end / field.scale for end in field.range or ()]
    beside = [math.nextafter(end, sign) for end in ends for sign in (-math.inf, math.inf)]
    whole = [round(end) + step for end in ends for step in (-1, 0, 1)]
    named = [number + step for number in (field.enum or {}).values() for step in (-1, 0, 1)]
    bits = [sign * (2**power + step) for power in (7, 8, 15, 31, 32) for sign in (-1, 1) for step in (-1, 0, 1)]
    bits += [-(2**63), 2**63 - 1, 2**63, 2**64 - 1]  # a whole number that is larger cannot be written
    held = [sign * limit for limit in (FLOAT_LIMIT, math.nextafter(FLOAT_LIMIT, math.inf)) for sign in (-1, 1)]
    others: list[Any] = [None, True, False, 0, 1.0, 0.5, "", "NaN", "Infinity", "1", {}]
    return [*ends, *beside, *whole, *named, *bits, *held, *others]


def in_lists(field: Field, values: list[Any]) -> list[Any]:
    """Return values and, for an array, lists of them."""
    if field.length == 1:
        return [*values, []]
    return [*values, [], *([value] for value in values), [0] * field.length, [0] * (field.length + 1)]


def without_numbers_for_booleans(field: Field, value: Any) -> Any:
    """Write false and true where a boolean is given as 0 or 1, which components take and the schema does not."""
    if field.type == "boolean" and isinstance(value, list):
        return [without_numbers_for_booleans(field, item) for item in value]
    return bool(value) if field.type == "boolean" and type(value) is int and value in (0, 1) else value


def check_alike(name: str, command: Command, sent: dict[str, Any]) -> None:
    """Compare what a component says of a command, as it comes from the wire, with what its schema says."""
    sent = {
        key: without_numbers_for_booleans(command.fields[key], value) if key in command.fields else value
        for key, value in sent.items()
    }
    payload = encode(sent, Private(correlation="1"))
    try:
        arguments(command, decode(payload)[0])
        refusal = None
    except Refused as refused:
        refusal = str(refused)

    complaints = CONTRACT.complaints(TREE.of(name, "command", command.name), orjson.loads(payload))

    assert bool(complaints) == (refusal is not None), (command.name, sent, complaints, refusal)


def good_value(field: Field) -> float:
    """Return a number that a field takes which may not be left out."""
    if field.enum is not None:
        return next(iter(field.enum.values()))
    middle = sum(field.range or (0.0, 0.0)) / 2.0 / field.scale
    return middle if field.is_real else math.ceil(middle)


@pytest.mark.parametrize("name", sorted({name for name, _ in WITH_FIELDS}))
def test_each_field_of_a_command_takes_what_its_schema_accepts_and_nothing_else(name):
    for command in PLACED[name].commands.values():
        needed = {key: good_value(command.fields[key]) for key in required_of(name, command)}
        arguments(command, needed)
        check_alike(name, command, {})
        check_alike(name, command, {**needed, "nonsense": 0})
        for field in command.fields.values():
            for value in in_lists(field, ends_of(field)):
                check_alike(name, command, {**needed, field.name: value})


def required_of(name: str, command: Command) -> list[str]:
    """Return the fields that its schema wants."""
    [key] = CONTRACT.keys(TREE.of(name, "command", command.name))
    return list(CONTRACT.message(key)["payload"].get("required", []))


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)


@settings(max_examples=500)
@given(st.data())
def test_a_command_takes_what_its_schema_accepts_and_nothing_else(data):
    name, command = data.draw(st.sampled_from(WITH_FIELDS))
    values = {
        field.name: st.sampled_from(in_lists(field, ends_of(field))) | ANYTHING | st.lists(ANYTHING, max_size=3)
        for field in command.fields.values()
    }
    unknown = st.dictionaries(st.text("abc", min_size=1), ANYTHING, max_size=1)

    sent = data.draw(st.fixed_dictionaries({}, optional=values))
    check_alike(name, command, {**data.draw(st.just({}) | unknown), **sent})


@given(
    st.sampled_from([1.0 / 3600.0, 0.001, 3600.0, 1e3, 31557600.0]),
    st.floats(1e-9, 1e9),
    st.sampled_from(["double", "float", "long long"]),
)
def test_a_limit_is_exact_however_units_are_rounded(scale, limit, kind):
    field = Field(name="x", type=kind, own_unit="so and so", scale=scale, range=(-limit, limit))
    ends = arguments_schema(Command(name="c", fields={"x": field}))["properties"]["x"]
    beyond = ends["maximum"] + 1 if kind == "long long" else math.nextafter(ends["maximum"], math.inf)

    for sign, end in ((1, ends["maximum"]), (-1, ends["minimum"])):
        take("c", field, end)
        if abs(end) < 2.0**53:
            with pytest.raises(Refused, match="not in range"):
                take("c", field, sign * beyond)


def test_fields_that_are_wanted_are_those_without_a_default_that_is_allowed():
    wanted = {(command.name, *required_of(name, command)) for name, command in WITH_FIELDS}

    assert {("setMode", "mode"), ("setIntegrationTime", "intTime"), ("move", "location")} <= wanted
    assert ("moveAzimuth",) in wanted


@pytest.mark.parametrize("number", [0, 1])
def test_a_number_for_a_boolean_is_taken_and_the_schema_does_not_say_so(number):
    command = PLACED["ATDome"].commands["moveShutterMainDoor"]

    assert arguments(command, {"open": number}) == {"open": bool(number)}
    assert CONTRACT.complaints(TREE.of("ATDome", "command", command.name), {"open": number})


@pytest.mark.parametrize("excess", [0, 1])
def test_the_longest_text_is_the_same(excess):
    text = "é" * (TEXT_LIMIT + excess)
    command = PLACED["OCPS:1"].commands["execute"]

    refused = bool(CONTRACT.complaints(TREE.of("OCPS:1", "command", "execute"), {"config": text}))

    assert refused is bool(excess)
    if excess:
        with pytest.raises(Refused, match="at most"):
            arguments(command, {"config": text})
    else:
        assert arguments(command, {"config": text})["config"] == text


@pytest.mark.parametrize(
    ("private", "is_right"),
    [
        ({"private_correlation": "a"}, True),
        ({"private_replyTo": "cscsim/1/auxtel/reply/me/too"}, True),
        ({"private_replyTo": "cscsim/1/auxtel/reply/"}, False),
        ({"private_replyTo": "cscsim/1/auxtel/reply/+"}, False),
        ({"private_replyTo": "elsewhere"}, False),
        ({"private_seqNum": "1"}, False),
        ({"private_identity": "x" * 257}, False),
        ({"private_ours": [1]}, True),
    ],
)
def test_private_fields_of_a_request_are_checked_and_unknown_ones_are_not(private, is_right):
    topic = TREE.of("ATDome", "command", "moveAzimuth")

    assert (CONTRACT.complaints(topic, {"azimuth": 3.0, **private}) == []) is is_right
