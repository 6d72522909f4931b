"""The tables of a pack's activities (``coordinate/aid_*``), re-tabulated from publishers' files; all optional.

Columns are those of the ledger's tables of the same name without ``aid_``; what is left out is not held.
"""

from __future__ import annotations

from serai.region.columns import Column, Table, need

CORE = ("aid_activities", "aid_transactions", "aid_recipients")
"""Tables without which a pack has no activities of its own."""
DONOR_KINDS = ("government", "multilateral", "private")
_CURRENCY = r"^[A-Z]{3}$"


def _record() -> Column:
    return need("record", "aid_activities.record", pattern=r"^[0-9]{1,9}$")


def _percentage() -> Column:
    return Column("percentage", "float", low=0, high=100)


ACTIVITY_TABLES: tuple[Table, ...] = (
    Table(
        "aid_activities",
        "coordinate/aid_activities.csv",
        (
            need("record", pattern=r"^[0-9]{1,9}$"),
            need("identifier"),
            need("reporter"),
            Column("reporter_type"),
            need("reporter_name"),
            need("title"),
            Column("description"),
            need("status"),
            *(Column(name, "date") for name in ("planned_start", "actual_start", "planned_end", "actual_end")),
            *(Column(name) for name in ("scope", "collaboration", "flow", "finance", "aid", "tied")),
        ),
        ("record",),
        optional=True,
    ),
    Table(
        "aid_transactions",
        "coordinate/aid_transactions.csv",
        (
            _record(),
            Column("transaction", "int", required=True, low=1),
            Column("ref"),
            need("type"),
            Column("date", "date", required=True),
            Column("value", "float", required=True),
            need("currency", pattern=_CURRENCY),
            Column("value_date", "date"),
            Column("usd", "float"),
            Column("provider_name"),
            Column("provider_type"),
            Column("description"),
        ),
        ("record", "transaction"),
        optional=True,
    ),
    Table(
        "aid_recipients",
        "coordinate/aid_recipients.csv",
        (_record(), need("kind"), Column("vocabulary"), need("code"), _percentage()),
        ("record", "kind", "vocabulary", "code"),
        optional=True,
    ),
    Table(
        "aid_sectors",
        "coordinate/aid_sectors.csv",
        (_record(), need("vocabulary"), need("code"), _percentage()),
        ("record", "vocabulary", "code"),
        optional=True,
    ),
    Table(
        "aid_sector_names",
        "coordinate/aid_sector_names.csv",
        (need("vocabulary"), need("code"), need("name"), Column("name_ru")),
        ("vocabulary", "code"),
        optional=True,
    ),
    Table(
        "aid_tags",
        "coordinate/aid_tags.csv",
        (_record(), need("vocabulary"), need("code")),
        ("record", "vocabulary", "code"),
        optional=True,
    ),
    Table(
        "aid_partners",
        "coordinate/aid_partners.csv",
        (_record(), need("role"), Column("ref"), Column("type"), need("name")),
        ("record", "role", "ref", "type", "name"),
        optional=True,
    ),
    Table(
        "aid_budgets",
        "coordinate/aid_budgets.csv",
        (
            _record(),
            need("kind", choices=("budget", "planned-disbursement")),
            Column("start", "date", required=True),
            Column("end", "date"),
            Column("value", "float", required=True, low=0),
            need("currency", pattern=_CURRENCY),
            Column("value_date", "date"),
        ),
        ("record", "kind", "start", "end", "value"),
        optional=True,
    ),
    Table(
        "aid_locations",
        "coordinate/aid_locations.csv",
        (_record(), Column("ref"), need("name"), need("position"), Column("exactness"), Column("class")),
        ("record", "ref", "name", "position"),
        optional=True,
    ),
    Table(
        "aid_related",
        "coordinate/aid_related.csv",
        (_record(), need("ref"), need("type")),
        ("record", "ref", "type"),
        optional=True,
    ),
    Table(
        "aid_results",
        "coordinate/aid_results.csv",
        (
            _record(),
            Column("result", "int", required=True, low=1),
            need("type"),
            need("title"),
            need("indicator"),
            *(Column(name) for name in ("measure", "ascending", "baseline", "baseline_year")),
            Column("start", "date"),
            Column("end", "date"),
            Column("target"),
            Column("actual"),
        ),
        ("record", "result"),
        optional=True,
    ),
    Table(
        "aid_organisation_budgets",
        "coordinate/aid_organisation_budgets.csv",
        (
            need("organisation"),
            need("name"),
            need("recipient"),
            Column("start", "date", required=True),
            Column("end", "date"),
            Column("value", "float", required=True, low=0),
            need("currency", pattern=_CURRENCY),
            Column("value_date", "date"),
            Column("status"),
        ),
        ("organisation", "recipient", "start", "end"),
        optional=True,
    ),
    Table(
        "aid_donors",
        "coordinate/aid_donors.csv",
        (
            need("name"),
            need("donor", pattern=r"^([A-Z]{3}|[a-z][a-z0-9_]*)$"),
            Column("area", refers="areas.area"),
            need("kind", choices=DONOR_KINDS),
            Column("name_en"),
            Column("name_ru"),
        ),
        ("name",),
        optional=True,
    ),
    Table(
        "aid_flows",
        "coordinate/aid_flows.csv",
        (
            need("flow", pattern=r"^[0-9]{1,12}$"),
            Column("date", "date", required=True),
            Column("year", "int", required=True, low=1990, high=2100),
            need("donor"),
            need("receiver"),
            Column("area", required=True, refers="areas.area"),
            need("type", choices=("2", "3")),
            Column("ref"),
            Column("value", "float", required=True),
            need("currency", pattern=_CURRENCY),
            Column("usd", "float"),
            Column("activity"),
        ),
        ("flow",),
        optional=True,
    ),
    Table(
        "rates",
        "coordinate/rates.csv",
        (
            need("currency", pattern=_CURRENCY),
            need("period", pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2]))?$"),
            Column("usd", "float", required=True, low=1e-9),
            Column("low", "float"),
            Column("high", "float"),
            Column("amounts", "int", low=1),
        ),
        ("currency", "period"),
        optional=True,
    ),
)
"""In the order in which they refer to one another."""
