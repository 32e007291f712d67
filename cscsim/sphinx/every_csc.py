"""What SAL's generics give every CSC, told once, so that no other page repeats it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from docutils import nodes

from csc.generic import generic_commands, generic_topics, summary_chart
from csc.palette import SUMMARY_PAINTS
from cscsim.sphinx.domain import GENERICS
from cscsim.sphinx.machines import machine
from cscsim.sphinx.messages import topics
from cscsim.sphinx.page import anchor_of
from cscsim.sphinx.words import code, paragraph
from fsm.diagrams import Manner, draw_machine

if TYPE_CHECKING:
    from cscsim.sphinx.component import ComponentDirective

__all__ = ["every_csc"]

_FEW = ("configurable", "largeFileObjectAvailable", "clockOffset", "statusCode")
"""Categories of generics that only some CSCs have."""


def every_csc(page: ComponentDirective) -> Iterator[nodes.Node]:
    """Yield the summary state, the commands that change it, and the events."""
    yield from page.whole("component", GENERICS)
    yield paragraph("SAL gives every CSC a summary state, commands that change it, and a few events.")
    yield from page.told("machine", f"{GENERICS}.summary", _summary(page))
    commands = generic_commands(("csc", "enterControl"))
    yield page.section("Commands", anchor_of(GENERICS, "commands"), page.commands(GENERICS, commands))
    yield page.section("Events", anchor_of(GENERICS, "events"), _events(page))


def _summary(page: ComponentDirective) -> nodes.Element:
    chart = summary_chart()
    drawing = draw_machine(chart, title="Summary state", manner=Manner(paints=SUMMARY_PAINTS))
    body = [
        *machine(chart, drawing, page.form()),
        paragraph("A condition names it by the component alone: ", code("ATDome is ENABLED"), "."),
    ]
    return page.section("Summary state", anchor_of("machine", GENERICS, "summary"), body)


def _events(page: ComponentDirective) -> Iterator[nodes.Node]:
    yield from topics(generic_topics(("csc",)))
    yield paragraph("Some CSCs have more of SAL's generics; their pages name them.")
    for category in _FEW:
        own = {name: topic for name, topic in generic_topics((category,)).items() if name not in generic_topics(())}
        yield page.section(category, anchor_of(GENERICS, category), topics(own))
