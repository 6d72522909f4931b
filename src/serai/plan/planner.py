"""The planning room of a region: members' models, calibrated and kept, and what they are good for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path

import polars as pl

from serai.errors import InputError, UnknownName
from serai.files import write_beside
from serai.plan import holdout, world
from serai.plan.calibrate import PARAMETERS, Tell
from serai.plan.deciding import Asked, Deciding
from serai.plan.indicators import FIRST, LEVELS, TAKEN, Past, last_year, past, ranges
from serai.plan.member import KNOWN, SPENDING, Member, spending
from serai.plan.model import Model
from serai.plan.networks import networks
from serai.region import Pack

THRESHOLD = 0.8
"""Goodness of fit asked for where nothing else is said (the reference's default)."""
SEED = 0

CALIBRATION: dict[str, pl.DataType] = {
    "area": pl.String(),
    "network": pl.String(),
    "network_weight": pl.Float64(),
    "goal": pl.String(),
    "role": pl.String(),
    **PARAMETERS,
    "reached": pl.Boolean(),
    "iterations": pl.Int64(),
    "runs": pl.Int64(),
    "first": pl.Int32(),
    "last": pl.Int32(),
    "nature": pl.String(),
}
"""Columns of :meth:`Planner.calibration`: those of a calibration's table, whose it is, under which network, whether all
of that member's indicators fit as asked (``reached``), evaluations made and runs of the last, and the years fitted to.
``nature`` is M: the model's."""

LINKS: dict[str, pl.DataType] = {
    "area": pl.String(),
    "network": pl.String(),
    "origin": pl.String(),
    "destination": pl.String(),
    "weight": pl.Float64(),
}
"""Columns of :meth:`Planner.links`: series at both ends of a dependence and its weight."""


class Planner(Deciding):
    """Policy priorities of a region's members.

    Args:
        pack: the region's pack.
        figures: gives the members' headline figures.
        all_figures: gives those of all countries.
        exposure: gives exposure by kind of flow; none where the pack has no flows.
        detours: gives journeys before and after a disruption; none where the pack has no freight network.
        cache: where calibrations and ensembles are kept, by what they were computed from; ``None``: nowhere.
        tell: told of long work.
    """

    def __init__(
        self,
        pack: Pack,
        figures: Callable[[], pl.DataFrame],
        all_figures: Callable[[], pl.DataFrame],
        *,
        exposure: Asked | None = None,
        detours: Asked | None = None,
        cache: Path | None = None,
        tell: Tell = lambda *_: None,
    ) -> None:
        self.pack = pack
        self.exposure, self.detours = exposure, detours
        self.cache = cache
        self.tell = tell
        self._figures, self._all_figures = figures, all_figures
        self._members: dict[tuple[str, int], Member] = {}
        self._found: dict[str, pl.DataFrame] = {}

    def __repr__(self) -> str:
        return f"Planner({self.pack.manifest.id!r})"

    @cached_property
    def figures(self) -> pl.DataFrame:
        """Headline figures of the members."""
        return self._figures()

    @cached_property
    def all_figures(self) -> pl.DataFrame:
        """Headline figures of all countries."""
        return self._all_figures()

    @cached_property
    def _scale(self) -> pl.DataFrame:
        return ranges(self.all_figures, self.pack.table("rules"))

    @cached_property
    def last(self) -> int:
        """Last year of the members' past: the median of the last years of their series."""
        return last_year(self.figures)

    def members(self, members: Iterable[str] | str | None = None) -> tuple[str, ...]:
        """Codes of the members asked for; all by default.

        Raises:
            UnknownName: not a member.
        """
        all_ = self.pack.manifest.members
        asked = all_ if members is None else (members,) if isinstance(members, str) else tuple(members)
        for code in asked:
            if code not in all_:
                raise UnknownName("member", code, all_, f"region {self.pack.manifest.id}")
        return asked

    def member(self, code: str, until: int | None = None) -> Member:
        """A member's past, plausible networks and money.

        Args:
            code: area code.
            until: last year that is looked at; by default :attr:`last`.

        Raises:
            UnknownName: not a member.
            InputError: it has too little data for a model; the message says how little.
        """
        self.members(code)
        year = self.last if until is None else until
        if (code, year) not in self._members:
            found = self.past(code, year)
            money = spending(found, self.figures, self._table("plan_spending", ("goal", "series")))
            self._members[code, year] = Member(found, networks(found.matrix, SEED), money)
        return self._members[code, year]

    def past(self, code: str, until: int | None = None) -> Past:
        """A member's series as yearly levels; those that take part and those that do not, with the reason."""
        manifest = self.pack.manifest
        roles = self._table("plan_indicators", ("series", "role", "reason"))
        return past(
            code, self.figures, self.pack.table("rules"), roles, self._scale,
            last=self.last if until is None else until, start=manifest.start, end=manifest.end,
        )  # fmt: skip

    def _table(self, name: str, columns: tuple[str, ...]) -> pl.DataFrame:
        """A table of the pack, empty where it has none."""
        return (
            self.pack.table(name) if self.pack.has(name) else pl.DataFrame(schema=dict.fromkeys(columns, pl.String()))
        )

    def indicators(self, members: Iterable[str] | str | None = None) -> pl.DataFrame:
        """Series of members, those that take part and those left out with the reason; columns as in :data:`TAKEN`."""
        found = [self.past(code) for code in self.members(members)]
        return pl.concat([pl.DataFrame(schema=TAKEN), *(frame for p in found for frame in (p.taken, p.left_out))])

    def levels(self, members: Iterable[str] | str | None = None) -> pl.DataFrame:
        """Yearly levels with every filled year marked; columns as in :data:`LEVELS`."""
        return pl.concat([pl.DataFrame(schema=LEVELS), *(self.past(code).levels for code in self.members(members))])

    def spending(self, members: Iterable[str] | str | None = None) -> pl.DataFrame:
        """How members' money is taken to be shared out; columns as in :data:`SPENDING`."""
        return pl.concat([pl.DataFrame(schema=SPENDING), *(self.member(c).spending for c in self.members(members))])

    def links(self, members: Iterable[str] | str | None = None) -> pl.DataFrame:
        """Dependences under every plausible network; columns as in :data:`LINKS`."""
        rows = []
        for code in self.members(members):
            member = self.member(code)
            series = member.past.taken["series"].to_list()
            for network in member.networks:
                rows += [
                    (code, network.name, series[i], series[j], float(network.A[i, j]))
                    for i, j in zip(*network.A.nonzero(), strict=True)
                ]
        return pl.DataFrame(rows, schema=LINKS, orient="row")

    def calibration(
        self, members: Iterable[str] | str | None = None, *, threshold: float = THRESHOLD, until: int | None = None
    ) -> pl.DataFrame:
        """Calibrated parameters of every indicator under every plausible network, and how well they fit.

        What was computed before, from the same figures by the same code, is read from the cache.

        Args:
            members: codes; all by default.
            threshold: goodness of fit asked for.
            until: last year fitted to; by default :attr:`last`.

        Returns:
            Columns as in :data:`CALIBRATION`.

        Raises:
            InputError: a member with too little data, or a threshold that is none.
            OutputError: the cache cannot be written.
        """
        asked, frames = self.members(members), [pl.DataFrame(schema=CALIBRATION)]
        for done, code in enumerate(asked):
            self.tell("calibrate", done, len(asked))
            frames.append(self._calibrated(self.member(code, until), threshold))
        self.tell("calibrate", len(asked), len(asked))
        return pl.concat(frames)

    def _calibrated(self, member: Member, threshold: float) -> pl.DataFrame:
        """One member's calibrations, from the cache where they are there."""
        key = self._key(member, threshold)
        if key not in self._found:
            place = None if self.cache is None else self.cache / f"{member.name}-{key}.parquet"
            if place is not None and place.is_file():
                self._found[key] = pl.read_parquet(place)
            else:
                self._found[key] = fitted(member, threshold)
                _write(self._found[key], place)
        return self._found[key]

    def state(self, code: str) -> str:
        """Changes with what a member's calibration is made from, code included."""
        return self._key(self.member(code), THRESHOLD)

    def _key(self, member: Member, threshold: float) -> str:
        """Changes with the figures, networks and money a calibration is made from, and with the code that makes it."""
        here = Path(__file__).parent
        names = ("_kernel", "_lanes", "_rows", "calibrate", "member", "simulate", "stack")
        parts = [(here / f"{name}.py").read_bytes() for name in names]
        parts += [member.past.taken.write_csv().encode(), member.spending.write_csv().encode()]
        parts += [network.A.tobytes() for network in member.networks]
        parts.append(f"{member.past.first} {member.past.last} {threshold} {SEED}".encode())
        return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]

    def model(self, code: str, network: str | int = 0, *, to: int | None = None, threshold: float = THRESHOLD) -> Model:
        """A member's calibrated model from the last year of its past to another.

        Args:
            code: area code.
            network: name or number of one of its plausible networks.
            to: year of the last period; by default the target year of the goals.
            threshold: goodness of fit asked for.

        Raises:
            UnknownName: not a member, or no such network.
            InputError: it has too little data, or the year does not come after its past.
        """
        member = self.member(code)
        end = self.pack.manifest.end if to is None else to
        if end <= self.last:
            raise InputError(f"{end} does not come after {self.last}, the last year of the past; give a later year")
        names = [one.name for one in member.networks]
        at = names.index(network) if network in names else network
        if not isinstance(at, int) or not 0 <= at < len(names):
            raise UnknownName("network", str(network), names, code)
        found = self._calibrated(member, threshold).filter(pl.col("network") == names[at])
        return member.forward(found, at, end)

    def ready(
        self, members: Iterable[str] | str | None = None, *, to: int | None = None, threshold: float = THRESHOLD
    ) -> list[world.Member]:
        """Members' calibrated models under every plausible network, from the last year of their past to another.

        Raises:
            UnknownName: not a member.
            InputError: a member has too little data, or the year does not come after its past.
        """
        found = []
        for code in self.members(members):
            member = self.member(code)
            taken = member.past.taken
            models = {one.name: self.model(code, one.name, to=to, threshold=threshold) for one in member.networks}
            target = taken["goal_level"].fill_null(float("nan")).to_numpy()
            series, goals = tuple(taken["series"]), tuple(taken["goal"])
            sourced = frozenset(member.spending.filter(pl.col("basis") == KNOWN)["goal"])
            found.append(world.Member(models, series, goals, target, tuple(member.spending["goal"]), sourced))
        return found

    def holdout(
        self, members: Iterable[str] | str | None = None, *, fitted_to: int = 2015, year: int = 2020
    ) -> pl.DataFrame:
        """The model outside the years it was fitted to, against no change and against the projections.

        The figures are those of today, not those of then: errors of all three are smaller than they would have been.

        Returns:
            Columns as in :data:`serai.plan.holdout.HOLDOUT`; :func:`serai.plan.holdout.skill` sums them up.

        Raises:
            InputError: years between which nothing can be compared, or a member with too little data.
        """
        asked = self.members(members)
        holdout.check_years(FIRST, fitted_to, year, self.last)
        calibrated = self.calibration(asked, until=fitted_to)
        fitted_members = [(self.member(c, fitted_to), calibrated.filter(pl.col("area") == c)) for c in asked]
        later = [self.past(code, year) for code in asked]
        projected = holdout.projections(self.figures, self.pack.table("rules"), fitted_to, year)
        return holdout.compared(fitted_members, later, projected)


def fitted(member: Member, threshold: float) -> pl.DataFrame:
    """Calibrations of a member under all its networks; columns as in :data:`CALIBRATION`."""
    about = member.past.taken.select(indicator="series", goal="goal", role="role")
    frames = []
    for at, network in enumerate(member.networks):
        found = member.calibrated(at, threshold=threshold, seed=SEED)
        frame = found.table.join(about, on="indicator", how="left", maintain_order="left").with_columns(
            area=pl.lit(member.name), network=pl.lit(network.name), network_weight=pl.lit(network.weight),
            reached=pl.lit(found.reached), iterations=pl.lit(found.iterations), runs=pl.lit(found.runs),
            first=pl.lit(member.past.first), last=pl.lit(member.past.last), nature=pl.lit("M"),
        )  # fmt: skip
        frames.append(frame.select(pl.col(name).cast(dtype) for name, dtype in CALIBRATION.items()))
    return pl.concat(frames)


def _write(frame: pl.DataFrame, place: Path | None) -> None:
    """Keep a calibration: whole or not at all."""
    if place is None:
        return
    write_beside(place, frame.write_parquet, remedy="make room or set SERAI_HOME")
