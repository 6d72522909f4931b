"""The command line: one thin module per group of commands, loaded when it is called."""

from __future__ import annotations

import os
import sys

from cyclopts import App, CycloptsError

from serai._version import __version__
from serai.errors import InputError, SeraiError

app = App(
    name="serai",
    version=__version__,
    help="The open platform a regional SDG centre runs on: figures, progress, projections, a site and a brief.",
)
BRIEF = "Build the site, the brief and the data behind them.\n\nExample: serai brief --out out --language en"
app.command("serai.cli.brief:brief", name="brief", help=BRIEF)
app.command("serai.cli.pack:app", name="pack", help="Check a region pack and show what is in it.")
app.command("serai.cli.corridor:app", name="corridor", help="Freight networks: routes, disruptions, equilibrium.")
app.command("serai.cli.ledger:app", name="ledger", help="Who does what, signs and promises.")
app.command("serai.cli.plan:app", name="plan", help="Priorities under shocks: what holds up, and what breaks it.")
app.command("serai.cli.depend:app", name="depend", help="Who depends on whom, and what follows when it gives way.")
FIGURES = {
    "figures:observations": (
        "Figures, as of any release.",
        "--series SI_POV_DAY1 --area KGZ TJK --as-of 2021-06-30",
    ),
    "figures:releases": ("What each provider published, and when.", "--output releases.csv"),
    "figures:changes": ("What changed between two releases.", "--area KGZ --output changes.csv"),
    "assess:progress": ("Progress towards the goals by a published method.", "--method statcan --goals"),
    "assess:assess": ("All methods at once: classes, reasons and goals.", "--areas all --output world.parquet"),
    "assess:national": ("National against international figures, by cause.", "--area KGZ --kind genuine"),
    "assess:project": ("Projections to 2030 with bands from tested errors.", "--series SI_POV_DAY1 --area KGZ"),
    "assess:backtest": ("How earlier projections would have fared.", "--forecasts --output forecasts.parquet"),
}
"""Commands that are loaded when called: what each is for, and the arguments of its example."""
for place, (purpose, example) in FIGURES.items():
    command = place.partition(":")[2]
    app.command(f"serai.cli.{place}", name=command, help=f"{purpose}\n\nExample: serai {command} {example}")


def main() -> None:
    """Run the command line; a user's fault ends in one clear line and exit code 2."""
    try:
        app(exit_on_error=False)
    except CycloptsError:
        sys.exit(2)  # cyclopts has said what is wrong with the command
    except InputError as error:
        _fail(str(error), 2)
    except SeraiError as error:
        _fail(str(error), 3)
    except BrokenPipeError:
        # The reader of a pipe went away (head, less): not an error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _fail(message: str, code: int) -> None:
    sys.stderr.write(f"serai: {message}\n")
    sys.exit(code)
