"""Runs in which goods share routes by logit: the same questions as a :class:`Runner`'s, answered by a choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serai.corridor.choice import GAP, Choice
from serai.corridor.freight import Costs
from serai.corridor.network import Floats
from serai.corridor.runs import Runner

if TYPE_CHECKING:
    from serai.corridor._freight import World


class Sharer(Runner):
    """Solves run after run, each for goods that share routes; one of its own for each thread.

    Args:
        choice: how goods choose.
    """

    def __init__(self, choice: Choice) -> None:
        super().__init__(choice.freight)
        self.choice = choice

    def after(self, costs: Costs, demand: Floats, *, gap: float = GAP) -> tuple[Floats, float]:
        """The network at other costs, at a demand; the routes of costs asked for again are not looked for again."""
        return self.choice.outcome(costs, self.world.worth, demand, gap=gap)

    def afresh(self, costs: Costs, world: World, demand: Floats, *, gap: float = GAP) -> tuple[Floats, float]:
        """The network at other numbers altogether: outcome of each pair, and the relative gap."""
        return self.choice.outcome(costs, world.worth, demand, gap=gap)

    def _solved(self, demand: Floats, gap: float) -> tuple[Floats, float]:
        return self.choice.outcome(self.costs() if self.changed else self.base, self.world.worth, demand, gap=gap)
