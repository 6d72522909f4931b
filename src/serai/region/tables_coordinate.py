"""The tables of a pack's register of who meets, signs, promises and claims (``coordinate/``); all optional.

An *actor* is an area or a body. Dates may be less exact than a day: ``2025``, ``2025-08`` or ``2025-08-03``. What is
not held is an empty cell or the word ``unknown``; it never means none.
"""

from __future__ import annotations

from serai.region.columns import Column, Table, need

BODY_KINDS = (
    "format", "organisation", "union", "agency", "bank", "fund", "commission", "association", "company", "programme",
    "centre",
)  # fmt: skip
FIELDS = (
    "political", "economy", "development", "finance", "water", "power", "transport", "trade", "migration",
    "humanitarian", "health", "mining", "statistics",
)  # fmt: skip
MEMBER_ROLES = ("member", "observer", "guest", "partner", "secretariat")
ACTOR_ROLES = ("host", "initiator", "signatory", "witness", "participant", "observer", "guest", "unknown")
EVENT_KINDS = ("summit", "meeting", "conference", "forum", "signing", "founding", "proposal", "adoption")
LIFE = ("proposed", "negotiated", "adopted", "signed", "ratified", "in_force", "superseded", "expired", "unknown")
"""Stages of an agreement. What needs no signature (a declaration, a roadmap) is adopted."""
AGREEMENT_KINDS = (
    "treaty", "agreement", "protocol", "host_country", "resolution", "programme", "declaration", "roadmap", "concept",
    "action_plan",
)  # fmt: skip
PARTY_ROLES = ("signatory", "witness", "pending", "not_party", "unknown")
STAGES = ("statement", "pledge", "commitment", "disbursement")
"""Exclusive stages of money promised; a statement (a letter of interest, a figure named) promises nothing yet."""
PLEDGE_KINDS = (
    "package", "component", "grant", "loan", "capital", "project", "in_kind", "commercial", "outward", "claim",
)  # fmt: skip
FUNDING_STAGES = ("none", *STAGES)
"""As stages of a pledge; ``none`` says that a document reports no money to be there, which no row does not."""
INSTRUMENTS = (
    "loan",
    "grant",
    "equity",
    "guarantee",
    "bonds",
    "budget",
    "own_funds",
    "public_private",
    "study",
    "not_said",
)
"""How a segment is paid for. A guarantee is no money; a study is none for building."""
STANDINGS = ("counted", "contradicted", "implausible")
DIRECTIONS = ("to_members", "from_members", "beyond")
STANCES = ("supports", "contradicts", "partly", "context")
FIRMNESS = ("agreed", "announced", "supported", "unknown")
FOLLOWUP_STATES = ("open", "done", "unknown", "dropped")
DESK_STATUSES = ("published", "disputed", "garbled", "withheld")
"""Disputed: another provider says otherwise. Garbled: as printed it cannot be right. Withheld: without a value."""
PARTICIPATION = ("member", "observer", "practical", "not_party", "none_held")
"""How an area takes part in a technical track; none of them implies recognition of any authority."""
_YEAR = r"(?:19|20|21)\d\d"
_LEAP = r"(?:(?:19|20|21)(?:0[48]|[2468][048]|[13579][26])|2000)"
PARTIAL = (
    rf"^(?:{_YEAR}(?:-(?:0[1-9]|1[0-2]))?|{_YEAR}-(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])"
    rf"|{_YEAR}-(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|{_YEAR}-02-(?:0[1-9]|1\d|2[0-8])|{_LEAP}-02-29)$"
)
"""A date from 1900 to 2199 that may be less exact than a day, and is a day of the calendar where it names one."""
PERIOD = rf"(?:{PARTIAL[1:-1]})"
PERIOD = rf"^(?:{PERIOD}(?:\.\.{PERIOD})?|{_YEAR}-Q[1-4]|{_YEAR}-\d\d)$"
"""A period of a figure: a date as in :data:`PARTIAL`, two of them, a quarter (``2024-Q4``) or a split year
(``2023-24``)."""
MONEY = r"^(?:[A-Z]{3}|persons|projects)$"
"""What a pledge is counted in: a currency (ISO 4217), or what is not money."""
WEB = r"^https?://[^\s<>\"]+$"
"""An address that a page may link to."""

_BODY = r"^[a-z][a-z0-9_]*$"
_AREA = r"^[A-Z]{3}$"
_CODE = r"^[A-Z0-9][A-Za-z0-9.-]*$"


def _date(name: str, *, required: bool = False) -> Column:
    return Column(name, required=required, pattern=PARTIAL)


def _document() -> Column:
    return need("source", "documents.source")


_NOTE = Column("note")

COORDINATE_TABLES: tuple[Table, ...] = (
    Table(
        "documents",
        "coordinate/documents.csv",
        (need("source", pattern=_BODY), need("publisher"), need("url", pattern=WEB), Column("date", pattern=PARTIAL)),
        ("source",),
        optional=True,
    ),
    Table(
        "phrases",
        "coordinate/phrases.csv",
        (need("text"), need("language", pattern=r"^[a-z]{2,3}$"), need("translation")),
        ("text", "language"),
        optional=True,
    ),
    Table(
        "bodies",
        "coordinate/bodies.csv",
        (
            need("body", pattern=_BODY),
            need("kind", choices=BODY_KINDS),
            need("name_en"),
            need("name_ru"),
            Column("acronym"),
            need("field", choices=FIELDS),
            _date("since"),
            _date("until"),
            Column("seat_en"),
            Column("seat_ru"),
            Column("seat_area", refers="areas.area"),
            Column("iati"),
            _document(),
            _NOTE,
        ),
        ("body",),
        optional=True,
    ),
    Table(
        "body_members",
        "coordinate/body_members.csv",
        (
            need("body", "bodies.body"),
            Column("area", refers="areas.area", pattern=_AREA),
            Column("organisation", refers="bodies.body"),
            need("role", choices=MEMBER_ROLES),
            _date("since"),
            _date("until"),
            _document(),
            _NOTE,
        ),
        ("body", "area", "organisation", "role", "since"),
        optional=True,
    ),
    Table(
        "formats",
        "coordinate/formats.csv",
        (
            need("format", "bodies.body"),
            Column("rhythm_months", "int", low=1, high=240),
            need("firmness", choices=FIRMNESS),
            need("rhythm_en"),
            need("rhythm_ru"),
            _date("next_due"),
            Column("next_place"),
            _document(),
            _NOTE,
        ),
        ("format",),
        optional=True,
    ),
    Table(
        "events",
        "coordinate/events.csv",
        (
            need("event", pattern=_CODE),
            Column("format", refers="bodies.body"),
            Column("number", "int", low=1, high=10_000),
            Column("in_rhythm", "bool", required=True),
            need("kind", choices=EVENT_KINDS),
            _date("start", required=True),
            _date("end"),
            Column("area", refers="areas.area", pattern=_AREA),
            Column("place_en"),
            Column("place_ru"),
            need("title_en"),
            need("title_ru"),
            Column("outcome_en"),
            Column("outcome_ru"),
            _document(),
            _NOTE,
        ),
        ("event",),
        optional=True,
    ),
    Table(
        "event_actors",
        "coordinate/event_actors.csv",
        (need("event", "events.event"), need("actor"), need("role", choices=ACTOR_ROLES), _document(), _NOTE),
        ("event", "actor", "role"),
        optional=True,
    ),
    Table(
        "agreements",
        "coordinate/agreements.csv",
        (
            need("agreement", pattern=_CODE),
            Column("event", refers="events.event"),
            need("kind", choices=AGREEMENT_KINDS),
            need("title_en"),
            need("title_ru"),
            Column("identifier"),
            need("status", choices=LIFE),
            _date("negotiated"),
            _date("signed"),
            _date("ratified"),
            _date("in_force"),
            _date("ends"),
            Column("supersedes", refers="agreements.agreement"),
            Column("mandate", "bool", required=True),
            _document(),
            _NOTE,
        ),
        ("agreement",),
        optional=True,
    ),
    Table(
        "agreement_parties",
        "coordinate/agreement_parties.csv",
        (
            need("agreement", "agreements.agreement"),
            need("actor"),
            need("role", choices=PARTY_ROLES),
            _date("signed"),
            _date("ratified"),
            Column("by"),
            _document(),
            _NOTE,
        ),
        ("agreement", "actor", "role"),
        optional=True,
    ),
    Table(
        "followups",
        "coordinate/followups.csv",
        (
            need("followup", pattern=_CODE),
            Column("format", refers="bodies.body"),
            Column("agreement", refers="agreements.agreement"),
            Column("event", refers="events.event"),
            need("what_en"),
            need("what_ru"),
            Column("owners"),
            _date("due"),
            need("basis", choices=("stated", "derived", "none")),
            need("state", choices=FOLLOWUP_STATES),
            _date("done"),
            Column("done_by", refers="events.event"),
            _document(),
            _NOTE,
        ),
        ("followup",),
        optional=True,
    ),
    Table(
        "pledges",
        "coordinate/pledges.csv",
        (
            need("pledge", pattern=_CODE),
            Column("event", refers="events.event"),
            _date("announced", required=True),
            need("stage", choices=STAGES),
            need("kind", choices=PLEDGE_KINDS),
            need("standing", choices=STANDINGS),
            need("pledgers"),
            Column("beneficiaries"),
            Column("beyond"),
            Column("amount", "float", required=True, low=0),
            need("currency", pattern=MONEY),
            Column("contained_in", refers="pledges.pledge"),
            Column("complete", "bool"),
            Column("overlaps_with"),
            need("direction", choices=DIRECTIONS),
            _date("starts"),
            _date("ends"),
            need("what_en"),
            need("what_ru"),
            Column("wording"),
            Column("projects"),
            _document(),
            _NOTE,
        ),
        ("pledge",),
        optional=True,
    ),
    Table(
        "pledge_steps",
        "coordinate/pledge_steps.csv",
        (
            need("pledge", "pledges.pledge"),
            need("stage", choices=STAGES),
            _date("date", required=True),
            Column("amount", "float", required=True, low=0),
            need("currency", pattern=MONEY),
            need("what"),
            Column("activity"),
            _document(),
        ),
        ("pledge", "stage", "date"),
        optional=True,
    ),
    Table(
        "funding",
        "coordinate/funding.csv",
        (
            need("funding", pattern=_BODY),
            need("segments"),
            Column("actor"),
            Column("funder_en"),
            Column("funder_ru"),
            need("instrument", choices=INSTRUMENTS),
            need("stage", choices=FUNDING_STAGES),
            Column("amount", "float", low=0),
            Column("currency", pattern=r"^[A-Z]{3}$"),
            need("basis", choices=("sourced", "derived")),
            _date("date"),
            _document(),
            _NOTE,
        ),
        ("funding",),
        optional=True,
    ),
    Table(
        "claims",
        "coordinate/claims.csv",
        (
            need("claim", pattern=_CODE),
            need("said_in"),
            need("where"),
            need("kind", choices=("fact", "judgement", "forecast")),
            need("statement_en"),
            need("statement_ru"),
            Column("measured_by", pattern=_BODY),
            _NOTE,
        ),
        ("claim",),
        optional=True,
    ),
    Table(
        "claim_sources",
        "coordinate/claim_sources.csv",
        (
            need("claim", "claims.claim"),
            _document(),
            need("stance", choices=STANCES),
            need("says_en"),
            need("says_ru"),
            Column("event", refers="events.event"),
            Column("pledge", refers="pledges.pledge"),
        ),
        ("claim", "source"),
        optional=True,
    ),
    Table(
        "desk",
        "coordinate/desk.csv",
        (
            need("area", "areas.area", pattern=_AREA),
            need("topic", pattern=_BODY),
            need("metric", pattern=_BODY),
            Column("counterpart"),
            Column("period", pattern=PERIOD),
            Column("value", "float"),
            need("unit"),
            Column("variant"),
            _date("as_of"),
            need("provider", pattern=_BODY),
            need("status", choices=DESK_STATUSES),
            _document(),
            _NOTE,
        ),
        ("area", "metric", "counterpart", "period", "variant", "provider", "as_of"),
        optional=True,
    ),
    Table(
        "tracks",
        "coordinate/tracks.csv",
        (
            need("track", pattern=_CODE),
            need("area", "areas.area", pattern=_AREA),
            need("field", choices=FIELDS),
            need("title_en"),
            need("title_ru"),
            Column("body", refers="bodies.body"),
            need("participation", choices=PARTICIPATION),
            need("sensitivity", choices=("low", "medium", "high")),
            Column("de_facto", "bool", required=True),
            _document(),
            _NOTE,
        ),
        ("track",),
        optional=True,
    ),
    Table(
        "frameworks",
        "coordinate/frameworks.csv",
        (
            need("framework", pattern=_CODE),
            need("area", "areas.area", pattern=_AREA),
            need("title_en"),
            need("title_ru"),
            _date("start", required=True),
            _date("end", required=True),
            need("status", choices=("running", "running_and_designing", "planned", "ended")),
            _document(),
            _NOTE,
        ),
        ("framework",),
        optional=True,
    ),
)
