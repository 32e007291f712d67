"""Every data sheet is what the observatory's own interface says, but for the exceptions that have a name."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import csc
from csc import load_catalogue
from tests.csc.interface.comparison import Knowledge, compare, topics_of
from tests.csc.interface.coverage import row_of
from tests.csc.interface.sal_xml import read_components, read_interface
from tests.csc.interface.tables import enumeration_in_code, exceptions, required
from tests.observatory_data import observatory_folder, reads

FOLDER = observatory_folder("ts_xml")
CATALOGUE = load_catalogue()
EXCEPTIONS = exceptions()
WITH_XML = sorted(CATALOGUE.keys() - EXCEPTIONS.without_xml.keys())

pytestmark = reads(FOLDER)


@pytest.mark.parametrize("component", WITH_XML)
def test_everything_declared_is_there_and_has_the_same_shape(component, tell):
    plan, interface = CATALOGUE[component], EXCEPTIONS.interface(FOLDER, component)

    differences = compare(plan, interface)

    tell(row_of(plan, interface))
    assert differences == [], "\n".join(map(str, differences))


@pytest.mark.parametrize("component", sorted(EXCEPTIONS.without_xml))
def test_a_component_without_xml_has_the_generics_that_are_its_own(component):
    if component not in CATALOGUE:
        pytest.fail(f"there is no component {component}: take it out of without_xml")

    differences = compare(CATALOGUE[component], EXCEPTIONS.interface(FOLDER, component), own=False)

    assert differences == [], "\n".join(map(str, differences))


@pytest.mark.parametrize("component", required().complete)
def test_every_command_and_event_is_declared(component):
    interface, ours = read_interface(FOLDER, component), topics_of(CATALOGUE[component])

    missing = [f"{kind} {name}" for kind, name in interface.topics if kind != "telemetry" and (kind, name) not in ours]

    assert missing == []


@pytest.mark.parametrize("component", required().named)
def test_every_command_and_event_that_clients_use_is_declared(component):
    interface, ours = read_interface(FOLDER, component), topics_of(CATALOGUE[component])
    wanted = [(kind, name) for kind, names in required().named[component].items() for name in names]

    assert [key for key in wanted if key not in interface.topics] == []
    assert [key for key in wanted if key not in ours] == []


def test_comcam_s_camera_has_what_that_of_latiss_has():
    wanted = {(kind, name) for kind, names in required().named["ATCamera"].items() for name in names}

    assert wanted - topics_of(CATALOGUE["CCCamera"]).keys() == set()


# ----------------------------------------------------------- the exceptions


def test_exactly_the_components_without_a_folder_are_listed_as_such():
    assert set(EXCEPTIONS.without_xml) == set(CATALOGUE) - set(read_components(FOLDER))


def test_every_component_that_has_a_folder_is_simulated():
    assert set(read_components(FOLDER)) - set(CATALOGUE) == set()


@pytest.mark.parametrize("name", EXCEPTIONS.enumerations)
def test_no_enumeration_is_replaced_for_nothing(name):
    component, _, short = name.partition(".")
    table = EXCEPTIONS.knowledge(FOLDER, component)
    without = {key: value for key, value in table.enumerations.items() if key != short}

    interface = replace(table, enumerations=without).applied(read_interface(FOLDER, component))

    assert compare(CATALOGUE[component], interface) != []


@pytest.mark.parametrize("name", EXCEPTIONS.ties)
def test_no_field_is_tied_for_nothing(name):
    component, _, short = name.partition(".")
    component = "ATDome" if component == "*" else component
    table = EXCEPTIONS.knowledge(FOLDER, component)
    without = Knowledge(
        enumerations=table.enumerations, ties={key: value for key, value in table.ties.items() if key != short}
    )

    differences = compare(CATALOGUE[component], without.applied(read_interface(FOLDER, component)))

    assert f"{component}.{short}: nothing ties it to an enumeration there" in [str(item) for item in differences]


@pytest.mark.parametrize("component", WITH_XML)
def test_every_enumeration_is_held_by_a_field_or_listed_as_unused(component):
    interface, ours = EXCEPTIONS.interface(FOLDER, component), topics_of(CATALOGUE[component])
    all_ours = {
        item.enumeration for key, topic in interface.topics.items() if key in ours for item in topic.fields.values()
    }
    fields_there = {f"{name}.{item}" for (_, name), topic in interface.topics.items() for item in topic.fields}
    listed = {name.partition(".")[2] for name in EXCEPTIONS.unused if name.startswith(f"{component}.")}

    of_a_field = {name for name in interface.enumerations if name in fields_there}
    unused = interface.enumerations.keys() - all_ours - of_a_field - {"SummaryStates"}

    assert unused == listed


# ------------------------------------------------------ the numbers in code


@pytest.mark.parametrize(("place", "name"), EXCEPTIONS.in_code.items())
def test_a_number_in_code_is_the_interface_s(place, name):
    theirs = {key.replace("_", "").upper(): value for key, value in EXCEPTIONS.values(FOLDER, name).items()}
    theirs |= {key.removesuffix("STATE"): value for key, value in theirs.items()}

    for member in enumeration_in_code(place):
        assert theirs.get(member.name.replace("_", "")) == member.value, member


def test_every_enumeration_in_code_is_listed():
    root = Path(csc.__file__).parent
    found = {
        ".".join([*path.relative_to(root.parent).with_suffix("").parts, name])
        for path in root.rglob("*.py")
        for name in re.findall(r"^class (\w+)\((?:enum\.)?Int(?:Enum|Flag)\)", path.read_text(), re.MULTILINE)
    }

    assert found == {*EXCEPTIONS.in_code, *EXCEPTIONS.not_sal}
