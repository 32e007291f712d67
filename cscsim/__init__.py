"""The faces people touch: command line, web console, Sphinx extension, pytest plugin; `connect` for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csc.client import Client

__all__ = ["connect"]


def connect(
    address: str = "mqtt://127.0.0.1",
    *,
    observatory: str = "auxtel",
    user: str | None = None,
    password: str | None = None,
    identity: str | None = None,
) -> Client:
    """Connect to an observatory that runs elsewhere.

    ``async with cscsim.connect() as obs: await obs.ATDome.moveAzimuth(azimuth=3)``; in a notebook
    ``obs = await cscsim.connect()``, and ``await obs.close()`` in the end.

    Parameters
    ----------
    address
        Where the broker is: mqtt://HOST, or mqtts://HOST with TLS.
    observatory
        Name of the observatory, or the file that describes it.
    user, password
        Who connects, if neither the address nor the environment says so.
    identity
        Who commands, as others see it; user@host if left out.

    Returns
    -------
    Client
        With ``async with`` or ``await`` it connects.

    Raises
    ------
    OperatorError
        On connecting: if there is no broker, or the observatory is not there.
    AuthorError
        If the address is none, or there is no such observatory.
    """
    from dataclasses import replace

    from csc.bus.mqtt import Address
    from csc.client import Client
    from cscsim.locate import open_site

    place = Address.read(address)
    if user is not None:
        place = replace(place, user=user, password=password)
    return Client(place, open_site(observatory).sheet, identity=identity)
