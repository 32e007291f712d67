"""Numbers in the prose of the documentation are those of the data sheets."""

from __future__ import annotations

import pytest

from csc import load_catalogue
from csc.latiss.detector import load_detector
from csc.latiss.detector.effects.electronics import HIGHEST
from csc.latiss.detector.truth import load_truth
from tests.docs.blocks import DOCS

CATALOGUE = load_catalogue()
DETECTOR = load_detector()
TRUTH = load_truth()


def of(component: str, parameter: str) -> float:
    value = CATALOGUE[component].parameters[parameter].default
    assert isinstance(value, int | float)
    return value


def spaced(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ")


WIDTH = DETECTOR.screen.alignment_width
FIELD = DETECTOR.screen.dome_azimuth
SENTENCES = [
    ("explanation/light.md", f"Each turn of the dome adds {of('ATDome', 'slip_per_turn'):g}° of slip"),
    ("explanation/light.md", f"jerks the wheel by some {of('ATDome', 'slip_per_start'):g}°"),
    ("explanation/light.md", f"misses, some {of('ATDome', 'home_scatter'):g}°"),
    ("explanation/light.md", f"calls that azimuth {of('ATDome', 'home_azimuth'):g}°"),
    ("explanation/light.md", f"½ (*d* / {WIDTH:g}°)²), *d* the true azimuth of the dome minus {FIELD:.1f}°"),
    ("explanation/light.md", f"The width of the curve, {WIDTH:g}°"),
    ("explanation/light.md", f"*P* / {of('ATWhiteLight', 'reference_power'):g} W"),
    ("explanation/light.md", f"*t* / {of('ATWhiteLight', 'brightness_time_constant'):g} s)"),
    ("explanation/light.md", f"After {of('ATWhiteLight', 'warmup_period') / 60:g} minutes the brightness"),
    ("explanation/light.md", f"1 within {DETECTOR.screen.pointing_flat:g}° of the screen"),
    ("explanation/light.md", f"0 from {DETECTOR.screen.pointing_edge:g}° on"),
    ("explanation/light.md", f"the last {100 * DETECTOR.levels.roll_off:g} % below saturation"),
    ("explanation/light.md", f"A shot scatters by {100 * DETECTOR.screen.lamp_scatter:g} %"),
    ("explanation/light.md", f"the bias is known to {DETECTOR.levels.bias_residual:g} adu"),
    (
        "explanation/detector.md",
        f"{TRUTH.cosmic_rays.rate:g} a second; straight tracks of {TRUTH.cosmic_rays.charge:g} electrons",
    ),
    ("explanation/detector.md", f"through {TRUTH.cosmic_rays.thickness:g} pixels of silicon"),
    ("explanation/detector.md", f"linear to {100 * (1 - DETECTOR.levels.roll_off):g} %"),
    ("explanation/detector.md", f"The rates of light hold at {spaced(TRUTH.nonlinearity.reference)} adu"),
    ("explanation/detector.md", f"0 to {spaced(HIGHEST)} |"),
    ("explanation/facts-and-choices.md", f"{of('ATDome', 'slip_per_turn'):g}° a turn"),
    ("explanation/facts-and-choices.md", f"a Gaussian of {WIDTH:g}°"),
    ("explanation/facts-and-choices.md", f"the lamp's {of('ATWhiteLight', 'warmup_period') / 60:g} minutes"),
    (
        "explanation/facts-and-choices.md",
        f"exponentials of {of('ATWhiteLight', 'chiller_time_constant') / 60:g}"
        f" and {of('ATWhiteLight', 'standby_time_constant') / 60:g} minutes",
    ),
    ("tutorial/first-rehearsal.md", f"must warm up for {of('ATWhiteLight', 'warmup_period') / 60:g} minutes"),
    ("tutorial/first-rehearsal.md", f"dome at {FIELD:g}°"),
    ("tutorial/first-rehearsal.md", f"telescope at {DETECTOR.screen.mount_azimuth:g}° of azimuth"),
    ("tutorial/slipped-encoder.md", f"{spaced(round(6 * DETECTOR.rate('SDSSr_65mm', 'empty'), -2))} is what is normal"),
]


@pytest.mark.parametrize(("page", "sentence"), SENTENCES, ids=[sentence for _, sentence in SENTENCES])
def test_a_number_in_a_sentence_is_that_of_the_code(page, sentence):
    assert sentence in (DOCS / page).read_text(encoding="utf-8")
