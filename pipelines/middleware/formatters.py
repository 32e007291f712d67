"""How a butler reads and writes our datasets.

RawImage      FITS as the camera wrote it; never written
CcdImage      FITS with mask and variance; the parameter `rows` reads some of its rows
Ccd...        a calibration product of plain values, as JSON through its `as_dict` and `from_dict`
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol, Self, cast

from lsst.daf.butler import DatasetProvenance, FormatterV2
from lsst.resources import ResourcePath

from pipelines.image import CcdImage
from pipelines.middleware.ccd_fits import CcdRows, read_ccd, read_ccd_header, write_ccd
from pipelines.middleware.raw_fits import read_raw, read_raw_header

__all__ = ["CcdImageFormatter", "Product", "ProductFormatter", "RawImageFormatter"]


_CCD_PARTS: Mapping[str | None, Callable[[str], Any]] = {
    None: read_ccd,
    "rows": CcdRows,
    "header": read_ccd_header,
    "metadata": read_ccd_header,
}


class Product(Protocol):
    """A calibration product of plain values."""

    def as_dict(self) -> dict[str, Any]:
        """Return it as text, numbers, lists and mappings."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return it from what `as_dict` gave; ValueError says what is wrong."""


class RawImageFormatter(FormatterV2):
    """Raw images, and their component `header`."""

    default_extension = ".fits"
    supported_extensions = frozenset({".fits", ".fits.fz", ".fits.gz"})
    can_read_from_local_file = True

    def read_from_local_file(self, path: str, component: str | None = None, expected_size: int = -1) -> Any:
        """Read the image, or only its header."""
        return read_raw_header(path) if component == "header" else read_raw(path)


class CcdImageFormatter(FormatterV2):
    """Assembled images, and their components `rows`, and `header` or `metadata`, which are the same."""

    default_extension = ".fits"
    supported_extensions = frozenset({".fits"})
    can_read_from_local_file = True

    def read_from_local_file(self, path: str, component: str | None = None, expected_size: int = -1) -> Any:
        """Read the image, or a part of it."""
        return _CCD_PARTS[component](path)

    def write_local_file(self, in_memory_dataset: Any, uri: ResourcePath) -> None:
        """Write the image."""
        write_ccd(in_memory_dataset, uri.ospath)

    def add_provenance(self, in_memory_dataset: Any, /, *, provenance: DatasetProvenance | None = None) -> CcdImage:
        """Return the image with its place in the butler among its keywords."""
        ref = self.dataset_ref
        place = {
            "LSST BUTLER ID": str(ref.id),
            "LSST BUTLER RUN": ref.run,
            "LSST BUTLER DATASETTYPE": ref.datasetType.name,
        }
        image = cast(CcdImage, in_memory_dataset)
        return replace(image, header={**image.header, **place})


class ProductFormatter(FormatterV2):
    """Calibration products of plain values."""

    default_extension = ".json"
    supported_extensions = frozenset({".json"})
    can_read_from_local_file = True

    def read_from_local_file(self, path: str, component: str | None = None, expected_size: int = -1) -> Any:
        """Read the product."""
        kind = cast(type[Product], self.file_descriptor.storageClass.pytype)
        with open(path, encoding="utf-8") as file:
            try:
                return kind.from_dict(json.load(file))
            except ValueError as error:
                raise ValueError(f"{path}: no {kind.__name__} ({error})") from error

    def to_bytes(self, in_memory_dataset: Any) -> bytes:
        """Return the product as JSON."""
        return json.dumps(cast(Product, in_memory_dataset).as_dict(), indent=1).encode()
