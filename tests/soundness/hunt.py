"""Looks for a programme that is unsound, and for the shortest one like it."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from tests.soundness.draw import Programme, programmes

__all__ = ["hunt"]


def hunt(who: str, examples: int, *, seed: int | None = None) -> None:
    """Play so many programmes of a component; the same ones each time, or other ones for each seed.

    Raises
    ------
    AssertionError, Exception
        What the shortest unsound programme raised; hypothesis prints the programme.
    """

    def check(programme: Programme) -> None:
        programme.play()

    test = given(programme=programmes(who))(check)
    if seed is not None:
        test = seeded(seed)(test)
    settings(
        max_examples=examples,
        derandomize=seed is None,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )(test)()
