"""What is said of procedures before they run is so in 300 rehearsals from random beginnings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.procedures.checking.soundness import compare_random

RUNS, TOGETHER = 300, 20


@pytest.mark.parametrize("first", range(0, RUNS, TOGETHER))
def test_nothing_that_was_said_is_contradicted_by_what_is_seen(first: int, tmp_path: Path) -> None:
    compared = [compare_random(seed, tmp_path) for seed in range(first, first + TOGETHER)]

    wrong = [
        f"seed {first + number}, {each.procedure}: {text}"
        for number, each in enumerate(compared)
        for text in each.contradictions
    ]
    assert wrong == []
    assert sum(each.compared for each in compared) > 30
    assert sum(each.exhausted for each in compared) > TOGETHER / 2
