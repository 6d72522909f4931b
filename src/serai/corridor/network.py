"""A network as arrays: links with a volume-delay function, zones, and demand between them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from serai.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


MOST_ZONES, MOST_NODES = 30_000, 10_000_000
"""Beyond these a file is taken for damaged: demand between more zones would fill the memory."""


class LinkError(InputError):
    """A link breaks the rules; ``link`` is its position, counted from 0, and ``why`` says what is wrong with it."""

    def __init__(self, name: str, link: int, why: str) -> None:
        self.link, self.why = link, why
        super().__init__(f"{name}: link {link + 1}: {why}")


class Graph(NamedTuple):
    """Links leaving each node (``link_of[start[n]:start[n + 1]]``) and the ends of each link; nodes from 0."""

    start: Ints
    link_of: Ints
    tail: Ints
    head: Ints
    first_through: int


@dataclass(frozen=True, eq=False)
class Network:
    """Links and their volume-delay functions: ``cost = free_flow (1 + b (flow / capacity)^power) + fixed``.

    The function is that of the Bureau of Public Roads (1964). A power of 0 gives the constant ``free_flow (1 + b)``;
    a capacity of 0 is accepted only where ``b`` is 0, since flow then costs nothing extra.

    Attributes:
        tail, head: node numbers of each link, shape ``(links,)``, counted from 1.
        capacity: flow per period at which delay is ``b`` times the free-flow cost.
        free_flow: cost of the empty link.
        b, power: parameters of the delay.
        fixed: cost that flow does not change (toll, distance), in the unit of ``free_flow``.
        zones: the first so many nodes send and receive demand.
        first_through_node: nodes with a lower number carry no through flow.

    Raises:
        InputError: arrays of different length, a link onto itself, a negative or non-finite parameter, a capacity of
            zero with delay; the message names the link.
    """

    tail: Ints
    head: Ints
    capacity: Floats
    free_flow: Floats
    b: Floats
    power: Floats
    fixed: Floats
    zones: int
    first_through_node: int = 1
    name: str = "network"

    @classmethod
    def build(
        cls,
        ends: tuple[ArrayLike, ArrayLike],
        *,
        capacity: ArrayLike,
        free_flow: ArrayLike,
        b: ArrayLike,
        power: ArrayLike,
        zones: int,
        fixed: ArrayLike = 0.0,
        first_through_node: int = 1,
        name: str = "network",
    ) -> Network:
        """A network from anything numpy can turn into arrays of one length; single values hold for every link."""
        tail, head = (np.ascontiguousarray(side, dtype=np.int64) for side in ends)

        def column(values: ArrayLike) -> Floats:
            return np.broadcast_to(np.asarray(values, dtype=np.float64), tail.shape).copy()

        return cls(
            tail, head, column(capacity), column(free_flow), column(b), column(power), column(fixed),
            zones=zones, first_through_node=first_through_node, name=name,
        )  # fmt: skip

    def __post_init__(self) -> None:
        size = self.tail.size
        parts = {key: getattr(self, key) for key in ("head", "capacity", "free_flow", "b", "power", "fixed")}
        for key, part in parts.items():
            if part.shape != (size,):
                raise InputError(
                    f"{self.name}: {key} has shape {part.shape}, tail has ({size},); give one value a link"
                )
        self._refuse(self.tail == self.head, "head", "a link onto itself; remove it")
        self._refuse((self.tail < 1) | (self.head < 1), "tail", "nodes are counted from 1")
        for key in ("capacity", "free_flow", "b", "power", "fixed"):
            part = parts[key]
            self._refuse(~np.isfinite(part) | (part < 0), key, "must be a number not below 0")
        delayed = (self.capacity == 0) & (self.b > 0) & (self.power > 0)
        self._refuse(delayed, "capacity", "a capacity of 0 with delay: remove the link to close it, or give b = 0")
        if self.zones < 1:
            raise InputError(f"{self.name}: {self.zones} zones; the first nodes are zones, give one at least")
        if self.zones > MOST_ZONES or self.nodes > MOST_NODES:
            raise InputError(
                f"{self.name}: {self.zones:,} zones and {self.nodes:,} nodes; "
                f"at most {MOST_ZONES:,} and {MOST_NODES:,} are taken"
            )

    def _refuse(self, bad: NDArray[np.bool_], key: str, why: str) -> None:
        if bad.any():
            link = int(np.flatnonzero(bad)[0])
            value = getattr(self, key)[link]
            what = "cost of toll and length" if key == "fixed" else key
            raise LinkError(self.name, link, f"{self.tail[link]} -> {self.head[link]}, {what} {value:g}: {why}")

    @property
    def links(self) -> int:
        """Number of links."""
        return int(self.tail.size)

    @cached_property
    def nodes(self) -> int:
        """Number of nodes: the highest number a link names, or of a zone that no link reaches."""
        return int(max(self.tail.max(initial=0), self.head.max(initial=0), self.zones))

    def parallel(self) -> list[tuple[int, int]]:
        """Ends of links of which there is more than one, in order."""
        ends, count = np.unique(np.column_stack([self.tail, self.head]), axis=0, return_counts=True)
        return [(int(tail), int(head)) for tail, head in ends[count > 1]]

    def cost(self, flow: ArrayLike) -> Floats:
        """Cost of each link at a flow, shape ``(links,)``."""
        saturation = np.divide(flow, self.capacity, out=np.zeros(self.links), where=self.capacity > 0)
        with np.errstate(over="ignore", invalid="ignore"):
            result: Floats = self.free_flow * (1.0 + self.b * np.power(saturation, self.power)) + self.fixed
        return result

    def objective(self, flow: ArrayLike) -> float:
        """Beckmann's objective: the sum over links of the integral of cost from 0 to the flow."""
        volume = np.asarray(flow, dtype=np.float64)
        saturation = np.divide(volume, self.capacity, out=np.zeros(self.links), where=self.capacity > 0)
        delay = self.b * np.power(saturation, self.power) / (self.power + 1.0)
        return float(np.sum(volume * (self.free_flow * (1.0 + delay) + self.fixed)))


def graph_of(network: Network) -> Graph:
    """The network as the kernels read it."""
    tail, head = network.tail - 1, network.head - 1
    order = np.argsort(tail, kind="stable").astype(np.int64)
    start = np.searchsorted(tail[order], np.arange(network.nodes + 1)).astype(np.int64)
    return Graph(start, order, tail, head, network.first_through_node - 1)


def links_into(network: Network) -> tuple[Ints, Ints]:
    """Links entering each node: ``order[start[n]:start[n + 1]]``; nodes and links from 0."""
    head = network.head - 1
    order = np.argsort(head, kind="stable").astype(np.int64)
    return np.searchsorted(head[order], np.arange(network.nodes + 1)).astype(np.int64), order


def checked_demand(network: Network, demand: ArrayLike) -> Floats:
    """Demand as a fresh array of shape ``(zones, zones)`` without its diagonal.

    Raises:
        InputError: the wrong shape, a negative or non-finite demand.
    """
    trips = np.array(demand, dtype=np.float64)
    if trips.shape != (network.zones, network.zones):
        raise InputError(
            f"demand has shape {trips.shape}, the network {network.zones} zones; give one row and column each"
        )
    bad = ~np.isfinite(trips) | (trips < 0)
    if bad.any():
        origin, target = (int(part[0]) + 1 for part in np.nonzero(bad))
        raise InputError(f"demand {origin} -> {target} is {trips[origin - 1, target - 1]:g}; give a number from 0 up")
    np.fill_diagonal(trips, 0.0)
    return trips
