"""What there is: every state, row, reason, fault, error, step and condition, each once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from csc import load_catalogue
from csc.diagrams import charts_of
from fsm import ANY
from procedures.coverage import component_items, procedure_items
from procedures.coverage.item import label_of
from tests.procedures.play import load

STEPS = """
- {id: a, wait: until Tiny is ENABLED, unless: [{when: Tiny is FAULT, because: it broke}], timeout: 5 s}
- id: b
  when: Tiny is ENABLED
  then:
    - {id: c, expect: Tiny is ENABLED, on_failure: [{id: d, log: "no"}]}
- id: e
  wait: 1 s
  preconditions: [Tiny is ENABLED]
  invariants: [Tiny is not FAULT]
  postconditions: [Tiny is ENABLED]
"""


def items(kind, found):
    return [item for item in found if item[0] == kind]


@pytest.mark.parametrize("component", sorted(load_catalogue()))
def test_every_state_row_fault_and_error_of_a_data_sheet_is_an_item(component):
    plan = load_catalogue()[component]

    found = component_items(plan)

    assert len(found) == len(set(found))
    charts = charts_of(plan).values()
    assert len(items("state", found)) == sum(len(chart.states) for chart in charts)
    rows = {(chart.name, row.target or "", label_of(row)) for chart in charts for row in chart.transitions}
    assert {(item[2], *item[4:]) for item in items("transition", found)} == rows
    assert {item[2] for item in items("fault", found)} == set(plan.faults)
    assert {item[2] for item in items("error", found)} == {str(code) for code, _ in plan.errors.values()}
    assert all(isinstance(text, str) for item in found for text in item)


def test_a_row_from_every_state_is_one_item_and_one_from_two_states_is_two():
    found = items("transition", component_items(load_catalogue()["ATDome"]))

    assert ("transition", "ATDome", "azimuth_command", ANY, "STOP", "stopMotion") in found
    standby = [item[3] for item in found if item[2] == "summary" and item[5] == "standby"]
    assert standby == ["DISABLED", "FAULT"]


def test_the_steps_of_a_procedure_are_items_also_those_for_failures():
    found = procedure_items(load(STEPS))

    assert [item[2] for item in items("step", found) if item[3] == "begun"] == ["a", "b", "c", "d", "e"]
    assert {item[3] for item in items("step", found)} == {"begun", "done", "failed"}


def test_every_condition_of_a_procedure_is_an_item_true_and_false():
    found = items("condition", procedure_items(load(STEPS)))

    assert [item[2:4] for item in found if item[5] == "true"] == [
        ("a", "wait"),
        ("a", "unless"),
        ("b", "when"),
        ("c", "expect"),
        ("e", "precondition"),
        ("e", "invariant"),
        ("e", "postcondition"),
    ]
    assert {item[5] for item in found} == {"true", "false"}


def test_items_are_the_same_in_another_process():
    code = (
        "from csc import load_catalogue; from procedures.coverage import component_items;"
        "print(component_items(load_catalogue()['OCPS']))"
    )

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert told.strip() == str(component_items(load_catalogue()["OCPS"]))
