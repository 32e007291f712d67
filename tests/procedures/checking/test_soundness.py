"""What is said of procedures before they run is so in 200 rehearsals from random beginnings; `make soak` has 3000."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.procedures.checking.soundness import compare_random, told

RUNS, TOGETHER = 200, 20


@pytest.mark.parametrize("first", range(0, RUNS, TOGETHER))
def test_nothing_that_was_said_is_contradicted_by_what_is_seen(first: int, tmp_path: Path) -> None:
    seeds = range(first, first + TOGETHER)

    compared = [compare_random(seed, tmp_path) for seed in seeds]

    assert told(seeds, compared) == []
    assert sum(each.compared for each in compared) > 30
    assert sum(each.exhausted for each in compared) > TOGETHER / 2
