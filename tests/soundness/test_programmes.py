"""Whatever is done to a component and its neighbours, in whatever order: it stays sound.

The folder mirrors no package: what is tested here is what all components share, each among its neighbours.
"""

from __future__ import annotations

import pytest

from tests.soundness.cast import everybody
from tests.soundness.hunt import hunt

EXAMPLES = 100
"""Of each component; `make soak` plays 20 000."""


@pytest.mark.parametrize("who", everybody())
def test_any_programme_leaves_a_component_sound(who: str) -> None:
    hunt(who, EXAMPLES)
