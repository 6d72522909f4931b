"""The pages of dependence on the invented region: covered, in both languages, with the numbers of the room."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest

import serai
from depend.flow_pack import add_flows
from riverland import write
from serai.publish.sections.depend.figures import losses, network, sankey
from serai.publish.sections.preview import preview
from serai.publish.tables import described_tables


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("depend")
    region = serai.open(add_flows(write(root / "pack")), home=root / "home")
    preview(region, "depend", root / "site")
    return root / "site"


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_every_page_is_there_in_both_languages(site: Path) -> None:
    names = {path.relative_to(site).as_posix() for path in pages(site)}
    english = {name for name in names if not name.startswith("ru/")}
    assert {"depend/index.html", "depend/AAA.html", "depend/BBB.html", "depend/scenarios/less_money.html"} <= english
    assert {f"ru/{name}" for name in english} == names - english


def test_every_page_says_which_members_it_covers(site: Path) -> None:
    for path in pages(site):
        assert 'class="coverage"' in path.read_text(encoding="utf-8"), path
    for path in (site / "data/depend").rglob("*.json"):
        covered = json.loads(path.read_text(encoding="utf-8"))["coverage"]
        everyone = {*covered["present"], *(row["area"] for row in covered["absent"])}
        assert everyone == {"AAA", "BBB"}, path


def test_a_page_shows_the_numbers_of_its_table(site: Path) -> None:
    table = pl.read_csv(site / "data/scenario_accounts.csv")
    lost = table.filter(kind="money", side="in", area="AAA")["total"].item()
    text = (site / "depend/scenarios/less_money.html").read_text(encoding="utf-8")
    assert lost == 25.0
    assert "25 USD" in text
    assert "Model output" in text
    matrix = (site / "depend/index.html").read_text(encoding="utf-8")
    assert re.search(r"CCC</b>\s*<span class=\"pair\">80% <small>75%…83%", matrix), "share of CCC in imports of AAA"
    assert re.search(r'75%…83%</small></span><abbr class="n" title="[^"]+">E</abbr>', matrix), (
        "reports differ: estimated"
    )


def test_missing_is_shown_as_missing(tmp_path: Path) -> None:
    rows = [("trade", "AAA", "BBB", 2020, None, "USD", "p", "C", "", ""),
            ("trade", "AAA", "CCC", 2020, 40.0, "USD", "p", "C", "", ""),
            ("money", "CCC", "AAA", 2020, 40.0, "USD", "p", "C", "", "")]  # fmt: skip
    region = serai.open(add_flows(write(tmp_path / "pack"), rows), home=tmp_path / "home")
    preview(region, "depend", tmp_path / "site")
    text = (tmp_path / "site/depend/AAA.html").read_text(encoding="utf-8")
    assert "? USD" in text
    assert "missing" in text


def test_russian_pages_speak_russian(site: Path) -> None:
    text = (site / "ru/depend/index.html").read_text(encoding="utf-8")
    main = re.sub(r"<[^>]+>", " ", text[text.index("<main") : text.index("</main>")])
    assert "Кто от кого и в чём зависит" in main
    # What is left in Latin letters are names of files and a domain that the invented pack made up.
    words = set(re.findall(r"\b[a-z]{4,}\b", main))
    files = {f"dependence_{name}" for name in ("indices", "partners", "data", "flows")}
    assert words <= {"json", "money", *files}


def test_published_tables_are_described_column_by_column(site: Path) -> None:
    names = [path.stem for path in (site / "data").glob("*.csv")]
    assert "dependence_partners" in names
    for name in names:
        columns = pl.read_csv(site / f"data/{name}.csv", n_rows=1).columns
        assert set(columns) == set(described_tables()[name]["columns"]), name


def test_pictures_are_whole_and_the_same_each_time() -> None:
    edges = [{"area": "AAA", "partner": "BBB", "share": 0.5, "domain": "trade"},
             {"area": "AAA", "partner": "CCC", "share": 0.3, "domain": "gas"}]  # fmt: skip
    drawn = network(edges, ["AAA", "BBB"])
    assert drawn == network(edges[::-1], ["AAA", "BBB"])
    assert drawn.count("<path") == 2
    rows = [{"label": "Trade", "domain": "trade", "parts": [{"partner": "BBB", "share": 0.6}]}]
    assert "others" in sankey(rows, "others")
    one = [{"label": "Trade <&", "area": "AAA", "low": -1.0, "value": 0.5, "high": 2.0}]
    assert "Trade &lt;&amp;" in losses(one)
    assert losses([]).endswith("</svg>")
