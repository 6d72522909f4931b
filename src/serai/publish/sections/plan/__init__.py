"""The plan's pages: which priorities hold up under shocks, whether that is decided, and when they fail."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from serai.errors import InputError, PackError
from serai.publish.messages import _
from serai.publish.sections import Limit, Part, Section, Setting
from serai.region.plan_files import UNCERTAIN

if TYPE_CHECKING:
    from serai.publish.material import PackLike


def _has(pack: PackLike) -> bool:
    path = getattr(pack, "path", None)
    return isinstance(path, Path) and (path / UNCERTAIN).is_file()


def _make(region: Any, setting: Setting) -> Part:  # noqa: ANN401
    from serai.publish.sections.plan.gather import frames, gather
    from serai.publish.sections.plan.pages import pages, without
    from serai.publish.sections.plan.paper import papers

    try:
        found = gather(region)
    except PackError:
        raise
    except InputError:  # no member has enough data: the rest of the site does not hang on it
        return Part([without(setting)])
    menu = [
        ("plan/index.html", _("Priorities")),
        *((f"plan/{member}.html", member) for member in found.members),
        ("plan/shocks.html", _("Shocks")),
        ("plan/methods.html", _("Method and limits")),
    ]
    made = list(pages(found, setting))
    return Part(made, menu=menu, frames=frames(found), files=papers(made, setting))


SECTION = Section(
    "plan", _("Priorities"), "plan/index.html", _has, _make,
    about=_(
        "Which ways of sharing out the same money hold up when borders close, rivers run low and remittances fall."
    ),
    words={
        "sourced": _("sourced"),
        "derived": _("derived"),
        "assumed": _("assumed"),
        "capacity": _("Closes links across borders"),
        "budget": _("Takes money"),
        "growth": _("Slows growth"),
        "level": _("Lowers levels"),
        "no exposure is known": _("no exposure is known"),
        "no extra cost is known": _("no extra cost is known"),
        "%": "%",
        "days a year": _("days a year"),
        "year": _("year"),
        "years": _("years"),
    },
    limits=(
        Limit(
            title=_("Policy priorities under shocks"),
            address="plan/methods.html",
            serves=_("Comparing ways of sharing out the same money under the same shocks."),
            leaves=_(
                "What will happen; what is spent on most goals; what a change costs politically; shocks’ chances."
            ),
            sure=_("Ensembles, regret, and where a ranking is not decided; errors outside the fitted years."),
        ),
    ),
)  # fmt: skip
