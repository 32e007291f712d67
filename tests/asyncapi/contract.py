"""What an AsyncAPI document says of a topic: which channel it is on, and which messages may be there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from jsonschema import Draft7Validator

__all__ = ["Contract"]

_HOLE = re.compile(r"\{(\w+)\}")


class Contract:
    """A document, by topics.

    Parameters
    ----------
    document
        An AsyncAPI document as data.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.channels: Mapping[str, Any] = document["channels"]
        self._patterns = {
            key: re.compile(_pattern(channel["address"], self._parameters(channel)))
            for key, channel in self.channels.items()
            if channel["address"] is not None
        }
        self._validators: dict[str, Draft7Validator] = {}

    def resolve(self, item: Mapping[str, Any]) -> Any:
        """Return what a reference stands for; anything else as it is."""
        while "$ref" in item:
            found: Any = self.document
            for step in item["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            item = found
        return item

    def _parameters(self, channel: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self.resolve(item) for name, item in channel.get("parameters", {}).items()}

    def keys(self, topic: str) -> list[str]:
        """Return the channels that have a topic; there should be one."""
        return [key for key, pattern in self._patterns.items() if pattern.fullmatch(topic)]

    def message(self, key: str) -> Any:
        """Return the message of a channel."""
        [message] = self.channels[key]["messages"].values()
        return self.resolve(message)

    def operation(self, key: str) -> Any:
        """Return what is done on a channel, and how, its traits included."""
        operation = dict(self.document["operations"][key])
        for trait in operation.pop("traits"):
            operation |= self.resolve(trait)
        return operation

    def validator(self, key: str) -> Draft7Validator:
        """Return what judges the payloads of a channel."""
        if key not in self._validators:
            schema = self.message(key)["payload"]
            self._validators[key] = Draft7Validator({"allOf": [schema], "components": self.document["components"]})
        return self._validators[key]

    def complaints(self, topic: str, payload: Any) -> list[str]:
        """Return what is wrong with a message on a topic."""
        keys = self.keys(topic)
        if len(keys) != 1:
            return [f"{topic}: {len(keys)} channels have it"]
        return [
            f"{topic}: {error.json_path}: {error.message}" for error in self.validator(keys[0]).iter_errors(payload)
        ]

    def topics(self, kinds: Iterable[str]) -> Iterator[str]:
        """Yield the topics of some kinds, as far as parameters say what they may be."""
        for channel in self.channels.values():
            address = channel["address"]
            names = _HOLE.findall(address or "")
            choices = [self._parameters(channel)[name].get("enum", [f"{{{name}}}"]) for name in names]
            if address is None or not set(address.split("/")[4:5]) & set(kinds):
                continue
            for chosen in product(*choices):
                values = dict(zip(names, chosen, strict=True))
                yield address.format_map(values)


def _pattern(address: str, parameters: Mapping[str, Any]) -> str:
    """Return what matches the topics of an address."""
    pattern = ""
    for number, part in enumerate(_HOLE.split(address)):
        choices = parameters[part].get("enum") if number % 2 else None
        pattern += (
            re.escape(part) if not number % 2 else f"(?:{'|'.join(map(re.escape, choices))})" if choices else "[^/]+"
        )
    return pattern
