"""Freight networks: reading, equilibrium."""

from serai.corridor.equilibrium import Equilibrium, user_equilibrium
from serai.corridor.network import Network
from serai.corridor.tntp import read_network, read_trips

__all__ = ["Equilibrium", "Network", "read_network", "read_trips", "user_equilibrium"]
