"""How pixels of one image vary together: covariances by the distance of the pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft

__all__ = ["covariances"]


def covariances(
    image: NDArray[np.float64], good: NDArray[np.bool_], lags: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the covariances of the good pixels, from Fourier transforms.

    Lags (dy, dx) and (dy, -dx) are averaged: where the charge goes, left and right are the same.

    Parameters
    ----------
    image
        Pixels, shape (ny, nx), with a mean near 0.
    good
        Pixels that count, of the same shape.
    lags
        Length of the result along either axis: distances 0 to lags - 1 [pixels].

    Returns
    -------
    covariances
        Shape (lags, lags), by row lag, then column lag, in the square of the image's unit; NaN without any pair.
    counts
        Pairs of pixels in each, of the same shape.

    References
    ----------
    Astier et al. 2019, arXiv:1905.08677, appendix A.
    """
    weight = good.astype(np.float64)
    values = np.where(good, image, 0.0)
    rows, columns = (fft.next_fast_len(length + lags - 1, real=True) for length in image.shape)
    size = (rows, columns)
    value_spectrum, weight_spectrum = fft.rfft2(values, size), fft.rfft2(weight, size)

    def correlation(first: NDArray[np.complex128], second: NDArray[np.complex128]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = fft.irfft2(first.conj() * second, size)
        return found

    def quadrant(plane: NDArray[np.float64], sign: int) -> NDArray[np.float64]:
        """Return lags (dy, sign dx); negative ones stand at the far end of a row."""
        found: NDArray[np.float64] = plane[:lags][:, sign * np.arange(lags)]
        return found

    def opposite(plane: NDArray[np.float64], sign: int) -> NDArray[np.float64]:
        """Return lags (-dy, -sign dx)."""
        found: NDArray[np.float64] = plane[-np.arange(lags)][:, -sign * np.arange(lags)]
        return found

    products = correlation(value_spectrum, value_spectrum)
    pairs = correlation(weight_spectrum, weight_spectrum)
    sums = correlation(value_spectrum, weight_spectrum)
    total, count = np.zeros((lags, lags)), np.zeros((lags, lags))
    for sign in (1, -1):
        number = np.rint(quadrant(pairs, sign))
        with np.errstate(invalid="ignore", divide="ignore"):
            found = quadrant(products, sign) / number
            found -= quadrant(sums, sign) * opposite(sums, sign) / number**2
        total += found
        count += number
    # Along either axis both signs are the same pairs of pixels.
    count[0, :] /= 2.0
    count[:, 0] /= 2.0
    count[0, 0] *= 2.0
    return total / 2.0, count
