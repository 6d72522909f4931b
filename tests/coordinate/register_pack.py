"""A register for Riverland: two members, a neighbour, a river commission, two summits, a pledge with parts."""

from __future__ import annotations

from pathlib import Path

TABLES = {
    "documents": "source,publisher,url,date\nherald_1,herald.example,https://herald.example/1,2020-01-02\n"
    "gazette_1,gazette.example,https://gazette.example/1,\n",
    "bodies": (
        "body,kind,name_en,name_ru,acronym,field,since,until,seat_en,seat_ru,seat_area,iati,source,note\n"
        "summit,format,River summit,Речной саммит,RS,political,2016,,,,,,herald_1,\n"
        "lake,commission,Lake commission,Комиссия озера,LC,water,2000,,Elm,Вяз,AAA,,herald_1,\n"
        "bank,bank,River bank,Речной банк,RB,finance,,,,,,XM-1,herald_1,\n"
        "union,union,Far union,Дальний союз,FU,political,,,,,,,herald_1,\n"
    ),
    "body_members": (
        "body,area,organisation,role,since,until,source,note\n"
        "summit,AAA,,member,2016,,herald_1,\n"
        "summit,BBB,,member,2016,,herald_1,\n"
        "summit,,union,member,2018-05,,herald_1,\n"
        "lake,AAA,,member,2000,,herald_1,\n"
        "lake,CCC,,member,2000,2015-12-31,herald_1,\n"
    ),
    "formats": (
        "format,rhythm_months,firmness,rhythm_en,rhythm_ru,next_due,next_place,source,note\n"
        "summit,24,agreed,every two years,раз в два года,,,herald_1,\n"
    ),
    "events": (
        "event,format,number,in_rhythm,kind,start,end,area,place_en,place_ru,title_en,title_ru,outcome_en,outcome_ru,"
        "source,note\n"
        "RS-1,summit,1,true,summit,2016-05-01,2016-05-02,AAA,Elm,Вяз,1st river summit,1-й речной саммит,,,herald_1,\n"
        "RS-2,summit,2,true,summit,2018-06,,BBB,Oak,Дуб,2nd river summit,2-й речной саммит,Treaty,Договор,herald_1,\n"
        "RS-X,summit,,false,meeting,2018-09-09,2018-09-09,,,,Extra meeting,Доп. встреча,,,herald_1,\n"
    ),
    "event_actors": (
        "event,actor,role,source,note\n"
        "RS-1,AAA,host,herald_1,\n"
        "RS-1,BBB,participant,herald_1,\n"
        "RS-2,BBB,host,herald_1,\n"
        "RS-2,AAA,signatory,herald_1,\n"
        "RS-2,BBB,signatory,herald_1,\n"
        "RS-2,union,witness,herald_1,\n"
        "RS-2,CCC,unknown,herald_1,\n"
        "RS-X,bank,initiator,gazette_1,\n"
        "RS-X,AAA,participant,gazette_1,\n"
    ),
    "agreements": (
        "agreement,event,kind,title_en,title_ru,identifier,status,negotiated,signed,ratified,in_force,ends,supersedes,"
        "mandate,source,note\n"
        "AG-1,RS-2,treaty,River treaty,Речной договор,,signed,2017,2018-06,,,,AG-0,true,herald_1,\n"
        "AG-0,RS-1,declaration,Old words,Старые слова,,superseded,,2016-05-02,,,2018,,false,herald_1,\n"
    ),
    "agreement_parties": (
        "agreement,actor,role,signed,ratified,by,source,note\n"
        "AG-1,AAA,signatory,2018-06,2019,,herald_1,\n"
        "AG-1,BBB,signatory,2020-01-01,,,herald_1,\n"
        "AG-1,CCC,pending,,,,herald_1,\n"
        "AG-1,union,witness,,,President,herald_1,\n"
    ),
    "followups": (
        "followup,format,agreement,event,what_en,what_ru,owners,due,basis,state,done,done_by,source,note\n"
        "FU-1,summit,,RS-2,3rd summit,3-й саммит,AAA,2020,stated,unknown,,,herald_1,\n"
        "FU-2,,AG-1,RS-2,Open the lock,Открыть шлюз,BBB,2019-03,stated,done,2019-04-01,RS-X,herald_1,\n"
        "FU-3,,AG-1,RS-2,Sign,Подписать,CCC,,none,open,,,herald_1,\n"
    ),
    "pledges": (
        "pledge,event,announced,stage,kind,standing,pledgers,beneficiaries,beyond,amount,currency,contained_in,complete,"
        "overlaps_with,direction,starts,ends,what_en,what_ru,wording,projects,source,note\n"
        "P10,RS-2,2018-06,pledge,package,counted,union,AAA BBB,,10,EUR,,true,Q4,to_members,,,All,Всё,,,herald_1,\n"
        "P10-A,RS-2,2018-06,pledge,component,counted,union,AAA,,6,EUR,P10,,,to_members,,,Roads,Дороги,,,herald_1,\n"
        "P10-B,RS-2,2018-06,pledge,component,counted,union,BBB,,4,EUR,P10,,,to_members,,,Water,Вода,,,herald_1,\n"
        "P10-C,RS-2,2018-06,pledge,component,contradicted,union,BBB,,7,EUR,P10,,,to_members,,,Rumour,Слух,,,gazette_1,\n"
        "Q4,RS-2,2018-06,pledge,loan,counted,bank,AAA,,4,EUR,,,P10,to_members,,,Loan,Заём,,,herald_1,\n"
        "R1,RS-2,2018-06,commitment,grant,counted,CCC,BBB,,1,USD,,,,to_members,2018,2020,Grant,Грант,,,herald_1,\n"
        "S9,,2018-07,statement,claim,implausible,CCC,AAA,,900,USD,,,,to_members,,,Words,Слова,,,gazette_1,\n"
    ),
    "pledge_steps": (
        "pledge,stage,date,amount,currency,what,activity,source\n"
        "R1,commitment,2018-06,1,USD,signed,,herald_1\n"
        "R1,disbursement,2019-01-05,0.4,USD,first payment,XM-1-77,herald_1\n"
    ),
    "claims": (
        "claim,said_in,where,kind,statement_en,statement_ru,measured_by,note\n"
        "C1,The River Times,1,fact,It was the third summit,Это был третий саммит,,\n"
        "C2,The River Times,1,fact,The union promised ten,Союз обещал десять,,\n"
        "C3,The River Times,2,fact,The bridge is long,Мост длинный,,\n"
        "C4,The River Times,2,judgement,Alder is central,Ольха в центре,centrality,\n"
        "C5,The River Times,3,fact,Both signed,Оба подписали,,\n"
        "C6,The River Times,3,forecast,The lake will fill,Озеро наполнится,,\n"
    ),
    "claim_sources": (
        "claim,source,stance,says_en,says_ru,event,pledge\n"
        "C1,herald_1,contradicts,the second,второй,RS-2,\n"
        "C2,herald_1,supports,ten,десять,,P10\n"
        "C3,herald_1,context,there is a bridge,мост есть,,\n"
        "C5,herald_1,supports,both,оба,RS-2,\n"
        "C5,gazette_1,contradicts,one did,один,RS-2,\n"
    ),
}  # fmt: skip


def add_register(pack: Path, **changed: str) -> None:
    """Write the tables and their sources into a pack; ``changed`` replaces tables by name."""
    folder = pack / "coordinate"
    folder.mkdir(exist_ok=True)
    entries = []
    for name, text in {**TABLES, **changed}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        described = "\n".join(f'{column} = "what it holds"' for column in text.split("\n")[0].split(","))
        entries.append(
            f'[[table]]\nfile = "coordinate/{name}.csv"\ntitle = "t"\nprovider = "p"\nsource = "s"\nlicence = "l"\n'
            f'release = "r"\nretrieved = 2024-01-01\n[table.columns]\n{described}\n'
        )
    sources = pack / "sources.toml"
    sources.write_text(sources.read_text(encoding="utf-8") + "\n" + "\n".join(entries), encoding="utf-8")
