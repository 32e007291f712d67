"""Rice-compressed pixels of raw images, decoded by a compiled function where there is a compiler.

astropy decodes tile by tile, and spends most of the time between the tiles: a raw image has one in each row.

References
----------
FITS Standard 4.0, sections 10.1.3 and 10.4.1: the table of tiles, and the code of each.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["decode_rows", "is_plain_rice", "prepare"]

_COLUMN = ("COMPRESSED_DATA", "1PB")
_WORD = 32
_SPLIT_BITS = 5
_UNSPLIT = 25
"""Code of a block whose differences stand there as they are."""


def is_plain_rice(header: Any) -> bool:
    """Tell whether a table of tiles is what the cameras write: rows of 32-bit integers, all of them compressed."""
    found = {header.get(f"ZNAME{number}"): header.get(f"ZVAL{number}") for number in (1, 2)}
    return (
        find_spec("numba") is not None
        and header.get("ZCMPTYPE") == "RICE_1"
        and header.get("TFIELDS") == 1
        and (header["TTYPE1"], header["TFORM1"][:3]) == _COLUMN
        and (header["ZNAXIS"], header["ZBITPIX"], found.get("BYTEPIX", 4)) == (2, _WORD, _WORD // 8)
        and (header["ZTILE1"], header["ZTILE2"]) == (header["ZNAXIS1"], 1)
        and header.get("THEAP", header["NAXIS1"] * header["NAXIS2"]) == header["NAXIS1"] * header["NAXIS2"]
        and "ZBLANK" not in header
    )


def decode_rows(data: bytes, header: Any) -> NDArray[np.int32]:
    """Return the pixels of a table of tiles, shape (rows, columns).

    Parameters
    ----------
    data
        Bytes of the table with its heap.
    header
        Keywords of the table, for which `is_plain_rice` holds.

    Raises
    ------
    ValueError
        If a tile ends early, or lies beyond the heap; it names the row.
    """
    rows, columns = int(header["ZNAXIS2"]), int(header["ZNAXIS1"])
    found = {header.get(f"ZNAME{number}"): header.get(f"ZVAL{number}") for number in (1, 2)}
    places = np.frombuffer(data, ">i4", 2 * rows).astype(np.int64).reshape(rows, 2)
    heap = np.frombuffer(data, np.uint8)[rows * int(header["NAXIS1"]) :]
    pixels = np.empty((rows, columns), np.int32)
    broken = _compile()(heap, places, int(found.get("BLOCKSIZE", 32)), pixels)
    if broken >= 0:
        raise ValueError(f"row {broken} ends early")
    return pixels


def prepare() -> None:
    """Load the compiled function, or compile it, where there is a compiler; the first image does so otherwise."""
    if find_spec("numba") is not None:
        _compile()


@cache
def _compile() -> Callable[..., int]:
    numba: Any = import_module("numba")
    heap = numba.types.Array(numba.uint8, 1, "C", readonly=True)
    signature = numba.int64(heap, numba.int64[:, ::1], numba.int64, numba.int32[:, ::1])
    compiled: Callable[..., int] = numba.njit(signature, nogil=True, cache=True, error_model="numpy")(_kernel)
    return compiled


def _kernel(heap: Any, places: Any, block: int, pixels: Any) -> int:
    """Fill pixels; return the first row that cannot be decoded, -1 if there is none.

    `bits` low bits of `word` are still to be read; beyond the end of a tile nothing but zeros follows, and that it was
    needed is found out afterwards.
    """
    rows, columns = pixels.shape
    one = np.uint64(1)
    for row in range(rows):
        length, place = places[row]
        end = place + length
        if place < 0 or length < 4 or end > heap.size:
            return row
        last = np.int64(0)
        for _ in range(4):
            last = (last << 8) | np.int64(heap[place])
            place += 1
        last = ((last + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        bits: Any = 0
        word, done = np.uint64(0), 0
        while done < columns:
            while bits <= 56:
                word = (word << np.uint64(8)) | np.uint64(heap[place] if place < end else 0)
                bits, place = bits + 8, place + 1
            bits -= _SPLIT_BITS
            split = np.int64((word >> np.uint64(bits)) & np.uint64(31)) - 1
            for _ in range(min(block, columns - done)):
                if split >= 0:
                    while bits <= 56:
                        word = (word << np.uint64(8)) | np.uint64(heap[place] if place < end else 0)
                        bits, place = bits + 8, place + 1
                    high, wanted = np.int64(0), np.int64(_WORD)
                    if split != _UNSPLIT:
                        wanted = split
                        bits -= 1
                        while (word >> np.uint64(bits)) & one == 0:
                            high += 1
                            if bits == 0:
                                if place > end:
                                    return row
                                word, bits = np.uint64(heap[place] if place < end else 0), 8
                                place += 1
                            bits -= 1
                        while bits < wanted:
                            word = (word << np.uint64(8)) | np.uint64(heap[place] if place < end else 0)
                            bits, place = bits + 8, place + 1
                    bits -= wanted
                    rest = np.int64((word >> np.uint64(bits)) & ((one << np.uint64(wanted)) - one))
                    code = np.int64((high << wanted) | rest) if split != _UNSPLIT else rest
                    last += ~(code >> 1) if code & 1 else code >> 1
                    last = ((last + 0x80000000) & 0xFFFFFFFF) - 0x80000000
                pixels[row, done] = last
                done += 1
        if place - bits // 8 > end:
            return row
    return -1
