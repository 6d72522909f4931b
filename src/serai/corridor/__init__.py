"""Freight networks: reading, equilibrium, and what the loss of a link costs."""

from serai.corridor.criticality import Criticality, criticality
from serai.corridor.equilibrium import Equilibrium, stochastic_equilibrium, user_equilibrium
from serai.corridor.network import Network
from serai.corridor.tntp import read_network, read_trips

__all__ = [
    "Criticality",
    "Equilibrium",
    "Network",
    "criticality",
    "read_network",
    "read_trips",
    "stochastic_equilibrium",
    "user_equilibrium",
]
