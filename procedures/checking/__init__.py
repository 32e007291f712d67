"""Thinking procedures through before they run.

Every component is a set of possible states, every output a set of possible values; commands, timers and what happens
by itself carry these sets on, on every way that a procedure can take. What is true in all of them is proved, what is
true in none is refuted.
"""

from procedures.checking.check import Checker, CheckReport
from procedures.checking.ledger import Finding, Trail, Verdict
from procedures.checking.rules import Rule, Rules, load_rules

__all__ = ["CheckReport", "Checker", "Finding", "Rule", "Rules", "Trail", "Verdict", "load_rules"]
