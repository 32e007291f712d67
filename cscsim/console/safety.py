"""What every answer of the server says to a browser, and which pages may speak with it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

__all__ = ["DEBRIEF_HEADERS", "HEADERS", "Doors"]

_SHARED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
HEADERS: Mapping[str, str] = {
    **_SHARED,
    # Mermaid and Ace set styles by themselves; images are drawn as data: and blob: by uPlot and Ace.
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self' blob:; "
        "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
}
"""Of everything that a page is made of."""
DEBRIEF_HEADERS: Mapping[str, str] = {
    **_SHARED,
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""Of a page that stands alone."""


class Doors:
    """Under which names this server may be spoken to, and from which pages.

    Another site's page in the same browser can open a websocket to this machine, and one that has its name resolve to
    it can even read answers: so the Host must be one of ours, and the Origin the same.

    Parameters
    ----------
    host
        Address that it listens at.
    """

    def __init__(self, host: str) -> None:
        self.is_wide = not _is_loopback(host)

    def refusal(self, host: str, origin: str | None) -> str:
        """Say why somebody may not come in; empty if they may."""
        if not self.is_wide and not _is_loopback(_name(host)):
            return f"host {host[:100]}: only this machine may speak to this console"
        if origin is not None and origin.partition("://")[2] != host:
            return f"origin {origin[:100]}: only the console's own page may speak to it"
        return ""


def _name(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if ":" in host else host


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
