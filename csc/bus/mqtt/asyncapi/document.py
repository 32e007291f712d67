"""An AsyncAPI 3 document of an observatory: what may be said to it over MQTT, and what it says.

The application that it describes is the observatory: it receives commands, it sends events. A client does the
opposite. The document follows from the data sheets alone, always in the same order.
https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from importlib.metadata import version
from typing import Any, Literal, NamedTuple, TypeAlias

from csc.bus.mqtt.asyncapi.channels import ALIKE, Channel, Owner, channels_of, owner_of, script_owner
from csc.bus.mqtt.asyncapi.shared import common_schemas
from csc.bus.mqtt.asyncapi.telling import ABOUT, SECURITY, SERVERS
from csc.bus.mqtt.payload import LARGEST, PRIVATE
from csc.bus.mqtt.roles import Action, Role, may
from csc.bus.mqtt.topics import TopicTree
from csc.catalogue import Catalogue, load_catalogue
from csc.observatory import ObservatorySheet
from fsm import AuthorError, nearest

__all__ = ["asyncapi_document"]

Document: TypeAlias = dict[str, Any]


class _Kind(NamedTuple):
    """What all messages of a kind have in common; clients send those `by_client`, and hear what they are answered."""

    by_client: bool = False
    qos: int = 1
    retain: bool = False
    answered: Literal["", "ack", "alive"] = ""


_KINDS: Mapping[str, _Kind] = {
    "command": _Kind(by_client=True, answered="ack"),
    "ack": _Kind(),
    "event": _Kind(retain=True),
    "telemetry": _Kind(qos=0),
    "demand": _Kind(by_client=True),
    "inject": _Kind(by_client=True, answered="ack"),
    "alive": _Kind(retain=True),
    "question": _Kind(by_client=True, answered="alive"),
    "clock": _Kind(retain=True),
}
_COMMON = ("component", "every")
_BINDING = "0.2.0"
"""Version of the MQTT binding."""


def asyncapi_document(
    sheet: ObservatorySheet, catalogue: Catalogue | None = None, *, components: Collection[str] = ()
) -> Document:
    """Return the document of an observatory.

    Parameters
    ----------
    catalogue
        Where the components' blueprints come from; this package's own if left out.
    components
        Only these, by their names on the bus, without their index, or by an alias; all if left out.

    Raises
    ------
    AuthorError
        If one of them is not there; names the nearest.
    """
    tree = TopicTree(sheet.observatory)
    owners = _chosen(_owners(sheet, catalogue or load_catalogue()), components)
    channels = list(channels_of(tree, owners))
    parameters = _common_parameters(channels)
    return {
        "asyncapi": "3.0.0",
        "id": f"urn:{tree.root.replace('/', ':')}",
        "info": {
            "title": sheet.title,
            "version": version("cscsim"),
            "description": ABOUT.format(root=tree.root, replies=tree.replies, largest=LARGEST),
            "license": {"name": "BSD-3-Clause"},
            "tags": [_ref("tags", key) for key in _tags(owners)],
        },
        "defaultContentType": "application/json",
        "servers": SERVERS,
        "channels": {"reply": _REPLY} | {channel.key: _channel(channel, parameters) for channel in channels},
        "operations": {channel.key: _operation(channel) for channel in channels},
        "components": {
            "schemas": common_schemas(tree),
            "messages": {channel.message.key: _message(channel) for channel in channels},
            "parameters": parameters,
            "replies": {"ack": _ANSWER},
            "correlationIds": {"request": _CORRELATION},
            "operationTraits": {kind: _trait(kind, channels) for kind in _KINDS if _any(kind, channels)},
            "securitySchemes": SECURITY,
            "tags": _tags(owners),
        },
    }


def _owners(sheet: ObservatorySheet, catalogue: Catalogue) -> list[Owner]:
    """Return the components of an observatory, and those that they load while they run."""
    plans = {name: catalogue[name.partition(":")[0]] for name in sheet.components}
    loaded = {
        remote: catalogue[remote]
        for plan in plans.values()
        for remote in plan.remotes
        if remote in catalogue and remote not in plans and not catalogue[remote].is_csc
    }
    return [*(owner_of(name, plan) for name, plan in plans.items()), *map(script_owner, loaded.values())]


def _chosen(owners: list[Owner], names: Collection[str]) -> list[Owner]:
    if not names:
        return owners
    called = {owner.tag: {owner.tag, owner.tag.partition(":")[0]} for owner in owners}
    for owner in owners:
        called[owner.tag].update(owner.plan.aliases if owner.plan is not None else ())
    for name in names:
        if not any(name in each for each in called.values()):
            raise AuthorError(
                f"there is no component {name} here", suggestion=nearest(name, set().union(*called.values()))
            )
    return [owner for owner in owners if called[owner.tag].intersection(names)]


def _ref(*path: str) -> Document:
    return {"$ref": "/".join(("#/components", *path))}


def _tags(owners: Iterable[Owner]) -> Document:
    alike = {"name": ALIKE, "description": "What is the same for all components that have it."}
    own = {
        owner.key: {"name": owner.tag, "description": owner.plan.title} for owner in owners if owner.plan is not None
    }
    return {"alike": alike, **own}


def _common_parameters(channels: Iterable[Channel]) -> Document:
    """Return the parameters of the topics that are most often the same: by each name, the first."""
    found: Document = {}
    for channel in channels:
        for name in _COMMON:
            if name in channel.parameters:
                found.setdefault(name, dict(channel.parameters[name]))
    return found


def _channel(channel: Channel, common: Document) -> Document:
    found: Document = {"address": channel.address}
    if channel.parameters:
        found["parameters"] = {
            name: _ref("parameters", name) if common.get(name) == schema else schema
            for name, schema in channel.parameters.items()
        }
    found["messages"] = {channel.message.name: _ref("messages", channel.message.key)}
    return found


def _operation(channel: Channel) -> Document:
    kind = _KINDS[channel.kind]
    found: Document = {
        "action": "receive" if kind.by_client else "send",
        "channel": {"$ref": f"#/channels/{channel.key}"},
    }
    if channel.description:
        found["description"] = channel.description
    found["tags"] = [_ref("tags", _tag_key(channel.tag))]
    found["traits"] = [_ref("operationTraits", channel.kind)]
    if kind.answered == "ack":
        found["reply"] = _ref("replies", "ack")
    elif kind.answered:
        answer = channel.key.removesuffix(channel.kind) + kind.answered
        found["reply"] = {"channel": {"$ref": f"#/channels/{answer}"}}
    return found


def _tag_key(tag: str) -> str:
    return "alike" if tag == ALIKE else tag.replace(":", "_")


def _message(channel: Channel) -> Document:
    message = channel.message
    found: Document = {"name": message.name, "title": message.title}
    if message.summary:
        found["summary"] = message.summary
    if "ack" in (_KINDS[channel.kind].answered, channel.kind):
        found["correlationId"] = _ref("correlationIds", "request")
    if message.revision is not None:
        found["x-revision"] = message.revision
    return found | {"payload": message.payload}


def _any(kind: str, channels: Iterable[Channel]) -> bool:
    return any(channel.kind == kind for channel in channels)


def _trait(kind: str, channels: Iterable[Channel]) -> Document:
    """Return how a kind of message travels, and the least role that may send it, or hear it."""
    plan = _KINDS[kind]
    address = next(channel.address for channel in channels if channel.kind == kind)
    action: Action = "write" if plan.by_client else "read"
    return {
        "bindings": {"mqtt": {"qos": plan.qos, "retain": plan.retain, "bindingVersion": _BINDING}},
        "x-role": next(str(role) for role in Role if may(role, action, address)),
    }


_CORRELATION: Document = {
    "description": "What a request and its acknowledgements have in common.",
    "location": f"$message.payload#/{PRIVATE}correlation",
}
_ANSWER: Document = {
    "address": {
        "description": "Where the request wants its acknowledgements; the topic of `ack` if it does not say.",
        "location": f"$message.payload#/{PRIVATE}replyTo",
    },
    "channel": {"$ref": "#/channels/reply"},
}
_REPLY: Document = {
    "address": None,
    "title": "Acknowledgements for one client",
    "description": "A topic of the client's choice, below `reply`.",
    "messages": {"ack": _ref("messages", "ack")},
}
