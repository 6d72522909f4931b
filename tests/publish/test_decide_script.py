"""Decisions on the page of matches in headless Chromium: chosen, kept in the browser, taken away as a table."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest

from serai.coordinate import Ledger
from serai.publish.sections import coordinate
from serai.region import load_pack

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
REQUIRED = bool(os.environ.get("SERAI_REQUIRE_BROWSER"))
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None and not REQUIRED, reason="no Chromium"),
]
ROW = """<tr data-match="{0}"><td><span class="choice" hidden><button type="button" value="accept">A</button>
<button type="button" value="reject">R</button> <input hidden></span></td></tr>"""
PAGE = """<!doctype html><form id="decide" hidden><input name="by"><span class="need" hidden></span>
<button type="button" name="take"></button><output></output><button type="button" name="clear"></button></form>
<table>{rows}</table><script>{script}</script><script>
const press = (match, value) => document.querySelector(`[data-match="${{match}}"] [value=${{value}}]`).click();
const type = (node, text) => {{ node.value = text; node.dispatchEvent(new Event('input')); }};
const [one, other, third] = {names};
const said = {{}};
press(one, 'accept');
said.unnamed = document.querySelector('output').textContent;
type(document.querySelector('[name=by]'), 'Ana "A." Analyst, Almaty');
press(one, 'accept');
press(other, 'reject');
press(third, 'accept');
press(third, 'accept');
type(document.querySelector(`[data-match="${{other}}"] input`), 'another year');
said.count = document.querySelector('output').textContent;
said.kept = Object.keys(JSON.parse(localStorage.getItem('serai-decisions')).rows).length;
URL.createObjectURL = blob => {{ blob.text().then(text => {{
  said.table = text;
  const pre = document.createElement('pre');
  pre.id = 'result';
  pre.textContent = JSON.stringify(said);
  document.body.append(pre);
}}); return '#'; }};
document.querySelector('[name=take]').click();
</script>"""


def test_what_is_decided_on_the_page_is_taken_in_by_the_ledger(tmp_path: Path) -> None:
    ledger = Ledger(load_pack("central_asia"), tmp_path / "home")
    names = ledger.matches()["match"][:3].to_list()
    script = (Path(coordinate.__file__).parent / "decide.js").read_text(encoding="utf-8")
    page = tmp_path / "page.html"
    rows = "".join(ROW.format(name) for name in names)
    page.write_text(PAGE.format(rows=rows, script=script, names=json.dumps(names)), encoding="utf-8")
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    command = [BROWSER or "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", profile,
               "--virtual-time-budget=5000", "--dump-dom", page.as_uri()]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r'<pre id="result">(.*?)</pre>', done.stdout, re.S)
    assert found, done.stdout[-500:]
    said = json.loads(unescape(found[1]))
    assert (said["unnamed"], said["count"], said["kept"]) == ("0", "2", 2)
    (tmp_path / "decisions.csv").write_text(said["table"], encoding="utf-8", newline="")
    taken = ledger.decide(tmp_path / "decisions.csv")
    assert not taken.faults
    state = {row["match"]: row for row in ledger.matches().iter_rows(named=True)}
    assert [state[name]["state"] for name in names] == ["accepted", "rejected", "proposed"]
    assert state[names[0]]["by"] == 'Ana "A." Analyst, Almaty'
    assert state[names[1]]["reason"] == "another year"
