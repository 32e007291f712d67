"""ComCam's data service: as LATISS', with a file for each of nine sensors."""

from __future__ import annotations

from csc.comcam.focal_plane import load_focal_plane
from csc.latiss.atoods import ATOODS

__all__ = ["CCOODS"]


class CCOODS(ATOODS):
    """Computes for the data service."""

    camera = "CCCamera"
    header_service = "CCHeaderService"

    def sensors(self) -> tuple[tuple[str, str], ...]:
        """Give raft and sensor of each file that an image has."""
        names = (sensor.header_name.partition("_") for sensor in load_focal_plane().sensors)
        return tuple((raft, sensor) for raft, _, sensor in names)
