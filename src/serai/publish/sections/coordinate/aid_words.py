"""Words for codes of the ledger's activities; each stands under its kind, as ``aid:state:no record``."""

from __future__ import annotations

from collections.abc import Mapping

from serai.publish.messages import _

__all__ = ["AID_WORDS"]

_KINDS: Mapping[str, Mapping[str, str]] = {
    "state": {
        "recorded": _("recorded"),
        "zero": _("recorded, and zero"),
        "no amount": _("an activity, no amount at this stage"),
        "split asked": _("a split is asked"),
        "no record": _("no record"),
    },
    "stage": {
        "incoming commitment": _("promised to who reports"),
        "incoming funds": _("received by who reports"),
        "commitment": _("committed"),
        "disbursement": _("paid on"),
        "expenditure": _("spent"),
        "pledge": _("pledged"),
    },
    "rule": {
        "place": _("Countries and regions share an activity by its percentages, or a payment by its own. What a region "
                   "gets stays with the region: it is allocated once, never to each country."),
        "sector": _("Sectors share by percentages in one vocabulary: purpose codes of the OECD where an activity uses "
                    "them, else humanitarian clusters, else the publisher's own."),
        "goal": _("The goals an activity is tagged with share it equally, for the standard gives them no shares; "
                  "without a tag it is not tagged."),
        "year": _("Money counts in the calendar year its activity lies in, where that is one; else in the year of the "
                  "payment."),
        "donor": _("The donor of what came in is who gave; of what went out, who reports."),
        "once": _("What is counted once leaves out rows that repeat an earlier one and the second report of an "
                  "accepted match."),
    },
    "match": {
        "one": _("one payment"),
        "part": _("part of one"),
        "repeat": _("said twice"),
        "proposed": _("proposed"),
        "accepted": _("accepted"),
        "rejected": _("rejected"),
    },
    "evidence": {
        "identifier": _("activity identifiers"), "reference": _("references"), "money": _("amounts"),
        "donor": _("donor"), "receiver": _("receiver"), "day": _("days apart"), "year": _("years"),
        "place": _("countries"), "words": _("words"),
    },
    "about": {
        "identifier": _("One report names the other's activity as where the money came from or went to"),
        "reference": _("References of the payment: letters and digits, four or more, with a digit"),
        "money": _("Amounts: in one currency to the unit, or in dollars within 0.5, 2 or 10 per cent"),
        "donor": _("Who gave: the same government or body, or names alike"),
        "receiver": _("Who received, by name: alike or not"),
        "day": _("Days apart: a week, a month, a year, more"),
        "year": _("Years the two activities or payments count in"),
        "place": _("Countries of the two activities"),
        "words": _("Titles and descriptions alike"),
    },
    "weight": {
        "same": _("same"), "different": _("different"), "exact": _("to the unit"), "close": _("within 0.5 %"),
        "near": _("within 2 %"), "far": _("more than 10 % apart"), "alike": _("alike"), "week": _("within a week"),
        "month": _("within a month"), "year": _("within a year"), "more": _("more than a year"),
    },
    "status": {
        "1": _("pipeline"), "2": _("implementation"), "3": _("finalisation"), "4": _("closed"), "5": _("cancelled"),
        "6": _("suspended"),
    },
    "decision": {"accept": _("accepted"), "reject": _("rejected"), "split": _("split")},
}  # fmt: skip

AID_WORDS: Mapping[str, str] = {
    f"aid:{kind}:{code}": text for kind, words in _KINDS.items() for code, text in words.items()
}
"""Every code with its words."""
