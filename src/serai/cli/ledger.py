"""``serai ledger``: who does what, what was promised and what was paid."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from serai.cli._io import Output, show
from serai.errors import InputError, SourceError

if TYPE_CHECKING:
    from serai.coordinate.iati.check import Finding
    from serai.coordinate.iati.ruleset import Known, Ruleset

app = App(name="ledger", help="Who does what: activities, money, overlaps and gaps.")

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
        Prefixes of registration agencies (XM-DAC); without them the rules that need them do not run.
    """
    import polars as pl

    from serai.coordinate.iati import ruleset as rulesets
    from serai.coordinate.iati.check import FINDING

    if not files:
        raise InputError("no file is given; name at least one IATI file")
    rules = rulesets.read(ruleset) if ruleset else rulesets.standard()
    known = rulesets.Known(publishers=rulesets.entries(org_ids), prefixes=rulesets.entries(org_prefixes))
    if idle := rules.idle(known):
        sys.stderr.write(f"rules not run for want of --org-prefixes: {', '.join(idle)}\n")
    kept: list[Finding] = []
    code = max(_checked(file, rules, known, kept if output else None) for file in files)
    if output is not None:
        show(pl.DataFrame([one.row() for one in kept], schema=FINDING), output)
    sys.exit(code)


def _checked(file: Path, rules: Ruleset, known: Known, kept: list[Finding] | None) -> int:
    """Say or keep what one file's findings are; the exit code it deserves."""
    from serai.coordinate.iati.check import check as findings

    code, errors, warnings = CLEAN, 0, 0
    try:
        for one in findings(file, rules=rules, known=known):
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
