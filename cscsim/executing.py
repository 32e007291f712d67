"""Where the runs of a command take place: processes of this machine, or a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cscsim.errors import Complaint

if TYPE_CHECKING:
    from procedures.campaign import DaskCluster, ProcessPool

__all__ = ["cores", "executing", "where_options"]

Function = TypeVar("Function", bound=Callable[..., Any])

_ADDRESS = "tcp://HOST:PORT|scheduler-file:FILE"


def where_options(function: Function) -> Function:
    """Add `--workers` and `--dask` to a command, for what `executing` takes."""
    workers = click.option(
        "--workers", type=click.IntRange(min=1), metavar="N", help="processes; by default one for each core"
    )
    dask = click.option("--dask", metavar=_ADDRESS, help="work on this cluster of dask.distributed")
    return workers(dask(function))


@contextmanager
def executing(workers: int | None, dask: str | None, files: Iterable[str] = ()) -> Iterator[ProcessPool | DaskCluster]:
    """Yield where runs take place.

    Parameters
    ----------
    files
        Paths of what does not come along with cscsim: the workers of a cluster must have the same.

    Raises
    ------
    Complaint
        If it is said twice.
    AuthorError
        If the cluster cannot be used.
    """
    from procedures.campaign import DaskCluster, ProcessPool

    if dask is None:
        with ProcessPool(workers or cores()) as pool:
            yield pool
        return
    if workers is not None:
        raise Complaint("--workers says how many processes work here, --dask that none does; leave one of them out")
    with DaskCluster(dask, files) as cluster:
        yield cluster


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
