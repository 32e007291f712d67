"""Figures and small tables of the explanation, computed by the code they explain."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from csc import Blueprint, load_catalogue
from csc.latiss.detector import Detector, load_detector
from csc.latiss.light import LightPath, alignment_factor, expected_counts, soft_saturation
from fsm import Timeline
from reference_pages.journal import weekly_records
from reference_pages.markdown import GENERATED, code, prose, table
from reference_pages.svg import Plot

__all__ = ["pages"]

FLAT = {"filter": "SDSSr_65mm", "grating": "empty_1"}
EXPOSURE = 6.0
"""The flat by which alignment is judged [s]."""
WELL_LIT = 10_000.0
"""Counts of such a flat that a well lit one exceeds (observatory-ops-docs, weekly calibrations)."""


def pages() -> Iterator[tuple[str, str]]:
    """Yield the figures, and the tables that stand beside them."""
    detector, lamp = load_detector(), load_catalogue()["ATWhiteLight"]
    yield "generated/alignment.svg", _alignment(detector)
    yield "generated/alignment.md", GENERATED + _alignment_table(detector)
    yield "generated/warm_up.svg", _warm_up(lamp)
    yield "generated/saturation.svg", _saturation(detector)
    yield "generated/filters.md", GENERATED + _filters(detector)
    yield "generated/senses.md", GENERATED + _senses()
    yield "generated/records.svg", _records()
    yield "generated/cost.md", GENERATED + _cost()


def counts_of(detector: Detector, offset: float, exposure: float = EXPOSURE) -> float:
    """Return the counts of a flat [adu] when the dome stands `offset` [deg] beside the flat field."""
    screen = detector.screen
    path = LightPath(
        lamp=Timeline(1.0),
        lamp_shutter=Timeline(1.0),
        dome_azimuth=Timeline(screen.dome_azimuth + offset),
        mount_azimuth=Timeline(screen.mount_azimuth),
        mount_elevation=Timeline(screen.mount_elevation),
        m1_cover=Timeline(1.0),
        m3=Timeline(1.0),
        main_door=Timeline(0.0),
        dropout_door=Timeline(0.0),
    )
    return expected_counts(path, detector, **FLAT, shutter_open=(0.0, exposure), dark_time=exposure)


def _alignment(detector: Detector) -> str:
    plot = Plot(
        label="Counts of a 6 s flat in SDSSr against the dome's offset: 29 500 adu aligned, 10 000 adu at 1.5 deg.",
        x=(-4.0, 4.0),
        y=(0.0, 32_000.0),
        x_title="true azimuth of the dome minus 3.0°, in degrees",
        y_title="counts of a 6 s flat in SDSSr [adu]",
        x_ticks=range(-4, 5),
        y_ticks=(0, 10_000, 20_000, 30_000),
    )
    plot.band(-1.5, 1.5, "called aligned: ± 1.5°")
    plot.level(WELL_LIT, "well lit: above 10 000 adu")
    plot.curve(lambda offset: counts_of(detector, offset))
    for offset in (0.5, 2.5):
        plot.mark(offset, counts_of(detector, offset), f"{_adu(counts_of(detector, offset))} at {offset:g}°")
    return plot.text()


def _alignment_table(detector: Detector) -> str:
    rows = []
    for offset in (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0):
        counts = counts_of(detector, offset)
        factor = alignment_factor(offset, detector.screen.alignment_width)
        rows.append((f"{offset:g}°", f"{factor:.3f}", _adu(counts), "yes" if counts > WELL_LIT else "**no**"))
    return table(("dome off by", "alignment factor", "counts of the flat", "above 10 000 adu"), rows)


def _warm_up(lamp: Blueprint) -> str:
    tau = _number(lamp, "brightness_time_constant")
    warm = _number(lamp, "warmup_period")
    plot = Plot(
        label="Brightness of the lamp after it was lit: an exponential that is within 0.3 % of its end after 15 min.",
        x=(0.0, 20.0),
        y=(0.0, 1.1),
        x_title="time since the lamp was lit, in minutes",
        y_title="brightness, 1 when warm at 910 W",
        x_ticks=range(0, 21, 5),
        y_ticks=(0, 0.25, 0.5, 0.75, 1.0),
        height=300,
    )
    plot.band(0.0, warm / 60.0, "WARMUP")
    plot.band(warm / 60.0, 20.0, "ON")
    plot.curve(lambda minutes: -math.expm1(-60.0 * minutes / tau))
    return plot.text()


def _saturation(detector: Detector) -> str:
    levels = detector.levels
    plot = Plot(
        label="Level of a flat in SDSSr against its exposure time: linear up to 25 s, then saturated at 123 000 adu.",
        x=(0.0, 60.0),
        y=(0.0, 140_000.0),
        x_title="exposure time of a flat in SDSSr, in seconds",
        y_title="counts [adu]",
        x_ticks=range(0, 61, 10),
        y_ticks=(0, 40_000, 80_000, 120_000),
        height=300,
    )
    plot.level(levels.saturation, "saturation")
    rate = detector.rate(**FLAT)
    plot.curve(lambda time: soft_saturation(rate * time, levels))
    return plot.text()


def _filters(detector: Detector) -> str:
    times = {"SDSSg_65mm": 6.0, "SDSSr_65mm": 6.0, "SDSSz_65mm": 3.0, "empty": 1.0}
    rows = [
        (
            code(name),
            f"{element.rate:g} adu/s",
            f"{times[name]:g} s: {_adu(element.rate * times[name])}",
            prose(element.source),
        )
        for name, element in detector.filters.items()
        if name in times
    ]
    grating = detector.gratings["SDSSy_65mm"]
    rows.append(
        (code("SDSSy_65mm"), f"{grating.rate:g} adu/s", f"30 s: {_adu(30 * grating.rate)}", prose(grating.source))
    )
    return table(("element", "rate", "weekly flat", "source"), rows)


def _senses() -> str:
    """List what reaches the camera past the bus, and whether it is published as well."""
    catalogue = load_catalogue()
    rows = []
    for sense in catalogue["ATCamera"].senses.values():
        output = catalogue[sense.component].outputs[sense.output]
        told = "yes" if output.topics else "**no**"
        rows.append((code(f"{sense.component}.{sense.output}"), prose(output.meaning), told))
    return table(("output", "meaning", "published"), rows)


def _records() -> str:
    """Draw how many records each minute of a weekly rehearsal has."""
    minutes = Counter(int(record["t"] // 60.0) for record in weekly_records())
    plot = Plot(
        label="Records of the journal in each minute of a weekly rehearsal: many where things happen, none in between.",
        x=(0.0, 120.0),
        y=(0.0, 1000.0),
        x_title="minute of a weekly rehearsal",
        y_title="records of the journal",
        x_ticks=range(0, 121, 20),
        y_ticks=range(0, 1001, 250),
        height=280,
    )
    plot.bars(((minute, min(number, 1000)) for minute, number in sorted(minutes.items())), 1.0)
    plot.note(10.0, 300.0, "the lamp")
    plot.note(10.0, 220.0, "warms up")
    plot.note(105.0, 300.0, "the lamp")
    plot.note(105.0, 220.0, "cools down")
    return plot.text()


def _cost() -> str:
    """Count what a weekly rehearsal consists of."""
    kinds = Counter(record["kind"] for record in weekly_records())
    last = weekly_records()[-1]
    rows = [(code(kind), f"{number:,}".replace(",", " ")) for kind, number in kinds.most_common()]
    rows.append(("**all**", f"{last['n']:,}".replace(",", " ")))
    return f"In {last['t']:,.0f} s of simulated time:\n\n".replace(",", " ") + table(("kind", "records"), rows)


def _number(plan: Blueprint, name: str) -> float:
    value = plan.parameters[name].default
    if not isinstance(value, int | float):
        raise TypeError(f"{plan.component}.{name} is no number")
    return float(value)


def _adu(value: float) -> str:
    return f"{value:,.0f} adu".replace(",", " ")
