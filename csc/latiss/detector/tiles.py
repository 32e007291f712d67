"""Images of one shape as compressed units of a FITS file: RICE_1, one row a tile, 32-bit integers.

All of them are compressed in one go, as one tall image, whose rows are then dealt out: what astropy does for each unit
takes longer than to compress it. The bytes are those that astropy writes for each image alone.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["compressed_units"]

_CARD, _BLOCK = 80, 2880


def compressed_units(images: Sequence[NDArray[np.int32]], headers: Iterable[str]) -> Iterator[bytes]:
    """Yield the units of images, header and data, each as long as a file has it.

    Parameters
    ----------
    images
        One at least, all of one shape (rows, columns).
    headers
        Cards of each image, of 80 signs each.
    """
    rows = len(images[0])
    cards, table, heap = _compressed(np.concatenate(images))
    for number, header in enumerate(headers):
        own = table[number * rows : (number + 1) * rows]
        begin, end = int(own[0, 1]), int(own[-1].sum())
        places = np.stack([own[:, 0], own[:, 1] - begin], axis=1).astype(">i4")
        said = {
            "NAXIS2": _card("NAXIS2", rows, "number of rows in table"),
            "PCOUNT": _card("PCOUNT", end - begin, "number of group parameters"),
            "TFORM1": _card("TFORM1", f"1PB({own[:, 0].max()})", ""),
            "ZNAXIS2": _card("ZNAXIS2", rows, ""),
        }
        text = "".join(said.get(card[:8].rstrip(), card) for card in cards) + header + "END".ljust(_CARD)
        yield _filled(text.encode("ascii"), b" ")
        yield _filled(places.tobytes() + heap[begin:end], b"\0")


def _compressed(image: NDArray[np.int32]) -> tuple[list[str], NDArray[np.int32], bytes]:
    """Return the cards of a compressed image, length and place of each row, and the rows."""
    from astropy.io import fits

    file = io.BytesIO()
    unit = fits.CompImageHDU(data=image, compression_type="RICE_1", tile_shape=(1, image.shape[1]))
    fits.HDUList([fits.PrimaryHDU(), unit]).writeto(file)
    contents = file.getvalue()
    with fits.open(io.BytesIO(contents), disable_image_compression=True) as units:
        header, place = units[1].header, units[1].fileinfo()["datLoc"]
        cards = [card.image for card in header.cards if card.keyword != "EXTNAME"]
        size = header["NAXIS1"] * header["NAXIS2"]
    table = np.frombuffer(contents, ">i4", size // 4, place).reshape(-1, 2).astype(np.int32)
    return cards, table, contents[place + size :]


def _card(keyword: str, value: str | int, comment: str) -> str:
    from astropy.io import fits

    return str(fits.Card(keyword, value, comment))


def _filled(content: bytes, filler: bytes) -> bytes:
    return content + filler * (-len(content) % _BLOCK)
