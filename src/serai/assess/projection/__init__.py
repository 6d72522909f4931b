"""Projections with a tested error: cases, members, error model, back-tests, and the record they leave."""

from serai.assess.projection.backtest import Backtest, backtest
from serai.assess.projection.learn import held_out, learn, world_test
from serai.assess.projection.methods import Part, parts
from serai.assess.projection.project import COLUMNS, project, require_year
from serai.assess.projection.record import Record, shipped, shipped_table

__all__ = [
    "COLUMNS",
    "Backtest",
    "Part",
    "Record",
    "backtest",
    "held_out",
    "learn",
    "parts",
    "project",
    "require_year",
    "shipped",
    "shipped_table",
    "world_test",
]
