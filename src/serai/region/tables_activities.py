"""The tables of a pack's activities (``coordinate/aid_*``), re-tabulated from publishers' files; all optional.

Columns are those of the ledger's tables of the same name without ``aid_``; what is left out is not held.
"""

from __future__ import annotations

from serai.region.columns import Column, Table, need

CORE = ("aid_activities", "aid_transactions", "aid_recipients")
"""Tables without which a pack has no activities of its own."""
DONOR_KINDS = ("government", "multilateral", "private")
_CURRENCY = r"^[A-Z]{3}$"
_CODE = r"^[A-Z]?[0-9]{1,3}$"
"""A code of a list of the standard."""
_VOCABULARY = r"^[0-9]{1,2}$"
_PLACE = r"^(?:[A-Z]{2}|[0-9]{1,6})$"
"""A country (ISO 3166-1 alpha-2) or a region."""


def _to(last: int) -> tuple[str, ...]:
    """Codes of a list that counts from one."""
    return tuple(str(number) for number in range(1, last + 1))


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
            Column("reporter_type", pattern=_CODE),
            need("reporter_name"),
            need("title"),
            Column("description"),
            need("status", choices=_to(6)),
            *(Column(name, "date") for name in ("planned_start", "actual_start", "planned_end", "actual_end")),
            Column("scope", choices=_to(8)),
            *(Column(name, pattern=_CODE) for name in ("collaboration", "flow", "finance", "aid", "tied")),
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
            need("type", choices=_to(13)),
            Column("date", "date", required=True),
            Column("value", "float", required=True),
            need("currency", pattern=_CURRENCY),
            Column("value_date", "date"),
            Column("usd", "float"),
            Column("provider_name"),
            Column("provider_type", pattern=_CODE),
            Column("description"),
        ),
        ("record", "transaction"),
        optional=True,
    ),
    Table(
        "aid_recipients",
        "coordinate/aid_recipients.csv",
        (
            _record(),
            need("kind", choices=("recipient-country", "recipient-region")),
            Column("vocabulary", pattern=_VOCABULARY),
            need("code", pattern=_PLACE),
            _percentage(),
        ),
        ("record", "kind", "vocabulary", "code"),
        optional=True,
    ),
    Table(
        "aid_sectors",
        "coordinate/aid_sectors.csv",
        (_record(), need("vocabulary", pattern=_VOCABULARY), need("code"), _percentage()),
        ("record", "vocabulary", "code"),
        optional=True,
    ),
    Table(
        "aid_sector_names",
        "coordinate/aid_sector_names.csv",
        (need("vocabulary", pattern=_VOCABULARY), need("code"), need("name"), Column("name_ru")),
        ("vocabulary", "code"),
        optional=True,
    ),
    Table(
        "aid_tags",
        "coordinate/aid_tags.csv",
        (_record(), need("vocabulary", pattern=_VOCABULARY), need("code")),
        ("record", "vocabulary", "code"),
        optional=True,
    ),
    Table(
        "aid_partners",
        "coordinate/aid_partners.csv",
        (_record(), need("role", choices=_to(4)), Column("ref"), Column("type", pattern=_CODE), need("name")),
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
        (
            _record(),
            Column("ref"),
            need("name"),
            need("position"),
            Column("exactness", choices=_to(2)),
            Column("class", choices=_to(4)),
        ),
        ("record", "ref", "name", "position"),
        optional=True,
    ),
    Table(
        "aid_related",
        "coordinate/aid_related.csv",
        (_record(), need("ref"), need("type", choices=_to(5))),
        ("record", "ref", "type"),
        optional=True,
    ),
    Table(
        "aid_results",
        "coordinate/aid_results.csv",
        (
            _record(),
            Column("result", "int", required=True, low=1),
            need("type", choices=(*_to(3), "9")),
            need("title"),
            need("indicator"),
            Column("measure", choices=_to(5)),
            Column("ascending", choices=("0", "1")),
            Column("baseline"),
            Column("baseline_year", pattern=r"^[0-9]{4}$"),
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
            need("recipient", pattern=_PLACE),
            Column("start", "date", required=True),
            Column("end", "date"),
            Column("value", "float", required=True, low=0),
            need("currency", pattern=_CURRENCY),
            Column("value_date", "date"),
            Column("status", choices=_to(2)),
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
