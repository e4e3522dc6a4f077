"""Features of millions of flows, beside other engines: ``python benchmarks/features.py --orgs 10000 --flows 5000000 --json``.

Made-up flows are written as parquet and brought into a ledger once (both kept in the temporary folder of the machine). Then
the same 51 features of every organisation are computed, each time into parquet: by the bare scan of the columns (the floor),
by DuckDB with a two-level roll-up, by polars streaming, by this library from the ledger; for one day and for 24 monthly days,
for which the better of the two engines is looped, over every second of the days (``--loop-days``) and scaled to 24.

featuretools does not stand pandas 3, so it wants an environment of its own: ``python -m venv ft && ft/bin/pip install
featuretools "pandas<3" pyarrow``. ``--featuretools ft/bin/python`` (or SORG_RISK_FEATURETOOLS in the environment) names its
interpreter; then it does 24 days of simpler features of the same flows (one clock; counts, sums, maxima and means), up to five
million flows, for it holds them all in memory. Without it ``days24_vs_featuretools`` is null.

All results are compared before a ratio is given. Every measurement is a process of its own, on files that were read just
before; seconds are processor seconds of all threads, without imports; libraries are warmed up on the same task or a smaller
one. ``peak_mb`` is the largest resident memory of our own two processes, files mapped into memory included. The last line
with ``--json``::

    {"scan_s", "one_day_s", "one_day_vs_scan", "one_day_vs_best", "days24_s", "days24_vs_scan", "days24_vs_best_looped",
     "days24_vs_featuretools", "peak_mb", "equal"}

``vs_scan`` and ``one_day_vs_best`` say how many times longer (below 1: faster), the other two how many times faster.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import features_data as data
import features_engines as engines
import pandas as pd
import pyarrow.parquet as pq

ENGINES: dict[str, Callable[..., None]] = {"duckdb": engines.duckdb_result, "polars": engines.polars_result}
FEATURETOOLS_FLOWS = 5_000_000
OWN = {"one_day": data.AS_OF[-1:], "days24": data.AS_OF}


def main() -> None:
    """Measures, compares, prints."""
    asked = _arguments()
    if asked.task:
        print(json.dumps(_task(asked)))
        return
    source = data.folder(asked.orgs, asked.flows)
    with tempfile.TemporaryDirectory(prefix="sorg_risk_benchmark_") as place:
        found = _measured(asked, source, Path(place))
    _report(found)
    if asked.json:
        print(json.dumps({name: found[name] for name in _KEYS}))


_KEYS = (
    *("scan_s", "one_day_s", "one_day_vs_scan", "one_day_vs_best", "days24_s", "days24_vs_scan"),
    *("days24_vs_best_looped", "days24_vs_featuretools", "peak_mb", "equal"),
)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orgs", type=int, default=10_000)
    parser.add_argument("--flows", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=3, help="runs of each one-day measurement (with --json: 1)")
    parser.add_argument("--loop-days", type=int, default=12, help="days to loop over, scaled to 24")
    parser.add_argument("--own", action="store_true", help="only the scan and this library")
    known = os.environ.get("SORG_RISK_FEATURETOOLS")
    parser.add_argument("--featuretools", metavar="PYTHON", default=known, help="an interpreter that has featuretools")
    parser.add_argument("--cold", action="store_true", help="also the first import and compilation of all")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--task", help=argparse.SUPPRESS)
    parser.add_argument("--source", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _measured(asked: argparse.Namespace, source: Path, place: Path) -> dict[str, Any]:
    def child(task: str, **environment: str) -> dict[str, Any]:
        out = place / task
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        command = [sys.executable, __file__, "--task", task, "--source", str(source), "--out", str(out)]
        command += ["--loop-days", str(asked.loop_days)]
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
        if done.returncode:
            raise SystemExit(f"{task} failed:\n{done.stderr}")
        made: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        print("  ".join([f"{task:10}", *(f"{name} {value:,}" for name, value in made.items())]), flush=True)
        return made

    sizes = {"orgs": asked.orgs, "flows": asked.flows, "loop_days": asked.loop_days}
    found: dict[str, Any] = {**sizes, "ledger": child("ledger")}
    if asked.cold:
        found["cold"] = child("cold", NUMBA_CACHE_DIR=str(place / "cache"))
        found["cached"] = child("cached", NUMBA_CACHE_DIR=str(place / "cache"))
    runs = 1 if asked.json else asked.runs
    names = ["scan", *([] if asked.own else ENGINES), "one_day", "days24"]
    times: dict[str, list[float]] = {name: [] for name in names}
    peaks = []
    for _ in range(runs):
        for name in names:
            made = child(name)
            times[name].append(made["cpu_s"])
            peaks += [made["peak_mb"]] if name in OWN else []
    middle = {name: statistics.median(every) for name, every in times.items()}
    found |= {f"{name}_s": round(value, 2) for name, value in middle.items()}
    found["peak_mb"] = max(peaks)
    found["one_day_vs_scan"] = round(middle["one_day"] / middle["scan"], 2)
    found["days24_vs_scan"] = round(middle["days24"] / middle["scan"], 2)
    found |= dict.fromkeys(("one_day_vs_best", "days24_vs_best_looped", "days24_vs_featuretools", "equal"))
    if not asked.own:
        best = min(ENGINES, key=middle.__getitem__)
        looped = child(f"loop_{best}")["cpu_s"] * len(data.AS_OF) / asked.loop_days
        found |= {"best": best, "looped_s": round(looped, 2)}
        found["one_day_vs_best"] = round(middle["one_day"] / middle[best], 2)
        found["days24_vs_best_looped"] = round(looped / middle["days24"], 1)
        found["equal"] = _equal(place, best, asked.loop_days)
    if asked.featuretools and asked.flows <= FEATURETOOLS_FLOWS:
        tool = _featuretools(asked.featuretools, source)
        found |= {"featuretools": tool, "days24_vs_featuretools": round(tool["cpu_s"] / middle["days24"], 1)}
    return found


def _task(asked: argparse.Namespace) -> dict[str, float]:
    """One measurement, in this process."""
    if asked.task in ("cold", "cached"):
        return _first_use()
    days = _loop_days(asked.loop_days)
    work = {**_WORK, **{f"loop_{name}": _engine(name, days) for name in ENGINES}}[asked.task](asked.source, asked.out)
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return {
        "cpu_s": round(time.process_time() - cpu, 3),
        "wall_s": round(time.perf_counter() - wall, 3),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _scan(source: Path, _out: Path) -> Callable[[], None]:
    engines.scan(source)
    return lambda: engines.scan(source)


def _engine(name: str, days: list[Any]) -> Callable[[Path, Path], Callable[[], None]]:
    def task(source: Path, out: Path) -> Callable[[], None]:
        engines.scan(source)
        __import__(name)

        def work() -> None:
            for day in days:
                ENGINES[name](source, day, out / f"{day}.parquet")

        return work

    return task


def _own(days: list[Any]) -> Callable[[Path, Path], Callable[[], None]]:
    def task(source: Path, out: Path) -> Callable[[], None]:
        from sorg_risk.features import write
        from sorg_risk.records.ledger import Ledger

        ledger = Ledger.open(_ledger(source))
        write(ledger, days[-1:], out / "warm", names=engines.names())
        return lambda: write(ledger, days, out / "made", names=engines.names()) and None

    return task


def _bring(source: Path, _out: Path) -> Callable[[], None]:
    from sorg_risk.records.ledger import Ledger

    folder, made = _ledger(source), _ledger(source).with_name(f"{source.name}.bringing")

    def work() -> None:
        if folder.exists():
            return
        shutil.rmtree(made, ignore_errors=True)
        Ledger.open(made).bring(source)
        made.rename(folder)

    return work


def _ledger(source: Path) -> Path:
    """Ledger of a data source, made by the version of the library whose folder name says so."""
    from sorg_risk import __version__

    return source.with_name(f"{source.name}.ledger-{__version__}")


_WORK: dict[str, Callable[[Path, Path], Callable[[], None]]] = {
    "ledger": _bring,
    "scan": _scan,
    **{name: _engine(name, data.AS_OF[-1:]) for name in ENGINES},
    **{name: _own(days) for name, days in OWN.items()},
}


def _first_use() -> dict[str, float]:
    """Import, then the whole catalogue of a handful of organisations: compiled where nothing is cached yet."""
    start = time.process_time()
    import sorg_risk as sr

    imported = time.process_time()
    frames = sr.simulate(30, 1)
    ready = time.process_time()
    sr.features(sr.open(frames).as_of("2026-10-31"))
    return {"import_s": round(imported - start, 2), "first_use_s": round(time.process_time() - ready, 2)}


def _loop_days(count: int) -> list[Any]:
    """Some of the 24 days, evenly spaced."""
    return data.AS_OF[:: len(data.AS_OF) // count][:count]


def _equal(place: Path, best: str, loop_days: int) -> bool:
    """Whether all engines and both of our own ways say the same, feature by feature, day by day."""
    own = _own_result(place / "days24" / "made")
    last = own[own["as_of"] == data.AS_OF[-1]]
    others = [(name, place / name / f"{data.AS_OF[-1]}.parquet", last) for name in ENGINES]
    looped = [
        (best, place / f"loop_{best}" / f"{day}.parquet", own[own["as_of"] == day]) for day in _loop_days(loop_days)
    ]
    alone = _own_result(place / "one_day" / "made")
    same = [_same("one day alone", alone, last)]
    same += [_same(name, pq.read_table(path).to_pandas(), ours) for name, path, ours in (*others, *looped)]
    return all(same)


def _own_result(folder: Path) -> pd.DataFrame:
    return pq.read_table(folder).to_pandas()


def _same(name: str, theirs: pd.DataFrame, ours: pd.DataFrame) -> bool:
    left, right = (frame.set_index("org_id").sort_index()[engines.names()] for frame in (theirs, ours))
    try:
        pd.testing.assert_frame_equal(left, right, rtol=1e-9, atol=1e-9, check_index_type=False)
    except AssertionError as problem:
        print(f"{name} differs: {problem}", file=sys.stderr)
        return False
    return True


def _featuretools(python: str, source: Path) -> dict[str, Any]:
    script = Path(__file__).with_name("features_featuretools.py")
    days = [str(day) for day in data.AS_OF]
    done = subprocess.run([python, str(script), str(source), *days], check=True, capture_output=True, text=True)
    made: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print("  ".join(["featuretools", *(f"{name} {value}" for name, value in made.items())]), flush=True)
    return made


def _report(found: dict[str, Any]) -> None:
    print(f"\n{found['orgs']:,} organisations, {found['flows']:,} flows, {len(engines.names())} features")
    tool = found.get("featuretools", {})
    lines = {
        "scan": found["scan_s"],
        "DuckDB, one day": found.get("duckdb_s"),
        "polars, one day": found.get("polars_s"),
        "this library, one day": found["one_day_s"],
        f"{found.get('best')}, 24 days looped (measured on {found['loop_days']})": found.get("looped_s"),
        f"featuretools, 24 days of {tool.get('features')} simpler features": tool.get("cpu_s"),
        "this library, 24 days": found["days24_s"],
    }
    for name, seconds in lines.items():
        if seconds is not None:
            print(f"{name:48} {seconds:8.2f} s  {seconds / found['scan_s']:7.2f} x scan")
    print(f"peak memory {found['peak_mb']:,} MB; equal: {found['equal']}")


if __name__ == "__main__":
    main()
