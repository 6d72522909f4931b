"""``serai corridor``: freight networks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from serai.cli._io import Output, show

app = App(name="corridor", help="Freight networks: equilibrium of a network file.")


@app.command
def equilibrium(
    net: Path,
    trips: Path,
    *,
    gap: float = 1e-6,
    toll_weight: float = 0.0,
    distance_weight: float = 0.0,
    output: Annotated[Output, Parameter(name=["--output", "-o"])] = None,
) -> None:
    """Deterministic user equilibrium of a network in the TransportationNetworks format.

    Example: serai corridor equilibrium SiouxFalls_net.tntp SiouxFalls_trips.tntp --gap 1e-12 -o flows.csv

    Parameters
    ----------
    net
        The network: a ``_net.tntp`` file.
    trips
        The demand: a ``_trips.tntp`` file.
    gap
        Relative gap to reach.
    toll_weight
        Time units that a unit of toll counts as.
    distance_weight
        Time units that a unit of length counts as.
    """
    from serai.corridor import read_network, read_trips, user_equilibrium
    from serai.errors import InputError

    network = read_network(net, toll_weight=toll_weight, distance_weight=distance_weight)
    found = user_equilibrium(network, read_trips(trips, network.zones), gap=gap)
    lines = [
        f"objective     {found.objective:.15g}",
        f"relative gap  {found.relative_gap:.3g} after {found.iterations} searches",
    ]
    if found.unserved:
        lines.append(f"unserved      {found.unserved:g} of demand has no path")
    sys.stderr.write("\n".join(lines) + "\n")
    show(found.table(), output)
    if not found.converged:
        raise InputError(f"gap {gap:g} was not reached (it stands at {found.relative_gap:.3g}); ask for a larger one")
