"""The colours of the summary states: the same in every drawing and on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fsm.diagrams import Paint

__all__ = ["SUMMARY_COLOURS", "SUMMARY_PAINTS", "SummaryColour"]


@dataclass(frozen=True, slots=True)
class SummaryColour:
    """How a summary state looks; colours as ``#rrggbb``.

    Attributes
    ----------
    letter
        Stands for it where there is no room for its name.
    """

    letter: str
    fill: str
    ink: str
    bold: bool = False

    @property
    def paint(self) -> Paint:
        """As the box of a drawing."""
        return Paint(fill=self.fill, line="#333333", ink=self.ink)

    @property
    def style(self) -> str:
        """As words on a terminal, in rich's words; one with fewer colours takes the nearest."""
        return f"{'bold ' if self.bold else ''}{self.ink} on {self.fill}"


SUMMARY_COLOURS: Mapping[str, SummaryColour] = MappingProxyType(
    {
        "ENABLED": SummaryColour("E", "#5fb85f", "#000000"),
        "DISABLED": SummaryColour("D", "#f2c94c", "#000000"),
        "STANDBY": SummaryColour("S", "#2f6fd0", "#ffffff"),
        "FAULT": SummaryColour("F", "#c62828", "#ffffff", bold=True),
        "OFFLINE": SummaryColour("O", "#6b6b6b", "#ffffff"),
    }
)

SUMMARY_PAINTS: Mapping[tuple[str, str], Paint] = MappingProxyType(
    {("summary", state): colour.paint for state, colour in SUMMARY_COLOURS.items()}
)
"""The same for drawings of machines, by machine and state."""
