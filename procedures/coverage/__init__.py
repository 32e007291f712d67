"""Coverage: what there is of components and procedures, and what of it has come about in runs."""

from procedures.coverage.advice import ComponentAdvice, ProcedureAdvice
from procedures.coverage.calls import Finder, called_by, visits_of_procedure
from procedures.coverage.collector import Collector, collect_records
from procedures.coverage.item import COMPONENT_GROUPS, PROCEDURE_GROUPS, Item, component_items, procedure_items
from procedures.coverage.seen import Seen, note_run
from procedures.coverage.tally import Coverage, Figure, Group, Part, percent, tally

__all__ = [
    "COMPONENT_GROUPS",
    "PROCEDURE_GROUPS",
    "Collector",
    "ComponentAdvice",
    "Coverage",
    "Figure",
    "Finder",
    "Group",
    "Item",
    "Part",
    "ProcedureAdvice",
    "Seen",
    "called_by",
    "collect_records",
    "component_items",
    "note_run",
    "percent",
    "procedure_items",
    "tally",
    "visits_of_procedure",
]
