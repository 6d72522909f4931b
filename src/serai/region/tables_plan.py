"""The tables a pack may hold for the policy-priority model (``plan/``); both optional."""

from __future__ import annotations

from serai.region.columns import Table, need

ROLES = ("instrumental", "collateral", "out")
"""Money is spent on it; it only follows from others; it is no outcome of the member, or another stands for it."""

PLAN_TABLES: tuple[Table, ...] = (
    Table(
        "plan_indicators",
        "plan/indicators.csv",
        (need("series", "series.series"), need("role", choices=ROLES), need("reason")),
        ("series",),
        optional=True,
    ),
    Table(
        "plan_spending",
        "plan/spending.csv",
        (need("goal", pattern=r"^\d{1,2}$"), need("series", "series.series"), need("reason")),
        ("goal",),
        optional=True,
    ),
)
