"""What somebody wants to watch: patterns, held against the names of the data sheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from csc import Blueprint, Field, Topic, load_catalogue
from csc.bus.mqtt import TopicTree
from csc.bus.mqtt.topics import Place
from fsm import AuthorError, AuthorErrors, nearest

__all__ = ["Chosen", "choose"]

_SCRIPT = "Script"
"""Scripts come and go with their numbers; they are watched by the name of all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pattern:
    """A pattern: of components, by any of their names, and of topics."""

    component: str
    topic: str

    def fits_component(self, who: str, aliases: Iterable[str]) -> bool:
        return any(fnmatchcase(name, self.component) for name in (who, who.partition(":")[0], *aliases))

    def fits(self, who: str, topic: Topic, aliases: Iterable[str], *, sampled: bool) -> bool:
        wanted = sampled or topic.cadence is None or not set(self.topic) & set("*?[")
        return wanted and fnmatchcase(topic.name, self.topic) and self.fits_component(who, aliases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What is watched.

    Attributes
    ----------
    patterns
        As they were given.
    telemetry
        Whether what is sampled counts where a pattern does not name it.
    every
        Time [simulated s] between samples.
    acks
        Whether commands and acknowledgements are watched.
    plans
        The data sheets of the observatory's components, by their names on the bus, and of scripts.
    """

    patterns: tuple[_Pattern, ...]
    plans: Mapping[str, Blueprint]
    telemetry: bool
    every: float | None
    acks: bool

    def plan(self, who: str) -> Blueprint | None:
        """Return the data sheet of a component; None if it is not known here."""
        return self.plans.get(who) or (self.plans.get(_SCRIPT) if who.startswith(f"{_SCRIPT}:") else None)

    def topics(self) -> Iterator[tuple[str, Topic]]:
        """Yield the topics that are watched, each with its component."""
        for who, plan in self.plans.items():
            yield from (
                (who, topic) for topic in plan.topics.values() if topic.simulated and self._has(who, plan, topic)
            )

    def _has(self, who: str, plan: Blueprint, topic: Topic) -> bool:
        return any(each.fits(who, topic, plan.aliases, sampled=self.telemetry) for each in self.patterns)

    def has(self, place: Place) -> bool:
        """Tell whether a message is watched."""
        plan = self.plan(place.who)
        if plan is None:
            return False
        if place.kind in ("command", "ack"):
            return self.acks and any(each.fits_component(place.who, plan.aliases) for each in self.patterns)
        topic = plan.topics.get(place.what)
        if topic is None or place.kind not in ("event", "telemetry"):
            return False
        wanted = "" if self.every is None or place.kind == "event" else f"{self.every:g}"
        return place.every == wanted and self._has(place.who, plan, topic)

    def fields(self, place: Place) -> Mapping[str, Field]:
        """Return the fields of a message, as the data sheet has them."""
        plan = self.plan(place.who)
        if plan is None:
            return {}
        if place.kind == "command":
            return plan.commands[place.what].fields if place.what in plan.commands else {}
        return plan.topics[place.what].fields if place.what in plan.topics else {}

    def filters(self, tree: TopicTree) -> Iterator[str]:
        """Yield what to subscribe to."""
        yield tree.of("+", "event", "+")
        for _, topic in self.demands(tree):
            yield topic
        if self.acks:
            yield from (tree.of("+", "command", "+"), tree.of("+", "ack", "+"), f"{tree.replies}/+")

    def demands(self, tree: TopicTree) -> Iterator[tuple[str, str]]:
        """Yield, of all that is sampled for those who ask for it, the topic to ask and the one where it comes."""
        every = "" if self.every is None else f"{self.every:g}"
        for who, topic in self.topics():
            if topic.cadence is not None and who != _SCRIPT:
                yield tree.of(who, "demand", topic.name, every), tree.of(who, "telemetry", topic.name, every)


def choose(
    texts: Iterable[str], plans: Mapping[str, Blueprint], *, telemetry: bool, every: float | None, acks: bool
) -> Chosen:
    """Read patterns.

    Raises
    ------
    AuthorErrors
        With every pattern that fits nothing, and the nearest names.
    """
    known = {**plans, _SCRIPT: load_catalogue()[_SCRIPT]}
    patterns, errors = [], []
    for text in texts:
        component, _, topic = text.partition(".")
        pattern = _Pattern(component=component, topic=topic or "*")
        patterns.append(pattern)
        alone = Chosen(patterns=(pattern,), plans=known, telemetry=True, every=every, acks=acks)
        if next(alone.topics(), None) is None:
            errors.append(_nothing(text, pattern, known))
    if errors:
        raise AuthorErrors(errors)
    return Chosen(patterns=tuple(patterns), plans=known, telemetry=telemetry, every=every, acks=acks)


def _nothing(text: str, pattern: _Pattern, plans: Mapping[str, Blueprint]) -> AuthorError:
    """Return what to say of a pattern that fits nothing."""
    found = {who: plan for who, plan in plans.items() if pattern.fits_component(who, plan.aliases)}
    if not found:
        names = {name for who, plan in plans.items() for name in (who, who.partition(":")[0], *plan.aliases)}
        return AuthorError(
            f"{text}: there is no component {pattern.component}", suggestion=nearest(pattern.component, names)
        )
    topics = {topic.name for plan in found.values() for topic in plan.topics.values() if topic.simulated}
    near = nearest(pattern.topic, sorted(topics))
    return AuthorError(
        f"{text}: there is no topic {pattern.topic}", suggestion=f"{pattern.component}.{near}" if near else None
    )
