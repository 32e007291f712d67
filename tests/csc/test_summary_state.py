from __future__ import annotations

import itertools

import pytest

from csc import AckCode, SummaryState, path_between


@pytest.mark.parametrize(
    ("state", "number"), [("DISABLED", 1), ("ENABLED", 2), ("FAULT", 3), ("OFFLINE", 4), ("STANDBY", 5)]
)
def test_summary_states_have_sals_numbers_and_form(state: str, number: int) -> None:
    assert SummaryState[state] == number
    assert SummaryState[state].as_sal() == f"<State.{state}: {number}>"


def test_final_acknowledgements_are_all_but_two() -> None:
    assert [code for code in AckCode if not code.is_final] == [AckCode.ACK, AckCode.INPROGRESS]
    assert [code for code in AckCode if code.is_final and not code.is_failure] == [AckCode.COMPLETE]


@pytest.mark.parametrize(
    ("present", "target"), list(itertools.product(SummaryState, set(SummaryState) - {SummaryState.FAULT}))
)
def test_a_path_leads_from_state_to_state_without_a_detour(present: SummaryState, target: SummaryState) -> None:
    path = path_between(present, target)
    reached = [present, *(state for _, state in path)]

    assert reached[-1] is target
    assert len(set(reached)) == len(reached)
    assert SummaryState.FAULT not in reached[1:]


def test_the_way_out_of_fault_is_standby() -> None:
    assert [command for command, _ in path_between(SummaryState.FAULT, SummaryState.ENABLED)] == [
        "standby",
        "start",
        "enable",
    ]
