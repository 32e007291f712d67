"""Images as evidence: what conditions may ask of them, as in ``last(flat, filter=SDSSr_65mm).counts``.

A kind that no camera takes, a field that no image has, or a filter that no wheel ever held is a mistake when
a file is read, not a question that is never answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from fsm import Flag, Name, Quantity, Subject, Text, Value, nearest

__all__ = ["EVIDENCE", "KINDS", "describe_evidence", "suggest_evidence"]

EVIDENCE: Mapping[str, Subject] = {
    "counts": Quantity("adu"),
    "exposure_time": Quantity("s"),
    "dark_time": Quantity("s"),
    "saturated": Flag(),
    "filter": Text(),
    "grating": Text(),
    "name": Text(),
    "image_type": Text(),
    "reason": Text(),
    "program": Text(),
    "group_id": Text(),
    "seq_num": Quantity(None),
    "day_obs": Quantity(None),
}
"""Fields of an image: asked for after the parentheses, or demanded inside them."""

KINDS = (
    "bias", "dark", "flat", "object", "engtest", "acq", "cwfs", "focus", "stuttered", "indome", "cbp", "sflat",
    "dflat", "spot",
)  # fmt: skip
"""Image types (lsst-ts/ts_observatory_control: python/lsst/ts/observatory/control/base_camera.py)."""

FUNCTIONS = ("last", "count")


def describe_evidence(name: Name) -> Subject | None:
    """Say what may be asked of a name with a function; None if there is no such name."""
    if name.function not in FUNCTIONS or any(not _known(key, value) for key, value in name.arguments):
        return None
    if name.function == "count":
        return Quantity(None) if not name.parts else None
    return EVIDENCE.get(name.parts[0]) if len(name.parts) == 1 else None


def suggest_evidence(name: Name) -> str | None:
    """Return the name with its wrong words replaced by the nearest valid ones."""
    arguments = tuple(_mended(key, value) for key, value in name.arguments)
    parts = tuple(nearest(part, EVIDENCE) or part for part in name.parts)
    function = nearest(name.function or "", FUNCTIONS) or "last"
    mended = replace(name, parts=parts, function=function, arguments=arguments)
    return str(mended) if describe_evidence(mended) is not None else None


def _known(key: str, value: object) -> bool:
    return (key == "kind" or key in EVIDENCE) and (not isinstance(value, str) or value in _words(key, value))


def _mended(key: str, value: Value | Name) -> tuple[str, Value | Name]:
    if key != "kind" and key not in EVIDENCE:
        key = nearest(key, EVIDENCE) or key
    if isinstance(value, str) and value not in _words(key, value):
        value = nearest(value, _words(key, value)) or value
    return key, value


def _words(key: str, value: str) -> Iterable[str]:
    """Return the words that may stand for a key; `value` itself where any may."""
    if key == "kind":
        return KINDS
    if key in ("filter", "grating"):
        from csc.latiss.detector import element_name

        elements = _elements(key)
        return (value,) if element_name(value) in elements else elements
    return (value,)


def _elements(wheel: str) -> frozenset[str]:
    """Return the filters that any camera has, or its gratings."""
    from csc.comcam.focal_plane import load_focal_plane
    from csc.latiss.detector import load_detector

    detector = load_detector()
    return frozenset(detector.gratings if wheel == "grating" else {**detector.filters, **load_focal_plane().filters})
