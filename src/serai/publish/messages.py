"""Words for codes: classes, natures, reasons. English is the source; catalogues hold the other languages."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CLASS_MEANINGS", "CLASS_NAMES", "NATURES", "WORDS", "_"]


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is shown."""
    return message


CLASS_NAMES: Mapping[str, str] = {
    "target_achieved": _("Target achieved"),
    "substantial_progress": _("Substantial progress"),
    "moderate_progress": _("Moderate progress"),
    "limited_progress": _("Limited progress"),
    "deterioration": _("Deterioration"),
    "": _("No class"),
}

CLASS_MEANINGS: Mapping[str, str] = {
    "target_achieved": _("the target is met"),
    "substantial_progress": _("fast enough to meet the target"),
    "moderate_progress": _("at 60 to 95 % of the speed required"),
    "limited_progress": _("below 60 % of the speed required"),
    "deterioration": _("moving away from the target"),
    "": _("not enough data, or no rule; the reason is given"),
}

NATURES: Mapping[str, str] = {
    "C": _("country data"),
    "CA": _("country data, adjusted"),
    "E": _("estimated"),
    "M": _("modelled"),
    "G": _("global monitoring data"),
    "N": _("not relevant"),
}

# Codes and short reasons that reach pages from tables; each is shown through `say`.
WORDS: Mapping[str, str] = {
    "added": _("added"),
    "revised": _("revised"),
    "withdrawn": _("withdrawn"),
    "all_total": _("all-total slice"),
    "standing_slice": _("standing slice"),
    "none": _("none"),
    "international": _("international"),
    "national": _("national"),
    "provider": _("Provider"),
    "release": _("Release"),
    "observations": _("Figures"),
    "figures": _("Figures"),
    "rows": _("Rows"),
    "runs": _("Runs"),
    "series": _("Series"),
    "areas": _("Areas"),
    "snapshot": _("Snapshot"),
    "statcan": _("Open SDG / Statistics Canada"),
}

REASONS = (
    _("withheld"),
    _("under embargo"),
    _("not applicable"),
    _("figures only for other breakdowns or from other providers"),
    _("no figure in this release"),
    _("no series with data"),
    _("series that other members have and this one has not"),
    _("not classed: no rule for this series"),
    _("no series with two points since 2015"),
)

SCALES: Mapping[float, str] = {
    1e6: _("Axis in millions."),
    1e9: _("Axis in billions (10⁹)."),
    1e12: _("Axis in trillions (10¹²)."),
}
