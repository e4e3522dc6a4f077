"""Control files with one byte changed: ``python benchmarks/control_files.py --count 400 --json``.

Two nights are published. Then, again and again, one file that steers a run (pointer, manifests, audit log, state of the
ledger, model, holds, settings, mapping) has one byte changed, is cut, or is emptied, and every command that reads it is run.
Each must end in success or in a named error; exit code 1 (an internal error) is a fault, and `verify` must name every changed
file of the output folder. The last line, with ``--json``::

    {"changes", "runs", "uncaught", "unnamed", "seconds"}

``unnamed``: changes of hashed files that `verify` did not report (changes that leave the meaning of a file as it was count).
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import random
import shutil
import tempfile
import time
from pathlib import Path

from sorg_risk.cli import run
from sorg_risk.nightly import Settings, nightly
from sorg_risk.records import open as open_source
from sorg_risk.simulate import simulate, write

DAYS = ("2026-06-15", "2026-06-16")
PATTERNS = (
    "CURRENT",
    "store.json",
    "audit.sqlite",
    "audit.head",
    "holds.json",
    "ledger/rows/CURRENT",
    "ledger/rows/*.json",
    "ledger/rows/generations/*.arrow",
    "ledger/rows/segments/*/filings.*.arrow",
    "ledger/manifests/*.json",
    "ledger/models/*/*.json",
    "ledger/models/*/*.sha256",
    "ledger/models/*/member-0.txt",
    "runs/*/*/manifest.json",
    "runs/*/*/flags.parquet",
)
MAPPING = """code_scheme = "any"
calendar = "due_on"
[organizations]
from = "organizations"
columns = { name = "name", org_type = "org_type" }
constants = { status = "active" }
values = { org_type = { association = "association" } }
derive = { recorded_at = "registered_on", registered_on = "registered_on" }
"""
SETTINGS = """as_of = "2026-06-17"
[gates]
max_drift = 0.5
"""


def damage(path: Path, rng: random.Random) -> str:
    """Changes one byte of a file, cuts it or empties it; returns what was done."""
    raw = bytearray(path.read_bytes())
    kind = rng.choices(["byte", "cut", "empty", "insert"], [8, 1, 0.5, 1])[0] if raw else "insert"
    place = rng.randrange(len(raw)) if raw else 0
    if kind == "byte":
        raw[place] ^= rng.randrange(1, 256)
    elif kind == "cut":
        del raw[place:]
    elif kind == "empty":
        raw.clear()
    else:
        raw.insert(place, rng.randrange(256))
    path.write_bytes(raw)
    return f"{kind} at {place}"


def commands(out: Path, source: Path, org: str) -> list[list[str]]:
    """Every command that reads what a night left."""
    return [
        ["verify", str(out)],
        ["explain", str(out), org],
        ["diff", str(out)],
        ["replay", str(out)],
        ["nightly", str(source), "--as-of", "2026-06-17", "--out", str(out)],
    ]


def silent(arguments: list[str]) -> tuple[int, str]:
    """A command's exit code and what it printed."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        code = run(arguments)
    return code, text.getvalue()


class Campaign:
    """Two published nights, copied for every change."""

    def __init__(self, folder: Path, orgs: int) -> None:
        self.folder, self.source, self.whole = folder, folder / "source", folder / "whole"
        write(simulate(orgs, 11), self.source)
        for day in DAYS:
            nightly(open_source(self.source), as_of=day, out=self.whole, model=Settings().model)
        self.org = open_source(self.source).tables["organizations"]["org_id"].iloc[0]
        run_id = (self.whole / "CURRENT").read_text(encoding="utf-8").strip().rsplit("/", 1)[-1]
        silent(["hold", str(self.whole), run_id, "--author", "a", "--reason", "b"])
        self.result = {"changes": 0, "runs": 0, "uncaught": 0, "unnamed": 0}

    def of_output(self, rng: random.Random) -> None:
        """One change below the output folder."""
        out = self.folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(self.whole, out)
        paths = sorted(out.glob(rng.choice([p for p in PATTERNS if any(out.glob(p))])))
        path = rng.choice(paths)
        change = f"{path.relative_to(out)}: {damage(path, rng)}"
        self.result["changes"] += 1
        for number, arguments in enumerate(commands(out, self.source, self.org)):
            self._run(arguments, change, must_fail=number == 0)

    def of_text(self, name: str, content: str, arguments: list[str], rng: random.Random) -> None:
        """One change of a settings or mapping file."""
        path = self.folder / name
        path.write_text(content, encoding="utf-8")
        change = f"{name}: {damage(path, rng)}"
        self.result["changes"] += 1
        self._run([*arguments, str(path)], change, must_fail=False)

    def _run(self, arguments: list[str], change: str, *, must_fail: bool) -> None:
        code, text = silent(arguments)
        self.result["runs"] += 1
        if code == 1 and "internal error" in text:
            self.result["uncaught"] += 1
            print(f"UNCAUGHT {arguments[0]} after {change}: {text.strip()[-300:]}")
        if must_fail and code == 0:
            self.result["unnamed"] += 1
            print(f"not named by verify: {change}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--orgs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    start, rng = time.monotonic(), random.Random(chosen.seed)
    with tempfile.TemporaryDirectory(prefix="control-") as folder:
        campaign = Campaign(Path(folder), chosen.orgs)
        for number in range(chosen.count):
            if number % 8 == 6:
                campaign.of_text("mapping.toml", MAPPING, ["check", str(campaign.source), "--mapping"], rng)
            elif number % 8 == 7:
                campaign.of_text("settings.toml", SETTINGS, ["settings"], rng)
            else:
                campaign.of_output(rng)
    result = {**campaign.result, "seconds": round(time.monotonic() - start, 1)}
    print(json.dumps(result) if chosen.json else result)


if __name__ == "__main__":
    main()
