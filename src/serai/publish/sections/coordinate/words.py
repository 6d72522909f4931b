"""Codes of the register in words; each word stands under its kind, as ``co:stage:pledge``."""

from __future__ import annotations

from collections.abc import Mapping

from serai.publish.messages import _

__all__ = ["WORDS"]

KINDS: Mapping[str, Mapping[str, str]] = {
    "stage": {
        "statement": _("statement"),
        "pledge": _("pledge"),
        "commitment": _("commitment"),
        "disbursement": _("disbursement"),
    },
    "standing": {
        "counted": _("counted"),
        "contradicted": _("contradicted by a better source: not counted"),
        "implausible": _("implausible: not counted"),
    },
    "direction": {
        "to_members": _("to the members"),
        "from_members": _("from the members outwards"),
        "beyond": _("worldwide, not for the region"),
    },
    "traced": {
        "nothing traceable": _("nothing traceable"),
        "commitment": _("traced to a commitment"),
        "disbursement": _("traced to a payment"),
    },
    "life": {
        "proposed": _("proposed"),
        "negotiated": _("negotiated"),
        "adopted": _("adopted"),
        "signed": _("signed"),
        "ratified": _("ratified"),
        "in_force": _("in force"),
        "superseded": _("superseded"),
        "expired": _("expired"),
        "unknown": _("not held"),
    },
    "agreement": {
        "treaty": _("treaty"),
        "agreement": _("agreement"),
        "protocol": _("protocol"),
        "host_country": _("host-country agreement"),
        "resolution": _("resolution"),
        "programme": _("programme of action"),
        "declaration": _("declaration"),
        "roadmap": _("roadmap"),
        "concept": _("concept"),
        "action_plan": _("action plan"),
    },
    "event": {
        "summit": _("summit"),
        "meeting": _("meeting"),
        "conference": _("conference"),
        "forum": _("forum"),
        "signing": _("signing"),
        "founding": _("founding"),
        "proposal": _("proposal"),
        "adoption": _("adoption"),
    },
    "entry": {
        "event": _("event"),
        "due": _("due"),
        "term": _("end of an agreement"),
        "framework": _("UN framework"),
    },
    "rhythm": {
        "not_due": _("not due yet"),
        "overdue": _("overdue"),
        "no_promise": _("no promise held"),
        "not_held": _("no meeting held here"),
    },
    "firmness": {
        "agreed": _("agreed"),
        "announced": _("announced"),
        "supported": _("supported, not agreed"),
        "unknown": _("not held"),
    },
    "followup": {
        "done": _("done"),
        "overdue": _("overdue"),
        "outcome_unknown": _("due, outcome unknown"),
        "not_due": _("not due yet"),
        "undated": _("no date was promised"),
        "dropped": _("dropped"),
    },
    "claim": {
        "supported": _("supported"),
        "contradicted": _("contradicted"),
        "disputed": _("disputed"),
        "partly": _("borne out in part"),
        "unverified": _("unverified"),
        "judgement": _("judgement"),
        "forecast": _("forecast"),
    },
    "stance": {
        "supports": _("supports"),
        "contradicts": _("contradicts"),
        "partly": _("in part"),
        "context": _("context"),
    },
    "figure": {
        "published": _("published"),
        "disputed": _("disputed"),
        "garbled": _("garbled: cannot be right as printed"),
        "withheld": _("withheld"),
    },
    "field": {
        "political": _("political"),
        "economy": _("economy"),
        "development": _("development"),
        "finance": _("finance"),
        "water": _("water"),
        "power": _("power"),
        "transport": _("transport"),
        "trade": _("trade"),
        "migration": _("migration"),
        "humanitarian": _("humanitarian"),
        "health": _("health"),
        "mining": _("mining"),
        "statistics": _("statistics"),
    },
    "part": {
        "member": _("member"),
        "observer": _("observer"),
        "practical": _("works with it, no member"),
        "not_party": _("not a party"),
        "none_held": _("none held"),
    },
    "sensitivity": {"low": _("low"), "medium": _("medium"), "high": _("high")},
    "tie": {
        "co_signed": _("signed together"),
        "co_funded": _("stand behind one pledge"),
        "membership": _("belong together"),
        "met": _("met"),
    },
    "body": {
        "area": _("country"),
        "format": _("format of meetings"),
        "organisation": _("organisation"),
        "union": _("union"),
        "agency": _("agency"),
        "bank": _("bank"),
        "fund": _("fund"),
        "commission": _("commission"),
        "association": _("association"),
        "company": _("company"),
        "programme": _("programme"),
        "centre": _("centre"),
    },
    "scope": {
        "in_remit": _("in remit"),
        "cross_border": _("in remit, with cross-border context"),
        "transit_neighbour": _("neighbour: out of remit, kept as context"),
        "outside": _("outside"),
        "unknown": _("no area held"),
    },
    "record": {
        "event": _("events"),
        "agreement": _("agreements"),
        "pledge": _("pledges"),
        "body": _("bodies"),
    },
    "moves": {"better": _("better"), "worse": _("worse"), "same": _("no change"), "": _("one figure only")},
    "task": {
        "planned": _("planned"),
        "paused": _("paused"),
        "frozen": _("frozen"),
        "waiting": _("waiting"),
    },
    "unit": {
        "persons": _("persons"),
        "movements": _("movements"),
        "projects": _("projects"),
        "USD": _("US dollars"),
        "GWh": _("GWh"),
        "MW": _("MW"),
        "km": _("km"),
        "ha": _("ha"),
        "m3/s": _("m³/s"),
        "km3/yr": _("km³ a year"),
        "% of GDP": _("% of GDP"),
        "%": _("%"),
        "PERCENT": _("%"),
    },
    "framework": {
        "running": _("running"),
        "running_and_designing": _("running; the next one is being designed"),
        "planned": _("planned"),
        "ended": _("ended"),
    },
    "measured": {
        "symbolic": _("see hosting and working"),
        "influence": _("see visibility and influence"),
        "balance": _("see with whom each member meets"),
        "geography": _("institutions against geography are measured under dependence"),
        "centrality": _("centrality is measured under dependence"),
    },
}

WORDS: Mapping[str, str] = {
    f"co:{kind}:{code}": message for kind, codes in KINDS.items() for code, message in codes.items()
}
"""Code with its kind -> marked message."""
