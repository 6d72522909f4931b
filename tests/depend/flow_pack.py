"""Flows of Riverland: three countries, small enough to work out by hand."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from serai.depend import FLOWS
from serai.region.flow_kinds import Kind
from serai.region.tables_depend import DEPEND_TABLES

WORD = 'en = "x", ru = "х"'

KINDS = f"""
[balance]
share = 0.5
reason = {{ {WORD} }}
[concentration]
share = 0.25
reason = {{ {WORD} }}
[[kind]]
id = "trade"
domain = "trade"
title = {{ {WORD} }}
unit = "USD"
unit_name = {{ {WORD} }}
complete = true
expected = "members"
substitution = {{ low = 0.0, value = 0.0, high = 0.0, reason = {{ {WORD} }} }}
limits = {{ {WORD} }}
source = {{ {WORD} }}
[[kind]]
id = "money"
domain = "money"
title = {{ {WORD} }}
unit = "USD"
unit_name = {{ {WORD} }}
depends = "destination"
complete = true
limits = {{ {WORD} }}
source = {{ {WORD} }}
"""

ROWS = [
    ("trade", "AAA", "BBB", 2020, 60.0, "USD", "p", "C", "", ""),
    ("trade", "AAA", "CCC", 2020, 40.0, "USD", "p", "C", "", ""),
    ("trade", "BBB", "AAA", 2020, 20.0, "USD", "p", "C", "", ""),
    ("trade", "CCC", "AAA", 2020, 60.0, "USD", "p", "C", "CCC", ""),
    ("trade", "CCC", "AAA", 2020, 100.0, "USD", "q", "C", "AAA", ""),
    ("money", "CCC", "AAA", 2020, 50.0, "USD", "p", "C", "", ""),
    ("money", "CCC", "BBB", 2020, 10.0, "USD", "p", "C", "", ""),
]
COUPLINGS = [
    ("money_trade", "t", "т", "money", "in", "trade", "in", "amount", 0.2, 0.4, 0.6, "", "", "assumed", "r", "р"),
    ("trade_trade", "t", "т", "trade", "out", "trade", "in", "amount", 0.1, 0.2, 0.3, "", "", "assumed", "r", "р"),
]
SCENARIOS = """
[[scenario]]
id = "less_money"
title = { en = "Less money", ru = "Меньше денег" }
reason = { en = "r", ru = "р" }
source = { en = "s", ru = "с" }
[[scenario.change]]
kind = "money"
origins = ["CCC"]
fall = { low = 0.5, value = 0.5, high = 0.5, reason = { en = "half", ru = "половина" } }
"""


def table(rows: list[tuple[object, ...]]) -> pl.DataFrame:
    """Rows as a flow table."""
    return pl.DataFrame(rows, schema=dict(FLOWS), orient="row")


def kind(name: str = "trade", **more: object) -> Kind:
    """A kind with as few words as possible."""
    words = {"en": "x"}
    known = {"domain": "d", "title": words, "unit": "USD", "unit_name": words, "limits": words, "source": words}
    return Kind.model_validate({"id": name, **known, **more})


def add_flows(pack: Path, rows: list[tuple[object, ...]] = ROWS) -> Path:
    """Write kinds, flows, couplings and scenarios into a pack."""
    folder = pack / "depend"
    folder.mkdir(exist_ok=True)
    (folder / "kinds.toml").write_text(KINDS, encoding="utf-8")
    (folder / "scenarios.toml").write_text(SCENARIOS, encoding="utf-8")
    specs = {spec.name: spec for spec in DEPEND_TABLES}
    content = {
        "flow_providers": [(name, name.upper(), name.upper(), "invented", "", "CC0") for name in ("p", "q")],
        "flows": rows,
        "blocs": [("south", "South", "Юг", "invented")],
        "bloc_areas": [("south", "BBB"), ("south", "CCC")],
        "couplings": COUPLINGS,
    }
    described = []
    for name, lines in content.items():
        columns = [column.name for column in specs[name].columns]
        frame = pl.DataFrame(lines, schema=columns, orient="row", strict=False, infer_schema_length=None)
        frame.write_csv(pack / specs[name].file)
        described.append((specs[name].file, columns))
    described += [("depend/kinds.toml", []), ("depend/scenarios.toml", [])]
    with (pack / "sources.toml").open("a", encoding="utf-8") as sources:
        for file, columns in described:
            sources.write(
                f'[[table]]\nfile = "{file}"\ntitle = "t"\nprovider = "p"\nsource = "s"\nlicence = "l"\n'
                'release = "2023"\nretrieved = 2023-06-02\n[table.columns]\n'
                + "".join(f'{column} = "c"\n' for column in columns)
            )
    return pack
