"""The directive `component`: what a data sheet states, whole or in parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from docutils import nodes

from csc import Blueprint, Command, Topic, load_catalogue
from csc.diagrams import draw_component
from csc.generic import generic_commands, generic_topics
from cscsim.sphinx.domain import GENERICS
from cscsim.sphinx.every_csc import every_csc
from cscsim.sphinx.machines import machine
from cscsim.sphinx.messages import command, topics
from cscsim.sphinx.page import CscDirective, anchor_of
from cscsim.sphinx.quantities import Anchor, fault, outputs, overrides, parameters
from cscsim.sphinx.sources import SUMMARY_STATE, files_of
from cscsim.sphinx.words import Words, bullets, code, facts, joined, paragraph, said, strong, table

__all__ = ["PARTS", "ComponentDirective"]

PARTS = {
    "overview": "",
    "machines": "Machines",
    "commands": "Commands",
    "events": "Events",
    "telemetry": "Telemetry",
    "outputs": "Outputs",
    "parameters": "Parameters",
    "configurations": "Configuration overrides",
    "errors": "Errors",
    "faults": "Faults",
    "sources": "Sources",
}
"""The parts of a page, in order, and their headings."""


class ComponentDirective(CscDirective):
    """``.. component:: ATDome``: its interface, machines, parameters, faults and cures."""

    def build(self, name: str) -> Iterator[nodes.Node]:
        """Yield the nodes for a component; ``CSC`` is what SAL gives all of them.

        Raises
        ------
        AuthorError
            If there is no such component, or an option is wrong.
        """
        if name == GENERICS:
            self.refuse_parts(name)
            self.depend_on(SUMMARY_STATE)
            yield from every_csc(self)
            return
        plan = load_catalogue().find(name)
        self.depend_on(*files_of(plan))
        chosen = self.chosen(tuple(PARTS))
        for part in chosen:
            body = list(self._part(part, plan))
            title = PARTS[part]
            if title and body and len(chosen) > 1:
                yield self.section(title, anchor_of(plan.component, part), body)
            else:  # a part that stands alone has the heading that its writer gives it
                yield from body

    def _part(self, part: str, plan: Blueprint) -> Iterator[nodes.Node]:
        match part:
            case "overview":
                yield from self.whole("component", plan.component)
                yield paragraph(strong(f"{plan.title}."), " ", said(plan.summary))
                yield from facts(self._facts(plan))
            case "machines":
                yield from self._machines(plan)
            case "commands":
                yield from self.commands(plan.component, _own_commands(plan))
            case "events":
                yield from topics(_own_topics(plan, telemetry=False), self._anchors(plan, "event"))
            case "telemetry":
                found = topics(_own_topics(plan, telemetry=True), self._anchors(plan, "telemetry"))
                yield from [paragraph("Sampled only while somebody listens."), *found] if found else ()
            case "outputs" if plan.outputs:
                yield paragraph(
                    "What conditions may name, as ", code(f"{plan.component}.{next(iter(plan.outputs))}"), "."
                )
                yield from outputs(plan.outputs, self._anchors(plan, "output"))
            case "parameters":
                yield from parameters(plan.parameters, self._anchors(plan, "parameter"))
            case "configurations" if plan.configurations:
                yield paragraph("What ", code("start"), " takes by name.")
                yield from overrides(plan)
            case "errors":
                rows = [
                    ([nodes.Text(str(number))], [code(name)], said(text))
                    for name, (number, text) in plan.errors.items()
                ]
                yield from table(("code", "name", "text"), rows)
            case "faults":
                for each in plan.faults.values():
                    body = fault(plan, each, self.domain.homes.of("weekly"))
                    yield from self.entry("fault", plan.component, each.name, body)
            case "sources" if plan.sources:
                yield bullets(said(source) for source in plan.sources)

    def entry(self, kind: str, component: str, name: str, body: Iterable[nodes.Node]) -> list[nodes.Node]:
        """Return the section about something that a component has."""
        section = self.section(name, anchor_of(kind, component, name), body)
        return self.told(kind, f"{component}.{name}", section)

    def commands(self, component: str, commands: Mapping[str, Command]) -> Iterator[nodes.Node]:
        """Yield the sections about commands."""
        if commands:
            yield paragraph("Unless it says otherwise, a command is taken in ", code("ENABLED"), ".")
        for name, plan in commands.items():
            yield from self.entry("command", component, name, command(plan))

    def _machines(self, plan: Blueprint) -> Iterator[nodes.Node]:
        if plan.machines:
            beside = ", beside the summary state" if plan.is_csc else ""
            yield paragraph(f"They run side by side{beside}. Each begins in the state that is set in bold.")
        for name, chart in plan.machines.items():
            body = machine(chart, draw_component(plan, name), self.form())
            yield from self.entry("machine", plan.component, name, body)

    def _anchors(self, plan: Blueprint, kind: str) -> Anchor:
        def anchor(name: str) -> list[nodes.Node]:
            return self.anchor(kind, f"{plan.component}.{name}", anchor_of(kind, plan.component, name))

        return anchor

    def _facts(self, plan: Blueprint) -> list[tuple[str, Words]]:
        indices = [f"{index} {meaning}" for index, meaning in plan.indices.items()]
        senses = [
            [code(f"{sense.component}.{sense.output}"), nodes.Text(" as "), code(name)]
            for name, sense in sorted(plan.senses.items())
        ]
        like: Words = ()
        if plan.like:
            like = [self.link("component", plan.like), nodes.Text(", but for what this page says otherwise")]
        return [
            ("data sheet", [code(f"csc/{plan.folder}/{plan.file}")]),
            ("like", like),
            ("also called", joined(plan.aliases)),
            ("indices", said(", ".join(indices))),
            ("SAL's generics", joined(plan.generics)),
            ("not simulated", _not_simulated(plan)),
            ("listens to", joined(self.link("component", name) for name in plan.remotes)),
            ("senses", joined(senses)),
        ]


def _not_simulated(plan: Blueprint) -> Words:
    """Name what the interface has and nobody carries out or sends here."""
    messages: dict[str, Mapping[str, Command | Topic]] = {"commands": plan.commands, "topics": plan.topics}
    silent = {label: [name for name, each in all_.items() if not each.simulated] for label, all_ in messages.items()}
    return joined(([nodes.Text(f"{label} "), *joined(names)] for label, names in silent.items() if names), "; ")


def _own_commands(plan: Blueprint) -> dict[str, Command]:
    """Return the commands that are not told already of every CSC."""
    shared = generic_commands(plan.generics)
    return {name: each for name, each in plan.commands.items() if not _is_shared(each, shared.get(name))}


def _is_shared(command: Command, generic: Command | None) -> bool:
    return generic is not None and (command.guards, command.fields.keys()) == ((), generic.fields.keys())


def _own_topics(plan: Blueprint, *, telemetry: bool) -> dict[str, Topic]:
    shared = generic_topics(plan.generics)
    return {name: each for name, each in plan.topics.items() if name not in shared and each.telemetry == telemetry}
