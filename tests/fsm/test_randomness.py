from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from fsm import Streams


def numbers(streams: Streams, *name: str) -> list[int]:
    return [int(number) for number in streams.stream(*name).integers(0, 2**62, 8)]


def test_a_stream_is_the_same_for_the_same_seed_and_name() -> None:
    assert numbers(Streams(7), "ATDome", "slip") == numbers(Streams(7), "ATDome", "slip")


@pytest.mark.parametrize(
    ("seed", "name"),
    [(8, ("ATDome", "slip")), (7, ("ATDome", "wind")), (7, ("ATMCS", "slip")), (7, ("ATDome",)), (7, ("ATDomeslip",))],
)
def test_another_seed_or_name_is_another_stream(seed: int, name: tuple[str, ...]) -> None:
    assert numbers(Streams(seed), *name) != numbers(Streams(7), "ATDome", "slip")


def test_the_words_of_a_name_are_not_run_together() -> None:
    streams = Streams(7)

    assert numbers(streams, "AT", "Dome") != numbers(streams, "ATD", "ome")


def test_asking_again_goes_on_with_the_same_stream() -> None:
    streams = Streams(7)

    assert streams.stream("ATDome", "slip") is streams.stream("ATDome", "slip")
    assert numbers(streams, "ATDome", "slip") != numbers(streams, "ATDome", "slip")


def test_adding_a_stream_changes_no_other() -> None:
    alone, crowded = Streams(7), Streams(7)
    expected = numbers(alone, "ATDome", "slip")
    numbers(crowded, "ATMCS", "wind")
    crowded.stream("ATDome", "slip")
    numbers(crowded, "ATCamera", "noise")

    assert numbers(crowded, "ATDome", "slip") == expected


def test_streams_are_independent_of_each_other() -> None:
    streams = Streams(0)
    drawn = np.array([streams.stream("component", str(number)).standard_normal(4000) for number in range(8)])

    correlations = np.corrcoef(drawn) - np.eye(8)

    assert np.abs(correlations).max() < 0.08  # five standard deviations of 1/sqrt(4000)


def test_the_numbers_do_not_depend_on_how_python_hashes() -> None:
    program = "from fsm import Streams; print(Streams(7).stream('ATDome', 'slip').integers(0, 2**62, 8).tolist())"

    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
            timeout=50,
        ).stdout
        for seed in ("0", "1")
    }

    assert printed == {f"{numbers(Streams(7), 'ATDome', 'slip')}\n"}


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="seed must not be negative, got -1"):
        Streams(-1)


def test_who_only_looks_leaves_the_streams_as_they_are():
    looked, plain = Streams(1), Streams(1)
    looked.stream("ATDome", "slip").random()
    plain.stream("ATDome", "slip").random()

    with looked.kept():
        looked.stream("ATDome", "slip").random(5)
        looked.stream("ATDome", "wind").random(5)

    for name in ("slip", "wind"):
        assert looked.stream("ATDome", name).random() == plain.stream("ATDome", name).random()
