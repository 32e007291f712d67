"""Components as systems that can be explored, and what is found when they are.

::

    blueprints --Part--> Composition --fsm.explore--> Inquiry: deadlocks, invariants, ways back
                                                        |---Coverage--> what never comes about
                                                        '---recover---> what brings a component back after a fault

Guards are read from the data sheets. A timer may ring at any time while its machine is in its state; a command may come
at any time with any fields; what only a behaviour computes may be anything that its data sheet allows, each time it is
asked; what a behaviour fires by itself comes when everything is at rest. So what is explored is more than what can
happen: what is never reached here never comes about, and what is found to go wrong may need a look.
"""

from csc.exploration.exploring import GRAVE, Exploration, Group, explore_components
from csc.exploration.findings import KINDS, Finding
from csc.exploration.part import Part

__all__ = ["GRAVE", "KINDS", "Exploration", "Finding", "Group", "Part", "explore_components"]
