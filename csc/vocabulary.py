"""Which names a condition may use, and what may be asked of them.

`ComponentVocabulary` is what a component's own guards know: its machines, outputs, parameters, senses, and
what its remotes publish. `ObservatoryVocabulary` is what procedures know: every component's published
states and outputs, the groups, and the latest images as evidence. An instructor also knows the truth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from csc.blueprint import Blueprint, Field, Parameter, Sense
from csc.evidence import describe_evidence, suggest_evidence
from fsm import Flag, Name, Quantity, States, Subject, Text, nearest

__all__ = ["ComponentVocabulary", "ObservatoryVocabulary", "published_subject"]


class ComponentVocabulary:
    """The names that a component's own conditions may use.

    Parameters
    ----------
    blueprint
        The component, with its machines, outputs, parameters and senses, before its conditions are parsed.
    remotes
        Blueprints of the components whose published values it may use.
    arguments
        Fields of the command that a row or guard belongs to.
    fault_parameters
        Parameters of the fault that an effect belongs to.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        remotes: Mapping[str, Blueprint],
        arguments: Mapping[str, Field] | None = None,
        fault_parameters: Mapping[str, Parameter] | None = None,
    ) -> None:
        self._blueprint = blueprint
        self._remotes = remotes
        self._arguments = arguments or {}
        self._fault_parameters = fault_parameters or {}

    def describe(self, name: Name) -> Subject | None:
        """Say what may be asked of a name; None if there is no such name."""
        if name.function is not None:
            return None
        match name.parts:
            case ("argument", field) if field in self._arguments:
                return self._arguments[field].subject
            case ("fault", parameter) if parameter in self._fault_parameters:
                return self._fault_parameters[parameter].subject
            case (component,) if component in self._remotes:
                return _summary(self._remotes[component])
            case (component, what) if component in self._remotes:
                return published_subject(self._remotes[component], what)
            case (what,):
                sense = self._blueprint.senses.get(what)
                return _sensed(sense) if sense else self._blueprint.subject(what)
        return None

    def suggest(self, name: Name) -> str | None:
        """Return the nearest valid spelling."""
        return nearest(str(name), self._names())

    def _names(self) -> Iterable[str]:
        blueprint = self._blueprint
        yield from (*blueprint.machines, *blueprint.outputs, *blueprint.parameters, *blueprint.senses, "summary")
        yield from (f"argument.{field}" for field in self._arguments)
        yield from (f"fault.{parameter}" for parameter in self._fault_parameters)
        for component, remote in self._remotes.items():
            yield component
            yield from (f"{component}.{what}" for what in (*remote.machines, *remote.outputs) if remote.published(what))


class ObservatoryVocabulary:
    """The names that procedures may use.

    Parameters
    ----------
    blueprints
        Every component by the name it has on the bus (``OCPS:1``), without its aliases.
    groups
        Members of each group.
    truth
        Whether unpublished machines and outputs may be named too: the instructor's view.
    """

    def __init__(
        self, blueprints: Mapping[str, Blueprint], groups: Mapping[str, tuple[str, ...]], *, truth: bool = False
    ) -> None:
        self.blueprints = blueprints
        self.groups = groups
        self.truth = truth
        self.aliases = {
            alias: name for name, blueprint in blueprints.items() for alias in blueprint.aliases if ":" not in name
        }

    def canonical(self, component: str) -> str:
        """Return the name that a component has on the bus: ``ATMount`` is ``ATMCS``."""
        return self.aliases.get(component, component)

    def describe(self, name: Name) -> Subject | None:
        """Say what may be asked of a name; None if there is no such name."""
        if name.function is not None:
            return describe_evidence(name)
        match name.parts:
            case (group,) if group in self.groups:
                return _summary(self.blueprints[self.groups[group][0]])
            case (component,) if self.canonical(component) in self.blueprints:
                return _summary(self.blueprints[self.canonical(component)])
            case (component, what) if self.canonical(component) in self.blueprints:
                blueprint = self.blueprints[self.canonical(component)]
                return blueprint.subject(what) if self.truth else published_subject(blueprint, what)
            case (component, event, field) if not self.truth and self.canonical(component) in self.blueprints:
                fields = _events(self.blueprints[self.canonical(component)]).get(event, {})
                return fields[field].message_subject if field in fields else None
        return None

    def suggest(self, name: Name) -> str | None:
        """Return the nearest valid spelling."""
        if name.function is not None:
            return suggest_evidence(name)
        blueprint = self.blueprints.get(self.canonical(name.parts[0]))
        if len(name.parts) == 3 and blueprint is not None:
            fields = (f"{event}.{field}" for event, known in _events(blueprint).items() for field in known)
            near = nearest(".".join(name.parts[1:]), fields)
            return near and f"{name.parts[0]}.{near}"
        return nearest(str(name), self.names())

    def names(self) -> Iterable[str]:
        """Yield every name there is."""
        yield from self.groups
        for component, blueprint in self.blueprints.items():
            yield component
            for what in (*blueprint.machines, *blueprint.outputs):
                if self.truth or blueprint.published(what):
                    yield f"{component}.{what}"


def _events(blueprint: Blueprint) -> dict[str, Mapping[str, Field]]:
    """Return the fields of each event that is published when something happens."""
    return {name: topic.fields for name, topic in blueprint.topics.items() if topic.simulated and not topic.cadence}


def published_subject(blueprint: Blueprint, what: str) -> Subject | None:
    """Say what may be asked of what a component publishes; None if it is not published."""
    return blueprint.subject(what) if blueprint.published(what) or what == "summary" else None


def _summary(blueprint: Blueprint) -> Subject | None:
    return States(blueprint.summary_chart.state_names) if blueprint.summary_chart is not None else None


def _sensed(sense: Sense) -> Subject:
    if isinstance(sense.default, bool):
        return Flag()
    return Text() if isinstance(sense.default, str) else Quantity(sense.unit)
