"""SCXML: state charts that other engines run.

::

    Statechart --machine--> Document --write_scxml--> XML
    Condition  --values---> an expression of Python's datamodel
"""

from fsm.diagrams.scxml.document import Action, Arc, Assign, Cancel, Data, Document, Place, Raise, Send, write_scxml
from fsm.diagrams.scxml.machine import FAULTED, Wiring, data_of, names_of, region, scxml_machine
from fsm.diagrams.scxml.values import Speech, identifier

__all__ = [
    "FAULTED",
    "Action",
    "Arc",
    "Assign",
    "Cancel",
    "Data",
    "Document",
    "Place",
    "Raise",
    "Send",
    "Speech",
    "Wiring",
    "data_of",
    "identifier",
    "names_of",
    "region",
    "scxml_machine",
    "write_scxml",
]
