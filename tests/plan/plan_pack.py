"""The files of a pack that describe a plan, small and by hand."""

from __future__ import annotations

from pathlib import Path

SHOCKS = """
[[shock]]
id = "cut"
title = { en = "Money is cut", ru = "Средств меньше" }
story = { en = "Less money.", ru = "Средств меньше." }
[shock.size]
low = 0
high = 90
unit = "%"
over = { en = "money is cut by over {} %", ru = "средства сокращаются более чем на {} %" }
under = { en = "money is cut by under {} %", ru = "средства сокращаются менее чем на {} %" }
basis = "sourced"
source = "a table"
[shock.start]
low = 2024
high = 2025
unit = "year"
basis = "sourced"
source = "a table"
[shock.years]
low = 4
high = 6
unit = "years"
basis = "sourced"
source = "a table"
[[shock.effect]]
does = "budget"
reason = "by hand"
[[shock.effect]]
does = "growth"
goals = ["6"]
reason = "by hand"
"""
STRATEGIES = """
[[strategy]]
id = "as_is"
title = { en = "As is", ru = "Как есть" }
text = { en = "x", ru = "х" }
rule = "as_is"
[[strategy]]
id = "equal"
title = { en = "Equal", ru = "Поровну" }
text = { en = "x", ru = "х" }
rule = "equal"
share = 1.0
[[strategy]]
id = "water"
title = { en = "Water", ru = "Вода" }
text = { en = "x", ru = "х" }
rule = "focus"
goals = ["6"]
share = 0.8
"""


def uncertain() -> str:
    numbers = "".join(
        f'[[uncertain]]\nid = "{name}"\ntitle = {{ en = "{name}", ru = "{name}" }}\nlow = {low}\nhigh = {high}\n'
        f'unit = "-"\nover = {{ en = "{name} over {{}}", ru = "{name} выше {{}}" }}\n'
        f'under = {{ en = "{name} under {{}}", ru = "{name} ниже {{}}" }}\nbasis = "sourced"\nsource = "x"\n'
        for name, low, high in (("links", 0, 1), ("monitoring", 0.4, 0.6), ("law", 0.4, 0.6), ("shares", 0.2, 1.8),
                                ("exposure", 0, 1), ("response", 0, 1))
    )  # fmt: skip
    return f'[network]\ntitle = {{ en = "Network", ru = "Сеть" }}\nreason = "x"\n{numbers}'


def add_plan(pack: Path) -> Path:
    """Write ``plan/`` into a pack."""
    (pack / "plan").mkdir(parents=True, exist_ok=True)
    for name, text in (("shocks", SHOCKS), ("strategies", STRATEGIES), ("uncertain", uncertain())):
        (pack / "plan" / f"{name}.toml").write_text(text, encoding="utf-8")
    return pack
