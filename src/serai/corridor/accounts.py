"""Who bears what: outcomes of pairs of places summed by area, role and class of goods."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix

from serai.corridor.freight import Freight
from serai.corridor.network import Floats, Ints

ROLES = ("export", "import")
ALL = "all"


class Accounts:
    """Sums by area where goods begin (``export``) or end (``import``), and over all goods (area and role ``all``).

    The exports of all areas add up to ``all``, and so do the imports: the two are the same goods seen from either end.

    Args:
        freight: the network.
        areas: those that get rows of their own; by default all.
    """

    def __init__(self, freight: Freight, areas: Collection[str] | None = None) -> None:
        demand = freight.demand
        names, origin, target = demand.areas(freight.net.areas)
        shown = [name for name in names if areas is None or name in areas]
        classes = len(demand.commodities)
        place = np.array([shown.index(name) if name in shown else -1 for name in names], dtype=np.int64)
        rows, columns = [], []
        for role, ends in enumerate((origin, target)):
            at = place[ends]
            kept = np.flatnonzero(at >= 0)
            rows.append(((at[kept] * 2 + role) * classes) + demand.kind[kept])
            columns.append(kept)
        everything: Ints = np.arange(demand.pairs)
        rows.append(len(shown) * 2 * classes + demand.kind)
        columns.append(everything)
        row, column = np.concatenate(rows), np.concatenate(columns)
        shape = ((len(shown) * 2 + 1) * classes, demand.pairs)
        self._sum = csr_matrix((np.ones(row.size), (row, column)), shape=shape)
        owners = [(name, role) for name in shown for role in ROLES] + [(ALL, ALL)]
        keys = [(*owner, commodity) for owner in owners for commodity in demand.commodities]
        self.keys = pl.DataFrame(keys, schema=["area", "role", "commodity"], orient="row")
        """``area, role, commodity`` of each row, in order."""

    def summed(self, values: Floats) -> Floats:
        """Sums of values of pairs, shape ``(rows, ...)`` from ``(pairs, ...)``."""
        result: Floats = self._sum @ values
        return result
