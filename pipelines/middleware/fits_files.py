"""What all FITS files here share: opening with clear errors, and headers as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.middleware.errors import FileFault

if TYPE_CHECKING:
    from astropy.io import fits

__all__ = ["cards", "open_fits", "plain"]

_STRUCTURE = frozenset(
    {"SIMPLE", "BITPIX", "NAXIS", "EXTEND", "XTENSION", "PCOUNT", "GCOUNT", "CHECKSUM", "DATASUM", ""}
    | {"COMMENT", "HISTORY"}
)
"""Keywords that describe the file, not the observation."""

_STANDARD_LENGTH = 8


@contextmanager
def open_fits(path: str | Path, *, as_tables: bool = False) -> Iterator[fits.HDUList]:
    """Open a FITS file of which every part is there.

    Parameters
    ----------
    as_tables
        Show compressed images as the tables of tiles that they are in the file.

    Raises
    ------
    FileFault
        If there is no such file, it is no FITS file, or it ends early.
    """
    from astropy.io import fits

    try:
        size = Path(path).stat().st_size
        opened = fits.open(
            path,
            memmap=False,
            ignore_missing_end=False,
            output_verify="ignore",
            disable_image_compression=as_tables,
        )
    except FileNotFoundError:
        raise FileFault(f"{path}: there is no such file") from None
    except OSError as error:
        raise FileFault(f"{path}: not a FITS file ({_first_line(error)})") from error
    with opened as units:
        _require_whole(units, path, size)
        yield units


def plain(header: fits.Header) -> dict[str, Any]:
    """Return a header's keywords as plain values; one that says nothing is None."""
    from astropy.io.fits import Undefined

    return {
        key: None if isinstance(value, Undefined) else value
        for key, value in header.items()
        if key not in _STRUCTURE and not key.startswith("NAXIS")
    }


def cards(header: Mapping[str, Any]) -> fits.Header:
    """Return plain values as a header.

    Names that are long or have blanks become HIERARCH keywords. None and numbers that are not finite, which FITS cannot
    say, become keywords without a value.

    Raises
    ------
    ValueError
        If a value is no text, number or truth value, or too long for its keyword.
    """
    from astropy.io import fits

    made = fits.Header()
    for key, value in header.items():
        standard = len(key) <= _STANDARD_LENGTH and key.replace("-", "").replace("_", "").isalnum() and key.isupper()
        try:
            made[key if standard else f"HIERARCH {key}"] = None if _unspeakable(value) else value
        except ValueError as error:
            raise ValueError(f"header keyword {key!r}: {value!r} cannot be written to a FITS file: {error}") from error
    return made


def _unspeakable(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value - value != 0)


def _require_whole(units: fits.HDUList, path: str | Path, size: int) -> None:
    """Raise unless the file is as long as its headers say."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # astropy says the same, of each unit, without the file's name
        try:
            last = units[len(units) - 1].fileinfo()
        except (OSError, TypeError, KeyError, ValueError) as error:
            raise FileFault(f"{path}: damaged after its first header ({_first_line(error)})") from error
    needed = last["datLoc"] + last["datSpan"]
    if size < needed:
        raise FileFault(f"{path}: truncated: {size} bytes, its headers promise {needed}; fetch it again")


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).partition("\n")[0].rstrip(".")
