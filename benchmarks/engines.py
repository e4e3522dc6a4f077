"""A night by each engine: ``python benchmarks/engines.py registry --as-of 2026-10-31 --json`` (extra ``spark``, Java).

Each engine is a process of its own, with an empty output folder. Seconds are those of the stages that Spark carries
(features, score) and of the whole command with all its processes, Spark's among them, by the clock and by processors.
The published files are compared byte by byte. On one machine Spark can only cost: the threads of the local engine use
the same processors. The last line with ``--json``::

    {"local": {"features_s", "score_s", "wall_s", "cpu_s"}, "spark": {…}, "equal"}
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

EVERY = 0.2
CARRIED = ("features", "score")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="a registry, for example of `sorg-risk simulate --orgs 10000`")
    parser.add_argument("--as-of", default="2026-10-31")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sorg-risk-engines-") as place:
        outs = {engine: Path(place) / engine for engine in ("local", "spark")}
        found: dict[str, Any] = {engine: night(asked.source, asked.as_of, engine, out) for engine, out in outs.items()}
        found["equal"] = published(outs["local"]) == published(outs["spark"])
    for engine in outs:
        print(f"{engine:6}", "  ".join(f"{name} {value}" for name, value in found[engine].items()))
    print("published files equal:", found["equal"])
    if asked.json:
        print(json.dumps(found))


def night(source: Path, day: str, engine: str, out: Path) -> dict[str, float]:
    """What one command cost."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "sorg_risk", "nightly", source, "--as-of", day, "--out", out, "--engine", engine]
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
    cpu = watched(process)
    if process.returncode:
        raise SystemExit(f"engine {engine} ended with {process.returncode}")
    lines = map(json.loads, (out / "log.jsonl").read_text(encoding="ascii").splitlines())
    stages = next(line["stages"] for line in lines if line["event"] == "published")
    carried = {f"{name}_s": stages[name]["wall_s"] for name in CARRIED}
    return {**carried, "wall_s": round(time.perf_counter() - begun, 1), "cpu_s": round(cpu, 1)}


def watched(process: subprocess.Popen[bytes]) -> float:
    """Processor seconds of a process and all that descend from it, looked at until it ends."""
    spent: dict[tuple[int, float], float] = {}
    root = psutil.Process(process.pid)
    while process.poll() is None:
        for one in [root, *root.children(recursive=True)]:
            try:
                times = one.cpu_times()
                spent[one.pid, one.create_time()] = times.user + times.system
            except psutil.NoSuchProcess:
                continue
        time.sleep(EVERY)
    return sum(spent.values())


def published(out: Path) -> dict[str, str]:
    """Digest of every published file but the manifest, by name."""
    run = out / (out / "CURRENT").read_text(encoding="utf-8").strip()
    outputs: dict[str, str] = json.loads((run / "manifest.json").read_text(encoding="utf-8"))["outputs"]
    return outputs


if __name__ == "__main__":
    main()
