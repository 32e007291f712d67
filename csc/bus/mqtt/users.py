"""The users of a broker: a file that says who they are, and what they may do.

::

    users:
      ann: {role: operate, password: $7$10000$...$...}

A password is kept as mosquitto keeps it (PBKDF2 with SHA-512), so one line serves both brokers.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from csc.bus.mqtt.roles import Role, check_user_name
from fsm import AuthorError, AuthorErrors, load_document, nearest

__all__ = ["User", "hashed", "is_password", "load_users", "password_file", "user_line"]

_ROUNDS = 10_000  # chosen here: to log in takes 10 ms of a processor; mosquitto_passwd itself does 101
_SALT_LENGTH = 12  # mosquitto 2.0 reads no other [bytes]
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.@-]*")
_NO_TEXTS = ("true", "false", "yes", "no", "on", "off", "y", "n", "null")  # what YAML takes for something else
_HASH = re.compile(r"\$7\$(?P<rounds>[1-9][0-9]{0,6})\$(?P<salt>[A-Za-z0-9+/=]+)\$(?P<hash>[A-Za-z0-9+/=]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One who may connect.

    Attributes
    ----------
    password
        Its hash, as `hashed` makes it.
    """

    role: Role
    password: str


def hashed(password: str) -> str:
    """Return what is kept of a password; another salt each time.

    References
    ----------
    eclipse-mosquitto/mosquitto, apps/mosquitto_passwd: ``$7$rounds$salt$hash``, both in base 64.
    """
    salt = os.urandom(_SALT_LENGTH)
    derived = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ROUNDS)
    return f"$7${_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(derived).decode()}"


_NOBODY = f"$7${_ROUNDS}$AAAAAAAAAAAAAAAA${'A' * 86}=="


def is_password(password: str, kept: str | None) -> bool:
    """Tell whether a password is the one that was hashed; with None, of nobody, takes as long and is false."""
    match = _HASH.fullmatch(kept or _NOBODY)
    if match is None:
        return False
    salt, expected = base64.b64decode(match["salt"]), base64.b64decode(match["hash"])
    derived = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, int(match["rounds"]))
    return hmac.compare_digest(derived, expected) and kept is not None


def load_users(path: Path) -> dict[str, User]:
    """Read a file of users.

    Raises
    ------
    AuthorErrors
        With every mistake of the file.
    """
    document = load_document(path, name=path.name)
    data = document.data
    entries = data.get("users") if isinstance(data, dict) and set(data) == {"users"} else None
    if not isinstance(entries, dict) or not entries:
        raise AuthorErrors([AuthorError("a mapping with `users` is expected: each by name", file=path.name, line=1)])
    users: dict[str, User] = {}
    errors: list[AuthorError] = []
    for name, entry in entries.items():
        try:
            users[str(name)] = _user(str(name), entry)
        except AuthorError as error:
            place = document.position(("users", name))
            errors.append(AuthorError.at(place, error.message, suggestion=error.suggestion))
    if errors:
        raise AuthorErrors(errors)
    return users


def _user(name: str, entry: object) -> User:
    check_user_name(name)
    if not isinstance(entry, dict) or set(entry) != {"role", "password"}:
        raise AuthorError(f"{name} has `role` and `password`, and nothing else")
    role, password = str(entry["role"]), str(entry["password"])
    if role not in list(Role):
        raise AuthorError(f"{name}: there is no role {role}; {', '.join(Role)} are", suggestion=nearest(role, Role))
    if not _is_hash(password):
        raise AuthorError(f"{name}: the password is kept as $7$rounds$salt$hash, as mosquitto_passwd writes it")
    return User(role=Role(role), password=password)


def _is_hash(text: str) -> bool:
    match = _HASH.fullmatch(text)
    try:
        return match is not None and len(base64.b64decode(match["hash"], validate=True)) == 64
    except binascii.Error:
        return False


def user_line(name: str, user: User) -> str:
    """Return the line of a user, for a file that `load_users` reads.

    Raises
    ------
    AuthorError
        If the name cannot be that of a user.
    """
    check_user_name(name)
    key = name if _PLAIN.fullmatch(name) and name.lower() not in _NO_TEXTS else f'"{name}"'
    return f"  {key}: {{role: {user.role}, password: {user.password}}}\n"


def password_file(users: Mapping[str, User]) -> str:
    """Return mosquitto's `password_file` for some users."""
    return "".join(f"{name}:{user.password}\n" for name, user in users.items())
