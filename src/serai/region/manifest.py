"""What a region is: the manifest of a pack (``region.toml``) and its list of sources (``sources.toml``)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

AreaCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Text = dict[LanguageCode, Annotated[str, StringConstraints(min_length=1)]]
"""A text in one or more languages; English is always there."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Language(_Frozen):
    """A language of the region; a published one is built into the site and the brief."""

    code: LanguageCode
    name: Annotated[str, StringConstraints(min_length=1)]
    """The language's own name for itself."""
    direction: Literal["ltr", "rtl"] = "ltr"
    published: bool = False


class MapWindow(_Frozen):
    """The part of the world a map of the region shows, in degrees."""

    west: Annotated[float, Field(ge=-180, le=180)]
    east: Annotated[float, Field(ge=-180, le=180)]
    south: Annotated[float, Field(ge=-90, le=90)]
    north: Annotated[float, Field(ge=-90, le=90)]

    @model_validator(mode="after")
    def _has_area(self) -> MapWindow:
        if self.west >= self.east or self.south >= self.north:
            raise ValueError("west must be below east and south below north")
        return self


class GoalNote(_Frozen):
    """Why a goal cannot, or cannot fully, be shown for some members."""

    goal: Annotated[str, StringConstraints(pattern=r"^(1[0-7]|[1-9])$")]
    members: tuple[AreaCode, ...]
    text: Text


class Manifest(_Frozen):
    """A region: who its members are, which languages it speaks, what its map shows."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Text
    centre: Text
    """The institution the pack serves, as one line."""
    members: Annotated[tuple[AreaCode, ...], Field(min_length=1)]
    neighbours: tuple[AreaCode, ...] = ()
    primary_provider: str
    """The provider whose series stand side by side on goal pages."""
    start: Annotated[int, Field(ge=1990, le=2030)] = 2015
    end: Annotated[int, Field(ge=2016, le=2100)] = 2030
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    map: MapWindow
    disclaimer: Text
    """Shown wherever a border or a country's name is shown."""
    goal_notes: tuple[GoalNote, ...] = ()

    @model_validator(mode="after")
    def _is_consistent(self) -> Manifest:
        if len(set(self.members)) < len(self.members):
            raise ValueError("a member is listed twice")
        if both := set(self.members) & set(self.neighbours):
            raise ValueError(f"{', '.join(sorted(both))} cannot be both member and neighbour")
        for text in (self.title, self.centre, self.disclaimer, *(note.text for note in self.goal_notes)):
            if "en" not in text:
                raise ValueError("every text needs an English version (en)")
        if self.start >= self.end:
            raise ValueError("start must be before end")
        return self

    @property
    def published_languages(self) -> tuple[str, ...]:
        """Codes of the languages the site and the brief are built in; the first is the default."""
        return tuple(language.code for language in self.languages if language.published)


class SourceTable(_Frozen):
    """Where one table of the pack comes from."""

    file: str
    title: str
    provider: str
    source: str
    licence: str
    release: str
    """What the provider calls it: a date, an edition, a commit."""
    retrieved: date | str
    note: str = ""
    columns: dict[str, str] = {}
    """Every column of the table with what it holds; empty for files that are no tables."""


class Sources(_Frozen):
    """``sources.toml``: one entry per data file."""

    table: Annotated[tuple[SourceTable, ...], Field(min_length=1)]
