"""The one language of guards, invariants, pre- and post-conditions, waits, fault triggers and goals.

::

    text --syntax--> tree --resolve (Vocabulary)--> nodes --evaluate (Scope)--> true, false, unknown
                                                      |---explain---> why
                                                      '---printing--> canonical text

Nothing written in it is ever executed as Python. `nodes` holds the tree for those who reason about it.
"""

from fsm.conditions import nodes
from fsm.conditions.condition import Condition, Expression
from fsm.conditions.names import NULL, Name, Null, Scope, Truth, Value, Vocabulary, format_value
from fsm.conditions.parse import parse_condition, parse_expression
from fsm.conditions.subjects import Anything, Flag, Quantity, Sequence, States, Subject, Text
from fsm.conditions.units import UnitError, canonical_unit, format_quantity, nearest_unit, parse_quantity

__all__ = [
    "NULL",
    "Anything",
    "Condition",
    "Expression",
    "Flag",
    "Name",
    "Null",
    "Quantity",
    "Scope",
    "Sequence",
    "States",
    "Subject",
    "Text",
    "Truth",
    "UnitError",
    "Value",
    "Vocabulary",
    "canonical_unit",
    "format_quantity",
    "format_value",
    "nearest_unit",
    "nodes",
    "parse_condition",
    "parse_expression",
    "parse_quantity",
]
