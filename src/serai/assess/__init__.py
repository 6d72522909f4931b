"""Progress methods and projections with a tested error: pure functions on frames."""

from serai.assess.compare import compare_methods, differences
from serai.assess.groups import GAP_STATES, GAPS, groups, left_behind
from serai.assess.headline import headline
from serai.assess.methods import Method, method, method_classes, methods
from serai.assess.national import NATIONAL, against_international
from serai.assess.peers import PEER_GOALS, PEERS, peer_goals, peers
from serai.assess.programmes import PROGRAMMES, programme_status
from serai.assess.progress import PROGRESS, progress
from serai.assess.projection import COLUMNS as PROJECTION
from serai.assess.projection import (
    Backtest,
    Record,
    backtest,
    held_out,
    learn,
    project,
    require_year,
    shipped,
    shipped_table,
    world_test,
)
from serai.assess.regional import regional
from serai.assess.required import REQUIRED, required
from serai.assess.rollup import goal_status, nested_mean, rollup
from serai.assess.subnational import SUBNATIONAL, subnational

__all__ = [
    "GAPS",
    "GAP_STATES",
    "NATIONAL",
    "PEERS",
    "PEER_GOALS",
    "PROGRAMMES",
    "PROGRESS",
    "PROJECTION",
    "REQUIRED",
    "SUBNATIONAL",
    "Backtest",
    "Method",
    "Record",
    "against_international",
    "backtest",
    "compare_methods",
    "differences",
    "goal_status",
    "groups",
    "headline",
    "held_out",
    "learn",
    "left_behind",
    "method",
    "method_classes",
    "methods",
    "nested_mean",
    "peer_goals",
    "peers",
    "programme_status",
    "progress",
    "project",
    "regional",
    "require_year",
    "required",
    "rollup",
    "shipped",
    "shipped_table",
    "subnational",
    "world_test",
]
