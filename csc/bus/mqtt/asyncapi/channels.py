"""The channels of an observatory: every topic on which something may be said, and what.

What SAL gives every CSC alike stands once, with the component as a parameter of the topic; so do the disturbances,
which may befall any component. A script, which ScriptQueue loads while it runs, has its number as a parameter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from csc.blueprint import Blueprint, Command, Fault, Topic
from csc.bus.mqtt.asyncapi.fields import Schema, arguments_schema, sample_schema
from csc.bus.mqtt.asyncapi.shared import injection_schema, with_private
from csc.bus.mqtt.asyncapi.words import conditions_of
from csc.bus.mqtt.payload import PRIVATE
from csc.bus.mqtt.presence import ASKED
from csc.bus.mqtt.revision import revision
from csc.bus.mqtt.topics import TopicTree
from csc.disturbances import DISTURBANCES
from csc.generic import generic_commands, generic_topics

__all__ = ["ALIKE", "Channel", "Message", "Owner", "channels_of", "owner_of", "script_owner"]

ALIKE = "every component"
"""Tag of what is the same for all components that have it."""
_HEARTBEAT = "heartbeat"
"""An event of SAL that nobody sends but who is asked for samples."""
_EVERY: Schema = {"description": "time between samples, in simulated seconds", "examples": ["10"]}
Item: TypeAlias = "Command | Topic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose channels they are: a component's, or those of many alike.

    Attributes
    ----------
    name
        What stands for it in a topic: ``OCPS:1``, ``{component}``.
    key
        What its keys in the document begin with; nothing for those of many.
    tag
        What it is called.
    plan
        None for many.
    parameters
        What may stand in braces in its name.
    """

    name: str
    key: str = ""
    tag: str
    plan: Blueprint | None = None
    parameters: Mapping[str, Schema] = field(default_factory=dict)

    def key_of(self, *parts: str) -> str:
        """Return the key of something of it."""
        return ".".join(part for part in (self.key, *parts) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is said on a channel: its key in the document, its name there and elsewhere, and what it looks like."""

    key: str
    name: str
    title: str
    summary: str = ""
    payload: Schema
    revision: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A topic, or all that differ in parameters, and the kind of message on it; `description` says when it is sent."""

    key: str
    kind: str
    address: str
    message: Message
    tag: str = ""
    parameters: Mapping[str, Schema] = field(default_factory=dict)
    description: str = ""


def owner_of(name: str, plan: Blueprint) -> Owner:
    """Return a component as the owner of channels, by its name on the bus."""
    return Owner(name=name, key=name.replace(":", "_"), tag=name, plan=plan)


def script_owner(plan: Blueprint) -> Owner:
    """Return the components of a kind that come and go while others run, each with a number of its own."""
    number: Schema = {"description": "its number", "examples": ["200000"]}
    return Owner(
        name=f"{plan.component}:{{number}}",
        key=plan.component,
        tag=plan.component,
        plan=plan,
        parameters={"number": number},
    )


def channels_of(tree: TopicTree, owners: Iterable[Owner]) -> Iterator[Channel]:
    """Yield the channels of components: first what they share, then each one's own."""
    owners = tuple(owners)
    lasting = [owner for owner in owners if not owner.parameters]
    yield _fixed("clock", tree.clock, Owner(name="", tag=ALIKE), "What time it is.")
    if lasting:
        yield from _presence(tree, _many(lasting))
        yield from _generic(tree, lasting)
        yield from _disturbances(tree, lasting)
    for owner in owners:
        if owner.plan is not None:
            yield from _own(tree, owner, owner.plan)


def _presence(tree: TopicTree, owner: Owner) -> Iterator[Channel]:
    """Yield what is said of whether components are there, and what asks for it."""
    yield _fixed("alive", tree.of(owner.name, "alive"), owner, "Whether a component is there.")
    summary = "Is a component there? It says so at once; who is not there says nothing."
    yield _fixed("question", tree.of(owner.name, "demand", ASKED), owner, summary)


def _many(owners: Iterable[Owner]) -> Owner:
    """Return what stands for any of these."""
    names = [owner.name for owner in owners]
    component: Schema = {"description": "name of a component on the bus", "enum": names}
    return Owner(name="{component}", tag=ALIKE, parameters={"component": component})


def _disturbances_of(owner: Owner) -> Iterator[Fault]:
    """Yield what may befall any component; a fault of its own data sheet goes before one of the same name."""
    for name, disturbance in DISTURBANCES.items():
        if owner.plan is not None and name not in owner.plan.faults:
            if owner.plan.is_csc or not disturbance.csc_only:
                yield disturbance.as_fault()


def _fixed(
    kind: str, address: str, owner: Owner, summary: str, parameters: Mapping[str, Schema] | None = None
) -> Channel:
    """Return a channel whose messages are all of one shared schema."""
    message = Message(
        key=kind, name=kind, title=kind, summary=summary, payload={"$ref": f"#/components/schemas/{kind}"}
    )
    return Channel(
        key=owner.key_of(kind),
        kind=kind,
        address=address,
        message=message,
        tag=owner.tag,
        parameters={**owner.parameters, **(parameters or {})},
    )


def _items(plan: Blueprint) -> Iterator[Item]:
    """Yield the commands that a component takes, and the topics that it sends; what is not simulated is never sent."""
    yield from plan.commands.values()
    yield from (topic for topic in plan.topics.values() if topic.simulated)


def _is_generic(plan: Blueprint, item: Item) -> bool:
    """Tell whether SAL gives an item to the component as it is."""
    generic = generic_commands(plan.generics) if isinstance(item, Command) else generic_topics(plan.generics)
    return generic.get(item.name) == item


def _kinds(item: Item) -> tuple[str, ...]:
    """Return where on the tree an item is: what is sampled is telemetry; an event of SAL may be sampled besides."""
    if isinstance(item, Command):
        return ("command",)
    if item.telemetry or item.name == _HEARTBEAT:
        return ("telemetry",)
    return ("event",) if item.cadence is None else ("event", "telemetry")


def _generic(tree: TopicTree, owners: Iterable[Owner]) -> Iterator[Channel]:
    """Yield what SAL gives components, for those that have it as it is given."""
    shared: dict[tuple[type[Item], str], tuple[Item, list[Owner]]] = {}
    for owner in owners:
        for item in _items(owner.plan) if owner.plan is not None else ():
            if owner.plan is not None and _is_generic(owner.plan, item):
                shared.setdefault((type(item), item.name), (item, []))[1].append(owner)
    for item, having in shared.values():
        yield from _of_item(tree, item, _many(having), is_csc=True)


def _disturbances(tree: TopicTree, owners: Iterable[Owner]) -> Iterator[Channel]:
    """Yield what may befall any component."""
    shared: dict[str, tuple[Fault, list[Owner]]] = {}
    for owner in owners:
        for fault in _disturbances_of(owner):
            shared.setdefault(fault.name, (fault, []))[1].append(owner)
    for fault, having in shared.values():
        yield _injection(tree, fault, _many(having))


def _own(tree: TopicTree, owner: Owner, plan: Blueprint) -> Iterator[Channel]:
    """Yield what only one component has."""
    if owner.parameters:
        yield from _presence(tree, owner)
    for item in _items(plan):
        if owner.parameters or not _is_generic(plan, item):
            yield from _of_item(tree, item, owner, is_csc=plan.is_csc)
    disturbances = tuple(_disturbances_of(owner))
    for fault in (*plan.faults.values(), *(disturbances if owner.parameters else ())):
        yield _injection(tree, fault, owner)
    requests = [*plan.commands, *plan.faults, *(fault.name for fault in disturbances)]
    what: Schema = {"description": "name of the command or fault that is acknowledged", "enum": requests}
    summary = "What becomes of a request that names no topic for its acknowledgements."
    yield _fixed("ack", tree.of(owner.name, "ack", "{request}"), owner, summary, {"request": what})
    sampled = [item.name for item in _items(plan) if "telemetry" in _kinds(item)]
    if sampled:
        what = {"description": "name of the telemetry", "enum": sampled}
        address = tree.of(owner.name, "demand", "{topic}")
        yield from _with_cadence(_fixed("demand", address, owner, "Telemetry is wanted.", {"topic": what}))


def _of_item(tree: TopicTree, item: Item, owner: Owner, *, is_csc: bool) -> Iterator[Channel]:
    """Yield the channels of a command, an event or telemetry."""
    if isinstance(item, Command):
        payload = with_private(arguments_schema(item), "request", PRIVATE)
        told = {"command": conditions_of(item, is_csc=is_csc)}
    else:
        payload = with_private(sample_schema(item), "sent")
        told = {"telemetry": f"Every {item.cadence or 0:g} s of simulated time, while it is wanted."}
    for kind in _kinds(item):
        message = Message(
            key=owner.key_of(kind, item.name),
            name=item.name,
            title=owner.key_of(item.name),
            summary=item.meaning,
            payload=payload,
            revision=revision(item),
        )
        channel = Channel(
            key=message.key,
            kind=kind,
            address=tree.of(owner.name, kind, item.name),
            message=message,
            tag=owner.tag,
            parameters=owner.parameters,
            description=told.get(kind, ""),
        )
        yield from _with_cadence(channel) if kind == "telemetry" else (channel,)


def _with_cadence(channel: Channel) -> Iterator[Channel]:
    """Yield a channel of telemetry, and the one of the same at a slower cadence that a client has chosen."""
    yield channel
    yield replace(
        channel,
        key=f"{channel.key}.every",
        address=f"{channel.address}/{{every}}",
        parameters={**channel.parameters, "every": _EVERY},
        description="The same at a slower cadence." if channel.kind == "telemetry" else channel.description,
    )


def _injection(tree: TopicTree, fault: Fault, owner: Owner) -> Channel:
    """Return the channel on which a fault is asked for."""
    key = owner.key_of("inject", fault.name)
    return Channel(
        key=key,
        kind="inject",
        address=tree.of(owner.name, "inject", fault.name),
        message=Message(
            key=key,
            name=fault.name,
            title=owner.key_of(fault.name),
            summary=fault.meaning,
            payload=with_private(injection_schema(fault), "request", PRIVATE),
        ),
        tag=owner.tag,
        parameters=owner.parameters,
        description=f"- Seen: {fault.seen}.\n- Cure: {fault.cure}.",
    )
