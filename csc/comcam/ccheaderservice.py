"""ComCam's header service: as LATISS', for another camera."""

from __future__ import annotations

from csc.latiss.atheaderservice import ATHeaderService

__all__ = ["CCHeaderService"]


class CCHeaderService(ATHeaderService):
    """Computes for the header service."""

    camera = "CCCamera"
