"""Plan: priorities that hold up when the region is shaken.

A model of one or several countries, run many times, calibrated, and used to compare strategies.
"""

from serai.plan._kernel import Forcing
from serai.plan.calibrate import Calibration, calibrate
from serai.plan.decisions import Comparison, Decisions, Run
from serai.plan.model import Model
from serai.plan.planner import Planner
from serai.plan.simulate import Result, simulate
from serai.plan.stack import Links, Stack

__all__ = [
    "Calibration",
    "Comparison",
    "Decisions",
    "Forcing",
    "Links",
    "Model",
    "Planner",
    "Result",
    "Run",
    "Stack",
    "calibrate",
    "simulate",
]
