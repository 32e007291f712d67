"""Reading calibration products back from plain mappings, lists and numbers: what is wrong is said, and where."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["array", "each", "number", "record", "text"]


def record(data: object, what: str, names: Collection[str]) -> Mapping[str, Any]:
    """Return `data` if it is a mapping with exactly the keys `names`.

    Raises
    ------
    ValueError
        If not; it names what is missing and what is not known.
    """
    found = each(data, what)
    missing, unknown = sorted(set(names) - set(found)), sorted(set(found) - set(names))
    if missing or unknown:
        faults = [
            f"{fault} {', '.join(keys)}" for fault, keys in (("lacks", missing), ("has unknown", unknown)) if keys
        ]
        raise ValueError(f"{what}: {' and '.join(faults)}; it needs {', '.join(names)}")
    return found


def each(data: object, what: str) -> Mapping[str, Any]:
    """Return `data` if it is a mapping by names, else raise a ValueError."""
    if not isinstance(data, Mapping) or not all(isinstance(key, str) for key in data):
        raise ValueError(f"{what}: is {type(data).__name__}; expected a mapping by names")
    return data


def array(data: object, what: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return numbers of the shape, where -1 stands for any length, else raise a ValueError."""
    try:
        found = np.asarray(data, dtype=np.float64)
    except (TypeError, ValueError) as problem:
        raise ValueError(f"{what}: not an array of numbers ({problem})") from problem
    if not found.size and 0 in found.shape and -1 in shape:
        found = found.reshape([0 if length == -1 else length for length in shape])
    if found.ndim != len(shape) or any(want not in (-1, have) for want, have in zip(shape, found.shape, strict=True)):
        expected = " x ".join("any" if length == -1 else str(length) for length in shape)
        raise ValueError(f"{what}: has the shape {found.shape}; expected {expected or 'a single number'}")
    return found


def number(data: object, what: str) -> float:
    """Return a number, else raise a ValueError."""
    if isinstance(data, bool) or not isinstance(data, int | float):
        raise ValueError(f"{what}: is {data!r}; expected a number")
    return float(data)


def text(data: object, what: str, allowed: Collection[str]) -> str:
    """Return one of the `allowed` words, else raise a ValueError."""
    if data not in allowed:
        raise ValueError(f"{what}: is {data!r}; expected one of {', '.join(allowed)}")
    return str(data)
