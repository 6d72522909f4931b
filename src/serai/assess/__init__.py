"""Progress methods and projections with a tested error: pure functions on frames."""

from serai.assess.compare import compare_methods, differences
from serai.assess.headline import headline
from serai.assess.methods import Method, method, method_classes, methods
from serai.assess.progress import PROGRESS, progress
from serai.assess.projection import COLUMNS as PROJECTION
from serai.assess.projection import Backtest, Record, backtest, learn, project, shipped, shipped_table, world_test
from serai.assess.regional import regional
from serai.assess.required import REQUIRED, required
from serai.assess.rollup import goal_status, nested_mean, rollup

__all__ = [
    "PROGRESS",
    "PROJECTION",
    "REQUIRED",
    "Backtest",
    "Method",
    "Record",
    "backtest",
    "compare_methods",
    "differences",
    "goal_status",
    "headline",
    "learn",
    "method",
    "method_classes",
    "methods",
    "nested_mean",
    "progress",
    "project",
    "regional",
    "required",
    "rollup",
    "shipped",
    "shipped_table",
    "world_test",
]
