"""``serai pack``: check a region pack and show what is in it."""

from __future__ import annotations

import sys
from pathlib import Path

from cyclopts import App

from serai.errors import PackError

app = App(name="pack", help="Check a region pack and show what is in it.")


@app.command
def check(path: Path) -> None:
    """Check a region pack: every fault at once, with file, row, value and remedy.

    Example: serai pack check my_region/

    Parameters
    ----------
    path
        Directory of the pack, or the name of a shipped one.
    """
    from serai.coordinate.workplan import pack_faults
    from serai.region import check_pack, find_pack, load_pack

    if faults := [*check_pack(path), *pack_faults(find_pack(path))]:
        raise PackError(str(path), faults)
    pack = load_pack(path)
    sys.stdout.write(
        f"{pack.manifest.title['en']}: sound; {len(pack.manifest.members)} members, {len(pack.files)} files, "
        f"{sum((pack.path / name).stat().st_size for name in pack.files) / 1e6:.1f} MB\n"
    )
    if edited := pack.edited_files():
        sys.stdout.write(f"edited since the pack was built: {', '.join(edited)}\n")


@app.command
def sources(path: Path) -> None:
    """List every table of a pack with its provider, release and licence.

    Example: serai pack sources central_asia

    Parameters
    ----------
    path
        Directory of the pack, or the name of a shipped one.
    """
    import polars as pl

    from serai.cli._io import show
    from serai.region import load_pack

    entries = [
        table.model_dump(include={"file", "provider", "release", "licence"}) for table in load_pack(path).sources.table
    ]
    show(pl.DataFrame(entries), None)
