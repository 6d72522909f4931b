"""``serai ledger``: who does what, what was promised and what was paid."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from serai.cli import register
from serai.cli._io import Output, RegionName, opened, show
from serai.errors import InputError, SourceError

if TYPE_CHECKING:
    from serai.coordinate.iati.check import Finding
    from serai.coordinate.iati.ruleset import Known, Ruleset

app = App(name="ledger", help="Who does what, signs and promises: activities, pledges, events, claims.")
register.add_to(app)

Lines = Annotated[Path | None, Parameter(help="A text file with one entry a line.")]
CLEAN, FINDINGS, UNREADABLE = 0, 1, 2


@app.command
def check(
    *files: Path,
    ruleset: Path | None = None,
    org_ids: Lines = None,
    org_prefixes: Lines = None,
    output: Output = None,
) -> None:
    """Check files against the IATI standard 2.03: schema, rules, code lists, identifiers that appear twice.

    Exit code 0: clean; 1: findings; 2: a file that cannot be read.

    Example: serai ledger check activities.xml organisation.xml -o findings.csv

    Parameters
    ----------
    files
        Activity or organisation files.
    ruleset
        A ruleset (JSON); by default the standard's.
    org_ids
        Identifiers of registered publishers, which the rules on the form of identifiers exempt.
    org_prefixes
        Prefixes of registration agencies (XM-DAC) in place of those shipped, to which newer ones may be missing.
    """
    import polars as pl

    from serai.coordinate.iati import ruleset as rulesets
    from serai.coordinate.iati.check import FINDING

    if not files:
        raise InputError("no file is given; name at least one IATI file")
    rules = rulesets.read(ruleset) if ruleset else rulesets.standard()
    prefixes = rulesets.entries(org_prefixes) if org_prefixes else rulesets.agencies()
    known = rulesets.Known(publishers=rulesets.entries(org_ids), prefixes=prefixes)
    if needing := rules.idle(rulesets.Known()):
        which = f"of {org_prefixes}" if org_prefixes else f"as of {rulesets.AGENCIES} (--org-prefixes takes others)"
        exempt = "" if org_ids else "; registered publishers are exempt where --org-ids names them"
        sys.stderr.write(f"rules {', '.join(needing)}: {len(prefixes):,} registration agencies {which}{exempt}\n")
    kept: list[Finding] = []
    seen: dict[str, str] = {}
    code = max(_checked(file, rules, known, seen, kept if output else None) for file in files)
    if output is not None:
        show(pl.DataFrame([one.row() for one in kept], schema=FINDING), output)
    sys.exit(code)


def _checked(file: Path, rules: Ruleset, known: Known, seen: dict[str, str], kept: list[Finding] | None) -> int:
    """Say or keep what one file's findings are; the exit code it deserves."""
    from serai.coordinate.iati.check import check as findings

    code, errors, warnings = CLEAN, 0, 0
    try:
        for one in findings(file, rules=rules, known=known, seen=seen):
            code = max(code, UNREADABLE if one.kind == "xml" else FINDINGS)
            errors, warnings = errors + (one.severity == "error"), warnings + (one.severity != "error")
            if kept is None:
                sys.stdout.write(f"{one}\n")
            else:
                kept.append(one)
    except SourceError as error:
        sys.stderr.write(f"serai: {error}\n")
        return UNREADABLE
    sys.stderr.write(f"{file}: {f'{errors:,} errors, {warnings:,} warnings' if code else 'clean'}\n")
    return code


By = Annotated[str, Parameter(help="Name of who decides; kept with the date.")]
Stage = Annotated[str, Parameter(help="committed (from either end), commitment, disbursement, …: exclusive stages.")]


@app.command(name="import")
def import_(
    *files: Path,
    workers: int = 0,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """Take files in: activities and organisations of the IATI standard, humanitarian flows of FTS (CSV).

    What does not hold is left out and listed, the rest is taken; a file is taken whole or not at all. Exit code 0: all
    taken; 1: something was left out; 2: a file could not be read.

    Example: serai ledger import activities.xml flows.csv -o rejects.csv

    Parameters
    ----------
    files
        What to take in.
    workers
        Threads for large files; by default one for each processor, four at most.
    output
        File for what was left out: .csv, .json or .parquet; otherwise the screen.
    """
    import os

    if not files:
        raise InputError("no file is given; name at least one")
    with opened(region) as house:
        receipt = house.ledger.import_files(files, workers=workers or min(os.cpu_count() or 1, 4))
    for line in receipt.refused:
        sys.stderr.write(f"serai: {line}\n")
    for name in receipt.known:
        sys.stderr.write(f"{name}: imported before; nothing to do\n")
    if output is not None:
        show(receipt.table(), output)
    else:
        sys.stdout.writelines(f"{one}\n" for one in receipt.rejects)
    sys.stderr.write(
        f"records taken: {receipt.taken:,} (files: {receipt.files}); earlier ones replaced: {receipt.replaced:,}; "
        f"left out: {len(receipt.rejects) + receipt.unlisted:,}"
        f"{f', {receipt.unlisted:,} of them not listed' if receipt.unlisted else ''}\n"
    )
    sys.exit(UNREADABLE if receipt.refused else FINDINGS if receipt.rejects else CLEAN)


@app.command
def export(
    path: Path,
    *identifiers: str,
    organisations: bool = False,
    region: RegionName = "central_asia",
) -> None:
    """Write activities as a file of the IATI standard 2.03, valid by its schema; imported ones leave as they came.

    Example: serai ledger export all.xml

    Parameters
    ----------
    path
        File to write.
    identifiers
        Some activities only.
    organisations
        Organisations instead of activities.
    """
    if path.suffix != ".xml":
        raise InputError(f"cannot write '{path}': use a name that ends in .xml")
    kind = "iati-organisations" if organisations else "iati-activities"
    with opened(region) as house:
        done = house.ledger.export(path, kind=kind, identifiers=identifiers or None)
    for line in done.left_out:
        sys.stderr.write(f"left out: {line}\n")
    sys.stderr.write(f"{done.written:,} records written to {path}\n")
    sys.exit(FINDINGS if done.left_out else CLEAN)


@app.command
def files(*, region: RegionName = "central_asia", output: Output = None) -> None:
    """What was imported, and when.

    Example: serai ledger files
    """
    with opened(region) as house:
        frame = house.ledger.archive.files()
    register.tell_empty(frame)
    show(frame, output)


@app.command
def overlap(
    *,
    by: Annotated[list[str] | None, Parameter(consume_multiple=True, negative="")] = None,
    stage: Stage = "committed",
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """Who funds what: money by member, sector, goal, donor and year, shared out by stated rules.

    usd_once leaves out repeated rows and the second reports of accepted matches.

    Example: serai ledger overlap --by member year --stage commitment -o overlap.csv

    Parameters
    ----------
    by
        Some of member, sector, goal, donor, year; all when left out.
    """
    from serai.coordinate.overlap import BY

    with opened(region) as house:
        frame = house.ledger.overlap(by=by or BY, stage=stage)
    register.tell_empty(frame)
    show(frame, output)


@app.command
def crowded(
    *,
    donors: int = 2,
    stage: Stage = "committed",
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """Where several donors fund the same sector of the same member in the same year.

    Example: serai ledger crowded --donors 5

    Parameters
    ----------
    donors
        How many donors at least.
    """
    import polars as pl

    if donors < 1:
        raise InputError(f"--donors is {donors}; ask for 1 or more")
    with opened(region) as house:
        frame = house.ledger.crowded(stage=stage, donors=donors)
    register.tell_empty(frame)
    show(frame.with_columns(pl.col("names").list.join(", ")), output)


@app.command
def gaps(
    *,
    by: str = "sector",
    stage: Stage = "committed",
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """Every member against every sector, goal, donor or year: recorded, zero, no amount, split asked, no record.

    "No record" says that nothing is held, not that nothing is there.

    Example: serai ledger gaps --by year

    Parameters
    ----------
    by
        sector, goal, donor or year.
    """
    with opened(region) as house:
        frame = house.ledger.gaps(by=by, stage=stage)
    register.tell_empty(frame)
    show(frame, output)


@app.command
def questions(*, region: RegionName = "central_asia", output: Output = None) -> None:
    """Activities coded to one member that by their scope cover others: who decides how they are shared?

    Example: serai ledger questions
    """
    with opened(region) as house:
        frame = house.ledger.questions()
    register.tell_empty(frame)
    show(frame, output)


@app.command
def split(
    identifier: str,
    *shares: str,
    by: By,
    reason: str = "",
    region: RegionName = "central_asia",
) -> None:
    """Decide how an activity is shared among countries; kept with name and date.

    Example: serai ledger split XM-DAC-41121-2024-ASO-KAZMCO KAZ=60 TKM=20 UZB=20 --by "A. Analyst"

    Parameters
    ----------
    identifier
        The activity.
    shares
        Areas and their shares in per cent.
    reason
        Why.
    """
    found: dict[str, float] = {}
    for share in shares:
        area, _, value = share.partition("=")
        try:
            given = float(value)
        except ValueError:
            raise InputError(f"'{share}' is no share; write AREA=PERCENT, as in KAZ=60") from None
        if area in found:
            raise InputError(f"{area} has two shares; give it one")
        found[area] = given
    with opened(region) as house:
        made = house.ledger.split(identifier, found, by=by, reason=reason)
    sys.stderr.write(f"kept: {made.subject} {made.value}, by {made.by} on {made.at}\n")


@app.command
def match(
    *,
    threshold: float = 0.5,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """Payments that donor and receiver both report, proposed with evidence; accept or reject each by its number.

    Example: serai ledger match -o matches.csv

    Parameters
    ----------
    threshold
        Least score, from 0 to 1.
    """
    with opened(region) as house:
        frame = house.ledger.matches(threshold=threshold)
    shown = ("match", "score", "kind", "state", "conflict", "donor", "left_ref", "right_ref", "left_usd", "right_usd")
    register.tell_empty(frame)
    show(frame if output else frame.select(*shown, "evidence"), output)


@app.command
def accept(number: str, *, by: By, reason: str = "", region: RegionName = "central_asia") -> None:
    """Accept a match: the two reports are one payment and count once.

    Example: serai ledger accept 26b5a9f799 --by "A. Analyst"

    Parameters
    ----------
    number
        Number of the match.
    reason
        Why.
    """
    with opened(region) as house:
        made = house.ledger.accept(number, by=by, reason=reason)
    sys.stderr.write(f"kept: {made.subject} accepted by {made.by} on {made.at}\n")


@app.command
def reject(number: str, *, by: By, reason: str = "", region: RegionName = "central_asia") -> None:
    """Reject a match: the two reports are of two payments and both count.

    Example: serai ledger reject 26b5a9f799 --by "A. Analyst" --reason "another year"

    Parameters
    ----------
    number
        Number of the match.
    reason
        Why.
    """
    with opened(region) as house:
        made = house.ledger.reject(number, by=by, reason=reason)
    sys.stderr.write(f"kept: {made.subject} rejected by {made.by} on {made.at}\n")


@app.command
def decide(file: Path, *, region: RegionName = "central_asia") -> None:
    """Take in decisions on matches from a table: match, decision, by, at, reason. The page of matches writes one.

    Rows that do not hold are named and left out, the rest is kept with the name and the day in the row. Exit code 0:
    all taken; 1: something was left out; 2: the file could not be read.

    Example: serai ledger decide decisions.csv

    Parameters
    ----------
    file
        The table (CSV).
    """
    with opened(region) as house:
        done = house.ledger.decide(file)
    sys.stderr.writelines(f"{fault}\n" for fault in done.faults)
    sys.stderr.write(f"{len(done.kept):,} decisions kept, {done.known:,} kept before, {len(done.faults):,} left out\n")
    sys.exit(FINDINGS if done.faults else CLEAN)


@app.command
def rates(path: Path | None = None, *, reset: bool = False, region: RegionName = "central_asia") -> None:
    """Show the exchange rates in use, or put a table of your own in their place.

    Example: serai ledger rates my_rates.csv

    Parameters
    ----------
    path
        A CSV table: currency, period (2022 or 2022-12), usd (dollars a unit buys), and source, to be shown with them.
    reset
        Take the table away again.
    """
    if path is not None and reset:
        raise InputError(f"--reset takes the table away and '{path}' puts one in; give one of them")
    with opened(region) as house:
        if path is not None or reset:
            house.ledger.set_rates(path)
        table = house.ledger.rates
    sys.stderr.write(f"rates: {table.source}\n")
    show(table.table, None)
