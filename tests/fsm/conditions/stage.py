"""A small observatory for the tests of conditions: who knows its names, and who knows their values."""

from __future__ import annotations

from collections.abc import Mapping

from fsm import Anything, Flag, Name, Quantity, Sequence, States, Subject, Text, Value
from fsm.document import nearest

SUMMARY = States(("STANDBY", "DISABLED", "ENABLED", "FAULT", "OFFLINE"))
SUBJECTS: dict[str, Subject] = {
    "ATCS": SUMMARY,
    "ATDome": SUMMARY,
    "ATDome.azimuth": Quantity("deg", wraps=True),
    "ATDome.homing": Flag(),
    "ATDome.main_door": States(("CLOSED", "OPENED", "PARTIALLY_OPENED")),
    "ATDome.velocity": Quantity("deg/s"),
    "ATMCS.azimuth": Quantity("deg"),
    "ATWhiteLight": SUMMARY,
    "ATWhiteLight.lamp": States(("OFF", "TURNING_ON", "WARMUP", "ON")),
    "ATWhiteLight.power": Quantity("W"),
    "ATWhiteLight.supply_temperature": Quantity("deg_C"),
    "OCPS:1.state": States(("IDLE", "RUNNING")),
    "config.exp_times": Sequence(Quantity("s")),
    "config.filter": Text(),
    "config.filters": Sequence(Text()),
    "config.n_discard_flat": Quantity(),
    "config.n_flat": Quantity(),
    "config.script_mode": Text(("BIAS", "BIAS_DARK", "BIAS_DARK_FLAT")),
    "door.opening": Quantity("%"),
    "entry": Anything(),
    "stroke": Quantity("mm"),
}
COUNTS: dict[str, Subject] = {"counts": Quantity("adu"), "filter": Text()}


class Stage:
    """The vocabulary."""

    def describe(self, name: Name) -> Subject | None:
        if name.function == "count" and not name.parts:
            return Quantity()
        if name.function == "last" and len(name.parts) == 1:
            return COUNTS.get(name.parts[0])
        return SUBJECTS.get(str(name)) if name.function is None else None

    def suggest(self, name: Name) -> str | None:
        return nearest(str(name), SUBJECTS)


class Now:
    """The scope: values by the text of their names; what is not there is unknown."""

    def __init__(self, values: Mapping[str, Value] | None = None) -> None:
        self.values = dict(values or {})
        self.asked: list[str] = []

    def read(self, name: Name) -> Value:
        self.asked.append(str(name))
        return self.values.get(str(name))


STAGE = Stage()
