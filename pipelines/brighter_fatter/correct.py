"""Putting charge back where it would have been, had charge not repelled it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft

__all__ = ["correct"]

Array = NDArray[np.float64]

_STRIP = 32


def correct(
    image: NDArray[np.float32], kernel: Array, *, passes: int = 10, settled: float = 1000.0
) -> NDArray[np.float32]:
    """Return the image corrected for the brighter-fatter effect.

    The image I that would have been is what was seen plus div(I grad(K * I)) / 2, K being the kernel; as I stands on
    both sides, it is found in passes. Borders of half a kernel are left as they are.

    Parameters
    ----------
    image
        [electron], shape (ny, nx). Pixels that are not finite count as the median of the others and stay as they are.
    kernel
        [pixel2/electron], shape (n, n), n odd.
    passes
        At most.
    settled
        Passes end when the changes of all pixels add up to less [electron].

    Raises
    ------
    ValueError
        If the kernel is no odd square, or the image is smaller.

    References
    ----------
    Coulton et al. 2018, arXiv:1711.06273, equations 17 to 22.
    """
    size = len(kernel)
    if kernel.shape != (size, size) or not size % 2:
        raise ValueError(f"brighter-fatter kernel: has the shape {kernel.shape}; expected an odd square")
    if min(image.shape) <= size:
        raise ValueError(f"brighter-fatter correction: {image.shape} pixels are too few for a kernel of {size}")
    half = size // 2
    rows, columns = image.shape
    around = (slice(half, half + rows), slice(half, half + columns))
    finite = np.isfinite(image)
    # A constant changes nothing but the precision, which is best around 0.
    level = float(np.median(image[finite])) if finite.any() else 0.0
    seen = np.where(finite, image, level).astype(np.float64)
    found, other = seen.copy(), seen.copy()
    shape = tuple(fft.next_fast_len(length + size - 1, real=True) for length in image.shape)
    # Single precision is enough for what is added, and takes half the time; the sum stays in double precision.
    spectrum = fft.rfft2(kernel.astype(np.float32), shape)
    for _ in range(passes):
        transform = fft.rfft2((found - level).astype(np.float32), shape)
        potential = np.asarray(fft.irfft2(transform * spectrum, shape), dtype=np.float32)[around]
        changed = 0.0
        # Some rows at a time stay in a processor's cache.
        for first in range(half, rows - half, _STRIP):
            last = min(first + _STRIP, rows - half)
            inner = (slice(first, last), slice(half, columns - half))
            wider = (slice(first - 1, last + 1), slice(half - 1, columns - half + 1))
            other[inner] = seen[inner] + _moved(found[wider], potential[wider])
            changed += float(np.abs(other[inner] - found[inner]).sum())
        found, other = other, found
        if changed < settled:
            break
    return np.where(finite, found, image).astype(np.float32)


def _moved(image: Array, potential: NDArray[np.float32]) -> Array:
    """Return half of grad I grad P + I lap P, shape (ny - 2, nx - 2)."""
    laplacian = potential[2:, 1:-1] + potential[:-2, 1:-1] + potential[1:-1, 2:] + potential[1:-1, :-2]
    laplacian -= 4.0 * potential[1:-1, 1:-1]
    found = image[1:-1, 1:-1] * laplacian
    found += (image[2:, 1:-1] - image[:-2, 1:-1]) * (potential[2:, 1:-1] - potential[:-2, 1:-1]) / 4.0
    found += (image[1:-1, 2:] - image[1:-1, :-2]) * (potential[1:-1, 2:] - potential[1:-1, :-2]) / 4.0
    found *= 0.5
    return found
