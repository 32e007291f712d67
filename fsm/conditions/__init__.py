"""The one language of guards, invariants, pre- and post-conditions, waits, fault triggers and goals.

::

    text --syntax--> tree --resolve (Vocabulary)--> nodes --evaluate (Scope)--> true, false, unknown
                                                      |---explain---> why
                                                      |---printing--> canonical text
                                                      '---abstract (View)--> every truth it may have

Nothing written in it is ever executed as Python. `nodes` holds the tree for those who reason about it.
"""

from fsm.conditions import nodes
from fsm.conditions.abstract import Truths, View, estimate, judge
from fsm.conditions.assumptions import assumption, dependencies
from fsm.conditions.condition import Condition, Expression
from fsm.conditions.names import NULL, Name, Null, Scope, Truth, Value, Vocabulary, format_value
from fsm.conditions.narrowing import Narrowed, narrow
from fsm.conditions.parse import parse_condition, parse_expression
from fsm.conditions.possible import ANYTHING, NEVER, UNKNOWN, Possible, between, exactly, join_all, one_of
from fsm.conditions.subjects import Anything, Flag, Quantity, Sequence, States, Subject, Text
from fsm.conditions.units import UnitError, canonical_unit, format_quantity, nearest_unit, parse_quantity

__all__ = [
    "ANYTHING",
    "NEVER",
    "NULL",
    "UNKNOWN",
    "Anything",
    "Condition",
    "Expression",
    "Flag",
    "Name",
    "Narrowed",
    "Null",
    "Possible",
    "Quantity",
    "Scope",
    "Sequence",
    "States",
    "Subject",
    "Text",
    "Truth",
    "Truths",
    "UnitError",
    "Value",
    "View",
    "Vocabulary",
    "assumption",
    "between",
    "canonical_unit",
    "dependencies",
    "estimate",
    "exactly",
    "format_quantity",
    "format_value",
    "join_all",
    "judge",
    "narrow",
    "nearest_unit",
    "nodes",
    "one_of",
    "parse_condition",
    "parse_expression",
    "parse_quantity",
]
