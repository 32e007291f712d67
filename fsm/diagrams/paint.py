"""The colours of drawings: each means one thing, whatever the format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["PAINTS", "Paint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paint:
    """How a box or an arrow is painted; colours as ``#rrggbb``.

    Attributes
    ----------
    thick
        Whether the line is a heavy one.
    dashed
        Whether the line is broken.
    """

    fill: str = "#ffffff"
    line: str = "#333333"
    ink: str = "#000000"
    thick: bool = False
    dashed: bool = False


PAINTS: Mapping[str, Paint] = MappingProxyType(
    {
        "plain": Paint(fill="#ececff", line="#7a6fb0"),
        "elsewhere": Paint(line="#777777", dashed=True),
        "frame": Paint(line="#9a9aad"),
        "note": Paint(fill="#fff8dc", line="#b8a65a"),
        "arrow": Paint(),
        "fault": Paint(fill="#fbe3e0", line="#a4262c"),
        "by_fault": Paint(line="#a4262c", ink="#a4262c", dashed=True),
        "by_cure": Paint(line="#2e7d32", ink="#2e7d32", dashed=True),
        "present": Paint(fill="#ffe08a", line="#7a5c00", thick=True),
        "unseen": Paint(fill="#f7f7f7", line="#c4c4c4", ink="#8a8a8a"),
        "step": Paint(fill="#eef3fb", line="#5b7aa8"),
        "order": Paint(fill="#e6e6ea", line="#6a6a78"),
        "wait": Paint(fill="#e6f4f1", line="#3b8579"),
        "condition": Paint(fill="#fdf3d8", line="#a98019"),
        "person": Paint(fill="#f6e6f7", line="#8a4f91"),
        "call": Paint(fill="#e4eefc", line="#2b5fa5"),
    }
)
"""What a colour says: `present` is where something is now, `unseen` what a journal never visited."""
