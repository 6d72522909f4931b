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
app.command("serai.cli.brief:brief", name="brief", help="Build the site, the brief and the data behind them.")
app.command("serai.cli.pack:app", name="pack", help="Check a region pack and show what is in it.")
app.command("serai.cli.corridor:app", name="corridor", help="Freight networks: routes, disruptions, equilibrium.")
app.command("serai.cli.ledger:app", name="ledger", help="Who does what, signs and promises.")
app.command("serai.cli.plan:app", name="plan", help="Priorities under shocks: what holds up, and what breaks it.")
app.command("serai.cli.depend:app", name="depend", help="Who depends on whom, and what follows when it gives way.")
app.command("serai.cli.figures:observations", name="observations", help="Figures, as of any release.")
app.command("serai.cli.figures:releases", name="releases", help="What each provider published, and when.")
app.command("serai.cli.figures:changes", name="changes", help="What changed between two releases.")
app.command("serai.cli.assess:progress", name="progress", help="Progress towards the goals by a published method.")
app.command("serai.cli.assess:assess", name="assess", help="All methods at once: classes, reasons and goals.")
app.command("serai.cli.assess:national", name="national", help="National against international figures, by cause.")
app.command("serai.cli.assess:project", name="project", help="Projections to 2030 with bands from tested errors.")
app.command("serai.cli.assess:backtest", name="backtest", help="How earlier projections would have fared.")


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
