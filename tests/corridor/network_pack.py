"""A freight network for Riverland: two countries, a border with a break of gauge, a lake ferry, a road."""

from __future__ import annotations

from pathlib import Path

TABLES = {
    "references": "source,text,url\nhand,invented,\ngc,great circle,\n",
    "contiguity": "area,other,source\nAAA,BBB,hand\n",
    "places": (
        "place,name_en,name_ru,area,type,lon,lat,basis,source,note\n"
        "elm,Elm,Вяз,AAA,city,1,1,assumed,hand,\n"
        "ford,Ford,Брод,AAA,border,2,1,assumed,hand,\n"
        "oak,Oak,Дуб,BBB,city,3,1,assumed,hand,\n"
        "quay,Quay,Причал,BBB,port,4,1,assumed,hand,\n"
        "pier,Pier,Пирс,AAA,port,1,2,assumed,hand,\n"
    ),
    "links": (
        "from,to,mode,gauge,status,km,basis,source,year,note\n"
        "elm,ford,rail,1520,open,100,sourced,hand,2024,\n"
        "ford,oak,rail,1435,open,100,derived,gc,,\n"
        "oak,quay,rail,1435,open,50,sourced,hand,2024,\n"
        "elm,pier,road,,open,100,sourced,hand,2024,\n"
        "pier,quay,ferry,,open,200,sourced,hand,2024,\n"
        "elm,oak,rail,1435,planned,150,sourced,hand,2024,\n"
    ),
    "posts": (
        "post,area,place,mode,side,hours,hours_low,hours_high,mixed,fee,fee_low,fee_high,basis,source,year,reason\n"
        "p1,,,rail,exit,4,2,8,true,100,50,200,assumed,hand,2024,invented\n"
        "p2,,,rail,entry,6,3,12,,100,50,200,assumed,hand,2024,invented\n"
        "p3,,,ship,entry,1,1,2,,20,20,20,assumed,hand,2024,invented\n"
    ),
    "borders": (
        "from,to,mode,exit,exit_low,exit_high,entry,entry_low,entry_high,fee,fee_low,fee_high,exit_post,entry_post\n"
        "ford,oak,rail,4,2,8,6,3,12,200,100,400,p1,p2\n"
        "oak,ford,rail,4,2,8,6,3,12,200,100,400,p1,p2\n"
        "elm,oak,rail,4,2,8,6,3,12,200,100,400,p1,p2\n"
        "oak,elm,rail,4,2,8,6,3,12,200,100,400,p1,p2\n"
        "pier,quay,ferry,1,1,2,1,1,2,40,40,40,p3,p3\n"
        "quay,pier,ferry,1,1,2,1,1,2,40,40,40,p3,p3\n"
    ),
    "transfers": (
        "place,from_mode,from_gauge,to_mode,to_gauge,hours,hours_low,hours_high,money,money_low,money_high,capacity,load,"
        "level,basis,source,year,reason\n"
        "ford,rail,1520,rail,1435,,,,,,,,,,assumed,hand,2024,invented\n"
        "elm,rail,1520,road,,8,4,16,2,1,4,,,,assumed,hand,2024,invented\n"
        "elm,rail,1435,road,,8,4,16,2,1,4,,,,assumed,hand,2024,invented\n"
        "pier,road,,ferry,,10,5,20,3,1,5,10,5,true,assumed,hand,2024,invented\n"
        "quay,rail,1435,ferry,,10,5,20,3,1,5,,,true,assumed,hand,2024,invented\n"
    ),
    "services": (
        "from,to,mode,headway,headway_low,headway_high,fare,fare_low,fare_high,basis,source,year,reason\n"
        "pier,quay,ferry,24,12,48,10,5,20,assumed,hand,2024,invented\n"
        "quay,pier,ferry,24,12,48,10,5,20,assumed,hand,2024,invented\n"
    ),
    "commodities": (
        "commodity,name_en,name_ru,unit,tonnes,time_value,time_value_low,time_value_high,reliability_ratio,rate_factor,"
        "ship,service,basis,source,year,reason\n"
        "boxes,Boxes,Ящики,FEU,20,0.5,0.2,1,0.8,1,dry,train,assumed,hand,2024,invented\n"
        "sand,Sand,Песок,t,1,0,0,0.1,0,0.5,dry,wagonload,assumed,hand,2024,invented\n"
    ),
    "families": (
        "family,name_en,name_ru,via,avoid,modes,statuses,note\n"
        "bridge,Bridge,Мост,ford,,rail road,open,\n"
        "lake,Lake,Озеро,pier;quay,,rail road ferry,open,\n"
        "new,New,Новая,elm;oak,,rail,open planned,planned\n"
        "nowhere,Nowhere,Нигде,pier,,rail,open,\n"
    ),
    "demand": (
        "from,to,commodity,value,low,high,unit,basis,source,year,reason\n"
        "elm,oak,boxes,2000,1000,3000,kt,derived,hand,2024,invented\n"
        "elm,quay,boxes,4000,2000,8000,kt,derived,hand,2024,invented\n"
        "oak,elm,boxes,500,400,600,kt,derived,hand,2024,invented\n"
        "elm,quay,sand,1000,500,2000,kt,derived,hand,2024,invented\n"
        "elm,oak,boxes,100,100,100,kt,derived,gc,2024,invented\n"
    ),
    "capacities": (
        "facility,kind,from,to,mode,gauge,capacity,capacity_low,capacity_high,basis,source,year,reason\n"
        "bridge,border,ford,oak,rail,,4,3,5,assumed,hand,2024,invented\n"
    ),
    "throughputs": (
        "point,title_en,title_ru,kind,from,to,mode,observed,role,basis,source,year,reason\n"
        "bridge,Bridge,Мост,border,ford,oak,rail,3.5,checked,sourced,hand,2024,invented\n"
        "pier,Pier,Пирс,transfer,pier,pier,ferry,1,checked,sourced,hand,2024,invented\n"
    ),
    "projects": (
        "project,name_en,name_ru,status,start,areas,note\n"
        "wider,Wider bridge,Мост шире,planned,2030,,\n"
        "chord,Chord,Хорда,planned,2030,,\n"
        "faster,Faster borders,Быстрые границы,planned,2030,,\n"
        "deeper,Deeper pier,Глубже,planned,2030,,\n"
        "rails,Better rails,Рельсы,open,2020,,\n"
    ),
    "project_effects": (
        "project,effect,facility,from,to,mode,gauge,areas,without,with,with_low,with_high,unit,basis,source,year,reason\n"
        "wider,capacity,bridge,,,,,,4,8,6,10,Mt,assumed,hand,2024,invented\n"
        "chord,opens,,elm,oak,rail,1435,,0,1,1,1,ratio,assumed,hand,2024,invented\n"
        "faster,hours,,,,,,AAA,1,0.5,0.4,0.6,ratio,assumed,hand,2024,invented\n"
        "deeper,deepens,,pier,pier,,,,0,1,0.5,1,m,assumed,hand,2024,invented\n"
        "rails,speed,,elm,ford,rail,1520,,10,25,25,25,km/h,assumed,hand,2024,invented\n"
    ),
    "project_costs": (
        "project,area,payer,cost,cost_low,cost_high,unit,basis,source,year,reason\n"
        "chord,AAA,,300,300,300,USD m,assumed,hand,2024,invented\n"
        "chord,,,100,80,150,USD m,assumed,hand,2024,invented\n"
    ),
    "demand_places": (
        "area,commodity,direction,place,share,reason,basis,source\n"
        "AAA,,,elm,1,invented,assumed,hand\n"
    ),
    "pairs": (
        "pair,from,to,kind,title_en,title_ru\n"
        "across,elm,oak,families,Elm - Oak,Вяз - Дуб\n"
        "down,elm,quay,routes,Elm - Quay,Вяз - Причал\n"
    ),
    "facts": (
        "fact,subject,metric,value,low,high,text,unit,year,source,used_by,note\n"
        "f1,Bridge,time,4,,,,h,2023,hand,,\n"
        "f2,Bridge,time,9,,,,h,2024,hand,,\n"
    ),
    "disputed": (
        "topic,title_en,title_ru,fact,used,reason_en,reason_ru\n"
        "bridge,The bridge,Мост,f1,true,the earlier one,более раннее\n"
        "bridge,The bridge,Мост,f2,,,\n"
    ),
    "lengths": (
        "places,mode,km,used,source,year,note,network_km\n"
        "elm pier,road,100,link,hand,2024,,100\n"
    ),
    "waypoints": (
        "from,to,mode,order,lon,lat,basis,source,note\n"
        "pier,quay,ferry,1,2,2.5,assumed,hand,cape\n"
        "pier,quay,ferry,2,3.5,2,assumed,hand,\n"
    ),
    "fibre": (
        "fibre,from,to,km,status,owner,funder,source,year,note\n"
        "cable,elm,oak,,planned,River Telecom,,hand,2024,\n"
    ),
    "observed": (
        "route,year,from,to,regime,measure,value,tonnes,basis,source,note\n"
        + "".join(
            f"{route},{year},elm,oak,one,freight,{value},1,sourced,hand,\n"
            for route, values in (("lake", (10, 12, 15)), ("bridge", (40, 41, 39)))
            for year, value in zip((2022, 2023, 2024), values, strict=True)
        )
    ),
    "yearly": "number,year,value,basis,source\nparameter level,2020,-28.5,sourced,hand\n",
    "journeys": (
        "journey,from,to,via,avoid,modes,days_low,days,days_high,service,moved,kind,held,source,year,note\n"
        "Elm-Oak,elm,oak,ford,,rail,1,2,3,regular,train,average,first,hand,2024,\n"
    ),
}  # fmt: skip

VALUES = {
    ("circuity", "rail", ""): (1.25, 1, 1.5),
    **{
        ("speed", mode, ""): (value, value / 2, value * 2)
        for mode, value in (("rail", 25), ("road", 50), ("ferry", 20))
    },
    **{("rate", mode, ""): (value, value, value * 2) for mode, value in (("rail", 0.04), ("road", 0.1), ("ferry", 0))},
    **{("emissions", mode, ""): (value, value, value) for mode, value in (("rail", 15), ("road", 40), ("ferry", 20))},
    **{("delay_share", key, ""): (0.2, 0.1, 0.4) for key in ("rail", "road", "ferry", "border", "transfer")},
    ("paper_share", "border", ""): (0.25, 0.1, 0.5),
    ("gauge_change", "time", ""): (12, 6, 24),
    ("gauge_change", "money", ""): (10, 5, 15),
    ("emissions_price", "", ""): (50, 0, 100),
    ("level", "", ""): (-29, -30, -28),
    ("full_level", "", ""): (-28, -28, -28),
    ("loss_per_metre", "dry", ""): (0.2, 0.1, 0.3),
    ("bpr_b", "", ""): (0.15, 0.15, 0.15),
    ("bpr_power", "", ""): (4, 4, 4),
    ("irregularity", "ferry", ""): (1, 0, 1),
    ("queue_days", "", ""): (30, 7, 90),
    ("discount_rate", "", ""): (0.05, 0.03, 0.08),
    ("demand_growth", "", ""): (0.02, 0, 0.04),
    ("demand_elasticity", "", ""): (0.8, 0.2, 1.5),
    ("project_years", "", ""): (30, 20, 40),
    ("choice_theta", "", ""): (0.05, 0.02, 0.2),
}

SCENARIOS = """
hubs = ["elm"]
gateways = ["oak", "quay"]
[[scenario]]
id = "bridge_out"
title = { en = "The bridge is out" }
reason = "invented"
source = "invented"
days = 30
[[scenario.change]]
kind = "border"
modes = ["rail"]
areas = ["BBB"]
close = true
[[scenario]]
id = "low"
title = { en = "Low water" }
reason = "invented"
source = "invented"
days = 30
level = -30
"""


HAZARDS = """
days = [30, 365]
[[hazard]]
id = "shut"
title = { en = "A border is shut" }
what = "border"
does = "close"
chance = 0.5
reason = "invented"
source = "invented"
[[hazard]]
id = "slow"
title = { en = "A country is slow" }
what = "area"
does = "slower"
chance = 0.5
low = 1.0
high = 4.0
reason = "invented"
source = "invented"
[[hazard]]
id = "falls"
title = { en = "The lake falls" }
what = "level"
does = "level"
chance = 0.5
low = -30
high = -29
reason = "invented"
source = "invented"
"""


def add_network(pack: Path) -> None:
    """Write the tables, the scenarios and their sources into a pack."""
    folder = pack / "corridor"
    folder.mkdir()
    head = "parameter,key,area,value,low,high,unit,basis,source,year,reason"
    rows = [
        f"{name},{key},{area},{value},{low},{high},unit,assumed,hand,2024,invented"
        for (name, key, area), (value, low, high) in VALUES.items()
    ]
    tables = {**TABLES, "parameters": "\n".join([head, *rows]) + "\n"}
    entries = []
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        described = "\n".join(f'{column} = "what it holds"' for column in text.split("\n")[0].split(","))
        entries.append(
            f'[[table]]\nfile = "corridor/{name}.csv"\ntitle = "t"\nprovider = "p"\nsource = "s"\nlicence = "l"\n'
            f'release = "r"\nretrieved = 2024-01-01\n[table.columns]\n{described}\n'
        )
    (folder / "scenarios.toml").write_text(SCENARIOS, encoding="utf-8")
    (folder / "hazards.toml").write_text(HAZARDS, encoding="utf-8")
    sources = pack / "sources.toml"
    sources.write_text(sources.read_text(encoding="utf-8") + "\n" + "\n".join(entries), encoding="utf-8")
