"""SDMX observation flags (code list CL_OBS_STATUS 2.2) in words."""

from __future__ import annotations

from collections.abc import Mapping

STATUS_NOTES: Mapping[str, str] = {
    "A": "",
    "P": "",
    "B": "break in series",
    "D": "definition differs",
    "E": "estimated value",
    "F": "forecast value",
    "G": "experimental value",
    "I": "imputed value",
    "J": "derogation",
    "K": "included in another category",
    "L": "flagged: exists but was not collected",
    "M": "flagged: data cannot exist",
    "N": "not significant",
    "O": "flagged: missing value",
    "Q": "flagged: suppressed",
    "S": "strike and other special events",
    "U": "low reliability",
    "V": "unvalidated value",
    "W": "includes another category",
}
"""Flag -> note. ``A`` (normal) needs no word; ``P`` (provisional) is a status of its own."""
