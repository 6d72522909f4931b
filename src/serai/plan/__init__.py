"""Plan: priorities that hold up when the region is shaken.

A model of one or several countries, run many times, calibrated, and used to compare strategies.
"""

from serai.plan._kernel import Forcing
from serai.plan.model import Model
from serai.plan.simulate import Result, simulate
from serai.plan.stack import Links, Stack

__all__ = ["Forcing", "Links", "Model", "Result", "Stack", "simulate"]
