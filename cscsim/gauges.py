"""What of an observatory is worth a glance: a few machines and outputs, read like instruments on a wall.

A gauge whose component is not in the observatory is not there. Outputs are those that components publish: a gauge
never shows more than an observer can know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

__all__ = ["GAUGES", "Gauge", "Snapshot", "of_snapshot", "read_gauges"]

Snapshot: TypeAlias = Callable[[str, str], Any]
"""Returns the present value of a machine or an output of a component; None if there is none."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """One line on the wall.

    Attributes
    ----------
    label
        What it is about.
    parts
        Words, each followed by a component's machine or output and how to write it.
    """

    label: str
    parts: tuple[tuple[str, str, str, str], ...]


GAUGES = (
    Gauge(
        "lamp",
        (
            ("", "ATWhiteLight", "lamp", "{}"),
            ("", "ATWhiteLight", "set_power", "{:.0f} W"),
            ("shutter", "ATWhiteLight", "shutter", "{}"),
            ("chiller", "ATWhiteLight", "chiller", "{}"),
            ("", "ATWhiteLight", "supply_temperature", "{:.1f} °C"),
        ),
    ),
    Gauge(
        "dome",
        (
            ("azimuth", "ATDome", "azimuth", "{:.1f}°"),
            ("", "ATDome", "azimuth_motion", "{}"),
            ("", "ATDome", "homing", "{}"),
            ("main door", "ATDome", "main_door", "{}"),
        ),
    ),
    Gauge(
        "mount",
        (
            ("azimuth", "ATMCS", "azimuth", "{:.1f}°"),
            ("elevation", "ATMCS", "elevation", "{:.1f}°"),
            ("", "ATMCS", "tracking", "{}"),
            ("M1 cover", "ATPneumatics", "m1_cover", "{}"),
        ),
    ),
    Gauge(
        "LATISS",
        (
            ("", "ATCamera", "rafts", "{}"),
            ("filter", "ATSpectrograph", "filter", "{}"),
            ("grating", "ATSpectrograph", "grating", "{}"),
        ),
    ),
    Gauge(
        "ComCam",
        (
            ("", "CCCamera", "rafts", "{}"),
            ("filter", "CCCamera", "filter", "{}"),
            ("", "CCCamera", "filter_changer", "{}"),
        ),
    ),
)
"""The gauges, from top to bottom."""


def read_gauges(read: Snapshot) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Read every gauge.

    Yields
    ------
    label, readings
        Each reading a word, perhaps empty, and a value as text.
    """
    for gauge in GAUGES:
        readings = [
            (word, form.format(value))
            for word, component, what, form in gauge.parts
            if (value := read(component, what)) is not None and value != ""
        ]
        if readings:
            yield gauge.label, readings


def of_snapshot(components: Mapping[str, Any]) -> Snapshot:
    """Return what reads a report's final components."""

    def read(component: str, what: str) -> Any:
        found = components.get(component)
        if found is None:
            return None
        return found["machines"].get(what, found["outputs"].get(what))

    return read
