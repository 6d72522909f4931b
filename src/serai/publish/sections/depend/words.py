"""Codes of dependence in words; each word stands under its kind, as ``de:status:outside``."""

from __future__ import annotations

from collections.abc import Mapping

from serai.publish.messages import _

__all__ = ["WORDS"]

KINDS: Mapping[str, Mapping[str, str]] = {
    "domain": {
        "transit": _("Transit"),
        "trade": _("Trade"),
        "migration": _("Migration and displacement"),
        "remittances": _("Remittances"),
        "water": _("Water"),
        "power": _("Electricity"),
        "gas": _("Gas"),
        "aid": _("Aid"),
    },
    "reason": {
        "no_total": _("no total is held, so that there is no share"),
        "no_flow": _("no flow with a value is held"),
        "no_value": _("all flows are zero"),
        "": "",
    },
    "status": {
        "covered": _("in a body that governs it"),
        "outside": _("in no body that governs it"),
        "outside_allocation": _("in no body that allocates it"),
        "no_body": _("no governing body is held"),
        "uncovered": _("no common body"),
        "above": _("above the threshold"),
        "may_be_above": _("may be above the threshold"),
        "below": _("below the threshold"),
        "partial": _("a fragment: not held against the threshold"),
    },
    "role": {
        "contributes": _("contributes"),
        "uses": _("uses"),
        "crosses": _("is crossed"),
        "planned": _("is on a planned line"),
    },
    "type": {
        "basin": _("River basin"),
        "corridor": _("Corridor"),
        "grid": _("Electricity line"),
        "pipeline": _("Pipeline"),
    },
    "reading": {
        "more_central": _("more central than dominant"),
        "more_dominant": _("more dominant than central"),
        "level": _("same rank in both"),
        "no_event": _("in no event held"),
    },
    "step": {
        "flow": _("a flow that changes"),
        "made_good": _("made good by others"),
        "coupling": _("follows from another loss"),
        "partner": _("borne by a partner"),
    },
    "topic": {
        "share_of_gdp": _("Remittances over GDP"),
        "published_share": _("Shares of trade, as published"),
        "reservoir": _("Reservoirs"),
        "monthly_demand": _("Monthly demand for water"),
        "limit": _("Limits of water"),
        "runoff": _("Runoff"),
        "share_formed": _("Share of the discharge of the basin"),
        "canal": _("Canals"),
        "imports": _("Imports"),
    },
    "unit": {
        "t": _("t"),
        "persons": _("persons"),
        "km3": _("km³"),
        "TWh": _("TWh"),
        "bcm": _("bn m³"),
    },
    "unlisted": {"unlisted": _("partners not named")},
}

WORDS = {f"de:{kind}:{code}": text for kind, words in KINDS.items() for code, text in words.items()}
