"""The bench holds a test to what it declares, so that a fault cannot be covered by name alone."""

from __future__ import annotations

import pytest

from tests.acceptance.faults.bench import Bench, about

STALL = "ATDome.stall"


def test_fault_that_is_declared_and_not_injected_is_noticed() -> None:
    @about(STALL)
    async def scenario(bench: Bench) -> None: ...

    with pytest.raises(AssertionError, match="injects other faults than it declares"):
        scenario()


def test_fault_that_is_injected_and_not_declared_is_noticed() -> None:
    @about()
    async def scenario(bench: Bench) -> None:
        bench.inject(STALL)

    with pytest.raises(AssertionError, match="injects other faults than it declares"):
        scenario()


def test_fault_that_is_left_is_noticed() -> None:
    @about(STALL)
    async def scenario(bench: Bench) -> None:
        bench.inject(STALL)

    with pytest.raises(AssertionError, match="ends with faults left"):
        scenario()


def test_fault_that_is_cured_already_cannot_be_cured_by_hand() -> None:
    @about(STALL)
    async def scenario(bench: Bench) -> None:
        bench.inject(STALL)
        await bench.set_state("ATDome", "DISABLED")
        await bench.set_state("ATDome", "STANDBY")
        bench.by_hand(STALL)

    with pytest.raises(AssertionError, match="nothing to cure"):
        scenario()


def test_arguments_of_a_parametrized_scenario_are_asked_for() -> None:
    seen: list[int] = []

    @about()
    async def scenario(bench: Bench, number: int) -> None:
        seen.append(number)

    scenario(number=3)

    assert seen == [3]
