"""What a client says of an image it asks for: the keyValueMap of takeImages and startImage.

Decides how the map is read and how its content is published again. What the camera does with it is the camera's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fsm import Refused

__all__ = ["DARK_TYPES", "ImageRequest", "read_key_value_map"]

DARK_TYPES = frozenset({"BIAS", "DARK"})
"""Image types for which a shutter stays closed, whatever the command says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """The content of a keyValueMap; `image_type` in capitals, `pairs` as written."""

    image_type: str
    group_id: str
    reason: str
    program: str
    pairs: Mapping[str, str]

    @property
    def keys(self) -> str:
        """All keys, as the image's events carry them: separated by colons."""
        return ":".join(self.pairs)

    @property
    def values(self) -> str:
        r"""All values in the same order; a colon within a value is written as ``\:``."""
        return ":".join(value.replace(":", r"\:") for value in self.pairs.values())


def read_key_value_map(text: str) -> ImageRequest:
    r"""Read a keyValueMap.

    Raises
    ------
    Refused
        If a part of it is not ``key: value``, or it names no imageType.

    References
    ----------
    lsst-ts/ts_observatory_control: python/lsst/ts/observatory/control/utils/camera_exposure.py

    Examples
    --------
    >>> flat = read_key_value_map("imageType: FLAT, groupId: 2026-01-15T13:00:00.000, program: BLOCK-295")
    >>> flat.image_type, flat.program, flat.values
    ('FLAT', 'BLOCK-295', 'FLAT:2026-01-15T13\\:00\\:00.000:BLOCK-295')
    """
    pairs: dict[str, str] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        key, colon, value = part.partition(":")
        if not colon or not key.strip():
            raise Refused(f"keyValueMap={text!r}: {part!r} is not of the form key: value")
        pairs[key.strip()] = value.strip()
    image_type = pairs.get("imageType", "").upper()
    if not image_type:
        raise Refused(f"keyValueMap={text!r} names no imageType, such as BIAS, DARK or FLAT")
    return ImageRequest(
        image_type=image_type,
        group_id=pairs.get("groupId", ""),
        reason=pairs.get("reason", ""),
        program=pairs.get("program", ""),
        pairs=pairs,
    )
