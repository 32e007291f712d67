"""LATISS' detector: what is stated of it, and how its pixels come from an exposure's recipe.

What is exported here is the description. Pixels need numpy, files astropy: `rendering` and `raw_file` are imported
where they are used.
"""

from csc.latiss.detector.condition import Condition
from csc.latiss.detector.description import (
    Amplifier,
    Ccd,
    Combination,
    Detector,
    Element,
    Levels,
    Ratio,
    Readout,
    Screen,
    element_name,
    load_detector,
)
from csc.latiss.detector.sky import Sky, Star

__all__ = [
    "Amplifier",
    "Ccd",
    "Combination",
    "Condition",
    "Detector",
    "Element",
    "Levels",
    "Ratio",
    "Readout",
    "Screen",
    "Sky",
    "Star",
    "element_name",
    "load_detector",
]
