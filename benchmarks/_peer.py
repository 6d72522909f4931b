"""The peer's side: sdg-build, run by an interpreter that has it. One cold run; nothing of Serai is imported.

``data``: the least it can do: read the SDMX-ML files and the structure, write its data files in two languages.
``build``: what its users run (``open_sdg_build``): the same, with data packages and build documentation.
``names``: the same again with the names of codes in the data, which is its default, in place of the codes.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import time
from pathlib import Path

STARTED = time.perf_counter()
LANGUAGES = ["en", "ru"]
SCHEMA = """prose:
  metadata:
    meta:
      - name: reporting_status
        field: {element: text, label: Reporting status}
"""
# The settings of the national build the files come from, as far as they bear on reading them.
READING = {"drop_dimensions": ["SOURCE_DETAIL"]}


def data(options: argparse.Namespace) -> int:
    """Its documented Python interface, with its own default options."""
    import sdg
    from sdg.open_sdg import open_sdg_indicator_options_defaults, open_sdg_indicator_options_from_dict

    source = sdg.inputs.InputSdmxMl_Multiple(
        path_pattern=options.pattern, dsd=options.structure, import_codes=True, **READING
    )
    output = sdg.outputs.OutputOpenSdg(
        inputs=[source],
        schema=sdg.schemas.SchemaInputOpenSdg(schema_path="_prose.yml"),
        output_folder="_site",
        translations=[sdg.translations.TranslationInputSdmx(source=options.structure)],
        indicator_options=open_sdg_indicator_options_from_dict(open_sdg_indicator_options_defaults()),
    )
    output.execute_per_language(LANGUAGES)
    return sum(len(indicator.data) for indicator in source.indicators.values())


def build(options: argparse.Namespace) -> int:
    """Its one-call entry point, with a configuration file."""
    from sdg.open_sdg import open_sdg_build

    rows: list[int] = []

    def count(indicator: object) -> None:
        rows.append(len(indicator.data))  # type: ignore[attr-defined]

    reading = {
        "class": "InputSdmxMl_Multiple",
        "path_pattern": options.pattern,
        "dsd": options.structure,
        "import_codes": options.mode == "build",
        **READING,
    }
    settings = {
        "languages": LANGUAGES,
        "inputs": [reading],
        "translations": [{"class": "TranslationInputSdmx", "source": options.structure}],
        "schema_file": "_prose.yml",
        "site_dir": "_site",
    }
    Path("config.yml").write_text(json.dumps(settings), encoding="utf-8")
    open_sdg_build(config="config.yml", indicator_callback=count)
    return sum(rows)


def main() -> None:
    """The last line printed is a JSON object with what was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("files", "structure", "work", "mode"):
        parser.add_argument("--" + name, required=True)
    options = parser.parse_args()
    options.pattern = str(Path(options.files).resolve() / "*.xml")
    options.structure = str(Path(options.structure).resolve())
    Path(options.work).mkdir(parents=True)
    os.chdir(options.work)
    Path("_prose.yml").write_text(SCHEMA, encoding="utf-8")
    with contextlib.redirect_stdout(sys.stderr):
        figures = (data if options.mode == "data" else build)(options)
    written = [path for path in Path("_site").rglob("*") if path.is_file()]
    json.dump(
        {
            "figures": figures,
            "indicators": len(list(Path("_site/en/data").glob("*.csv"))),
            "files": len(written),
            "bytes": sum(path.stat().st_size for path in written),
            "seconds": round(time.perf_counter() - STARTED, 3),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
