"""What a night costs: ``python benchmarks/nightly.py --orgs 10000 --flows 2000 --json``.

A simulated register of the wanted size (a simulated one of at most 5,000 organisations, copied under other codes) with
an average of ``--flows`` fund flows an organisation, lognormal as in life, is scored once from parquet files. Printed:
wall and processor seconds and peak memory per stage, and, marked as such, an extrapolation to 900,000 organisations and
200 million flows. The last line with ``--json``::

    {"stages": {name: {"wall_s", "cpu_s", "peak_mb"}}, "total_s", "peak_mb"}
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from stdnum.cn import uscc

from sorg_risk.nightly import Settings, nightly
from sorg_risk.nightly.clock import peak_mb
from sorg_risk.records import TABLES
from sorg_risk.simulate import simulate

AS_OF = "2026-10-31"
BASE = 5_000
FILES = 16
TARGET = (900_000, 200_000_000)
PURPOSES = {
    "donation": 700,
    "charitable_spending": 350,
    "staff_pay": 240,
    "service_fee": 200,
    "grant": 150,
    "management": 120,
    "membership_fee": 100,
    "transfer": 60,
    "government_purchase": 50,
    "other": 20,
    "investment": 9,
    "loan": 1,
}
"""How often flows have each purpose, in 2,000: ordinary business, few loans."""
ROWS_BOUND = ("plan", "read", "features")
"""Stages that grow with rows; the others grow with organisations."""


def code(number: int) -> str:
    """A valid credit code of a social organisation, by its number."""
    body = f"5{1 + number % 3}440300{number:09d}"
    return body + uscc.calc_check_digit(body)


def register(orgs: int, folder: Path, seed: int) -> list[str]:
    """Writes all tables but the flows; returns the codes."""
    base = simulate(min(orgs, BASE), seed)
    known = base["organizations"]["org_id"].drop_duplicates().tolist()
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES if name != "fund_flows"}
    codes: list[str] = []
    for copy in range(-(-orgs // len(known))):
        mine = {org: code(copy * len(known) + place) for place, org in enumerate(known)}
        codes += mine.values()
        for name, frames in parts.items():
            rows = base[name].assign(org_id=base[name]["org_id"].map(mine))
            for column in (TABLES[name].key, "person_id"):
                if column in rows and column != "org_id":
                    rows[column] = rows[column] + f"-{copy}"
            frames.append(rows)
    kept = set(codes[:orgs])
    for name, frames in parts.items():
        rows = pd.concat(frames, ignore_index=True)
        rows[rows["org_id"].isin(kept)].to_parquet(folder / f"{name}.parquet", index=False)
    return codes[:orgs]


def flows(codes: list[str], average: int, folder: Path, seed: int) -> int:
    """Writes the flows file by file; returns their number."""
    rng = np.random.default_rng(seed)
    weight = rng.lognormal(0.0, 1.0, len(codes))
    counts = rng.poisson(weight / weight.mean() * average)
    place = folder / "fund_flows"
    place.mkdir()
    words = {
        "counterparty_kind": ["person", "enterprise", "organization", "government", "bank", "unknown"],
        "purpose": [word for word, parts in PURPOSES.items() for _ in range(parts)],
        "account": ["registered"] * 490 + ["cash"] * 9 + ["unregistered"],
    }
    start = 0
    for number, chunk in enumerate(np.array_split(np.arange(len(codes)), FILES)):
        owner = np.repeat(chunk, counts[chunk])
        rows = len(owner)
        booked = np.datetime64("2023-11-01") + rng.integers(0, 1094, rows)
        columns = {
            "flow_id": pa.array(np.char.add("f", np.arange(start, start + rows).astype("U12"))),
            "org_id": pa.DictionaryArray.from_arrays(pa.array(owner, pa.int32()), pa.array(codes)),
            "booked_on": pa.array(booked),
            "direction": _drawn(rng, rows, ["in", "out"]),
            "amount": pa.array(np.round(rng.lognormal(8.0, 1.6, rows), 2) + 0.01),
            "counterparty_id": _drawn(rng, rows, [f"c{n:06d}" for n in range(200_000)]),
            **{name: _drawn(rng, rows, choice) for name, choice in words.items()},
            "is_related_party": pa.array(rng.random(rows) < 0.01),
            "recorded_at": pa.array(booked + rng.integers(0, 20, rows)),
        }
        pq.write_table(pa.table(columns), place / f"{number:02d}.parquet")
        start += rows
    return start


def _drawn(rng: np.random.Generator, rows: int, words: list[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(rng.integers(0, len(words), rows), pa.int32()), pa.array(words))


def extrapolated(stages: dict[str, dict[str, float]], orgs: int, rows: int) -> dict[str, float]:
    """Processor seconds of each stage at the target, by its own driver; an estimate, not a measurement."""
    return {
        name: round(cost["cpu_s"] * (TARGET[1] / max(rows, 1) if name in ROWS_BOUND else TARGET[0] / orgs), 1)
        for name, cost in stages.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orgs", type=int, default=10_000)
    parser.add_argument("--flows", type=int, default=2_000, help="per organisation, on average")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="keep the source and the output here")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sorg-risk-bench-", dir=chosen.folder) as aside:
        source, out = Path(aside) / "source", Path(aside) / "out"
        source.mkdir()
        rows = flows(register(chosen.orgs, source, chosen.seed), chosen.flows, source, chosen.seed)
        print(f"{chosen.orgs:,} organisations, {rows:,} flows written", flush=True)
        begun = time.perf_counter()
        run = nightly(
            source, as_of=AS_OF, out=out, settings=Settings(), tell=lambda stage: print(f"  {stage} …", flush=True)
        )
        total = round(time.perf_counter() - begun, 2)
    table = pd.DataFrame(run.costs).T
    print(table.to_string())
    guess = extrapolated(run.costs, chosen.orgs, rows)
    print(
        f"EXTRAPOLATED to {TARGET[0]:,} organisations and {TARGET[1]:,} flows, CPU seconds: {guess}, together {sum(guess.values()):,.0f}"
    )
    if chosen.json:
        peak = max(*(cost["peak_mb"] for cost in run.costs.values()), peak_mb())
        print(json.dumps({"stages": run.costs, "total_s": total, "peak_mb": peak}))


if __name__ == "__main__":
    main()
