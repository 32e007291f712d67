"""Which exposures a data query names, and which of them a repository does not have.

The middleware leaves out, without a word, what a query names and the repository lacks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lsst.daf.butler import Butler

from pipelines.middleware.errors import RepositoryFault

__all__ = ["named_exposures", "read_exposures", "require_exposures"]

_NAMED = re.compile(r"\bexposure(?:\.id)?\s*(?:IN\s*\(([^)]*)\)|=\s*(\d+))", re.IGNORECASE)


def named_exposures(query: str) -> list[int]:
    """Return the exposures that a query names one by one; ranges name none.

    Examples
    --------
    >>> named_exposures("instrument='LATISS' AND detector IN (0) AND exposure IN (2021012000019, 2021012000020)")
    [2021012000019, 2021012000020]
    """
    parts = (part.strip() for match in _NAMED.finditer(query) for part in (match[1] or match[2]).split(","))
    return [int(part) for part in parts if part.isdecimal()]


def read_exposures(text: str) -> list[int]:
    """Return the exposures of a list with commas or blanks between them, each once, in their order.

    Raises
    ------
    RepositoryFault
        If something in it is no exposure id.

    Examples
    --------
    >>> read_exposures("2021012000020, 2021012000019 2021012000020")
    [2021012000019, 2021012000020]
    """
    words = re.split(r"[\s,]+", text.strip())
    wrong = [word for word in words if not word.isdecimal()]
    if wrong:
        raise RepositoryFault(f"{', '.join(map(repr, wrong))}: no exposure id; expected the form 2021012000019")
    return sorted({int(word) for word in words})


def require_exposures(butler: Butler, instrument: str, exposures: Iterable[int]) -> None:
    """Raise unless the repository has all of the exposures.

    Raises
    ------
    RepositoryFault
        If it lacks some; it names them.
    """
    wanted = sorted(set(exposures))
    if not wanted:
        return
    where = f"exposure IN ({', '.join(map(str, wanted))})"
    found = butler.query_dimension_records("exposure", instrument=instrument, where=where, explain=False, limit=None)
    missing = sorted(set(wanted) - {record.id for record in found})
    if missing:
        raise RepositoryFault(
            f"exposure {', '.join(map(str, missing))} of {instrument} is not in the repository; "
            "ingest it, or leave it out"
        )
