"""Nothing a user meets is undocumented: commands, columns, settings, methods."""

from __future__ import annotations

import importlib.util
import re
from contextlib import suppress
from pathlib import Path

import pytest

from serai.cli import app
from serai.region import load_pack
from serai.region.tables import OBSERVATION_RUNS

ROOT = Path(__file__).parent.parent
DOCS = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}


def commands() -> list[str]:
    found = []
    for name in app:
        if name.startswith("-"):
            continue
        inner = [sub for sub in app[name] if not sub.startswith("-")] if app[name].default_command is None else []
        found += [f"{name} {sub}" for sub in inner] or [name]
    return found


def test_generated_documentation_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("build_docs", ROOT / "scripts" / "build_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.stale() == []


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_guide(command: str) -> None:
    assert f"serai {command}" in DOCS["guide.md"]


def every_command() -> list[tuple[str, ...]]:
    groups = [name for name in app if not name.startswith("-")]
    inner = [(name, sub) for name in groups for sub in app[name] if not sub.startswith("-")]
    return inner + [(name,) for name in groups if name not in {group for group, _ in inner}]


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_the_help_of_every_command_has_an_example(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with suppress(SystemExit):
        app([*command, "--help"], exit_on_error=False)
    assert f"Example: serai {' '.join(command)}" in " ".join(capsys.readouterr().out.split())


def test_every_setting_is_in_the_guide() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    settings = set(re.findall(r"environ(?:\.get\(|\[)\"(SERAI_[A-Z_]+)\"", code))
    assert settings
    assert all(f"`{name}`" in DOCS["guide.md"] for name in settings)


def test_every_column_of_the_observation_table_is_explained() -> None:
    columns = (set(OBSERVATION_RUNS) | {"release"}) - {"release_from", "release_to"}
    assert all(f"`{name}`" in DOCS["architecture.md"] for name in columns)


def test_every_table_of_a_shipped_pack_has_source_licence_and_release() -> None:
    for pack in (ROOT / "src/serai/packs").iterdir():
        for table in load_pack(pack).sources.table:
            assert all((table.provider, table.source, table.licence, table.release, str(table.retrieved))), table.file


def test_links_between_documents_hold() -> None:
    for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            assert (path.parent / link).exists(), f"{path.name} links to {link}"
