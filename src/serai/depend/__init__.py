"""Who depends on whom for what: flows between countries, indices, what follows when something gives way."""

from serai.depend.balance import BALANCE
from serai.depend.data import DATA
from serai.depend.dependence import EXPOSURE, Dependence
from serai.depend.flows import FLOWS, PAIRS, check_flows, pairs
from serai.depend.indices import AREAS, PARTNERS, Indices, indices

__all__ = [
    "AREAS",
    "BALANCE",
    "DATA",
    "EXPOSURE",
    "FLOWS",
    "PAIRS",
    "PARTNERS",
    "Dependence",
    "Indices",
    "check_flows",
    "indices",
    "pairs",
]
