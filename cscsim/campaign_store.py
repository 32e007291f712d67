"""Where a campaign's runs are kept if nobody says: a file named after the campaign and all that it tries."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from cscsim.campaign_plan import Plan
from procedures.campaign import Store, world_of

__all__ = ["open_store"]

_FOLDER = Path(".cscsim/campaigns")


def open_store(plan: Plan, name: str | None) -> Store:
    """Open the store of a campaign: the file that is named, or its own.

    Raises
    ------
    AuthorError
        If the file is no store, or cannot be written.
    """
    path = Path(name) if name is not None else _FOLDER / f"{_slug(plan.name)}-{_mark(plan)}.sqlite"
    return Store(path, world_of(plan.sources()))


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", "_", name) or "campaign"


def _mark(plan: Plan) -> str:
    return hashlib.sha256(repr(plan).encode()).hexdigest()[:8]
