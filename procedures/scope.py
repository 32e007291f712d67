"""Where a procedure's conditions find their values: on the bus, in its configuration, in the images taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from csc import Observatory, PublishedReader
from fsm import NULL, Name, Value

if TYPE_CHECKING:
    from csc.latiss.images import ImageStore
    from csc.scriptqueue.program import ScriptControl

__all__ = ["ProcedureScope", "as_value"]


def as_value(value: Any) -> Value:
    """Turn a configuration's value into one that conditions know: null is known to be empty."""
    if value is None:
        return NULL
    if isinstance(value, list | tuple):
        return tuple(as_value(item) for item in value)
    if isinstance(value, Mapping):
        return {str(key): as_value(item) for key, item in value.items()}
    return value  # type: ignore[no-any-return]  # numbers, words and truth values are values


class ProcedureScope:
    """The values of one procedure while it runs.

    Parameters
    ----------
    observatory
        Where it acts: read as published, never as it truly is.
    images
        Images as evidence.
    config
        Its configuration.
    script
        The script that runs it, if one does.
    """

    def __init__(
        self,
        observatory: Observatory,
        images: ImageStore,
        config: Mapping[str, Any],
        script: ScriptControl | None = None,
    ) -> None:
        self._observatory = observatory
        self._images = images
        self.config = {key: as_value(value) for key, value in config.items()}
        self.script = script
        self.variables: dict[str, Value] = {}
        self._vocabulary = observatory.vocabulary()
        self._readers: dict[Name, Callable[[], Value | None]] = {}

    def read(self, name: Name) -> Value | None:
        """Return the value of a name now; None if it is unknown."""
        reader = self._readers.get(name)
        if reader is None:
            reader = self._readers[name] = self._find(name)
        return reader()

    def _find(self, name: Name) -> Callable[[], Value | None]:
        if name.function == "last":
            return lambda: self._last(name)
        if name.function == "sky":
            return lambda: self._of_sky(name)
        if name.function == "count":
            kind, where = _split(name)
            return lambda: self._images.count(kind, **where)
        match name.parts:
            case ("config", key):
                return lambda: self.config.get(key, NULL)
            case ("script", key):
                return lambda: self._of_script(key)
            case ("sun", key):
                return lambda: self._of_sun(key)
            case (group,) if group in self._observatory.groups:
                members = self._observatory.groups[group]
                readers = {member: self._published(member, None) for member in members}
                return lambda: {member: read() for member, read in readers.items()}
            case (component, event, field) if self._vocabulary.canonical(component) in self._vocabulary.blueprints:
                return self._reader_of(component).field_reader(event, field)
            case (component, *what) if self._vocabulary.canonical(component) in self._vocabulary.blueprints:
                return self._published(component, what[0] if what else None)
            case (variable, *rest):
                return lambda: _inside(self.variables.get(variable), rest)
        raise KeyError(f"there is no {name}")

    def _is_published(self, head: str) -> bool:
        return head in self._observatory.groups or self._vocabulary.canonical(head) in self._vocabulary.blueprints

    def _published(self, component: str, what: str | None) -> Callable[[], Value | None]:
        return self._reader_of(component).reader(what)

    def _reader_of(self, component: str) -> PublishedReader:
        canonical = self._vocabulary.canonical(component)
        return PublishedReader(self._observatory.bus, canonical, self._vocabulary.blueprints[canonical])

    def _last(self, name: Name) -> Value | None:
        kind, where = _split(name)
        image = self._images.last(kind, **where)
        return None if image is None else getattr(image, name.parts[0])

    def _of_script(self, key: str) -> Value | None:
        script = self.script
        if script is None:
            return None
        if key == "queue":
            return script.index // 100000
        values: dict[str, Value] = {
            "group_id": script.group_id,
            "index": script.index,
            "name": script.name,
            "block_id": script.block_id,
        }
        return values[key]

    def _of_sun(self, key: str) -> Value | None:
        from procedures.sun import sun_position, time_until_sunset

        if key == "until_sunset":
            return time_until_sunset(self._observatory.clock.tai)
        elevation, azimuth = sun_position(self._observatory.clock.tai)
        return elevation if key == "elevation" else azimuth

    def _of_sky(self, name: Name) -> Value | None:
        from procedures.sky import sky_position

        direction = {key: value for key, value in name.arguments if isinstance(value, (int, float))}
        right_ascension, declination = sky_position(self._observatory.clock.tai, **direction)
        return right_ascension if name.parts[0] == "right_ascension" else declination

    def topics(self, names: Iterable[Name]) -> list[tuple[str, str, float | None]]:
        """Return what carries these names on the bus: component, topic, and its cadence [s] if it is sampled."""
        found: dict[tuple[str, str], float | None] = {}
        for name in sorted(names, key=str):
            if name.function is not None or not self._is_published(name.parts[0]):
                continue
            head, what = name.parts[0], name.parts[1] if len(name.parts) > 1 else None
            for component in self._observatory.groups.get(head, (head,)):
                reader = self._reader_of(component)
                for topic in (name.parts[1],) if len(name.parts) > 2 else reader.topics(what):
                    found[(reader.name, topic)] = reader.blueprint.topics[topic].cadence
        return [(component, topic, cadence) for (component, topic), cadence in found.items()]


def _split(name: Name) -> tuple[str, dict[str, Any]]:
    arguments = dict(name.arguments)
    return str(arguments.pop("kind")), arguments


def _inside(value: Value | None, path: list[str]) -> Value | None:
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value
