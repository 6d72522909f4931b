"""Vendor the IATI standard's schemas, its ruleset and the code lists the checks need.

    python scripts/vendor_iati.py --schema DIR

``DIR`` holds the schemas, ``ruleset-standard.json`` and code lists as XML. Schemas and ruleset are kept as published;
the code lists become one table with the English names.
"""

from __future__ import annotations

import argparse
import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

STANDARD = Path(__file__).resolve().parent.parent / "src/serai/coordinate/iati/standard"


def main() -> None:
    """Read the arguments, copy what is kept as published, write the table of codes."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--schema", type=Path, required=True, help="directory with the standard's files")
    source: Path = arguments.parse_args().schema
    for path in sorted([*source.glob("*.xsd"), source / "ruleset-standard.json"]):
        shutil.copyfile(path, STANDARD / path.name)
    with (STANDARD / "codelists.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("list", "code", "name", "category"))
        for path in sorted(source.glob("*.xml")):
            writer.writerows(rows(path))


def rows(path: Path) -> Iterator[tuple[str, str, str, str]]:
    """List, code, English name and category of each item; withdrawn codes too, since old activities carry them."""
    root = etree.parse(path).getroot()
    for item in root.iter("codelist-item"):
        name = " ".join((item.findtext("name/narrative") or "").split())
        yield root.get("name"), item.findtext("code").strip(), name, (item.findtext("category") or "").strip()


if __name__ == "__main__":
    main()
