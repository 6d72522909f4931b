"""Dependence: who depends on whom, what follows when something gives way, who sits in no body, who is central."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serai.publish.messages import _
from serai.publish.sections import Limit, Part, Section
from serai.publish.sections.depend.words import WORDS

if TYPE_CHECKING:
    from serai.publish.material import PackLike
    from serai.publish.sections import Setting

__all__ = ["SECTION"]


def _has(pack: PackLike) -> bool:
    return pack.has("flows")


def _state(region: Any) -> str:  # noqa: ANN401 - as below
    """Flows brought in, and what the ledger holds: its aid is among the flows."""
    return f"{region.dependence.state} {region.ledger.stamp}"


def _make(region: Any, setting: Setting) -> Part:  # noqa: ANN401 - a region, or what stands for one in tests
    from serai.publish.sections.depend.gather import gather
    from serai.publish.sections.depend.pages import MENU, pages

    found = gather(region.dependence, setting.languages)
    made = pages(found, setting)
    there = {page.path for page in made}
    return Part(made, menu=[entry for entry in MENU if entry[0] in there], frames=found.frames)


SECTION = Section(
    id="depend",
    title=_("Dependence"),
    address="depend/index.html",
    has=_has,
    make=_make,
    about=_(
        "Who depends on whom for what, what follows when something gives way, and whom the bodies of shared rivers and "
        "routes leave out."
    ),
    state=_state,
    words=WORDS,
    limits=(
        Limit(
            title=_("What follows when something gives way"),
            address="depend/scenarios.html",
            serves=_("Seeing who is exposed to what, and through whom a loss reaches further."),
            leaves=_("How people and governments answer; flows that nobody reports; when and whether it happens."),
            sure=_("Ranges from reports that disagree and from drawn couplings; the couplings are assumed."),
        ),
    ),
)
