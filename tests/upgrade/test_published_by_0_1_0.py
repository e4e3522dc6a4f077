"""An output folder published by version 0.1.0 still opens, verifies and takes the next night.

The archive holds a simulated registry of 40 organisations (``source``) and two nights over it (``out``).
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tarfile
from pathlib import Path

import pandas as pd
import pytest

ARCHIVE = Path(__file__).with_name("published_by_0_1_0.tar.xz")
RUNS = ("runs/2026-10-29/4dfc3e503f62", "runs/2026-10-30/810721f90801")


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive, unpacked once."""
    folder = tmp_path_factory.mktemp("old")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """One run of the command line."""
    words = [sys.executable, "-m", "sorg_risk", *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_verify_is_clean_by_the_old_form_of_the_audit_log(old):
    result = command("verify", old / "out")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("run", RUNS)
def test_tables_of_old_runs_open(old, run):
    scores = pd.read_parquet(old / "out" / run / "scores.parquet")
    flags = pd.read_parquet(old / "out" / run / "flags.parquet")
    assert (len(scores), len(flags)) == (38, 31)


def test_the_dossier_of_an_old_run_opens(old):
    org = pd.read_parquet(old / "out" / RUNS[1] / "flags.parquet")["org_id"][0]
    result = command("explain", old / "out", org)
    assert result.returncode == 0, result.stderr
    assert org in result.stdout


def test_the_next_night_runs_and_names_the_causes_of_every_difference(old):
    night = command("nightly", old / "source", "--as-of", "2026-10-31", "--out", old / "out")
    assert night.returncode == 0, night.stdout + night.stderr
    assert (old / "out" / "CURRENT").read_text(encoding="utf-8").startswith("runs/2026-10-31/")

    diff = command("diff", old / "out", "--format", "json")
    assert diff.returncode == 0, diff.stderr
    causes = json.loads(diff.stdout)["causes"]
    assert causes["unknown"] == {"new": 0, "cleared": 0, "changed": 0}

    verify = command("verify", old / "out")
    assert verify.returncode == 0, verify.stdout + verify.stderr


def test_a_night_that_0_1_0_left_without_its_entry_is_finished(tmp_path):
    """0.1.0 wrote the entry after the run was in place; it may have been interrupted in between."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    out = tmp_path / "out"
    connection = sqlite3.connect(out / "audit.sqlite")
    with connection:
        connection.execute("DELETE FROM audit WHERE run = ?", [RUNS[1]])
        number, digest = connection.execute("SELECT number, digest FROM audit ORDER BY number DESC").fetchone()
    connection.close()
    (out / "audit.head").write_text(json.dumps({"number": number, "digest": digest}), encoding="utf-8")
    (out / "CURRENT").write_text(f"{RUNS[0]}\n", encoding="utf-8")
    assert command("verify", out).returncode == 3
    result = command("verify", out, "--repair")
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"wrote {RUNS[1]} to the audit log" in result.stdout
    assert (out / "CURRENT").read_text(encoding="utf-8") == f"{RUNS[1]}\n"
