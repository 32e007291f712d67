"""Campaigns: a procedure rehearsed under many faults, at many moments, with many seeds, and each run judged."""

from procedures.campaign.campaign import Campaign
from procedures.campaign.case import Case
from procedures.campaign.cluster import DaskCluster
from procedures.campaign.judging import CLASSES, Verdict, judge
from procedures.campaign.pool import LOST, Executor, Lost, ProcessPool
from procedures.campaign.run import Run
from procedures.campaign.safety import SafeSheet, safe_conditions
from procedures.campaign.store import Row, Store, is_store, kept_runs
from procedures.campaign.witness import Limits
from procedures.campaign.work import Opener, Task, run_case, run_task
from procedures.campaign.world import world_of

__all__ = [
    "CLASSES",
    "LOST",
    "Campaign",
    "Case",
    "DaskCluster",
    "Executor",
    "Limits",
    "Lost",
    "Opener",
    "ProcessPool",
    "Row",
    "Run",
    "SafeSheet",
    "Store",
    "Task",
    "Verdict",
    "is_store",
    "judge",
    "kept_runs",
    "run_case",
    "run_task",
    "safe_conditions",
    "world_of",
]
