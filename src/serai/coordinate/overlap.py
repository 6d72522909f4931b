"""Who funds what where: money shared out by stated rules into cells, and what the cells do and do not say.

Rules (``RULES`` holds them in words):

- Countries and regions of the first vocabulary share an activity by their percentages; a transaction's own recipients
  go before the activity's. What a region gets stays with the region: it is allocated once, never to each country.
- Sectors count in one vocabulary, the first that an activity uses (:mod:`serai.coordinate.iati.shares`). Shares are
  percentages.
- Goals carry no shares in the standard: an activity's goals share it equally; without one it is "not tagged".
- An activity coded to one country that by its own account covers others is not split by guess: it stays where it is
  coded, and the others are marked ``split asked`` until somebody decides.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl

from serai.coordinate.activities import COMMITTED, Activities
from serai.coordinate.iati.shares import is_country, recipient_counts, sector_counts, vocabulary
from serai.errors import InputError

GOAL_TAGS, TARGET_TAGS = "2", "3"
BY = ("member", "sector", "goal", "donor", "year")
GOALS = tuple(str(number) for number in range(1, 18))
NOWHERE, NO_SECTOR, NO_GOAL = "not said", "not said", "not tagged"
STATES = ("recorded", "zero", "no amount", "split asked", "no record")
"""What a cell says. ``no amount``: an activity is held, but no money at this stage; ``no record``: nothing is held,
which is not the same as nothing being there."""
RULES = {
    "place": "percentages of the activity, or of the transaction where it names its own; regions keep their share",
    "sector": "percentages in one vocabulary: DAC codes if used, else clusters, goals, the publisher's own",
    "goal": "goals tagged share an activity equally; without a tag it is not tagged",
    "year": "the calendar year an activity lies in, else the year of the transaction",
    "donor": "the provider of what came in; who reports of what went out",
    "once": "a repeated row and the second report of an accepted match are left out of usd_once",
}
REGIONAL_SCOPES = ("1", "2", "3")
"""Scopes of activity wider than a country (IATI ActivityScope)."""


def cells(
    activities: Activities, *, dropped: Collection[str], splits: Mapping[str, Mapping[str, float]]
) -> pl.DataFrame:
    """Money by activity, place, sector, goal, donor, year and stage.

    Args:
        activities: the tables.
        dropped: keys of transactions that an accepted match counts elsewhere.
        splits: identifiers of activities and the shares somebody decided.

    Returns:
        ``record, identifier, member, sector, goal, donor, year, stage, usd, usd_once, unconverted``: ``member`` is an
        area, ``region:…`` or ``not said``; ``usd_once`` leaves out repeated rows and matched second reports;
        ``unconverted`` counts amounts without a rate, which are in no sum.
    """
    # Nothing here looks beyond its record.
    return pl.concat([_cells(part, dropped, splits) for part in activities.parts()]).rechunk()


def _cells(activities: Activities, dropped: Collection[str], splits: Mapping[str, Mapping[str, float]]) -> pl.DataFrame:
    placed, sectors = places(activities, splits), _sectors(activities)
    own = pl.concat([placed.select("record", "transaction"), sectors.select("record", "transaction")])
    own = own.filter(pl.col("transaction") > 0).unique().with_columns(pl.lit(True).alias("own"))
    sums = _sums(activities.transactions(), own, dropped)
    spread = _shared(_shared(sums, placed, "member", NOWHERE), sectors, "sector", NO_SECTOR)
    found = _with_goals(spread, activities).select(
        "record", "identifier", *BY, "stage", "usd", "usd_once", "unconverted"
    )
    return found.sort(*found.columns)


def _sums(rows: pl.LazyFrame, own: pl.DataFrame, dropped: Collection[str]) -> pl.DataFrame:
    """Transactions summed by activity, donor, year and stage; those with places or sectors of their own stay apart."""
    again = key().is_in(list(dropped)) if dropped else pl.lit(False)
    rows = rows.with_columns(again.alias("dropped")).join(own.lazy(), on=["record", "transaction"], how="left")
    number = pl.when(pl.col("own")).then("transaction").otherwise(0)
    once = pl.when(~pl.col("repeat") & ~pl.col("dropped")).then("usd")
    keys = ("record", "transaction", "identifier", "donor", "year", "stage")
    # In the order of the rows and in one piece, so that sums are the same to the last digit however many threads and
    # pieces the rows came in.
    rows = rows.sort("record", "transaction").with_columns(number.alias("transaction"))
    whole = rows.select(*keys, "usd", once.alias("once")).collect().rechunk()
    return whole.group_by(*keys, maintain_order=True).agg(
        pl.col("usd").sum(), pl.col("once").sum().alias("usd_once"), pl.col("usd").is_null().sum().alias("unconverted")
    )


def key() -> pl.Expr:
    """What names a transaction whatever its place in the file: activity, reference, type, day, amount, provider."""
    parts = ("identifier", "ref", "type", "date", "value", "currency", "provider_name")
    return pl.concat_str([pl.col(part).cast(pl.String).fill_null("") for part in parts], separator="|")


def _shared(sums: pl.DataFrame, shares: pl.DataFrame, name: str, without: str) -> pl.DataFrame:
    """Sums times shares: the transaction's own, else the activity's, else all of it to ``without``."""
    mine = sums.join(shares, on=["record", "transaction"], how="inner")
    rest = sums.join(shares.select("record", "transaction").unique(), on=["record", "transaction"], how="anti")
    general = shares.filter(pl.col("transaction") == 0).drop("transaction")
    rest = rest.join(general, on="record", how="left").with_columns(
        pl.col(name).fill_null(without), pl.col("share").fill_null(1.0)
    )
    both = pl.concat([mine.select(rest.columns), rest])
    return both.with_columns(pl.col("usd") * pl.col("share"), pl.col("usd_once") * pl.col("share")).drop("share")


def places(activities: Activities, splits: Mapping[str, Mapping[str, float]]) -> pl.DataFrame:
    """``record, transaction, member, share``."""
    rows = activities.table("recipients")
    named = pl.col("code").replace_strict(activities.areas, default=None, return_dtype=pl.String)
    region = pl.format("region:{}:{}", vocabulary(), pl.col("code"))
    place = pl.when(is_country()).then(pl.coalesce(named, pl.format("unknown:{}", "code"))).otherwise(region)
    kept = rows.filter(recipient_counts()).with_columns(place.alias("member"))
    whole = _whole(kept, "member")
    if not splits:
        return whole
    heads = activities.table("activities").select("record", "identifier")
    decided = [(name, area, share) for name, shares in splits.items() for area, share in shares.items()]
    schema = {"identifier": pl.String(), "member": pl.String(), "share": pl.Float64()}
    by_hand = pl.DataFrame(decided, schema=schema, orient="row").join(heads, on="identifier")
    by_hand = by_hand.with_columns(pl.lit(0, dtype=pl.Int64).alias("transaction"), pl.col("share") / 100)
    return pl.concat([whole.join(by_hand, on="record", how="anti"), by_hand.select(whole.columns)])


def _sectors(activities: Activities) -> pl.DataFrame:
    """``record, transaction, sector, share``, in one vocabulary for each activity."""
    rows = activities.table("sectors").filter(sector_counts())
    return _whole(rows.with_columns(pl.format("{}:{}", vocabulary(), "code").alias("sector")), "sector")


def _whole(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """Percentages as shares of one; what stands alone without a percentage is all of it."""
    rows = rows.sort("record", "transaction", name)
    share = pl.col("percentage").fill_null(100.0)
    total = share.sum().over("record", "transaction")
    rows = rows.with_columns(
        pl.when(total > 0).then(share / total).otherwise(1.0 / pl.len().over("record", "transaction")).alias("share")
    )
    return rows.group_by("record", "transaction", name, maintain_order=True).agg(pl.col("share").sum())


def _goals(activities: Activities) -> pl.DataFrame:
    """``record, goal``: the goals that an activity is tagged with, by itself or by a target."""
    tags = activities.table("tags").filter(pl.col("vocabulary").is_in([GOAL_TAGS, TARGET_TAGS]))
    goal = pl.col("code").str.split(".").list.first().str.strip_chars().alias("goal")
    return tags.select("record", goal).filter(pl.col("goal").is_in(GOALS)).unique()


def _with_goals(rows: pl.DataFrame, activities: Activities) -> pl.DataFrame:
    goals = _goals(activities).with_columns((1.0 / pl.len().over("record")).alias("share"))
    joined = rows.join(goals, on="record", how="left").with_columns(
        pl.col("goal").fill_null(NO_GOAL), pl.col("share").fill_null(1.0)
    )
    return joined.with_columns(pl.col("usd") * pl.col("share"), pl.col("usd_once") * pl.col("share")).drop("share")


def committed(cells: pl.DataFrame) -> pl.DataFrame:
    """Cells of commitments, each activity from one end: as what came in where it says so, else as what it gives."""
    came = cells.filter(pl.col("stage") == "incoming commitment")["record"].unique().implode()
    given = (pl.col("stage") == "commitment") & ~pl.col("record").is_in(came)
    kept = cells.filter((pl.col("stage") == "incoming commitment") | given)
    return kept.with_columns(pl.lit(COMMITTED).alias("stage"))


def summed(frame: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Cells summed: ``stage``, what was asked for, ``usd, usd_once, activities, donors, unconverted``.

    Raises:
        InputError: a name that is none of :data:`BY`, or one given twice.
    """
    if wrong := [name for name in by if name not in BY]:
        raise InputError(f"cannot sum by '{wrong[0]}'; use some of: {', '.join(BY)}")
    if twice := [name for name in by if list(by).count(name) > 1]:
        raise InputError(f"'{twice[0]}' is asked for twice; name it once")
    # An amount without a rate is one, however many cells its activity spreads over.
    missing = pl.struct("record", "donor", "unconverted").filter(pl.col("unconverted") > 0).n_unique()
    return (
        frame.group_by(*by, "stage", maintain_order=True)
        .agg(
            pl.col("usd").sum(),
            pl.col("usd_once").sum(),
            pl.col("record").n_unique().alias("activities"),
            pl.col("donor").n_unique().alias("donors"),
            missing.alias("unconverted"),
        )
        .sort(*by, "stage")
    )


def crowded(frame: pl.DataFrame, *, donors: int = 2) -> pl.DataFrame:
    """Where several donors fund the same sector of the same place in the same year.

    Returns:
        ``member, sector, year, stage, donors, names, usd, largest_share, concentration`` (sum of squared shares), the
        most donors first.
    """
    keys = ("member", "sector", "year", "stage", "donor")
    sums = frame.group_by(*keys, maintain_order=True).agg(pl.col("usd_once").sum())
    sums = sums.filter(pl.col("usd_once") > 0).sort("usd_once", *keys, descending=[True, *[False] * len(keys)])
    share = pl.col("usd_once") / pl.col("usd_once").sum()
    return (
        sums.group_by("member", "sector", "year", "stage", maintain_order=True)
        .agg(
            pl.len().alias("donors"),
            pl.col("donor").alias("names"),
            pl.col("usd_once").sum().alias("usd"),
            share.max().alias("largest_share"),
            share.pow(2).sum().alias("concentration"),
        )
        .filter(pl.col("donors") >= donors)
        .sort("donors", "usd", *keys[:4], descending=[True, True, *[False] * 4])
    )


def grid(
    frame: pl.DataFrame,
    members: Sequence[str],
    asked: Mapping[str, Collection[str]],
    held: pl.DataFrame,
    *,
    by: str = "sector",
) -> pl.DataFrame:
    """Every member against every value of a dimension, with what the cell says.

    Args:
        frame: cells of one stage.
        members: areas.
        asked: identifiers of activities that await a split, and the members they may cover.
        held: as from :func:`presence`.
        by: ``sector``, ``goal``, ``donor`` or ``year``.

    Returns:
        ``member``, the dimension, ``state`` (one of :data:`STATES`), ``usd_once, activities``. Goals are all 17, other
        dimensions hold what anybody's cells do.

    Raises:
        InputError: a dimension that is none of these.
    """
    if by not in BY or by == "member":
        raise InputError(f"cannot compare members by '{by}'; use one of: {', '.join(BY[1:])}")
    values = frame.select(by).unique().sort(by)
    if by == "goal":  # nobody's goals are the gaps, and no row would tell of them
        goals = pl.DataFrame({by: GOALS})
        values = pl.concat([goals, values.join(goals, on=by, how="anti")])
    values = values.with_row_index("place")
    every = pl.DataFrame({"member": list(members)}).join(values, how="cross")
    sums = frame.group_by("member", by, maintain_order=True).agg(
        pl.col("usd_once").sum(), pl.col("record").n_unique().alias("activities")
    )
    wanting = [(area, name) for name, areas in asked.items() for area in areas]
    waiting = pl.DataFrame(wanting, schema={"area": pl.String, "identifier": pl.String}, orient="row")
    waiting = (
        frame.select("identifier", by)
        .unique()
        .join(waiting, on="identifier")
        .select(pl.col("area").alias("member"), by)
    )
    waiting = waiting.unique().with_columns(pl.lit(True).alias("waits"))
    joined = every.join(sums, on=["member", by], how="left").join(waiting, on=["member", by], how="left")
    if by in held.columns:
        here = held.select("member", by).drop_nulls().unique().with_columns(pl.lit(True).alias("here"))
        joined = joined.join(here, on=["member", by], how="left")
    else:
        joined = joined.with_columns(pl.lit(None, dtype=pl.Boolean).alias("here"))
    empty = pl.col("activities").is_null()
    state = (
        pl.when(empty & pl.col("here")).then(pl.lit("no amount"))
        .when(empty & pl.col("waits")).then(pl.lit("split asked"))
        .when(empty).then(pl.lit("no record"))
        .when(pl.col("usd_once") == 0).then(pl.lit("zero"))
        .otherwise(pl.lit("recorded"))
    )  # fmt: skip
    found = joined.sort("member", "place")
    return found.select("member", by, state.alias("state"), "usd_once", "activities")


def presence(activities: Activities, splits: Mapping[str, Mapping[str, float]]) -> pl.DataFrame:
    """Where activities are, money or none: ``record, member, sector, goal, year``; a long one is in all its years."""
    heads = activities.table("activities").select(
        "record",
        pl.coalesce("actual_start", "planned_start").dt.year().alias("start"),
        pl.coalesce("actual_end", "planned_end", "actual_start", "planned_start").dt.year().alias("end"),
    )
    years = heads.with_columns(pl.int_ranges("start", pl.col("end") + 1, dtype=pl.Int32).alias("year")).explode("year")
    placed = places(activities, splits).select("record", "member").unique()
    sectors = _sectors(activities).select("record", "sector").unique()
    rows = placed.join(years.select("record", "year"), on="record", how="left").join(sectors, on="record", how="left")
    return rows.join(_goals(activities), on="record", how="left")


def questions(activities: Activities, members: Mapping[str, Sequence[str]], decided: Collection[str]) -> pl.DataFrame:
    """Activities coded to one country that, by their scope or their own text, cover others.

    Args:
        activities: the tables.
        members: areas and the names by which texts call them.
        decided: identifiers somebody has already split.

    Returns:
        ``identifier, reporter, title, coded, covers`` (areas, ``?`` where the text names none), ``why, sentence``.
    """
    rows = activities.table("recipients").filter(pl.col("transaction") == 0)
    alone = rows.filter(pl.len().over("record") == 1, pl.col("kind") == "recipient-country")
    heads = activities.table("activities").join(alone.select("record", "code"), on="record")
    found = [
        one for row in heads.iter_rows(named=True) if row["identifier"] not in decided
        and (one := _question(row, activities.areas.get(row["code"], row["code"]), members))
    ]  # fmt: skip
    names = ("identifier", "reporter", "title", "coded", "covers", "why", "sentence")
    return pl.DataFrame(found, schema=dict.fromkeys(names, pl.String()))


def _question(row: Mapping[str, Any], coded: str, members: Mapping[str, Sequence[str]]) -> dict[str, str] | None:
    text = f"{row['title'] or ''}. {row['description'] or ''}"
    wide = row["scope"] in REGIONAL_SCOPES
    named: dict[str, str] = {}
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        for area, names in members.items():
            if area != coded and any(re.search(rf"\b{re.escape(name)}\b", sentence) for name in names):
                named.setdefault(area, sentence)
    # A text may name a neighbour in passing; only a scope wider than the country makes that a question.
    if not wide or coded not in members:
        return None
    why = "its scope is wider than the country" + (" and its text names others" if named else "")
    covers = " ".join([coded, *named]) if named else f"{coded} ?"
    kept = {name: str(row[name] or "") for name in ("identifier", "reporter", "title")}
    return {**kept, "coded": coded, "covers": covers, "why": why, "sentence": next(iter(named.values()), "")}
