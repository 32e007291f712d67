"""Messages that do not arrive as they were sent: lost, late, doubled, out of order.

The journal says what was sent, and of each command, acknowledgement and event that is touched what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from csc.blueprint import Parameter
from csc.bus.interference import Deliver, Envelope
from csc.disturbances.model import ALL, Disturbance
from fsm import Value

if TYPE_CHECKING:
    import numpy as np

    from csc.component import Component

__all__ = ["MESSAGES"]

_KINDS = {
    "message": ("topic", ("event", "telemetry"), "messages of a topic"),
    "command": ("command", ("command",), "commands"),
    "ack": ("command", ("ack",), "acknowledgements of a command"),
}
"""What may be touched: by which parameter it is named, which kinds of message it is, and how it is called."""
_PATIENCE = 10.0
"""How long [s] a message that is to be overtaken waits for the next one; chosen here."""


class _Touch:
    """A rule for the messages of one component that match."""

    def __init__(self, component: Component, name: str, kind: str, values: Mapping[str, Value]) -> None:
        self._component = component
        self._name = name
        target, self._kinds, _ = _KINDS[kind]
        self._what = str(values[target])
        self._which = values.get("which", "any")
        self._left = int(times) if isinstance(times := values["times"], int | float) else 0
        self._unlimited = not self._left
        self._probability = values["probability"]
        self._by = float(by) if isinstance(by := values.get("by", 0.0), int | float) else 0.0

    @property
    def _dice(self) -> np.random.Generator:
        return self._component.streams.stream(self._component.name, self._name, self._what)

    def concerns(self, envelope: Envelope) -> bool:
        """Tell whether it decides on a message; counts the occasion, and throws the dice where there are any."""
        if envelope.who != self._component.name or envelope.kind not in self._kinds:
            return False
        if self._what not in (ALL, envelope.what) or not (self._unlimited or self._left):
            return False
        if envelope.kind == "ack" and self._which != "any" and envelope.is_final != (self._which == "final"):
            return False
        if isinstance(self._probability, int | float) and self._probability < 1.0:
            return bool(self._dice.random() < self._probability)
        return True

    def take(self, envelope: Envelope, deliver: Deliver) -> None:
        """Do to a message what is to be done."""
        self._left -= not self._unlimited
        self._touch(envelope, deliver)

    def _touch(self, envelope: Envelope, deliver: Deliver) -> None:
        raise NotImplementedError

    def tell(self, envelope: Envelope, what: str) -> None:
        """Journal what has become of a message; telemetry is not in the journal."""
        if envelope.kind != "telemetry":
            self._component.journal.write(
                "message", envelope.who, type=envelope.kind, name=envelope.what, seq=envelope.seq_num, what=what
            )

    def end(self) -> None:
        """Let go of what is held."""


class _Lost(_Touch):
    def _touch(self, envelope: Envelope, deliver: Deliver) -> None:
        self.tell(envelope, "lost")


class _Late(_Touch):
    def _touch(self, envelope: Envelope, deliver: Deliver) -> None:
        self.tell(envelope, "late")
        self._component.clock.call_later(self._by, deliver)


class _Doubled(_Touch):
    def _touch(self, envelope: Envelope, deliver: Deliver) -> None:
        self.tell(envelope, "doubled")
        deliver()
        deliver()


class _Swapped(_Touch):
    """Holds each message back until the next one of its kind has overtaken it."""

    def __init__(self, component: Component, name: str, kind: str, values: Mapping[str, Value]) -> None:
        super().__init__(component, name, kind, values)
        self._held: dict[tuple[str, str], Deliver] = {}

    def concerns(self, envelope: Envelope) -> bool:
        """Tell whether a message is to be held, or is the one that overtakes."""
        overtakes = envelope.who == self._component.name and (envelope.kind, envelope.what) in self._held
        return overtakes or super().concerns(envelope)

    def take(self, envelope: Envelope, deliver: Deliver) -> None:
        """Let a message overtake the one that is held, or hold it."""
        key = (envelope.kind, envelope.what)
        held = self._held.pop(key, None)
        if held is not None:
            deliver()
            held()
            return
        super().take(envelope, deliver)

    def _touch(self, envelope: Envelope, deliver: Deliver) -> None:
        self.tell(envelope, "overtaken")
        key = (envelope.kind, envelope.what)
        self._held[key] = deliver
        self._component.clock.call_later(_PATIENCE, self._release, key, deliver)

    def _release(self, key: tuple[str, str], deliver: Deliver) -> None:
        if self._held.get(key) is deliver:
            self._held.pop(key)()

    def end(self) -> None:
        for key in tuple(self._held):
            self._held.pop(key)()


def _begin(
    rule: type[_Touch], name: str, kind: str, component: Component, values: Mapping[str, Value], _: Callable[[], None]
) -> Callable[[], None]:
    touch = rule(component, name, kind, values)
    remove = component.bus.interference.add(touch)

    def end() -> None:
        remove()
        touch.end()

    return end


_BY = Parameter(name="by", default=5.0, unit="s", range=(0.001, 86400.0), meaning="how much later they arrive")
_DEEDS: tuple[tuple[str, type[_Touch], str, tuple[Parameter, ...]], ...] = (
    ("lost", _Lost, "do not arrive", ()),
    ("late", _Late, "arrive late", (_BY,)),
    ("doubled", _Doubled, "arrive twice", ()),
    ("swapped", _Swapped, f"are overtaken by the next one, or arrive {_PATIENCE:g} s late if none comes", ()),
)
_SEEN = {
    "message": "who listens has an old value, or none; the component itself is well",
    "command": "the sender waits for an acknowledgement; the component has never heard of it, or has heard it again",
    "ack": "the component has done it, and the sender does not know",
}


def _parameters(kind: str) -> tuple[Parameter, ...]:
    target, _, called = _KINDS[kind]
    every = "every topic" if kind == "message" else "every command"
    parameters = [
        Parameter(name=target, default=ALL, meaning=f"whose {called} are meant; {ALL} is {every}"),
        Parameter(name="times", default=0, range=(0, 1_000_000), meaning="how many at most; 0 is all"),
        Parameter(name="probability", default=1.0, range=(0.0, 1.0), meaning="with which it befalls each of them"),
    ]
    if kind == "ack":
        choices = ("final", "progress", "any")
        parameters.append(Parameter(name="which", default="final", choices=choices, meaning="which of them"))
    return tuple(parameters)


MESSAGES = tuple(
    Disturbance(
        name=f"{kind}_{deed}",
        meaning=f"{called[0].upper()}{called[1:]} {words}.",
        parameters=(*_parameters(kind), *more),
        seen=_SEEN[kind],
        begin=partial(_begin, rule, f"{kind}_{deed}", kind),
    )
    for kind, (_, _, called) in _KINDS.items()
    for deed, rule, words, more in _DEEDS
)
"""Twelve of them: three kinds of message, four things that may become of one."""
