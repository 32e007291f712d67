"""Everything from the detector's own images: rendered, corrected, and made into calibrations by plain functions.

The detector knows the truth, the calibrations have to find it out. Nothing here knows a file or a butler.
"""

from __future__ import annotations

import fcntl
import pickle
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from csc.latiss.detector.patterns import patterns
from csc.latiss.detector.recipes import make_exposure
from csc.latiss.detector.rendering import render
from csc.latiss.detector.sensor import Sensor, latiss_sensor
from csc.latiss.images import Exposure
from pipelines.camera import Detector, Geometry, load_camera
from pipelines.combine import IGNORED, CcdReader, CombineSettings, combine
from pipelines.cosmic_rays import repair_cosmic_rays
from pipelines.defects import Defects, measure_defects, merge_defects
from pipelines.image import CcdImage, MaskPlane, RawImage
from pipelines.isr import IsrSettings, correct
from pipelines.linearity import LinearitySettings, Linearizer, solve_linearity
from pipelines.ptc import ExtractSettings, FlatPair, Pair, PhotonTransferCurve, SolveSettings, extract, solve
from pipelines.verify import merge_detectors, merge_exposures, verify_detector
from procedures.verification import Verdict, judge

DETECTOR: Detector = load_camera("LATISS").detectors[0]
MEAN_GAIN = sum(each.gain for each in DETECTOR.amplifiers.values()) / len(DETECTOR.amplifiers)
R = "SDSSr_65mm"
DARK_TIMES = (*(5.0,) * 4, *(15.0,) * 2, *(30.0,) * 16)
"""Of the observatory's scripts, without the discarded one [s]."""
RAMP = (*(round(float(0.2 * (111.03 / 0.2) ** (number / 29)), 2) for number in range(25)), 21.0, 22.0, 22.6, 23.2, 23.8)
"""Exposure times of pairs [s]: those of the weekly curve but for the longest, and some just below saturation."""
LAGS = 5

PLAIN = IsrSettings(do_bias=False, do_dark=False, do_flat=False, do_defect=False)
BIASED = replace(PLAIN, do_bias=True)
DARKENED = replace(BIASED, do_dark=True)
STEPS = {"bias": BIASED, "dark": DARKENED, "flat": replace(DARKENED, do_flat=True)}
"""What verification does to a frame, before defects."""


def biases(number: int, first: int = 1, **changes: Any) -> list[Exposure]:
    return [make_exposure("BIAS", first + each, **changes) for each in range(number)]


def darks(times: Iterable[float] = DARK_TIMES, first: int = 101, **changes: Any) -> list[Exposure]:
    return [make_exposure("DARK", first + n, exposure_time=time, **changes) for n, time in enumerate(times)]


def flats(number: int, first: int = 201, **changes: Any) -> list[Exposure]:
    said = {"exposure_time": 6.0, "filter": R, **changes}
    return [make_exposure("FLAT", first + each, **said) for each in range(number)]


def ramp() -> list[tuple[Exposure, Exposure]]:
    """Return pairs of equal flats."""
    found = [flats(1, 401 + n, exposure_time=float(time))[0] for n, time in enumerate(np.repeat(RAMP, 2))]
    return list(zip(found[::2], found[1::2], strict=True))


def photodiode() -> dict[tuple[int, int], float]:
    """Return the light of each pair of the ramp: the lamp's, with what it flickered."""
    return {
        (first.seq_num, second.seq_num): sum(each.light.lamp + each.light.flicker for each in (first, second))
        for first, second in ramp()
    }


def verdict(stats: dict[Any, Any]) -> Verdict:
    """Judge as the observatory's script does."""
    return judge({str(key): value for key, value in stats.items()}, threshold=8, detectors=1)


def failures(stats: dict[Any, Any]) -> dict[str, set[str]]:
    """Return the amplifiers that failed each kind of test, in any exposure."""
    found: dict[str, set[str]] = {}
    for each in stats.values():
        for line in each.get("FAILURES", ()) if isinstance(each, dict) else ():
            *_, where, test = line.split()
            found.setdefault(test, set()).add(where)
    return found


T = TypeVar("T")
KEPT = 64
"""Images that a laboratory of a small sensor keeps: as many as one of its calibrations is made of, or checked with."""


def product(make: Callable[[Laboratory], T]) -> cached_property[T]:
    """Make a calibration when it is first asked for, by any of the processes that share a shelf."""

    def get(lab: Laboratory) -> T:
        return lab.kept(make.__name__, lambda: make(lab))

    return cached_property(get)


@dataclass
class Laboratory:
    """A sensor, and the calibrations made of its images in the order of the construction guide.

    `shelf` is a folder where calibrations are put down for other processes.
    """

    scale: float
    shelf: Path | None = None

    def kept(self, name: str, make: Callable[[], T]) -> T:
        """Return what lies on the shelf; make it, if it does not."""
        if self.shelf is None:
            return make()
        path = self.shelf / f"{name}.pickle"
        with (self.shelf / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                path.write_bytes(pickle.dumps(make()))
            found: T = pickle.loads(path.read_bytes())
            return found

    @cached_property
    def sensor(self) -> Sensor:
        return latiss_sensor(self.scale)

    @cached_property
    def geometry(self) -> Geometry:
        readout = self.sensor.readout
        return Geometry(**{field: getattr(readout, field) for field in Geometry.__slots__})

    def raw(self, exposure: Exposure, **header: Any) -> RawImage:
        said = {
            "OBSID": exposure.name,
            "IMGTYPE": exposure.image_type,
            "EXPTIME": exposure.exposure_time,
            "DARKTIME": exposure.dark_time,
            "FILTER": exposure.filter,
            "GRATING": exposure.grating,
        }
        return RawImage(header={**said, **header}, geometry=self.geometry, amplifiers=self.rendered(exposure))

    @cached_property
    def rendered(self) -> Callable[[Exposure], dict[str, NDArray[np.int32]]]:
        """Render an exposure; nothing changes the pixels."""

        def rendering(exposure: Exposure) -> dict[str, NDArray[np.int32]]:
            pixels = dict(render(exposure, self.sensor))
            for each in pixels.values():
                each.flags.writeable = False
            return pixels

        return lru_cache(KEPT if self.scale < 0.5 else 0)(rendering)

    def corrected(
        self, exposure: Exposure, settings: IsrSettings, *, header: dict[str, Any] | None = None, **products: Any
    ) -> CcdImage:
        return correct(self.raw(exposure, **(header or {})), DETECTOR, settings, **products)

    # Calibrations, each from its own exposures -------------------------------------------------------------------

    def make_bias(self, exposures: Sequence[Exposure]) -> CcdImage:
        images = [self.corrected(each, PLAIN) for each in exposures]
        return combine([CcdReader(each) for each in images], CombineSettings(threads=1), kind="bias")

    def make_dark(
        self,
        exposures: Sequence[Exposure],
        *,
        weighted: bool = True,
        header: dict[str, Any] | None = None,
        defects: Defects | None = None,
    ) -> CcdImage:
        settings = replace(BIASED, do_defect=True)
        images = []
        for exposure in exposures:
            image = self.corrected(
                exposure, settings, header=header, bias=self.bias, defects=defects or self.first_defects
            )
            repair_cosmic_rays(image, gain=MEAN_GAIN)
            images.append(image)
        how = CombineSettings(threads=1, ignored=IGNORED | MaskPlane.CR, weighted=weighted)
        return combine([CcdReader(each) for each in images], how, kind="dark", scaling="DarkTime")

    def make_flat(self, exposures: Sequence[Exposure]) -> CcdImage:
        settings = replace(DARKENED, do_defect=True)
        given: dict[str, Any] = {"bias": self.bias, "dark": self.dark, "defects": self.first_defects}
        images = [self.corrected(each, settings, **given) for each in exposures]
        return combine(
            [CcdReader(each) for each in images], CombineSettings(threads=1), kind="flat", scaling="MeanStats"
        )

    def find_defects(self, exposures: Sequence[Exposure], settings: IsrSettings, **products: Any) -> Defects:
        def votes() -> Iterable[tuple[str, NDArray[np.bool_]]]:
            for exposure in exposures:
                image = self.corrected(exposure, settings, **products)
                rule = "dark" if exposure.kind == "dark" else "flat"
                yield exposure.kind, measure_defects(image, DETECTOR, rule)

        return merge_defects(votes())

    @product
    def bias(self) -> CcdImage:
        return self.make_bias(biases(20))

    @product
    def first_defects(self) -> Defects:
        """As the first pass of the guide: without dark and flat correction."""
        return self.find_defects([*biases(20), *darks()], BIASED, bias=self.bias)

    @product
    def dark(self) -> CcdImage:
        return self.make_dark(darks())

    @product
    def plain_dark(self) -> CcdImage:
        """The same darks, all of them alike."""
        return self.make_dark(darks(), weighted=False)

    @product
    def flat(self) -> CcdImage:
        return self.make_flat(flats(20))

    @product
    def defects(self) -> Defects:
        """Those of the first pass, and those of flats."""
        settings = replace(BIASED, do_interpolate=False)
        of_flats = self.find_defects(flats(20), settings, bias=self.bias)
        return Defects.from_mask(self.first_defects.mask(self.sensor.shape) | of_flats.mask(self.sensor.shape))

    def make_pairs(self, linearizer: Linearizer | None = None) -> list[FlatPair]:
        settings = replace(
            DARKENED,
            do_defect=True,
            do_interpolate=False,
            do_saturation=False,
            do_standard_statistics=False,
            do_linearize=linearizer is not None,
        )
        given: dict[str, Any] = {"bias": self.bias, "dark": self.dark, "defects": self.defects}
        found = []
        for first, second in ramp():
            one, other = (self.corrected(each, settings, linearizer=linearizer, **given) for each in (first, second))
            pair = Pair(first=first.seq_num, second=second.seq_num, value=first.exposure_time)
            found.append(extract(one, other, pair, DETECTOR, ExtractSettings(lags=LAGS, minimum_pixels=1000)))
        return found

    @product
    def curve(self) -> PhotonTransferCurve:
        return solve(self.make_pairs(), SolveSettings(lags=LAGS))

    @product
    def linearizer(self) -> Linearizer:
        """What a photodiode lets find; LATISS' calibration system has one."""
        return solve_linearity(self.curve, LinearitySettings(kind="Squared"), light=photodiode())

    @product
    def linear_curve(self) -> PhotonTransferCurve:
        """The curve once more, of flats that are linear: the guide's order before the brighter-fatter kernel."""
        return solve(self.make_pairs(self.linearizer), SolveSettings(lags=LAGS))

    # Verification ------------------------------------------------------------------------------------------------

    def verify(
        self, kind: str, exposures: Sequence[Exposure], *, header: dict[str, Any] | None = None, **products: Any
    ) -> dict[Any, Any]:
        """Verify frames as the pipelines do, with the laboratory's calibrations unless others are given."""
        settings = STEPS[kind]
        given: dict[str, Any] = dict(products)
        for name in ("bias", "dark", "flat"):
            if getattr(settings, f"do_{name}") and name not in given:
                given[name] = getattr(self, name)
        if "defects" not in given:
            given["defects"] = self.defects
        if given["defects"] is not None:
            settings = replace(settings, do_defect=True)
        results = {}
        for exposure in exposures:
            image = self.corrected(exposure, settings, header=header, **given)
            number = exposure.day_obs * 100_000 + exposure.seq_num
            results[number] = merge_detectors({DETECTOR.name: verify_detector(image, DETECTOR, kind)})
        return merge_exposures(results, kind)

    # The truth ---------------------------------------------------------------------------------------------------

    @cached_property
    def flaws(self) -> NDArray[np.bool_]:
        """Planted defects."""
        return patterns(self.sensor).flaws.mask(self.sensor.shape)

    def true_gains(self) -> dict[str, float]:
        return {each.name: each.gain for each in self.sensor.readout.amplifiers}

    def true_noises(self) -> dict[str, float]:
        return {each.name: each.read_noise for each in self.sensor.readout.amplifiers}
