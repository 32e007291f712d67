"""Explicit-state exploration: everything that machines can do together, situation by situation.

::

    charts and conditions --> System: places, decisions, actions
                                |---explore---> Explored: what comes about, what never does, what ends
                                |---trace-----> the shortest way there
                                '---leading_to--> from where there is a way back

Situations are numbers, whole fronts of them go on at once, and every guard is a table. It knows no telescope.
"""

from fsm.explore.charts import Fall, Rows, may_hold
from fsm.explore.encoding import Codes, TooManyPlaces
from fsm.explore.readings import Overlay, Reader, Reading, Sight, check_of
from fsm.explore.search import Explored, Progress, explore
from fsm.explore.stepping import Restless
from fsm.explore.system import Action, Check, Decision, Mark, Place, Situation, System, Way
from fsm.explore.traces import TraceStep, trace
from fsm.explore.visited import contains
from fsm.explore.ways_back import leading_to

__all__ = [
    "Action",
    "Check",
    "Codes",
    "Decision",
    "Explored",
    "Fall",
    "Mark",
    "Overlay",
    "Place",
    "Progress",
    "Reader",
    "Reading",
    "Restless",
    "Rows",
    "Sight",
    "Situation",
    "System",
    "TooManyPlaces",
    "TraceStep",
    "Way",
    "check_of",
    "contains",
    "explore",
    "leading_to",
    "may_hold",
    "trace",
]
