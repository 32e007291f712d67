"""The observatory's own description of its interface, as the XML of ts_xml has it.

Decides what a topic, a field and an enumeration are there, and which enumeration a field holds; says nothing
about ours. A component's folder holds up to three files, and two more files hold what all components share:

    SALSubsystems.xml            who has which of the generics
    SALGenerics.xml              the generics
    ATDome/ATDome_Commands.xml   the component's own topics
    ATDome/ATDome_Events.xml
    ATDome/ATDome_Telemetry.xml

The XML ties a field to its enumeration in one of three ways: the list stands in the field, a comment there names
it (``<!-- <Enumeration> Foci </Enumeration> -->``), or the field's description does ("A VentGateState enum").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder, XMLParser, parse

__all__ = ["KINDS", "Interface", "RealField", "RealTopic", "read_components", "read_interface"]

KINDS = {"command": "Commands", "event": "Events", "telemetry": "Telemetry"}
"""Kinds of topics, and how the file of each ends."""

_INFIX = {"command": "command_", "event": "logevent_", "telemetry": ""}
_TAG = {"command": "SALCommand", "event": "SALEvent", "telemetry": "SALTelemetry"}
_GENERIC = "SALGeneric"
_NAMED = re.compile(r"\b(\w+) enum(?:eration)?\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class RealField:
    """A field of a topic.

    Attributes
    ----------
    unit
        As it is spelled there; None for ``unitless``.
    length
        How many values it holds; 1 is no array.
    enumeration
        Name of the enumeration that it holds; None if nothing ties it to one.
    """

    name: str
    type: str
    unit: str | None = None
    length: int = 1
    enumeration: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RealTopic:
    """A command, an event or a telemetry topic."""

    kind: str
    name: str
    fields: Mapping[str, RealField] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """All that one component has.

    Attributes
    ----------
    topics
        By kind and name.
    generics
        Those among `topics` that come from SAL's generics.
    enumerations
        Values by name of member, by name of enumeration.
    """

    component: str
    topics: Mapping[tuple[str, str], RealTopic]
    generics: frozenset[tuple[str, str]] = frozenset()
    enumerations: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def own(self, kind: str) -> list[str]:
        """Return the names of the component's own topics of a kind."""
        return [name for found, name in self.topics if found == kind and (found, name) not in self.generics]


def read_components(folder: Path) -> list[str]:
    """Return the components that have a folder."""
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def read_interface(folder: Path, component: str) -> Interface:
    """Read all topics of a component, with the generics that it has.

    A component without a folder has only generics.

    Raises
    ------
    KeyError
        If `SALSubsystems.xml` does not know the component.
    """
    paths = {kind: folder / component / f"{component}_{ending}.xml" for kind, ending in KINDS.items()}
    roots = {kind: _root(path) for kind, path in paths.items() if path.exists()}
    shared = _root(folder / "SALGenerics.xml")
    enumerations: dict[str, dict[str, int]] = {}
    for root in (shared, *roots.values()):
        for element in _top_lists(root):
            _collect(element.text or "", enumerations)
    generics = {
        key: topic
        for key, topic, category in _topics(shared, _GENERIC, enumerations)
        if _has(_wanted(folder, component), key, category)
    }
    own = {key: topic for root in roots.values() for key, topic, _ in _topics(root, component, enumerations)}
    return Interface(
        component=component,
        topics={**generics, **own},
        generics=frozenset(generics),
        enumerations=enumerations,
    )


def numbered(text: str) -> dict[str, int]:
    """Read a list of members: numbered from 1, but where a number is written.

    Examples
    --------
    >>> numbered("Port_One, Port_Two")
    {'Port_One': 1, 'Port_Two': 2}
    >>> numbered("Mask_Low = 0x10,")
    {'Mask_Low': 16}
    """
    members = {}
    for place, part in enumerate((part for part in text.split(",") if part.strip()), start=1):
        name, _, number = part.partition("=")
        members[name.strip()] = int(number, 0) if number.strip() else place
    return members


def _root(path: Path) -> Element:
    return parse(path, XMLParser(target=TreeBuilder(insert_comments=True))).getroot()


def _top_lists(root: Element) -> Iterator[Element]:
    """Yield the enumerations that stand outside of topics."""
    for parent in (root, *root.findall("*")):
        if parent.tag not in _TAG.values():
            yield from parent.findall("Enumeration")


def _collect(text: str, enumerations: dict[str, dict[str, int]]) -> None:
    for member, value in numbered(text).items():
        name, _, short = member.partition("_")
        enumerations.setdefault(name, {})[short] = value


def _wanted(folder: Path, component: str) -> list[str]:
    """Return what `SALSubsystems.xml` adds to a component."""
    for subsystem in _root(folder / "SALSubsystems.xml").findall("SALSubsystem"):
        if _text(subsystem, "Name") == component:
            return [word.strip() for word in _text(subsystem, "AddedGenerics").split(",") if word.strip()]
    raise KeyError(f"SALSubsystems.xml knows no {component}")


def _has(wanted: list[str], key: tuple[str, str], category: str) -> bool:
    kind, name = key
    return category == "mandatory" or bool({category, f"{_INFIX[kind]}{name}"} & set(wanted))


def _topics(
    root: Element, component: str, enumerations: dict[str, dict[str, int]]
) -> Iterator[tuple[tuple[str, str], RealTopic, str]]:
    """Yield every topic with its kind and name, and the category of a generic one."""
    for kind, tag in _TAG.items():
        for element in root.iter(tag):
            name = _text(element, "EFDB_Topic").removeprefix(f"{component}_").removeprefix(_INFIX[kind])
            fields = [_field(item, f"{name}.", enumerations) for item in element.findall("item")]
            topic = RealTopic(kind=kind, name=name, fields={each.name: each for each in fields})
            yield (kind, name), topic, _text(element, "Category")


def _field(item: Element, prefix: str, enumerations: dict[str, dict[str, int]]) -> RealField:
    name, unit = _text(item, "EFDB_Name"), _text(item, "Units")
    return RealField(
        name=name,
        type=_text(item, "IDL_Type"),
        unit=None if unit == "unitless" else unit,
        length=int(_text(item, "Count")),
        enumeration=_tie(item, f"{prefix}{name}", enumerations),
    )


def _tie(item: Element, field_name: str, enumerations: dict[str, dict[str, int]]) -> str | None:
    """Return the name of the enumeration that a field holds; a list in the field is named after the field."""
    said = _text(item, "Description")
    for word in _NAMED.findall(said):
        if word in enumerations:
            return str(word)
    comments = [child.text or "" for child in item if callable(child.tag)]  # so ElementTree tells a comment
    for comment in comments:
        found = re.search(r"<Enumeration>\s*(\w+)\s*</Enumeration>", comment)
        if found and found[1] in enumerations:
            return found[1]
    listed = numbered(_text(item, "Enumeration"))
    if listed:
        enumerations[field_name] = _without_common_prefix(listed)
        return field_name
    return None


def _without_common_prefix(members: Mapping[str, int]) -> dict[str, int]:
    """Leave out what all members have before the underscore, as in ``CSys_None,CSys_ICRS``."""
    prefixes = {name.partition("_")[0] for name in members}
    alike = len(prefixes) == 1 and all("_" in name for name in members)
    return {name.partition("_")[2] if alike else name: value for name, value in members.items()}


def _text(element: Element, tag: str) -> str:
    return (element.findtext(tag) or "").strip()
