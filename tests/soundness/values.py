"""What is drawn for the fields of commands and the parameters of faults."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import strategies as st

from csc import Blueprint, Field, Parameter
from csc.fields import WHOLE
from fsm import Streams
from tests.soundness.stage import SEED

__all__ = ["WRONG", "field_values", "parameter_values"]

NUMBERS = (0.0, 1.0, -1.0, 0.5, 2.5, 10.0, 45.0, 80.0, 120.0, 359.0, -270.0, 600.0, 900.0, 1e5, -1e30)
FLAGS = {"isStandard": (True, True, True, False), "validateOnly": (False, False, False, True)}
"""How the truth values of these names are best."""
COUNTS = (0, 1, 2, 3, 4, 5, 10, 100, 200000, 200001, -1)
WRONG: tuple[Any, ...] = (math.nan, math.inf, -math.inf, None, "many", "", [], [1, 2], {}, 2**70, 10**400, True, 1.5)
NUMERIC: dict[str, tuple[float, ...]] = {
    "expTime": (0.0, 0.5, 2.0, 30.0, 600.0),
    "numImages": (1, 1, 2, 3, 10),
    "numExposures": (1, 2, 3),
    "duration": (0.1, 1.0, 10.0),
    "nClears": (1, 2),
    "location": (1, 2, 2, 3, 4),
    "scriptSalIndex": (200000, 200001, 200002, 7),
    "locationSalIndex": (200000, 200001, 0),
    "salIndices": (200000, 200001, 200002, 7),
    "length": (1, 2, 3, 0),
    "blockSize": (1, 2, 0),
    "power": (0.0, 800.0, 910.0, 1200.0, 500.0),
    "temperature": (5.0, 20.0, 50.0, -300.0),
    "elDegs": (39.0, 70.0, 85.0, 10.0, 95.0),
    "azDegs": (0.0, 188.7, -200.0, 350.0),
}
"""What the number fields of these names are good for: images that end, scripts that are there."""
WORDS: dict[str, tuple[str, ...]] = {
    "path": ("sleep.py", "sleep.py", "fail.py", "steps.py", "none.py"),
    "config": ("", "", "", "bad"),
    "block": ("", "", "", "BLOCK-1", "BLOCK-x"),
    "id": ("BLOCK-1", "BLOCK-2", "BLOCK-3"),
    "pauseCheckpoint": ("", "", ".*", "two", "("),
    "stopCheckpoint": ("", "", ".*", "two"),
    "pause": ("", ".*", "two"),
    "stop": ("", "three"),
    "groupId": ("", "2026-01-15T13:00:00.000"),
    "keyValueMap": ("imageType: FLAT, groupId: g1", "imageType: BIAS", "", ":"),
    "name": ("", "", "", "x"),
    "axis": ("x", "y", "z", "u", "v", "w", "m1", "m2", "all"),
}
"""What the text fields of these names are good for."""


def field_values(name: str, plan: Blueprint, field: Field) -> st.SearchStrategy[Any]:
    """Return what draws values that a field takes, or may take."""
    one = _one(name, plan, field)
    return one if field.length == 1 or field.type == "string" else st.lists(one, max_size=min(field.length, 4))


def _one(name: str, plan: Blueprint, field: Field) -> st.SearchStrategy[Any]:
    if field.type == "boolean":
        return st.sampled_from(FLAGS.get(field.name, (False, True)))
    if field.type == "string":
        return st.sampled_from(_words(name, plan, field))
    if field.name in NUMERIC:
        return st.sampled_from(NUMERIC[field.name])
    if field.enum is not None:
        return st.sampled_from(sorted(field.enum.values()))
    if field.range is not None:
        low, high = (end / field.scale for end in field.range)
        if field.type in WHOLE:
            return st.integers(math.ceil(low), math.floor(high))
        return st.floats(low, high, allow_nan=False)
    if field.type in WHOLE:
        return st.sampled_from(COUNTS)
    return st.one_of(st.sampled_from(NUMBERS), st.floats(-400.0, 400.0, allow_nan=False))


def _words(name: str, plan: Blueprint, field: Field) -> list[str]:
    """Return texts that mean something to a component, and some that mean nothing."""
    words = [*WORDS.get(field.name, ("", "x"))]
    if field.name == "configurationOverride":
        words += plan.configurations
    if field.name in ("job_id", "prereq_jobs"):
        stream = Streams(SEED).stream(name, "job_id")
        words += [stream.bytes(16).hex() for _ in range(3)]
    for parameter in plan.parameters.values():
        if isinstance(parameter.default, tuple) and field.name == "name":
            words += [item for item in parameter.default if isinstance(item, str)]
    return words


def parameter_values(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Return what draws values within the range of a fault's parameter."""
    default = parameter.default
    if isinstance(default, bool):
        return st.booleans()
    if parameter.choices:
        return st.sampled_from(parameter.choices)
    if parameter.range is None or not isinstance(default, int | float):
        return st.just(default)
    low, high = parameter.range
    if isinstance(default, int):
        return st.integers(math.ceil(low), math.floor(high))
    return st.floats(low, high, allow_nan=False)
