"""Who may read and write which topics: one table, from which every broker's checks are made.

The embedded broker asks `may`; mosquitto reads what `acl_file` writes. Neither looks into a message: a component still
refuses a command that is not for its state, and a reply topic that is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, NamedTuple

from csc.bus.mqtt.topics import TopicTree
from fsm import AuthorError

__all__ = ["ANY_OBSERVATORY", "RIGHTS", "Action", "Rights", "Role", "acl_file", "check_user_name", "may"]

Action = Literal["read", "write"]
ANY_OBSERVATORY = TopicTree("+")
"""The topics of whatever observatories a broker carries."""
_USER_NAME = re.compile(r"[A-Za-z0-9_.@-]{1,64}")


class Role(StrEnum):
    """What a user is there for; each may do what the one before it may.

    Attributes
    ----------
    OBSERVE
        Looks on: reads everything, and may ask for telemetry.
    OPERATE
        Commands components.
    INJECT
        Breaks them, too: begins and ends faults.
    STAGE
        The simulators themselves: answer, publish, and tell the time.
    """

    OBSERVE = "observe"
    OPERATE = "operate"
    INJECT = "inject"
    STAGE = "stage"


class Rights(NamedTuple):
    """Filters, below the root of an observatory, of the topics that a role may read and write."""

    read: tuple[str, ...]
    write: tuple[str, ...]


RIGHTS: Mapping[Role, Rights] = {
    Role.OBSERVE: Rights(read=("#",), write=("+/demand/#",)),
    Role.OPERATE: Rights(read=("#",), write=("+/demand/#", "+/command/+")),
    Role.INJECT: Rights(read=("#",), write=("+/demand/#", "+/command/+", "+/inject/+")),
    Role.STAGE: Rights(read=("#",), write=("#",)),
}


def may(role: Role, action: Action, topic: str, tree: TopicTree = ANY_OBSERVATORY) -> bool:
    """Tell whether a role may read or write a topic.

    Parameters
    ----------
    topic
        A topic or, to read, a filter: all that it matches must be allowed.
    tree
        The observatory that the role is for.

    Examples
    --------
    >>> may(Role.OBSERVE, "read", "cscsim/1/auxtel/+/event/#")
    True
    >>> may(Role.OBSERVE, "write", "cscsim/1/auxtel/ATDome/command/moveAzimuth")
    False
    """
    return any(_covers(f"{tree.root}/{pattern}", topic) for pattern in getattr(RIGHTS[role], action))


def _covers(pattern: str, topic: str) -> bool:
    """Tell whether a filter matches a topic, or all topics that another filter matches."""
    allowed, asked = pattern.split("/"), topic.split("/")
    for number, level in enumerate(allowed):
        if level == "#":
            return len(asked) > number
        if number >= len(asked) or asked[number] == "#":
            return False
        if level not in ("+", asked[number]):
            return False
    return len(asked) == len(allowed)


def acl_file(tree: TopicTree, users: Mapping[str, Role]) -> str:
    """Return mosquitto's `acl_file` for some users of an observatory.

    Raises
    ------
    AuthorError
        If the name of a user cannot stand in it.

    Examples
    --------
    >>> print(acl_file(TopicTree("auxtel"), {"ann": Role.OPERATE}))
    # operate
    user ann
    topic read cscsim/1/auxtel/#
    topic write cscsim/1/auxtel/+/demand/#
    topic write cscsim/1/auxtel/+/command/+
    <BLANKLINE>
    """
    entries = []
    for name, role in users.items():
        check_user_name(name)
        lines = [f"# {role}", f"user {name}"]
        for action, patterns in RIGHTS[role]._asdict().items():
            lines += [f"topic {action} {tree.root}/{pattern}" for pattern in patterns]
        entries.append("\n".join(lines) + "\n")
    return "\n".join(entries)


def check_user_name(name: str) -> None:
    """Raise unless a name can be that of a user.

    Raises
    ------
    AuthorError
        If it has other characters than letters, digits and ``_ . @ -``, or more than 64.
    """
    if not _USER_NAME.fullmatch(name):
        raise AuthorError(f"{name!r} is no name of a user: letters, digits and _ . @ - are, at most 64")
