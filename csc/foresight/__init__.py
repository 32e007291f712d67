"""What components may do: many situations at once, from their data sheets alone.

A `World` says in which states each machine may be, what each output may be and how long each timer may still run.
`Foresight` carries it on: a command is given, a timer rings, something happens by itself. Whatever a component without
faults can do is among what the world then says; it may say more, never less.
"""

from csc.foresight.cast import Cast, Member
from csc.foresight.foresight import Foresight, Ring
from csc.foresight.sending import Outcome
from csc.foresight.span import FOREVER, Span, Timer
from csc.foresight.views import LocalView, PublishedView, sends
from csc.foresight.world import Key, World

__all__ = [
    "FOREVER",
    "Cast",
    "Foresight",
    "Key",
    "LocalView",
    "Member",
    "Outcome",
    "PublishedView",
    "Ring",
    "Span",
    "Timer",
    "World",
    "sends",
]
