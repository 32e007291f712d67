"""The directive `component`: parts, headings, anchors, and every component there is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from docutils import nodes

from csc import load_catalogue
from csc.generic import generic_topics
from cscsim.sphinx.elements import diagram
from fsm import format_value
from tests.cscsim.sphinx.project import Built, building, in_markdown, in_rst

CATALOGUE = load_catalogue()
WRITERS = {"index.rst": in_rst, "index.md": in_markdown}


@pytest.fixture(scope="module")
def everything(tmp_path_factory) -> Iterator[Built]:
    pages = {f"{name}.rst": in_rst("component", name) for name in [*CATALOGUE, "CSC"]}
    links = [f":csc:{kind}:`{name}.{each}`" for name, plan in CATALOGUE.items()
             for kind, every in (("machine", plan.machines), ("command", plan.commands), ("fault", plan.faults),
                                 ("output", plan.outputs), ("parameter", plan.parameters)) for each in every
             if not (kind == "command" and set(plan.generics) - {"csc", "configurable"})]  # fmt: skip
    with building(tmp_path_factory.mktemp("components"), {"index.rst": "\n".join(links), **pages}) as built:
        yield built


def test_every_page_is_read_without_a_warning(everything):
    assert everything.warnings == []


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_a_page_tells_everything_that_a_data_sheet_states(name, everything):
    plan = CATALOGUE[name]

    page = everything.page(name)
    words = " ".join(page.astext().split())
    codes = {node.astext() for node in page.findall(nodes.literal)}
    strong = {node.astext() for node in page.findall(nodes.strong)}

    assert {*plan.machines, *plan.faults} <= set(everything.headings(name))
    assert {node.drawing.title for node in page.findall(diagram)} == {
        f"{name}.{machine}" for machine, chart in plan.machines.items() if chart.transitions and len(chart.states) > 1
    }
    for chart in plan.machines.values():
        assert all(state in words for state in chart.state_names)
    for parameter in plan.parameters.values():
        assert parameter.name in codes
        assert " ".join(format_value(parameter.default, parameter.unit).split()) in words
    assert set(plan.outputs) <= codes
    assert all(trigger in codes for fault in plan.faults.values() for trigger in fault.cured_by)
    for fault in plan.faults.values():
        assert all(" ".join(part.replace("`", "").split()) in words for part in (fault.seen, fault.cure))
    own = plan.topics.keys() - generic_topics(plan.generics).keys()
    assert own <= strong


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ATHexapod", ("speed double mm/s 0.001 mm/s – 10 mm/s",)),
        ("Scheduler", ("height double m height above the sea; always 2663 m",)),
        ("ATPtg", ("arcsec",)),
    ],
)
def test_units_limits_and_values_are_those_of_what_is_sent(name, told, everything):
    words = " ".join(everything.page(name).astext().split())

    assert all(each in words for each in told)


def test_what_every_csc_has_is_told_once(everything):
    assert {"Summary state", "start", "enable", "standby"} <= set(everything.headings("CSC"))
    assert "start" not in everything.headings("ATDome")


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(
    ("options", "headings"),
    [
        ({"only": "faults"}, ["A page", "ingest_fails", "silent"]),
        ({"only": "faults parameters"}, ["A page", "Parameters", "Faults", "ingest_fails", "silent"]),
        ({"without": "machines, commands, events, faults, sources, outputs"}, ["A page", "Parameters"]),
    ],
)
def test_a_page_may_have_only_some_parts(name, options, headings, tmp_path):
    with building(tmp_path, {name: WRITERS[name]("component", "ATOODS", **options)}) as built:
        assert built.warnings == []
        assert built.headings() == headings


def test_both_languages_give_the_same(tmp_path):
    pages = {"index.rst": in_rst("component", "ATDome"), "markdown.md": in_markdown("component", "ATDome", no_index="")}

    with building(tmp_path, pages) as built:
        assert built.warnings == []
        assert built.text("index").split() == built.text("markdown").split()
        assert built.headings("index") == built.headings("markdown")


def test_below_a_list_headings_are_no_sections(tmp_path):
    page = "- .. component:: ATOODS\n     :only: machines faults\n\nSee :csc:fault:`ATOODS.silent`.\n"

    with building(tmp_path, {"index.rst": page}) as built:
        assert built.warnings == []
        assert built.headings() == ["A page"]
        assert "silent" in [node.astext() for node in built.page().findall(nodes.rubric)]
