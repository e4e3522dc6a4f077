"""The whole rulebook and both state machines over ten years of events: ``python benchmarks/law.py --orgs 10000 100000 --json``.

A simulated registry is drawn once and copied under fresh codes until there are enough organisations, so that every size holds the same
mixture of histories, and written to a folder. Opening it is the work of `records` and not counted; each way of reading the lists is judged
in a process of its own that has judged a small registry before (code loaded, kernels compiled). Printed for each size, and with ``--json``
as the last line::

    {"sizes": [{"orgs", "rows", "decided_s", "assumed_s", "decided_cpu_s", "assumed_cpu_s", "clauses_s", "flags", "held_mb", "law_mb", "peak_mb"}],
     "growth_decided", "growth_assumed"}

``_s`` is wall time, ``_cpu_s`` processor time of one process. ``held_mb``: memory of the opened registry before judging; ``law_mb``: the most
that judging held beside it; ``peak_mb``: the most the process ever held, while reading the tables. ``growth`` is the processor time of the
largest size over that of the smallest, divided by the growth in organisations: 1 is linear.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil

from sorg_risk.law import statutory
from sorg_risk.records import TABLES, Source
from sorg_risk.records import open as open_source
from sorg_risk.simulate import simulate

DAY = "2026-10-31"
SEED = 5
DRAWN = 1_000
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BODY = slice(8, 17)
REFERRED = ("org_id", "counterparty_id", "person_id", "decision_id", "refers_to")


def registry(orgs: int, flows: float) -> dict[str, pd.DataFrame]:
    """Enough copies of a drawn registry, each under codes and keys of its own."""
    drawn = simulate(min(orgs, DRAWN), SEED, flows_per_org=flows)
    copies = -(-orgs // DRAWN)
    return {
        name: pd.concat([copied(name, table, n) for n in range(copies)], ignore_index=True)
        if "org_id" in table
        else table
        for name, table in drawn.items()
    }


def copied(name: str, table: pd.DataFrame, number: int) -> pd.DataFrame:
    """One copy: codes with a new body and check character, keys with a number."""
    codes = pd.Index(table["org_id"].unique())
    fresh = pd.Series(recoded(codes, number), index=codes)
    named = {}
    for column in {TABLES[name].key, *REFERRED} & set(table.columns):
        cells = table[column]
        other = cells + f"~{number}"
        named[column] = (
            fresh.reindex(cells).to_numpy()
            if column == "org_id"
            else other.where(~cells.str.match(r"^[A-Z]{2}-\d\d[a-z]?:").fillna(False), cells)
        )
    return table.assign(**named)


def recoded(codes: pd.Index[str], number: int) -> list[str]:
    """The same codes with another body; the check character is counted for all at once."""
    weights = np.array([pow(3, i, 31) for i in range(17)])
    heads = [code[:8] + ALPHABET[number // 31 % 31] + ALPHABET[number % 31] + code[10:17] for code in codes]
    digits = np.array([[ALPHABET.index(c) for c in head] for head in heads])
    checks = (31 - digits @ weights % 31) % 31
    return [head + ALPHABET[check] for head, check in zip(heads, checks, strict=True)]


class Watch:
    """The most memory (MB) that the process held since the watch began."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._over = threading.Event()
        self.most = self.now()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def now(self) -> int:
        return int(self._process.memory_info().rss) // 2**20

    def _look(self) -> None:
        while not self._over.wait(0.02):
            self.most = max(self.most, self.now())

    def stop(self) -> int:
        self._over.set()
        self._thread.join()
        return self.most


def one(folder: str, orgs: int, lists: str) -> dict[str, Any]:
    """Open a registry and judge it once."""
    warmed = statutory(open_source(simulate(200, SEED)).as_of(DAY), lists)
    assert len(warmed.clauses)
    source: Source = open_source(folder)
    rows = int(source.counts["accepted"].sum())
    assert source.quarantine.empty, source.quarantine.head().to_string()
    view = source.as_of(DAY)
    for name in TABLES:
        view.table(name)
    gc.collect()
    watch = Watch()
    held = watch.now()
    before, began = time.perf_counter(), time.process_time()
    found = statutory(view, lists)
    judged, worked = time.perf_counter(), time.process_time()
    most = watch.stop()
    told = len(found.clauses)
    return {
        "orgs": orgs,
        "rows": rows,
        "seconds": round(judged - before, 2),
        "cpu": round(worked - began, 2),
        "clauses_s": round(time.process_time() - worked, 2),
        "flags": len(found.flags),
        "clauses": told,
        "held_mb": held,
        "law_mb": most - held,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def child(folder: str, orgs: int, lists: str) -> dict[str, Any]:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--child", lists, "--orgs", str(orgs), "--folder", folder]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measured(orgs: int, flows: float) -> dict[str, Any]:
    """Both ways of reading the lists over one registry."""
    with tempfile.TemporaryDirectory() as folder:
        for name, table in registry(orgs, flows).items():
            table.to_parquet(Path(folder) / f"{name}.parquet")
        decided, assumed = (child(folder, orgs, lists) for lists in ("decided", "assumed"))
    most = {name: max(decided[name], assumed[name]) for name in ("held_mb", "law_mb", "peak_mb")}
    return {
        "orgs": orgs,
        "rows": decided["rows"],
        "decided_s": decided["seconds"],
        "assumed_s": assumed["seconds"],
        "decided_cpu_s": decided["cpu"],
        "assumed_cpu_s": assumed["cpu"],
        "clauses_s": decided["clauses_s"],
        "flags": decided["flags"],
        **most,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orgs", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--flows", type=float, default=15.0, help="mean number of fund flows of an organisation")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", choices=["decided", "assumed"])
    parser.add_argument("--folder")
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps(one(asked.folder, asked.orgs[0], asked.child)))
        return
    sizes = []
    for orgs in asked.orgs:
        sizes.append(measured(orgs, asked.flows))
        print("  ".join(f"{key} {value:,}" for key, value in sizes[-1].items()))
    first, last = sizes[0], sizes[-1]
    times = last["orgs"] / first["orgs"]
    grown = {
        f"growth_{lists}": round(last[f"{lists}_cpu_s"] / first[f"{lists}_cpu_s"] / times, 2)
        for lists in ("decided", "assumed")
    }
    print("  ".join(f"{key} {value}" for key, value in grown.items()))
    if asked.json:
        print(json.dumps({"sizes": sizes, **grown}))


if __name__ == "__main__":
    main()
