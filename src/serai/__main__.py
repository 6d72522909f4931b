"""``python -m serai``: the command line."""

from serai.cli import main

main()
