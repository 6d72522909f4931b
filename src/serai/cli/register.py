"""``serai ledger``, its second half: pledges, events, agreements, rhythm, claims, desk, actors, mandate, work plans."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import polars as pl
from cyclopts import App, Parameter

from serai.cli._io import Output, RegionName, opened, show
from serai.errors import InputError, OutputError

if TYPE_CHECKING:
    from serai.coordinate.workplan import Schedule

AsOf = Annotated[str | None, Parameter(help="A day, as 2026-11-25: what was known to be so then. By default today.")]
NUMBERS = (
    "amount", "at_least", "at_most", "wider", "shared_at_most", "committed", "disbursed", "parts", "value", "numerator",
    "denominator", "budget", "baseline_value",
)  # fmt: skip
"""Columns of figures as different in size as their units: shown with thousands apart."""
LETTERS = 90
"""Of a text on the screen; a file has it whole."""


def add_to(app: App) -> None:
    """Hang the commands on an app."""
    for command in (pledges, events, agreements, cadence, claims, desk, actors, mandate, workplan, calendar, segments):
        app.command(command)


def tell_empty(frame: pl.DataFrame) -> None:
    """Say so where a table has no row: a bare header would leave open whether that is an answer."""
    if frame.is_empty():
        sys.stderr.write("no rows: nothing of this is held\n")


def _shown(frame: pl.DataFrame, output: Path | None, columns: tuple[str, ...] = ()) -> None:
    """A few columns on the screen, with lists as words and money with its commas; a file gets every column."""
    tell_empty(frame)
    if output is not None:
        show(_flat(frame) if output.suffix == ".csv" else frame, output)
        return
    chosen = _flat(frame.select(columns or frame.columns))
    figures = [pl.col(name).map_elements(_figure, pl.String) for name in NUMBERS if name in chosen.columns]
    with pl.Config(fmt_str_lengths=LETTERS):
        show(chosen.with_columns(figures), None)


def _figure(value: float) -> str:
    """Thousands apart; small figures with the digits they have."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists as words with blanks between; pairs of words apart from each other."""
    lists = [name for name, kind in frame.schema.items() if isinstance(kind, pl.List)]
    return frame.with_columns(pl.col(name).list.join("; " if name == "overlaps" else " ") for name in lists)


def _one_of(**asked: object) -> None:
    """Refuse options that ask for different tables: one of them would be left out without a word."""
    if len(given := [f"--{name.replace('_', '-')}" for name, value in asked.items() if value]) > 1:
        raise InputError(f"{' and '.join(given)} ask for different things; give one of them")


def _with(option: str, given: object, other: str, there: object) -> None:
    """Refuse an option that says nothing without another."""
    if given and not there:
        raise InputError(f"{option} goes with {other}; add it, or leave {option} out")


def pledges(
    *,
    totals: bool = False,
    overlaps: bool = False,
    by_pledger: bool = False,
    as_of: AsOf = None,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """What was promised, by whom, and how far it can be followed. No trace is not zero.

    Example: serai ledger pledges --totals --as-of 2026-11-25 -o totals.csv

    Parameters
    ----------
    totals
        Sums by direction, currency and stage instead: parts never added to wholes, overlaps as a range.
    overlaps
        Pairs that share money or may do so instead.
    by_pledger
        With --totals: by pledger too.
    """
    _one_of(totals=totals, overlaps=overlaps)
    _with("--by-pledger", by_pledger, "--totals", totals)
    with opened(region) as house:
        if totals:
            keys = ("direction", "pledger", "currency", "stage") if by_pledger else ("direction", "currency", "stage")
            _shown(house.ledger.pledge_totals(by=keys, as_of=as_of), output)
        elif overlaps:
            _shown(house.ledger.pledge_overlaps(as_of=as_of), output)
        else:
            columns = ("pledge", "announced", "pledgers", "amount", "currency", "stage", "standing", "contained_in",
                       "overlaps_with", "traced", "age_days", "what_en")  # fmt: skip
            _shown(house.ledger.pledges(as_of=as_of), output, columns)


def segments(
    *,
    records: bool = False,
    open_only: Annotated[bool, Parameter(name="--open", negative="")] = False,
    as_of: AsOf = None,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """Corridor segments by funder: bottlenecks first, and of these those for which no money is held.

    "No record" says that no document held names who pays, not that nobody does.

    The day is that of the money: works and waiting times are as the pack has them.

    Example: serai ledger segments --open --as-of 2024-12-31 -o open.csv

    Parameters
    ----------
    records
        Who pays for what instead, one row for each document and segment.
    open_only
        Only bottlenecks without money committed or paid.
    """
    _one_of(records=records, open=open_only)
    with opened(region) as house:
        frame = house.ledger.funding(as_of=as_of) if records else house.ledger.segments(as_of=as_of)
    if open_only:
        frame = frame.filter(pl.col("bottleneck"), ~pl.col("state").is_in(["committed", "paid"]))
    named = ("segment", "funder_en", "instrument", "stage", "amount", "currency", "date")
    _shown(frame, output, named if records else ("segment", "status", "areas", "hours", "state", "funders_en"))


def events(
    *, actor: str | None = None, year: int | None = None, region: RegionName = "central_asia", output: Output = None
) -> None:
    """Events: who met, signed and witnessed, when and where.

    Example: serai ledger events --actor KAZ --year 2025 -o events.csv

    Parameters
    ----------
    actor
        Only events in which this area or body took part.
    year
        Only events of this year.
    """
    from serai.coordinate.events import LISTS
    from serai.errors import UnknownName

    with opened(region) as house:
        frame = house.ledger.events()
    if actor is not None:
        known = sorted({name for role in LISTS for names in frame[role] for name in names})
        if actor not in known:
            raise UnknownName("actor", actor, known, "the events")
        frame = frame.filter(pl.any_horizontal(pl.col(role).list.contains(actor) for role in LISTS))
    if year is not None:
        held = sorted({text[:4] for text in frame["start"]})
        frame = frame.filter(pl.col("start").str.slice(0, 4) == str(year))
        if frame.is_empty():
            whose = f" of {actor}" if actor else ""
            raise InputError(f"no event{whose} of {year} is held; years held: {', '.join(held) or 'none'}")
    _shown(frame, output, ("event", "start", "place_en", "title_en", "hosts", "signatories", "witnesses"))


def agreements(
    *, parties: bool = False, as_of: AsOf = None, region: RegionName = "central_asia", output: Output = None
) -> None:
    """Agreements and the stage of their life; signatories apart from witnesses.

    Example: serai ledger agreements --as-of 2022-07-21 -o agreements.csv

    Parameters
    ----------
    parties
        One row per party instead: when each signed and ratified.
    """
    with opened(region) as house:
        if parties:
            _shown(
                house.ledger.parties(as_of=as_of), output, ("agreement", "actor", "role", "signed", "ratified", "by")
            )
            return
        frame = house.ledger.agreements(as_of=as_of)
    columns = ("agreement", "stage", "signed", "ends", "on_the_day", "signatures", "expected", "witnesses", "pending",
               "title_en")  # fmt: skip
    _shown(frame, output, columns)


def cadence(
    *, followups: bool = False, as_of: AsOf = None, region: RegionName = "central_asia", output: Output = None
) -> None:
    """Promised against actual rhythm of formats; what was to follow and is overdue.

    Example: serai ledger cadence --followups --as-of 2026-11-25 -o overdue.csv

    Parameters
    ----------
    followups
        What was to follow instead: done, due, overdue, outcome unknown.
    """
    with opened(region) as house:
        if followups:
            shown = ("followup", "what_en", "owners", "due", "state", "overdue_days", "done", "note")
            _shown(house.ledger.followups(as_of=as_of), output, shown)
            return
        frame = house.ledger.cadence(as_of=as_of)
    columns = ("format", "meetings", "not_held", "first", "last", "gap_mean", "promised", "firmness", "regularity",
               "next_due", "state", "overdue_days")  # fmt: skip
    _shown(frame, output, columns)


def claims(
    *, state: str | None = None, evidence: bool = False, region: RegionName = "central_asia", output: Output = None
) -> None:
    """Statements someone published, with the state that follows from the sources; a .json holds these with each.

    Example: serai ledger claims --state contradicted -o claims.json

    Parameters
    ----------
    state
        Only claims in this state: supported, contradicted, disputed, partly, unverified, judgement, forecast.
    evidence
        What each source says instead.
    """
    from serai.coordinate.claims import STATES
    from serai.errors import UnknownName

    if state is not None and state not in STATES:
        raise UnknownName("state", state, STATES)
    with opened(region) as house:
        frame, sources = house.ledger.claims(), house.ledger.evidence()
    if state is not None:
        frame = frame.filter(pl.col("state") == state)
    if evidence:
        rows = sources.filter(pl.col("claim").is_in(frame["claim"].to_list()))
        _shown(rows, output, ("claim", "stance", "publisher", "says_en", "url"))
        return
    if output is not None and output.suffix == ".json":
        each = sources.group_by("claim", maintain_order=True).agg(pl.struct(pl.exclude("claim")).alias("sources"))
        frame = frame.join(each, on="claim", how="left", maintain_order="left")
    _shown(frame, output, ("claim", "state", "supports", "contradicts", "where", "statement_en"))


def desk(
    area: str | None = None,
    *,
    ratios: bool = False,
    totals: bool = False,
    tracks: bool = False,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """An area's needs, funding, movements, power and water: all providers side by side, with as-of dates.

    Example: serai ledger desk AFG --ratios -o funded.csv

    Parameters
    ----------
    area
        A member; may be left out with --totals.
    ratios
        Shares instead, such as the share of a requirement that is funded.
    totals
        Sums over the members instead, with how many of them are in each; withheld is not zero.
    tracks
        Technical tracks instead; taking part implies no recognition.
    """
    _one_of(ratios=ratios, totals=totals, tracks=tracks)
    if totals and area is not None:
        raise InputError(f"--totals are sums over the members; leave {area} out")
    with opened(region) as house:
        ledger = house.ledger
        if totals:
            columns = ("metric", "period", "unit", "provider", "value", "given", "withheld", "missing", "members")
            _shown(ledger.desk_totals(), output, columns)
            return
        if area is None:
            raise InputError(f"no area is given; name one of {', '.join(house.members)}")
        if ratios:
            columns = ("ratio", "area", "period", "as_of", "numerator", "denominator", "unit", "percent", "formula")
            _shown(ledger.desk_ratios(area).with_columns(pl.col("percent").round(1)), output, columns)
        elif tracks:
            _shown(ledger.tracks(area), output, ("track", "field", "title_en", "body", "participation", "sensitivity"))
        else:
            shown = ("topic", "metric", "counterpart", "period", "value", "unit", "variant", "as_of", "provider",
                     "status", "conflict")  # fmt: skip
            _shown(ledger.desk(area), output, shown)


def actors(
    one: str | None = None,
    other: str | None = None,
    *,
    symbolic: bool = False,
    balance: str | None = None,
    without: list[str] | None = None,
    as_of: AsOf = None,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """The network of actors; two of them: what they share, with identifiers.

    Example: serai ledger actors ebrd world_bank -o shared.csv

    Parameters
    ----------
    one
        An area or body; with a second one, what both share.
    other
        Another.
    symbolic
        Hosting against working, visibility against influence of the members instead, with formulas.
    balance
        With whom outside the members this member meets instead.
    without
        With --balance: partners left out with their events, to see whether the picture holds without them.
    """
    _one_of(symbolic=symbolic, balance=balance)
    _with("--without", without, "--balance MEMBER", balance)
    if one is not None and (symbolic or balance is not None):
        raise InputError(
            f"{'--symbolic' if symbolic else '--balance'} is another table than that of {one}; ask for one"
        )
    with opened(region) as house:
        ledger = house.ledger
        if symbolic:
            for name, entry in ledger.measures.index.items():
                sys.stderr.write(f"{name} = {entry.formula['en']}\n")
            for pair in ledger.symbolic_correlations(as_of=as_of):
                value = "undefined" if pair.correlation is None else f"{pair.correlation:.2f}"
                sys.stderr.write(f"rank correlation of {pair.one} and {pair.other} over {pair.areas} areas: {value}\n")
            _shown(ledger.symbolic(as_of=as_of), output)
        elif balance is not None:
            _shown(ledger.balance(balance, without=without or [], as_of=as_of), output)
        elif one is not None and other is not None:
            columns = ("tie", "via", "title_en", "since", "source")
            _shown(ledger.shared(one, other, as_of=as_of), output, columns)
        elif one is not None:
            raise InputError(f"one actor is given ({one}); name two to see what they share, or none for all")
        else:
            _shown(ledger.actors(as_of=as_of), output)


def mandate(
    *,
    scope: str | None = None,
    records: bool = False,
    as_of: AsOf = None,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """The centre's members, instruments and programme lines; the scope test on a record.

    Example: serai ledger mandate --scope "PAK TJK"

    Parameters
    ----------
    scope
        Areas of a record, with blanks between: where it lies.
    records
        The scope test on every record of the register instead.
    """
    from serai.coordinate.mandate import SCOPES
    from serai.errors import UnknownName

    _one_of(scope=scope, records=records)
    if scope is not None and not scope.split():
        raise InputError('--scope names no area; give codes with blanks between, as in "PAK TJK"')
    with opened(region) as house:
        if scope is not None:
            known = set(house.pack.table("areas")["area"])
            for area in scope.split():
                if area not in known:
                    raise UnknownName("area", area, known)
            found = house.ledger.scope(scope)
            sys.stdout.write(f"{found}: {SCOPES[found]}\n")
            return
        if records:
            _shown(house.ledger.scopes(), output)
            return
        signed = house.ledger.instruments(as_of=as_of)
        sys.stderr.write(f"members: {', '.join(house.members)}\n")
        for row in signed.iter_rows(named=True):
            sys.stderr.write(f"instrument: {row['title_en']} ({row['stage']}, {row['signed']})\n")
        frame = house.ledger.mandate()
    columns = ("line", "indicator", "area", "baseline", "baseline_value", "period", "value", "unit", "moves",
               "provider", "missing")  # fmt: skip
    _shown(frame, output, columns)


def workplan(
    plan: str | None = None,
    *,
    suspend: str | None = None,
    since: str | None = None,
    until: str | None = None,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """A joint work plan: dates, critical path, budget; what a member's suspension does to it.

    Example: serai ledger workplan plan.toml --suspend TJK --since 2026-09-01 -o plan.csv

    Parameters
    ----------
    plan
        A TOML file, or the name of a plan of the pack; by default its first.
    suspend
        A member that does not work on the plan from --since on; its tasks are frozen, never deleted.
    since
        First day of the suspension.
    until
        Last day of the suspension; without it, until further notice.
    """
    from serai.coordinate.dates import day
    from serai.coordinate.workplan import suspension

    _with("--until", until, "--suspend MEMBER and --since DAY", suspend)
    if (suspend is None) != (since is None):
        raise InputError("a suspension needs both --suspend MEMBER and --since DAY")
    held = []
    if suspend is not None:
        held.append(suspension(suspend, day(since), None if until is None else day(until)))
    with opened(region) as house:
        found = house.ledger.workplan(plan, suspend=held)
    notes = [
        f"{found.plan.title['en']}{' (an example: nobody has agreed to it)' if found.plan.example else ''}",
        _end(found),
        f"budget {found.plan.budget:,.0f} {found.plan.currency}, {found.allotted:,.0f} with tasks, "
        f"{found.frozen:,.0f} of it frozen or waiting",
    ]
    sys.stderr.write("\n".join(notes) + "\n")
    columns = ("task", "owner", "state", "start", "finish", "days", "slack_days", "critical", "budget", "reason")
    _shown(found.tasks, output, columns)


def _end(found: Schedule) -> str:
    """When a plan ends, as far as that can be known."""
    states = found.tasks["state"].to_list()
    path = f"critical path: {' -> '.join(found.path)}"
    if frozen := states.count("frozen"):
        last = f"; what can be dated ends {found.finish}, {path}" if found.finish else ""
        return f"no end known: tasks frozen: {frozen}, waiting for a frozen one: {states.count('waiting')}{last}"
    return f"ends {found.finish}, {found.late_days} days late; {path}"


def calendar(
    *,
    ics: Path | None = None,
    language: str = "en",
    as_of: AsOf = None,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """Events, what is due, ends of agreements and UN frameworks on one calendar.

    Example: serai ledger calendar --ics calendar.ics --as-of 2026-11-25

    Parameters
    ----------
    ics
        Write it as an iCalendar file instead.
    language
        Language of the iCalendar file: en or ru.
    """
    _one_of(ics=ics, output=output)
    _with("--language", language != "en", "--ics FILE", ics)
    from serai.files import whole

    with opened(region) as house:
        if ics is None:
            frame = house.ledger.calendar(as_of=as_of)
            _shown(frame, output, ("start", "end", "exactness", "kind", "entry", "title_en", "place_en"))
            return
        if language not in ("en", "ru"):
            raise InputError(f"no calendar in '{language}'; ask for en or ru")
        if ics.suffix != ".ics":
            raise OutputError(f"cannot write '{ics}': use a name that ends in .ics")
        content = house.ledger.ics(as_of=as_of, language=language)
    with whole(ics, remedy="choose another place") as beside:
        beside.write_bytes(content)
    sys.stderr.write(f"{content.count(b'BEGIN:VEVENT'):,} entries written to {ics}\n")
