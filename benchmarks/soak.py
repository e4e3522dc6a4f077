"""Many nights one after the other: ``python benchmarks/soak.py --nights 60 --json``.

A small simulated registry delivers every evening what it knows by then, and a night is published, each in a process of its own.
Printed for every tenth night: rows delivered, size of the output folder and of its parts, processor seconds, peak memory and files
of the night. Flat means that the second half costs what the first did but for the rows themselves. The last line, with
``--json``::

    {"nights", "cpu_first", "cpu_last", "cpu_ratio", "mb_first", "mb_last", "mb_ratio", "out_mb", "out_mb_a_night",
     "ledger_mb_a_night", "audit_kb_a_night", "files_a_night", "verify_s", "problems", "seconds"}

``cpu_first`` and ``mb_first`` are medians of nights 2 to 11, ``cpu_last`` and ``mb_last`` of the last ten.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd

from sorg_risk.nightly.verify import verify
from sorg_risk.simulate import simulate

FIRST = dt.date(2026, 6, 1)


def deliver(registry: dict[str, pd.DataFrame], day: dt.date, folder: Path) -> int:
    """Writes what was known by the end of a day; returns its rows."""
    folder.mkdir(exist_ok=True)
    end, rows = pd.Timestamp(day) + pd.Timedelta(days=1), 0
    for name, table in registry.items():
        known = table[pd.to_datetime(table["recorded_at"]) < end]
        known.to_parquet(folder / f"{name}.parquet", index=False)
        rows += len(known)
    return rows


def megabytes(folder: Path) -> float:
    """What a folder takes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6 if folder.exists() else 0.0


def run_night(source: Path, day: dt.date, out: Path) -> tuple[float, float]:
    """Processor seconds and peak memory (MB) of one night in a process of its own."""
    words = [sys.executable, "-m", "sorg_risk", "nightly", str(source), "--as-of", day.isoformat(), "--out", str(out)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"night {day} ended with {process.returncode}: {process.stderr.read().decode()}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nights", type=int, default=60)
    parser.add_argument("--orgs", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    start, nights = time.monotonic(), []
    registry = dict(simulate(chosen.orgs, 11))
    with tempfile.TemporaryDirectory(prefix="soak-") as place:
        source, out = Path(place) / "source", Path(place) / "out"
        print("night    rows  out MB  ledger MB  audit kB  files  CPU s  peak MB")
        for number in range(chosen.nights):
            day = FIRST + dt.timedelta(days=number)
            rows = deliver(registry, day, source)
            cpu, memory = run_night(source, day, out)
            nights.append(measure(out, rows, cpu, memory))
            if number % 10 == 9 or number == 0:
                print(
                    f"{number + 1:5} "
                    + "{rows:7,} {out:7.1f} {ledger:10.1f} {audit:9.1f} {files:6} {cpu:6.1f} {mb:8.0f}".format(
                        **nights[-1]
                    )
                )
        began = time.monotonic()
        problems = len(verify(out))
        result = {**summary(nights), "verify_s": round(time.monotonic() - began, 1), "problems": problems}
    result["seconds"] = round(time.monotonic() - start, 1)
    print(json.dumps(result) if chosen.json else result)


def measure(out: Path, rows: int, cpu: float, memory: float) -> dict[str, Any]:
    """The output folder after a night."""
    audit = sum(path.stat().st_size for path in out.glob("audit*"))
    files = sum(1 for path in out.rglob("*") if path.is_file())
    sizes = {"out": megabytes(out), "ledger": megabytes(out / "ledger" / "rows"), "audit": audit / 1e3}
    return {"rows": rows, **sizes, "files": files, "cpu": cpu, "mb": memory}


def summary(nights: list[dict[str, Any]]) -> dict[str, Any]:
    """First nights beside last ones, and growth a night over the second half."""

    def median(name: str, some: list[dict[str, Any]]) -> float:
        return statistics.median(night[name] for night in some)

    def growth(name: str) -> float:
        half = len(nights) // 2
        return (nights[-1][name] - nights[half][name]) / max(len(nights) - 1 - half, 1)

    early, late = nights[1:11] or nights, nights[-10:]
    result: dict[str, Any] = {"nights": len(nights)}
    for name in ("cpu", "mb"):
        first, last = median(name, early), median(name, late)
        result |= {
            f"{name}_first": round(first, 2),
            f"{name}_last": round(last, 2),
            f"{name}_ratio": round(last / first, 3),
        }
    result |= {"out_mb": round(nights[-1]["out"], 1), "out_mb_a_night": round(growth("out"), 3)}
    result |= {"ledger_mb_a_night": round(growth("ledger"), 4), "audit_kb_a_night": round(growth("audit"), 2)}
    return result | {"files_a_night": round(growth("files"), 2)}


if __name__ == "__main__":
    main()
