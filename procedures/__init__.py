"""The procedure language: model, checker, runner, rehearsal and campaigns."""

from procedures.asker import Asker, YesAsker
from procedures.blocks import Blocks
from procedures.config import parse_config, validate_config
from procedures.expectations import Expectations, Judgement, find_detection, judge_expectations
from procedures.library import Library
from procedures.load import load_procedure, read_procedure
from procedures.model import Procedure, Step
from procedures.rehearsal import Rehearsal, Spectator, rehearse
from procedures.report import Report
from procedures.scenario import Injection, Scenario, load_scenario, parse_injection
from procedures.walk import inner_steps

__all__ = [
    "Asker",
    "Blocks",
    "Expectations",
    "Injection",
    "Judgement",
    "Library",
    "Procedure",
    "Rehearsal",
    "Report",
    "Scenario",
    "Spectator",
    "Step",
    "YesAsker",
    "find_detection",
    "inner_steps",
    "judge_expectations",
    "load_procedure",
    "load_scenario",
    "parse_config",
    "parse_injection",
    "read_procedure",
    "rehearse",
    "validate_config",
]
