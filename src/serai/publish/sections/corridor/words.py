"""Codes of the freight network in words; each word stands under its kind, as ``fr:mode:rail``."""

from __future__ import annotations

from collections.abc import Mapping

from serai.publish.messages import _

__all__ = ["WORDS"]

KINDS: Mapping[str, Mapping[str, str]] = {
    "mode": {"rail": _("rail"), "road": _("road"), "ferry": _("ferry"), "sea": _("sea")},
    "status": {
        "open": _("open"),
        "building": _("under construction"),
        "planned": _("planned"),
        "closed": _("closed"),
    },
    "basis": {"sourced": _("sourced"), "derived": _("derived"), "assumed": _("assumed"), "fitted": _("fitted")},
    "role": {"export": _("exports"), "import": _("imports"), "all": _("all goods")},
    "kind": {"link": _("line"), "border": _("border crossing"), "port": _("port")},
    "money": {
        "no record": _("no record held"),
        "no funder": _("no money, says a document"),
        "study": _("a study only"),
        "promised": _("promised only"),
        "committed": _("committed"),
        "paid": _("paid"),
    },
    "service": {
        "regular": _("regular services"),
        "irregular": _("first runs, bulk, by several carriers"),
        "past": _("as it was earlier"),
        "range": _("a range of all"),
    },
    "moved": {
        "train": _("whole train"),
        "wagonload": _("single wagons"),
        "truck": _("lorry"),
        "ship": _("ship"),
    },
    "said": {
        "average": _("an average"),
        "statement": _("a statement"),
        "run": _("one run"),
        "record": _("a record"),
        "plan": _("a plan"),
        "range": _("a range"),
        "index": _("an index"),
        "tariff": _("a tariff"),
        "offer": _("an offer"),
    },
    "held": {"first": _("held out from the start"), "second": _("looked up later")},
    "phase": {"fitted": _("fitted"), "predicted": _("predicted")},
    "point": {"fitted": _("fitted"), "checked": _("a check")},
    "measure": {"freight": _("thousand tonnes"), "containers": _("thousand TEU")},
    "part": {
        "running": _("moving"),
        "border": _("borders"),
        "handling": _("handling"),
        "waiting": _("waiting for ships"),
    },
    "side": {"inside": _("the members"), "outside": _("everyone else")},
    "panel": {
        "days": _("Days from terminal to terminal"),
        "money_usd": _("USD per consignment unit"),
        "co2_t": _("Tonnes of CO2 per consignment unit"),
        "published": _("days"),
        "usd": _("USD"),
        "gains": _("Gain of users a year, USD m"),
    },
}
WORDS: Mapping[str, str] = {
    f"fr:{kind}:{code}": word for kind, entries in KINDS.items() for code, word in entries.items()
}
