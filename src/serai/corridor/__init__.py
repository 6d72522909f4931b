"""Freight networks: routes, route families, disruptions, equilibrium, and what the loss of a link costs."""

from serai.corridor.assignment import Assignment
from serai.corridor.corridors import Corridors
from serai.corridor.criticality import Criticality, criticality
from serai.corridor.equilibrium import Equilibrium, user_equilibrium
from serai.corridor.network import Network
from serai.corridor.scenarios import Change, Scenario, Shock
from serai.corridor.stochastic import stochastic_equilibrium
from serai.corridor.tntp import read_network, read_trips

__all__ = [
    "Assignment",
    "Change",
    "Corridors",
    "Criticality",
    "Equilibrium",
    "Network",
    "Scenario",
    "Shock",
    "criticality",
    "read_network",
    "read_trips",
    "stochastic_equilibrium",
    "user_equilibrium",
]
