"""What a night costs: ``python benchmarks/nightly.py --orgs 10000 --flows 2000 --json``.

A simulated register of the wanted size (a simulated one of at most 5,000 organisations, copied under other codes) with
an average of ``--flows`` fund flows an organisation, lognormal as in life, is scored once from parquet files, and once more
on the next day when one more file of new flows has come. Printed: wall and processor seconds and peak memory per stage of
both nights, and, marked as such, an extrapolation to 900,000 organisations and 200 million flows. ``--source`` keeps the
register for the next time. The last line with ``--json`` tells the first night, and the second under ``"second"``::

    {"stages": {name: {"wall_s", "cpu_s", "peak_mb"}}, "total_s", "peak_mb", "rows", "second": {the same of the second}}
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from stdnum.cn import uscc

from sorg_risk.nightly import Settings, nightly
from sorg_risk.nightly.clock import peak_mb
from sorg_risk.records import TABLES
from sorg_risk.simulate import simulate

AS_OF, NEXT = "2026-10-31", "2026-11-01"
BASE = 5_000
FILES = 16
DAYS = 1094
"""Days over which flows are booked: a night brings one part of so many."""
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
    start = 0
    for number, chunk in enumerate(np.array_split(np.arange(len(codes)), FILES)):
        owner = np.repeat(chunk, counts[chunk])
        booked = np.datetime64("2023-11-01") + rng.integers(0, DAYS, len(owner))
        recorded = booked + rng.integers(0, 20, len(owner))
        pq.write_table(_flows(rng, codes, owner, booked, recorded, start), place / f"{number:02d}.parquet")
        start += len(owner)
    return start


def next_flows(codes: list[str], rows: int, folder: Path, seed: int) -> int:
    """Writes the flows that a further day brings; returns their number. ``rows``: how many there are already."""
    rng = np.random.default_rng(seed + 1)
    owner = rng.integers(0, len(codes), rows // DAYS)
    booked = np.full(len(owner), np.datetime64(AS_OF))
    place = folder / NEXT
    place.mkdir()
    new = _flows(rng, codes, owner, booked, booked + 1, rows)
    pq.write_table(new, place / "fund_flows.parquet")
    return len(owner)


def _flows(
    rng: np.random.Generator, codes: list[str], owner: np.ndarray, booked: np.ndarray, recorded: np.ndarray, start: int
) -> pa.Table:
    """Flows of some owners (places among the codes), numbered from ``start``."""
    rows = len(owner)
    words = {
        "counterparty_kind": ["person", "enterprise", "organization", "government", "bank", "unknown"],
        "purpose": [word for word, parts in PURPOSES.items() for _ in range(parts)],
        "account": ["registered"] * 490 + ["cash"] * 9 + ["unregistered"],
    }
    return pa.table(
        {
            "flow_id": pc.binary_join_element_wise("f", pa.array(np.arange(start, start + rows)).cast(pa.string()), ""),
            "org_id": pa.DictionaryArray.from_arrays(pa.array(owner, pa.int32()), pa.array(codes)),
            "booked_on": pa.array(booked),
            "direction": _drawn(rng, rows, ["in", "out"]),
            "amount": pa.array(np.round(rng.lognormal(8.0, 1.6, rows), 2) + 0.01),
            "counterparty_id": _drawn(rng, rows, [f"c{n:06d}" for n in range(200_000)]),
            **{name: _drawn(rng, rows, choice) for name, choice in words.items()},
            "is_related_party": pa.array(rng.random(rows) < 0.01),
            "recorded_at": pa.array(recorded),
        }
    )


def _drawn(rng: np.random.Generator, rows: int, words: list[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(rng.integers(0, len(words), rows), pa.int32()), pa.array(words))


def extrapolated(stages: dict[str, dict[str, float]], orgs: int, flows: int, others: int) -> dict[str, float]:
    """Processor seconds of each stage at the target, by its own driver; an estimate, not a measurement.

    At the target an organisation has as many other rows as here.
    """
    by_orgs = TARGET[0] / orgs
    by_rows = (TARGET[1] + others * by_orgs) / (flows + others)
    return {
        name: round(cost["cpu_s"] * (by_rows if name in ROWS_BOUND else by_orgs), 1) for name, cost in stages.items()
    }


def register_in(folder: Path, orgs: int, average: int, seed: int) -> tuple[list[str], int]:
    """The register in a folder, written now or before: its codes, and the number of its flows."""
    done = folder / "written.json"
    if done.is_file():
        told = json.loads(done.read_text(encoding="utf-8"))
        if told["asked"] != [orgs, average, seed]:
            raise SystemExit(f"{folder} holds another register ({told['asked']}); name another folder.")
        shutil.rmtree(folder / NEXT, ignore_errors=True)
        return told["codes"], told["flows"]
    folder.mkdir(parents=True, exist_ok=True)
    codes = register(orgs, folder, seed)
    rows = flows(codes, average, folder, seed)
    done.write_text(json.dumps({"asked": [orgs, average, seed], "flows": rows, "codes": codes}), encoding="utf-8")
    return codes, rows


def night(source: Path, out: Path, as_of: str) -> dict[str, Any]:
    """One night: what its stages cost."""
    begun = time.perf_counter()
    run = nightly(
        source, as_of=as_of, out=out, settings=Settings(), tell=lambda stage: print(f"  {stage} …", flush=True)
    )
    total = round(time.perf_counter() - begun, 2)
    print(pd.DataFrame(run.costs).T.to_string(), flush=True)
    peak = max(*(cost["peak_mb"] for cost in run.costs.values()), peak_mb())
    read = sum(counts["read"] for counts in run.manifest["delivery"]["tables"].values())
    return {"stages": run.costs, "total_s": total, "peak_mb": peak, "rows": read}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orgs", type=int, default=10_000)
    parser.add_argument("--flows", type=int, default=2_000, help="per organisation, on average")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--source", type=Path, help="keep the register here, and take it from here the next time")
    parser.add_argument("--folder", type=Path, help="where the temporary files lie")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sorg-risk-bench-", dir=chosen.folder) as aside:
        source, out = chosen.source or Path(aside) / "source", Path(aside) / "out"
        codes, rows = register_in(source, chosen.orgs, chosen.flows, chosen.seed)
        print(f"{chosen.orgs:,} organisations, {rows:,} flows", flush=True)
        told = night(source, out, AS_OF)
        more = next_flows(codes, rows, source, chosen.seed)
        print(f"the next night, {more:,} more flows", flush=True)
        told["second"] = night(source, out, NEXT)
    guess = extrapolated(told["stages"], chosen.orgs, rows, told["rows"] - rows)
    print(
        f"EXTRAPOLATED to {TARGET[0]:,} organisations and {TARGET[1]:,} flows, CPU seconds: {guess}, together {sum(guess.values()):,.0f}"
    )
    if chosen.json:
        print(json.dumps(told))


if __name__ == "__main__":
    main()
