"""Where a broker is, as one writes it: ``mqtt://USER:PASSWORD@HOST:PORT``, or ``mqtts://`` with TLS."""

from __future__ import annotations

import ipaddress
import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from fsm import AuthorError, nearest

__all__ = ["CA_FILE", "PASSWORD", "USER", "Address"]

USER, PASSWORD, CA_FILE = "CSCSIM_MQTT_USER", "CSCSIM_MQTT_PASSWORD", "CSCSIM_MQTT_CA_FILE"
"""Environment variables: who connects, unless the address says so, and which authority signs the broker's key."""
_PORTS = {"mqtt": 1883, "mqtts": 8883}
_LOOPBACK_NAMES = ("localhost", "ip6-localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A broker, and as whom to connect.

    Attributes
    ----------
    ca_file
        Certificates of the authorities that are trusted, beside those of the system.
    """

    host: str = "127.0.0.1"
    port: int = 1883
    user: str | None = None
    password: str | None = None
    tls: bool = False
    ca_file: Path | None = None

    @classmethod
    def read(cls, text: str) -> Self:
        """Read an address; what it leaves out is taken from the environment.

        Raises
        ------
        AuthorError
            If it is none; says what is wrong with it.

        Examples
        --------
        >>> Address.read("mqtts://observer@broker.example")
        Address(mqtts://observer@broker.example:8883)
        """
        parts = urlsplit(text if "://" in text else f"mqtt://{text}")
        if parts.scheme not in _PORTS:
            hint = nearest(parts.scheme, _PORTS)
            raise AuthorError(f"{text}: an address begins with mqtt:// or mqtts://", suggestion=hint)
        try:
            port = parts.port
        except ValueError:
            raise AuthorError(f"{text}: a port is a number from 1 to 65535") from None
        if not parts.hostname:
            raise AuthorError(f"{text}: the host is missing; mqtt://127.0.0.1 is this machine")
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise AuthorError(f"{text}: an address ends with its port")
        certificates = os.environ.get(CA_FILE)
        return cls(
            host=parts.hostname,
            port=_PORTS[parts.scheme] if port is None else port,
            user=unquote(parts.username) if parts.username else os.environ.get(USER),
            password=unquote(parts.password) if parts.password else os.environ.get(PASSWORD),
            tls=parts.scheme == "mqtts",
            ca_file=Path(certificates) if certificates else None,
        )

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine, and nobody else hears what is said."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host in _LOOPBACK_NAMES

    def tls_context(self) -> ssl.SSLContext | None:
        """Return what encrypts the connection; None if it is plain.

        Raises
        ------
        AuthorError
            If the file of certificates cannot be read.
        """
        if not self.tls:
            return None
        try:
            return ssl.create_default_context(cafile=None if self.ca_file is None else str(self.ca_file))
        except (OSError, ssl.SSLError) as error:
            raise AuthorError(f"{self.ca_file}: no certificates can be read from it: {error}") from None

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"mqtt{'s' if self.tls else ''}://{user}{host}:{self.port}"

    def __repr__(self) -> str:
        return f"Address({self})"
