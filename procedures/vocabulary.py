"""Which names a procedure may use: the observatory's, its configuration's, and those it gave itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from csc import ObservatoryVocabulary
from fsm import Anything, Flag, Name, Quantity, Sequence, Subject, Text, nearest

__all__ = ["SCRIPT_NAMES", "SKY_NAMES", "SUN_NAMES", "ProcedureVocabulary", "subject_of_schema"]

SCRIPT_NAMES: Mapping[str, Subject] = {
    "group_id": Text(),
    "index": Quantity(None),
    "queue": Quantity(None),
    "name": Text(),
    "block_id": Text(),
}
"""What a script knows of itself: ``script.queue``."""

SUN_NAMES: Mapping[str, Subject] = {
    "elevation": Quantity("deg"),
    "azimuth": Quantity("deg", wraps=True),
    "until_sunset": Quantity("s"),
}
"""Where the Sun is, ``sun.elevation``, and how long it stays up."""

SKY = ("azimuth", "elevation")
SKY_NAMES: Mapping[str, Subject] = {
    "right_ascension": Quantity("deg", wraps=True),
    "declination": Quantity("deg"),
}
"""What stands in a direction now: ``sky(azimuth=45 deg, elevation=45 deg).declination``."""


class ProcedureVocabulary:
    """The names of one procedure.

    Parameters
    ----------
    observatory
        Names of the observatory it acts on.
    schema
        JSON schema of its configuration.
    """

    def __init__(self, observatory: ObservatoryVocabulary, schema: Mapping[str, Any] | None) -> None:
        self.observatory = observatory
        self._properties: Mapping[str, Any] = (schema or {}).get("properties", {})
        self._variables: dict[str, Subject] = {}

    def declare(self, variable: str, subject: Subject | None = None) -> None:
        """Add a name that a step gives."""
        self._variables[variable] = subject or Anything()

    def describe(self, name: Name) -> Subject | None:
        """Say what may be asked of a name; None if there is no such name."""
        if name.function is None:
            match name.parts:
                case ("config", key) if key in self._properties:
                    return subject_of_schema(self._properties[key])
                case ("script", key) if key in SCRIPT_NAMES:
                    return SCRIPT_NAMES[key]
                case ("sun", key) if key in SUN_NAMES:
                    return SUN_NAMES[key]
                case (variable,) if variable in self._variables:
                    return self._variables[variable]
                case (variable, *_) if isinstance(self._variables.get(variable), Anything):
                    return Anything()
        elif name.function == "sky":
            return self._of_sky(name)
        return self.observatory.describe(name)

    def _of_sky(self, name: Name) -> Subject | None:
        if len(name.parts) != 1 or sorted(key for key, _ in name.arguments) != sorted(SKY):
            return None
        for (_, value), unit in zip(name.arguments, name.units, strict=True):
            subject = self.describe(value) if isinstance(value, Name) else Quantity(unit)
            if not isinstance(subject, Anything) and not (isinstance(subject, Quantity) and subject.unit == "deg"):
                return None
        return SKY_NAMES.get(name.parts[0])

    def suggest(self, name: Name) -> str | None:
        """Return the nearest valid spelling."""
        if name.function == "sky":
            return f"sky(azimuth=45 deg, elevation=45 deg).{nearest('.'.join(name.parts), SKY_NAMES) or 'declination'}"
        of_an_event = len(name.parts) == 3 and name.parts[0] not in self._variables
        if name.function is not None or of_an_event:
            return self.observatory.suggest(name)
        return nearest(str(name), self._names())

    def _names(self) -> Iterable[str]:
        yield from self._variables
        yield from (f"config.{key}" for key in self._properties)
        yield from (f"script.{key}" for key in SCRIPT_NAMES)
        yield from (f"sun.{key}" for key in SUN_NAMES)
        yield from self.observatory.names()


def subject_of_schema(schema: Mapping[str, Any]) -> Subject:
    """Say what a condition may ask of a value that keeps a JSON schema; `unit` is our own keyword."""
    if "anyOf" in schema:
        kinds = {str(branch.get("type")) for branch in schema["anyOf"]} - {"null"}
    else:
        declared = schema.get("type")
        kinds = set(declared) if isinstance(declared, (list, tuple)) else {str(declared)}
        kinds.discard("null")
    if kinds <= {"number", "integer"} and kinds:
        return Quantity(schema.get("unit"))
    if kinds == {"boolean"}:
        return Flag()
    if kinds == {"string"}:
        return Text()
    if kinds == {"array"}:
        items = schema.get("items")
        return Sequence(subject_of_schema(items) if isinstance(items, Mapping) else Anything())
    return Anything()
