"""The comparison finds what is wrong: one wrong sheet for each difference, beside one that is right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csc.catalogue import read_sheets
from tests.csc.interface.comparison import Knowledge, compare, count
from tests.csc.interface.coverage import row_of, table
from tests.csc.interface.made_up import write_folder
from tests.csc.interface.sal_xml import read_interface

RIGHT = """
component: Kite
title: Kite
summary: A toy.
generics: []
machines:
  place:
    meaning: Where it is.
    carrier: height.state
    initial: ON_GROUND
    states:
      ON_GROUND: {value: 1, meaning: on the ground}
      CLIMBING: {value: 2, meaning: on its way}
      UP: {value: 2, meaning: up}
commands:
  enable: {}
  fly: {fields: {mode: {type: long, enum: {UNSET: 0, SLOW: 1, FAST: 2}}}}
events:
  statusCode: {}
  height:
    fields:
      height: {type: double, unit: m}
      state: {type: long}
  weather:
    fields:
      sky: {type: int, enum: {CLEAR: 1, GREY: 2}}
      port: {type: long}
telemetry:
  line: {fields: {tension: {type: float, unit: deg_C, length: 3}}}
"""


@pytest.fixture
def interface(tmp_path):
    found = read_interface(write_folder(tmp_path), "Kite")
    mandatory = {key: topic for key, topic in found.topics.items() if key != ("event", "heartbeat")}
    return replace(found, topics=mandatory, generics=found.generics & mandatory.keys())


@pytest.fixture
def plan_of(tmp_path):
    def read(text):
        path = tmp_path / "kite.yaml"
        path.write_text(text, encoding="utf-8")
        plan = read_sheets([path])["Kite"]
        return replace(plan, topics={name: topic for name, topic in plan.topics.items() if name in text})

    return read


def test_a_sheet_that_agrees_has_no_difference(plan_of, interface):
    assert compare(plan_of(RIGHT), interface) == []


@pytest.mark.parametrize(
    ("right", "wrong", "differences"),
    [
        ("type: double", "type: float", ["Kite.height.height: type is float here and double there"]),
        ("length: 3", "length: 2", ["Kite.line.tension: length is 2 here and 3 there"]),
        ("unit: deg_C", "unit: K", ["Kite.line.tension: unit is K here and deg_C there"]),
        ("unit: m}", "unit: mm}", ["Kite.height.height: unit is mm here and 1000 mm there"]),
        (", unit: m}", "}", ["Kite.height.height: unit is none here and 1000 mm there"]),
        ("port: {type: long}", "port: {type: long, unit: s}", ["Kite.weather.port: unit is s here and none there"]),
        ("FAST: 2", "FAST: 3", ["Kite.fly.mode: FAST is 3 here and 2 there"]),
        ("UNSET: 0", "IDLE: 0", ["Kite.fly.mode: IDLE is 0 here and nothing there"]),
        (", GREY: 2", "", ["Kite.weather.sky: GREY is not named here and 2 there"]),
        (", enum: {CLEAR: 1, GREY: 2}", "", ["Kite.weather.sky: the members of weather.sky are not named"]),
        ("ON_GROUND: {value: 1", "ON_GROUND: {value: 2", ["Kite.height.state: ON_GROUND is 2 here and 1 there"]),
        ("CLIMBING: {value: 2", "CLIMBING: {value: 3", ["Kite.height.state: CLIMBING is 3 here and nothing there"]),
        (
            "port: {type: long}",
            "port: {type: long, enum: {LEFT: 16}}",
            ["Kite.weather.port: nothing ties it to an enumeration there"],
        ),
        ("      port: {type: long}\n", "", ["Kite.weather.port: is missing here"]),
        (
            "port: {type: long}",
            "porto: {type: long}",
            ["Kite.weather.port: is missing here", "Kite.weather.porto: there is no such field; did you mean port?"],
        ),
        ("  line:", "  lines:", ["Kite.lines: there is no such telemetry; did you mean line?"]),
        ("  fly:", "  soar:", ["Kite.soar: there is no such command"]),
        ("  enable: {}\n", "", ["Kite.enable: is missing here, a generic command"]),
    ],
)
def test_a_difference_is_found_and_named(plan_of, interface, right, wrong, differences):
    assert RIGHT.count(right) == 1

    found = compare(plan_of(RIGHT.replace(right, wrong)), interface)

    assert [str(item) for item in found] == differences


def test_an_event_is_no_telemetry(plan_of, interface):
    text = RIGHT.replace("telemetry:\n", "")

    assert [str(item) for item in compare(plan_of(text), interface)] == [
        "Kite.line: there is no such event",
    ]


def test_what_is_known_replaces_the_xml_and_ties_a_field(plan_of, interface):
    known = Knowledge(enumerations={"Port": {"LEFT": 7}}, ties={"weather.port": "Port"}).applied(interface)
    wrong, right = (RIGHT.replace("port: {type: long}", f"port: {{type: long, enum: {{LEFT: {n}}}}}") for n in (16, 7))

    assert [str(item) for item in compare(plan_of(wrong), known)] == ["Kite.weather.port: LEFT is 16 here and 7 there"]
    assert compare(plan_of(right), known) == []


def test_a_tie_to_no_enumeration_is_found(plan_of, interface):
    known = Knowledge(ties={"weather.port": "Harbour"}).applied(interface)

    assert [str(item) for item in compare(plan_of(RIGHT), known)] == [
        "Kite.weather.port: there is no enumeration Harbour"
    ]


def test_of_a_mask_the_bits_are_named_and_zero_is_none(plan_of, interface):
    known = Knowledge(enumerations={"Port": {"NOWHERE": 0, "LEFT": 1}}, ties={"weather.port": "Port"}).applied(
        interface
    )
    text = RIGHT.replace("port: {type: long}", "port: {type: long, bits: {LEFT: 1}}")

    assert compare(plan_of(text), known) == []


def test_only_generics_are_compared_where_the_component_s_own_topics_are_not_known(plan_of, interface):
    text = RIGHT.replace("type: double", "type: float")

    assert compare(plan_of(text), interface, own=False) == []


def test_coverage_counts_what_is_declared_and_names_the_rest(plan_of, interface):
    text = RIGHT.replace("  line:", "  lines:").replace("  fly: {", "  fly: {simulated: false, ")

    commands, events, telemetry = count(plan_of(text), interface)

    assert (commands.declared, commands.real, commands.missing) == (1, 1, ())
    assert (events.declared, events.real) == (2, 2)
    assert (telemetry.declared, telemetry.real, telemetry.missing) == (0, 1, ("line",))


def test_the_table_has_a_row_and_what_is_missing_below(plan_of, interface):
    text = RIGHT.replace("  line:", "  lines:").replace("  fly: {", "  fly: {simulated: false, ")

    lines = list(table([row_of(plan_of(text), interface)], all_names=True))

    assert lines[1].split() == ["Kite", "1/1", "(1)", "2/2", "0/1"]
    assert lines[2] == "    missing telemetry: line"
