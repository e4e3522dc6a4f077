"""Names and texts from outside run nowhere, personal numbers leave nowhere, nothing is written outside the folder."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorg_risk.cli import run
from sorg_risk.nightly.logs import line_of
from sorg_risk.nightly.tables import FORMULA, SCHEMAS, arrow, harmless
from tests.nightly.conftest import FIRST

PAYLOADS = [
    *(
        "<script>alert(1)</script>",
        "</td></tr></table><img src=x onerror=alert(1)>",
        '"><svg onload=alert(1)>',
        "{{7*7}}{% raw %}",
        "javascript:alert(1)",
    ),
    *(
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "＝1+1",
        "\t=1",
        " =1",
        "\u3000=1",
        "ok\n=1+1",
        "\x1b[31mred\x07",
        "a\x00b",
        "\u202eevil",
        "x\u2028y",
    ),
    *("'; drop table scores; --", "../../etc/passwd", "%s%n%x", "&lt;b&gt;", "<!--", "]]>", "\\u003cscript\\u003e"),
]
IDENTITY, SHORT, PHONE = "11010519491231002X", "110105491231002", "13812345678"
PERSONAL = (IDENTITY, IDENTITY.lower(), SHORT, PHONE)
CANARY = "canary-s3cret"
ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "b", "br", "span", "small", "code", "nav", "a", "div", "table", "thead"),
    *("tr", "th", "td", "svg", "rect", "line", "text", "footer"),
}  # fmt: skip


class Elements(HTMLParser):
    """Names of elements and attributes, and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def hostile(frames, model, tmp_path_factory):
    """A night of a registry whose every free text is an attack, and in whose refused rows personal numbers stand."""
    from sorg_risk.nightly.job import nightly

    spoilt = {name: frame.copy() for name, frame in frames.items()}
    organizations = spoilt["organizations"]
    organizations["name"] = [PAYLOADS[n % len(PAYLOADS)] + str(n) for n in range(len(organizations))]
    organizations["supervising_unit"] = organizations["name"]
    organizations["name"] += f" {IDENTITY} {SHORT} {PHONE}"
    for table, key in (("positions", "position_id"), ("filings", "filing_id"), ("listings", "listing_id")):
        spoilt[table][key] = IDENTITY + "-" + spoilt[table][key]
    spoilt["fund_flows"][f"note {IDENTITY}"] = SHORT
    verdicts = pd.DataFrame({"org_id": organizations["org_id"], "author": f"王 {SHORT}", "step": "verdict_confirmed"})
    verdicts = verdicts.drop_duplicates("org_id").assign(list="none", done_on=FIRST, recorded_at=FIRST)
    verdicts["procedure_id"] = [f"{IDENTITY}{n}" for n in range(len(verdicts))]
    spoilt["procedures"] = pd.concat([spoilt["procedures"], verdicts], ignore_index=True).astype({"list": "str"})
    complaints = spoilt["complaints"].astype({"severity": "object"})
    complaints["text"] = [f"{PAYLOADS[n % len(PAYLOADS)]} {IDENTITY} {SHORT} {PHONE}" for n in range(len(complaints))]
    complaints["category"] = complaints["text"]
    bad = complaints.index[: len(PAYLOADS)]
    complaints.loc[bad, "severity"] = [f"{payload} {IDENTITY} {PHONE}" for payload in PAYLOADS]
    complaints.loc[bad, "complaint_id"] = [f"{payload}{n}" for n, payload in enumerate(PAYLOADS)]
    spoilt["complaints"] = complaints
    out = tmp_path_factory.mktemp("hostile") / "out"
    return nightly(spoilt, as_of=FIRST, out=out, model=model)


def test_the_page_has_no_element_but_its_own(hostile):
    page = Elements()
    page.feed(hostile.report.read_text(encoding="utf-8"))
    assert page.names <= ALLOWED
    assert not {name for name in page.attributes if name.startswith("on")}
    assert "alert(1)" in page.text, "the attack is shown as the text it is"
    assert not [sign for sign in page.text if unicodedata.category(sign) in ("Cc", "Cf", "Cs") and sign != "\n"]


def test_the_page_loads_nothing_and_runs_nothing(hostile):
    text = hostile.report.read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    for shown in (
        "http://www.w3.org/2000/svg",
        "src=x onerror",
        "src=xonerror",
    ):  # the payload as text; a key has no blanks
        text = text.replace(shown, "")
    for word in ("<script", "http://", "https://", "src=", "url("):
        assert word not in text, word


def test_csv_has_no_live_cell(hostile):
    seen = 0
    for name in ("scores", "flags", "quarantine"):
        text = (hostile.folder / f"{name}.csv").read_text(encoding="utf-8-sig")
        for row in csv.reader(io.StringIO(text, newline="")):
            for cell in row:
                seen += cell.startswith("'")
                for line in cell.split("\n"):
                    start = line.lstrip(" \u00a0\u3000\ufeff")
                    assert not start.startswith(FORMULA) or _is_number(cell), cell
    assert seen > 0


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_parquet_keeps_the_text_as_it_was(hostile):
    names = hostile.table("scores")["name"]
    assert names.str.startswith("=cmd").any()
    assert names.str.contains("<script>", regex=False).any()


def test_no_personal_number_in_anything_officers_or_logs_see(hostile):
    out = hostile.folder.parents[2]
    seen = [path for path in out.rglob("*") if path.is_file() and "ledger" not in path.relative_to(out).parts]
    assert len(seen) > 8
    for path in seen:
        content = (
            repr(pq.read_table(path).to_pylist()) if path.suffix == ".parquet" else path.read_bytes().decode("latin-1")
        )
        assert not [number for number in PERSONAL if number in content], path.name
    flags = hostile.table("flags")
    names = flags["name"].dropna()  # a name with the character NUL is set aside
    assert len(names) > len(flags) / 2
    assert names.str.contains("110105********002X 110105******002 138****5678", regex=False).all()
    assert flags["verdict_author"].eq("王 110105******002").any()
    assert flags["evidence"].map(lambda keys: any("110105********002X-" in key for key in keys)).any()
    assert hostile.table("quarantine")["value"].str.contains("138****5678", regex=False).any()
    assert not hostile.table("reasons")["value"].str.contains(IDENTITY, regex=False).any()


@pytest.mark.parametrize("form", ["text", "html", "json"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_dossier_commands_the_terminal_or_names_a_person(hostile, capsys, lang, form):
    out = hostile.folder.parents[2]
    for org in hostile.table("flags")["org_id"].drop_duplicates()[:20]:
        assert run(["explain", str(out), org, "--lang", lang, "--format", form]) == 0
    told = "".join(capsys.readouterr())
    assert not [number for number in PERSONAL if number in told]
    assert not [sign for sign in told if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") and sign not in "\n\t"]


def test_log_lines_cannot_be_forged(hostile):
    content = (hostile.folder.parents[2] / "log.jsonl").read_bytes()
    assert content.isascii()
    assert all(json.loads(line)["run"] for line in content.splitlines())
    told = line_of("refused", "a1", {"why": [f"rows of {IDENTITY}"], "from": {"at": "postgresql://a:p@ss@host/x"}})
    assert json.loads(told) == {
        "event": "refused",
        "run": "a1",
        "why": ["rows of 110105********002X"],
        "from": {"at": "postgresql://a:***@host/x"},
    }


@given(st.text(max_size=60))
def test_no_text_is_live_in_a_spreadsheet(text):
    for line in harmless(text).split("\n"):
        assert not line.lstrip(" \u00a0\u3000\ufeff").startswith(FORMULA)


@given(st.text(alphabet=st.characters(categories=["L", "N"]), max_size=40))
def test_plain_text_stays_as_it_is(text):
    assert harmless(text) == text


def test_the_page_in_a_browser(hostile, tmp_path):
    """No dialog, no request, no error: the page is rendered and its text is there, in Chinese."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium on this machine (Debian package chromium)")
    fonts = (
        subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)
        if shutil.which("fc-list")
        else None
    )
    if fonts is None or not fonts.stdout.strip():
        pytest.skip("no Chinese font on this machine (Debian package fonts-noto-cjk)")
    shot, paper = tmp_path / "page.png", tmp_path / "page.pdf"
    options = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--user-data-dir={tmp_path / 'profile'}",
        "--enable-logging=stderr",
    ]
    asked = [f"--screenshot={shot}", "--window-size=1280,2000"], [f"--print-to-pdf={paper}", "--no-pdf-header-footer"]
    said = ""
    for more in asked:
        done = subprocess.run(
            [browser, *options, *more, hostile.report.as_uri()],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        said += done.stderr
    assert shot.stat().st_size > 50_000
    assert paper.read_bytes().startswith(b"%PDF")
    assert "CONSOLE" not in said, "an error or a blocked request"


def test_names_of_files_stay_in_their_folder(hostile):
    out = hostile.folder.parents[2]
    assert {path.name for path in out.parent.iterdir()} == {"out"}
    assert not any(path.is_symlink() for path in out.rglob("*"))


def test_no_module_opens_the_network(root):
    """No client of any protocol is imported anywhere in the package but the database drivers a user asks for."""
    words = (
        "import requests",
        "import urllib.request",
        "import http.client",
        "import socket",
        "from urllib.request",
        "urlopen(",
    )
    for path in sorted((root / "sorg_risk").rglob("*.py")):
        text = Path(path).read_text(encoding="utf-8")
        assert not [word for word in words if word in text], path.name


def test_personal_numbers_are_masked_in_columns_of_several_chunks():
    parts = [pd.DataFrame({name: ["x", "13800138000"] for name in SCHEMAS["quarantine"].names}).assign(row=1)] * 2
    table = arrow("quarantine", pd.concat(parts, ignore_index=True))
    assert "13800138000" not in table["value"].to_pylist()
    assert table["value"].to_pylist()[2] == "x"
