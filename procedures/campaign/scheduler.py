"""The scheduler of a cluster of `dask.distributed`: its address, and the way to it.

Who is there is asked before a client is begun: what answers at an address may be anything, or nothing.
"""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fsm import AuthorError

if TYPE_CHECKING:
    from distributed import Client, Security

__all__ = ["CONNECT", "connect_to", "read_address"]

CONNECT = 5.0
"""How long a scheduler may take to answer [real s]."""

_FILE = "scheduler-file:"
_TALKATIVE = ("distributed", "distributed.client", "distributed.core", "distributed.utils")
"""Loggers that are silenced: what matters is told by the errors here."""


def read_address(text: str) -> str:
    """Return the address of a scheduler; the one that its file says if it is ``scheduler-file:PATH``.

    Raises
    ------
    AuthorError
        If it is written otherwise, or the file cannot be read.

    >>> read_address("tcp://127.0.0.1:8786")
    'tcp://127.0.0.1:8786'
    """
    if text.startswith(_FILE):
        path = Path(text.removeprefix(_FILE))
        try:
            return str(json.loads(path.read_text(encoding="utf-8"))["address"])
        except OSError as error:
            hint = f"a scheduler writes it: dask scheduler --scheduler-file {path}"
            raise AuthorError(f"cannot be read: {error.strerror}; {hint}", file=str(path)) from error
        except (ValueError, KeyError, TypeError) as error:
            raise AuthorError("is no file of a scheduler: it has no address", file=str(path)) from error
    if not text.startswith(("tcp://", "tls://")) or ":" not in text[6:]:
        raise AuthorError(f"{text} is no address of a scheduler; write tcp://HOST:PORT, tls://HOST:PORT or {_FILE}PATH")
    return text


def connect_to(address: str, timeout: float) -> Client:
    """Return a client of a scheduler.

    Parameters
    ----------
    timeout
        How long the scheduler may take to answer [real s].

    Raises
    ------
    AuthorError
        If there is none, or `distributed` is not installed; says what would help.
    """
    try:
        from distributed import Client, Security
    except ImportError as error:
        raise AuthorError(f"--dask needs a package that is not here ({error}): pip install 'cscsim[dask]'") from error
    for logger in _TALKATIVE:
        logging.getLogger(logger).setLevel(logging.CRITICAL)
    security = Security()
    if address.startswith("tls://") and security.get_connection_args("client").get("ssl_context") is None:
        raise AuthorError(f"{address} needs certificates: name them in Dask's configuration, distributed.comm.tls")
    try:
        identity = asyncio.run(asyncio.wait_for(_identity(address, security), timeout))
    except Exception as error:  # whatever may answer there
        raise AuthorError(
            f"no scheduler answers at {address} within {timeout:g} s{_because(error)}; start one with "
            f"`dask scheduler`, and workers with `dask worker {address} --nworkers 2 --nthreads 1`"
        ) from error
    if identity.get("type") != "Scheduler":
        raise AuthorError(f"at {address} is a {str(identity.get('type')).lower()}, not a scheduler")
    return Client(address, timeout=timeout, set_as_default=False, name="cscsim", security=security)


async def _identity(address: str, security: Security) -> dict[str, Any]:
    """Ask who is there, before anything is begun that would have to be ended."""
    from distributed.core import rpc

    async with rpc(address, connection_args=security.get_connection_args("client")) as there:
        found: dict[str, Any] = await there.identity()
        return found


def _because(error: Exception) -> str:
    return "" if isinstance(error, TimeoutError) else f" ({error.__cause__ or error})"
