"""Progress methods and projections with a tested error."""

from serai.assess.compare import compare_methods, differences
from serai.assess.headline import headline
from serai.assess.methods import method_classes, methods
from serai.assess.progress import progress
from serai.assess.required import required
from serai.assess.rollup import goal_status, nested_mean, regional, rollup

__all__ = [
    "compare_methods",
    "differences",
    "goal_status",
    "headline",
    "method_classes",
    "methods",
    "nested_mean",
    "progress",
    "regional",
    "required",
    "rollup",
]
