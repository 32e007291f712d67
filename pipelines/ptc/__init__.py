"""Photon transfer curves: from pairs of equal flats to the gain, read noise and turn-off of each amplifier.

`pair_by_value` finds the pairs, `extract` measures each, `solve` fits them all.
"""

from pipelines.ptc.covariances import covariances
from pipelines.ptc.curve import FIT_TYPES, AmplifierCurve, PhotonTransferCurve
from pipelines.ptc.extract import (
    GAIN_CORRECTIONS,
    AmplifierPair,
    ExtractSettings,
    FlatPair,
    extract,
    gain_from_pairs,
    pair_gain,
)
from pipelines.ptc.models import convolution
from pipelines.ptc.pairs import Pair, Pairing, pair_by_number, pair_by_value
from pipelines.ptc.picture import CurvePicture, curve_picture, model_variance
from pipelines.ptc.solve import SolveSettings, noise_disagreements, solve

__all__ = ["FIT_TYPES", "GAIN_CORRECTIONS", "AmplifierCurve", "AmplifierPair", "CurvePicture", "ExtractSettings"]
__all__ += ["FlatPair", "Pair", "Pairing", "PhotonTransferCurve", "SolveSettings", "convolution", "covariances"]
__all__ += ["curve_picture", "extract", "gain_from_pairs", "model_variance", "noise_disagreements", "pair_by_number"]
__all__ += ["pair_by_value", "pair_gain", "solve"]
