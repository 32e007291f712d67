"""Tables of the condition language: truths, functions, names, units."""

from __future__ import annotations

from collections.abc import Iterator

from csc import EVIDENCE
from fsm import Flag, Name, Quantity, Subject, Text, Truth, Value, parse_condition
from fsm.conditions import calls, units
from procedures.vocabulary import SCRIPT_NAMES, SKY_NAMES, SUN_NAMES
from reference_pages.markdown import GENERATED, code, joined, prose, table

__all__ = ["complete", "pages"]

FUNCTIONS = {
    "abs": "the size of a quantity",
    "either": "the first value, or the second if the first is unknown or null",
    "known": "whether a name has a value; never unknown itself",
    "len": "how many elements a list has, or signs a text",
    "listed": "the elements of a list as a text, separated by commas",
    "max": "the largest of several, or of a list",
    "min": "the smallest of several, or of a list",
    "round": "the nearest whole number, or with so many digits",
    "sum": "the sum of a list",
    "unknown": "the opposite of `known`",
}
"""What the language's own functions give; each must be told."""

EVIDENCE_MEANINGS = {
    "counts": "mean level above bias",
    "exposure_time": "commanded time of the open shutter, or of a dark",
    "dark_time": "how long charge was collected",
    "saturated": "whether the level has reached saturation",
    "filter": "element in the filter wheel; `empty` means any empty slot",
    "grating": "element in the grating wheel; `empty` means any empty slot",
    "name": "such as `AT_O_20260115_000001`",
    "image_type": "in capitals, such as FLAT",
    "reason": "why it was taken",
    "seq_num": "its number within the observing day",
    "day_obs": "the observing day, such as 20260115",
    "group_id": "what it was taken together with",
    "program": "what it belongs to, such as BLOCK-295",
}
NAMES = {
    "script.group_id": "the group of the images that this script takes",
    "script.index": "the script's SAL index",
    "script.queue": "the index of its queue",
    "script.name": "its name on the bus",
    "script.block_id": "the block that it belongs to",
    "sun.elevation": "how high the Sun stands",
    "sun.azimuth": "where the Sun stands",
    "sun.until_sunset": "the time until it sets",
    "sky(azimuth=a, elevation=e).right_ascension": "right ascension of what stands in that direction",
    "sky(azimuth=a, elevation=e).declination": "its declination",
}


def pages() -> Iterator[tuple[str, str]]:
    """Yield the tables that the page about conditions includes."""
    yield "generated/truths.md", GENERATED + _truths()
    yield "generated/functions.md", GENERATED + _functions()
    yield "generated/evidence.md", GENERATED + _evidence()
    yield "generated/names.md", GENERATED + _names()
    yield "generated/units.md", GENERATED + _units()


class _Two:
    """Two flags to try the connectives with."""

    def __init__(self, a: Truth, b: Truth) -> None:
        self._values = {"a": a, "b": b}

    def describe(self, name: Name) -> Subject | None:
        return Flag() if str(name) in self._values else None

    def suggest(self, name: Name) -> str | None:
        return None

    def read(self, name: Name) -> Value:
        return self._values[str(name)]


def _truths() -> str:
    told = {True: "true", False: "false", None: "unknown"}
    rows = []
    for a in (True, False, None):
        for b in (True, False, None):
            two = _Two(a, b)
            found = [told[parse_condition(text, two).evaluate(two)] for text in ("a and b", "a or b", "not a")]
            rows.append((told[a], told[b], *found))
    return table(("`a`", "`b`", "`a and b`", "`a or b`", "`not a`"), rows)


def _functions() -> str:
    complete("function", calls.FUNCTIONS, FUNCTIONS)
    rows = [
        (code(f"{name}()"), str(low) if low == high else f"{low} to {high}", FUNCTIONS[name])
        for name, (low, high) in calls.FUNCTIONS.items()
    ]
    return table(("function", "arguments", "gives"), rows)


def _evidence() -> str:
    complete("field of an image", EVIDENCE, EVIDENCE_MEANINGS)
    rows = [(code(f"last(flat).{name}"), _kind(it), EVIDENCE_MEANINGS[name]) for name, it in EVIDENCE.items()]
    return table(("name", "unit", "meaning"), rows)


def _names() -> str:
    known = {f"script.{name}": subject for name, subject in SCRIPT_NAMES.items()}
    known |= {f"sun.{name}": subject for name, subject in SUN_NAMES.items()}
    known |= {f"sky(azimuth=a, elevation=e).{name}": subject for name, subject in SKY_NAMES.items()}
    complete("name", known, NAMES)
    return table(("name", "unit", "meaning"), [(code(name), _kind(it), NAMES[name]) for name, it in known.items()])


def _kind(subject: Subject) -> str:
    if isinstance(subject, Quantity):
        return subject.unit or "number"
    return "text" if isinstance(subject, Text) else "flag"


def complete(what: str, there: object, told: dict[str, str]) -> None:
    """Fail the build if the code has something that is not told, or the other way round."""
    if differing := set(there) ^ set(told):  # type: ignore[call-overload]  # a mapping of names
        raise LookupError(f"the reference and the code differ in each {what} of {sorted(differing)}")


def _units() -> str:
    # The other spellings are the module's own affair; here they are only listed.
    others: dict[str, tuple[float, str]] = vars(units)["_OTHER"]
    rows = []
    for unit in units.CANONICAL:
        spellings = [(name, factor) for name, (factor, canonical) in others.items() if canonical == unit]
        same = [name for name, factor in spellings if factor == 1.0]
        converted = [f"{code(name)} {prose(f'{factor:.6g}')}" for name, factor in spellings if factor != 1.0]
        rows.append((code(unit), joined(same), ", ".join(converted)))
    return table(("canonical unit", "also written", "converted, with the factor"), rows)
