"""What the loss of each link costs whom: exact, without solving the whole network again for each link."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from serai.corridor import _closing, _paths
from serai.corridor.network import Floats, Network, checked_demand, graph_of, links_into
from serai.errors import InputError


@dataclass(frozen=True, eq=False)
class Criticality:
    """Extra cost and lost service when one link is closed, at fixed link costs.

    Attributes:
        network: the network it is of.
        extra_cost: demand times rise in cheapest cost, shape ``(links, zones)`` by origin, for pairs still joined.
        unserved: demand that no path joins any more, shape ``(links, zones)`` by origin.
        used: links that lie on a cheapest path of some demand; the loss of any other costs nothing.
    """

    network: Network
    extra_cost: Floats
    unserved: Floats
    used: np.ndarray

    @cached_property
    def table(self) -> pl.DataFrame:
        """One row per used link, the costliest loss first: ``link, from, to, extra_cost, unserved``."""
        net = self.network
        frame = pl.DataFrame(
            {
                "link": np.arange(1, net.links + 1),
                "from": net.tail,
                "to": net.head,
                "extra_cost": self.extra_cost.sum(axis=1),
                "unserved": self.unserved.sum(axis=1),
            }
        )
        return frame.filter(pl.Series(self.used)).sort("unserved", "extra_cost", descending=True, maintain_order=True)


def criticality(network: Network, demand: ArrayLike, cost: ArrayLike | None = None) -> Criticality:
    """Close each used link in turn and find every pair's new cheapest path.

    Only the part of an origin's shortest-path tree that hangs below the closed link is worked out again: the rest
    cannot change. The result equals that of the loop over all links.

    Args:
        network: links and zones.
        demand: trips between zones, shape ``(zones, zones)``.
        cost: of each link, shape ``(links,)``; by default that of the empty network. Pass the cost of an
            :class:`Equilibrium` to keep its congestion.

    Raises:
        InputError: demand or cost of the wrong shape, negative or not finite.
    """
    trips = checked_demand(network, demand)
    weight = network.cost(np.zeros(network.links)) if cost is None else np.asarray(cost, dtype=np.float64)
    if weight.shape != (network.links,) or not (weight >= 0).all():
        raise InputError(f"cost has shape {weight.shape}; give {network.links} numbers from 0 up, one a link")
    graph, reverse = graph_of(network), links_into(network)
    extra, unserved = np.zeros((network.links, network.zones)), np.zeros((network.links, network.zones))
    used = np.zeros(network.links, dtype=np.bool_)
    tree = _paths.tree_for(network.nodes)
    for origin in range(network.zones):
        if trips[origin].any():
            _closing.close_each(
                graph, reverse[0], reverse[1], tree, weight, origin, trips[origin], extra, unserved, used
            )
    return Criticality(network, extra, unserved, used)
