"""``serai brief``: the site, the brief and the data behind them, and the region in one table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from serai.cli._io import RegionName, console, opened

if TYPE_CHECKING:
    from rich.table import Table

    from serai.house import Region
    from serai.publish.material import Material
    from serai.publish.overview import Overview, OverviewRow

WIDE = 126
"""Width of a screen that holds goals and figures side by side."""
NO_VALUE = "–"
Languages = Annotated[list[str] | None, Parameter(name=["--language", "-l"], consume_multiple=True, negative="")]


def brief(
    *,
    out: Annotated[Path, Parameter(name=["--out", "-o"])] = Path("out"),
    region: RegionName = "central_asia",
    language: Languages = None,
) -> None:
    """Build the site, the brief and the data behind them, and show the region in one table.

    Example: serai brief --out out --language en --language ru

    Parameters
    ----------
    out
        Directory to write: index.html, brief.pdf, data/. What an earlier run wrote there is replaced.
    language
        Languages of the site and the brief; the first stands at the root. All the region publishes when left out.
    """
    from serai.publish.brief import brief_names, build_brief
    from serai.publish.overview import read_overview
    from serai.publish.site import build_site

    with opened(region) as house:
        tongues = _languages(house, language)

        def write_brief(stage: Path, figures: Material) -> None:
            build_brief(house, stage, languages=tongues, figures=figures, progress_callback=house.tell)

        report = build_site(house, out, languages=tongues, progress_callback=house.tell, extra=write_brief)
        names = _names(house)
        found = read_overview(out / "data", house.members, names)
        title = house.pack.manifest.title["en"]
    screen = console()
    screen.print(f"{title}: goals 1 to 17, release of {found.release or 'no date'}", markup=False)
    for table in tables(found, plain=not screen.is_terminal, width=screen.width):
        screen.print(table)
    screen.print(_legend(), markup=False)
    state = "nothing had changed" if report.unchanged else f"{report.pages} pages"
    files = ", ".join(str(out / name) for name in brief_names(tongues).values())
    screen.print(f"\n{out / 'index.html'} ({state}), {files}, {out / 'data'}/", markup=False, soft_wrap=True)


def _languages(house: Region, wanted: list[str] | None) -> tuple[str, ...]:
    """The languages asked for, each known to the pack."""
    from serai.errors import UnknownName

    manifest = house.pack.manifest
    known = [entry.code for entry in manifest.languages]
    for code in wanted or ():
        if code not in known:
            raise UnknownName("language", code, known, f"region {manifest.id}")
    return tuple(dict.fromkeys(wanted)) if wanted else manifest.published_languages


def _names(house: Region) -> dict[str, str]:
    from serai.publish.names import Names

    names = Names(house.pack, ("en",))
    return {area: names.area(area)["en"] for area in house.members}


def tables(found: Overview, *, plain: bool, width: int) -> list[Table]:
    """Country by goal for the terminal: one table, or two where one would not fit.

    Args:
        found: the countries.
        plain: for pipes: no lines, no colours.
        width: of the screen, in characters.
    """
    goals = [str(goal) for goal in range(1, 18)]
    facts = ["On track", "Indicators with data", "Median year", "Age at release"]
    if width >= WIDE:
        return [_table(found, goals, facts, plain=plain)]
    return [_table(found, goals, [], plain=plain), _table(found, [], facts, plain=plain)]


def _table(found: Overview, goals: list[str], facts: list[str], *, plain: bool) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None if plain else box.SIMPLE_HEAD, padding=(0, int(plain), 0, 0), pad_edge=False)
    made.add_column("Country", no_wrap=True)
    for goal in goals:
        made.add_column(goal, justify="center", min_width=2)
    for fact in facts:
        made.add_column(fact, justify="right", min_width=8)
    for row in found.rows:
        styles = ["" if plain or not mark.name else f"{mark.ink} on {mark.fill}" for mark in row.marks]
        marks = [Text(mark.sign, style=style) for mark, style in zip(row.marks, styles, strict=True)]
        made.add_row(row.name, *(marks if goals else ()), *(_facts(found, row) if facts else ()))
    return made


def _facts(found: Overview, row: OverviewRow) -> tuple[str, str, str, str]:
    age = found.age(row)
    year = NO_VALUE if row.median_year is None else str(row.median_year)
    return f"{row.on_track}/17", f"{row.with_data}/{row.indicators}", year, NO_VALUE if age is None else f"{age} y"


def _legend() -> str:
    from serai.publish.messages import CLASS_NAMES
    from serai.publish.palette import CLASSES, NO_CLASS

    return "  ".join(f"{mark.sign} {CLASS_NAMES[mark.name].lower()}" for mark in (*CLASSES.values(), NO_CLASS))
