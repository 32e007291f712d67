"""The tree of topics: where on a broker each message of an observatory goes.

``cscsim/1/auxtel/ATDome/event/summaryState``: the project, the version of this tree, the observatory, then a component,
the kind of message, and its name. The version rises when a client of the tree before it would no longer be right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["KINDS", "VERSION", "Place", "TopicTree"]

VERSION = "1"
KINDS = ("command", "ack", "event", "telemetry", "demand", "inject", "alive")
"""What may stand below a component."""


class Place(NamedTuple):
    """What a topic below an observatory is about.

    Attributes
    ----------
    who
        A component, by its name on the bus.
    kind
        One of `KINDS`.
    what
        Name of the command, event, telemetry or fault; nothing for ``alive``.
    every
        Of telemetry and the demand for it: time [s] between samples, as it is written; nothing for the data sheet's.
    """

    who: str
    kind: str
    what: str = ""
    every: str = ""


@dataclass(frozen=True, slots=True)
class TopicTree:
    """The topics of one observatory.

    Attributes
    ----------
    observatory
        Its name.
    """

    observatory: str

    @property
    def root(self) -> str:
        """What all of its topics begin with."""
        return f"cscsim/{VERSION}/{self.observatory}"

    @property
    def clock(self) -> str:
        """Topic that tells the time."""
        return f"{self.root}/clock"

    @property
    def replies(self) -> str:
        """What the topics begin with to which acknowledgements may be sent."""
        return f"{self.root}/reply"

    def reply(self, client: str) -> str:
        """Return the topic of a client's acknowledgements."""
        return f"{self.replies}/{client}"

    def of(self, who: str, kind: str, what: str = "", every: str = "") -> str:
        """Return the topic of a message.

        Examples
        --------
        >>> TopicTree("auxtel").of("OCPS:1", "command", "execute")
        'cscsim/1/auxtel/OCPS:1/command/execute'
        """
        return "/".join(part for part in (self.root, who, kind, what, every) if part)

    def place(self, topic: str) -> Place | None:
        """Return what a topic is about; None if it is no component's.

        Examples
        --------
        >>> TopicTree("auxtel").place("cscsim/1/auxtel/ATDome/telemetry/position/10")
        Place(who='ATDome', kind='telemetry', what='position', every='10')
        """
        if not topic.startswith(f"{self.root}/"):
            return None
        who, _, rest = topic[len(self.root) + 1 :].partition("/")
        kind, _, name = rest.partition("/")
        what, _, every = name.partition("/")
        if kind not in KINDS or bool(what) is (kind == "alive") or "/" in every or topic.endswith("/"):
            return None
        return Place(who, kind, what, every)
