"""Who depends on whom for what: flows between countries, indices, what follows when something gives way."""

from serai.depend.aid import committed
from serai.depend.balance import BALANCE
from serai.depend.centrality import CENTRALITY, ROBUST
from serai.depend.data import DATA
from serai.depend.dependence import EXPOSURE, Dependence
from serai.depend.flows import FLOWS, PAIRS, check_flows, pairs
from serai.depend.importers import FORMATS, Request
from serai.depend.indices import AREAS, PARTNERS, Indices, indices
from serai.depend.institutions import COVERAGE
from serai.depend.institutions import PAIRS as SHARED
from serai.depend.scenarios import ACCOUNTS, CELLS, ScenarioResult

__all__ = [
    "ACCOUNTS",
    "AREAS",
    "BALANCE",
    "CELLS",
    "CENTRALITY",
    "COVERAGE",
    "DATA",
    "EXPOSURE",
    "FLOWS",
    "FORMATS",
    "PAIRS",
    "PARTNERS",
    "ROBUST",
    "SHARED",
    "Dependence",
    "Indices",
    "Request",
    "ScenarioResult",
    "check_flows",
    "committed",
    "indices",
    "pairs",
]
