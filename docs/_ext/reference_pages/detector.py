"""What is true of the sensors, listed from the data file that pixels are rendered with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

import yaml

from csc.latiss.detector import load_detector
from csc.latiss.detector.rendering import EFFECTS
from csc.latiss.detector.sensor import latiss_sensor
from reference_pages.markdown import GENERATED, code, prose, table

__all__ = ["pages"]

SECTIONS = {
    "response": "How pixels answer to light",
    "defects": "What is wrong with pixels and columns",
    "cosmic_rays": "Cosmic rays",
    "brighter_fatter": "Brighter-fatter effect",
    "transfer": "Transfer of charge",
    "crosstalk": "Crosstalk",
    "nonlinearity": "Nonlinearity",
    "electronics": "Bias and noise",
    "fringes": "Fringes, by band",
}


def pages() -> Iterator[tuple[str, str]]:
    """Yield the list of the effects, and a table of every number of theirs."""
    told = yaml.safe_load((files("csc.latiss.detector") / "truth.yaml").read_text(encoding="utf-8"))
    yield "generated/detector_effects.md", GENERATED + _effects()
    yield "generated/detector_story.md", GENERATED + _story()
    yield "generated/detector_truth.md", GENERATED + "\n".join(_section(told[key], SECTIONS[key]) for key in SECTIONS)


def _effects() -> str:
    rows = []
    for number, effect in enumerate(EFFECTS, 1):
        summary = (effect.__doc__ or "").strip().partition("\n")[0]
        module = effect.__module__.rpartition(".")[2]
        rows.append((str(number), code(effect.__name__), code(f"{module}.py"), prose(summary)))
    return table(("", "effect", "module", "what it does"), rows)


def _story() -> str:
    """Return the amplifiers that LATISS' sensor has a story of, beside what everybody believes."""
    known, true = load_detector().readout.amplifiers, latiss_sensor().readout.amplifiers
    story = latiss_sensor().story
    rows = [
        (
            code(nominal.name),
            f"{nominal.gain:.3f}",
            f"{here.gain:.3f}",
            f"{nominal.read_noise:.1f}",
            f"{here.read_noise:.1f}",
            "a cluster" if nominal.name in story.clusters else "",
        )
        for nominal, here in zip(known, true, strict=True)
        if nominal.name in story.amplifiers or nominal.name in story.clusters
    ]
    heads = ("amplifier", "gain, believed", "gain, true", "read noise, believed", "read noise, true", "unstable pixels")
    return table(heads, rows)


def _section(numbers: Mapping[str, Any], title: str) -> str:
    rows = [
        (code(name), prose(f"{each['value']:g} {each['unit']}".removesuffix(" 1")), prose(each["source"].strip()))
        for name, each in numbers.items()
    ]
    return f"### {title}\n\n" + table(("name", "value", "source"), rows)
