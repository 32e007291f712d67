"""Machines as pictures: the tables that run are the tables that are drawn."""

from fsm.diagrams.labels import explain_row, explain_time
from fsm.diagrams.mermaid import mermaid_machine, mermaid_machines

__all__ = ["explain_row", "explain_time", "mermaid_machine", "mermaid_machines"]
