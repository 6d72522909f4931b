"""``python -m serai.publish.sections corridor --out DIR``: one section alone, to look at while working on it."""

from __future__ import annotations

import argparse
from pathlib import Path

import serai
from serai.publish.sections import sections
from serai.publish.sections.preview import preview


def main() -> None:
    """Build what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("section", choices=[section.id for section in sections()])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--region", default="central_asia")
    arguments = parser.parse_args()
    for address in preview(serai.open(arguments.region), arguments.section, arguments.out):
        print(arguments.out / address)


if __name__ == "__main__":
    main()
