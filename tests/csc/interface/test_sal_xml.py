"""The reader of the observatory's XML, with a small made-up component."""

from __future__ import annotations

import pytest

from tests.csc.interface.made_up import write_folder
from tests.csc.interface.sal_xml import RealField, read_components, read_interface


@pytest.fixture
def folder(tmp_path):
    return write_folder(tmp_path)


def test_topics_have_kind_name_and_fields(folder):
    interface = read_interface(folder, "Kite")

    assert interface.own("command") == ["fly"]
    assert interface.own("event") == ["height", "weather"]
    assert interface.own("telemetry") == ["line"]
    assert interface.topics["telemetry", "line"].fields["tension"] == RealField(
        name="tension", type="float", unit="Celsius", length=3
    )


def test_a_field_without_unit_has_none(folder):
    assert read_interface(folder, "Kite").topics["command", "fly"].fields["mode"].unit is None


@pytest.mark.parametrize(
    ("topic", "field", "name"),
    [
        (("event", "height"), "state", "KiteState"),
        (("command", "fly"), "mode", "Mode"),
        (("event", "weather"), "sky", "weather.sky"),
        (("event", "weather"), "port", None),
    ],
    ids=["by its description", "by a comment", "by a list in the field", "not by a word that only looks alike"],
)
def test_a_field_is_tied_to_its_enumeration(folder, topic, field, name):
    assert read_interface(folder, "Kite").topics[topic].fields[field].enumeration == name


def test_members_are_numbered_from_one_or_as_written(folder):
    enumerations = read_interface(folder, "Kite").enumerations

    assert enumerations["KiteState"] == {"OnGround": 1, "Up": 2}
    assert enumerations["Port"] == {"Left": 0x10, "Right": -1}
    assert enumerations["weather.sky"] == {"Clear": 1, "Grey": 2}


def test_a_component_has_the_generics_that_are_mandatory_or_named(folder):
    interface = read_interface(folder, "Kite")

    assert interface.generics == {("event", "heartbeat"), ("command", "enable"), ("event", "statusCode")}


def test_a_component_without_a_folder_has_its_generics_only(folder):
    interface = read_interface(folder, "Stone")

    assert set(interface.topics) == {("event", "heartbeat")}
    assert read_components(folder) == ["Kite"]


def test_a_component_that_sal_does_not_know_is_an_error(folder):
    with pytest.raises(KeyError, match=r"SALSubsystems\.xml knows no Balloon"):
        read_interface(folder, "Balloon")
