"""What an exact explanation costs, beside LightGBM and shap, in one process with rounds taken in turn.

    python benchmarks/explain.py --rows 100000 --json

Two models of 300 trees (31 and 63 leaves, depth at most 8) on 120 features, a third of them with missing values. Printed for each; the JSON
line at the end tells the weaker of the two. Compiling is done before (it is kept on disk); set-up is everything from the booster to tables
that are ready. Peaks are memory above what the rows and the result take. ``seconds_900k`` is measured with ``--rows 900000``, with the sums
of every row checked, and extrapolated from fewer rows otherwise; ``cpu_seconds_900k`` is what it took of both processors together, which a
busy machine does not change. Beside them: what the reasons of a statutory flag and a statutory override
cost each, and the largest difference to LightGBM of a model of depth 12, whose deepest leaves go row by row.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import shap

from sorg_risk.explain import ExactExplainer
from sorg_risk.explain.override import Override
from sorg_risk.explain.rules import rule_reasons

FEATURES, TREES, ROUNDS = 120, 300, 3
FACTOR = 40 / math.log(2)  # points per unit of log-odds
BACKGROUND = 1000
SHAP_ROWS, SHAP_INTERVENTIONAL_ROWS = 300, 60  # rows given to shap in a round
CHECKED = 2000


def made(rows: int, seed: int) -> np.ndarray:
    """Rows with counts, amounts and missing values."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((rows, FEATURES))
    X[:, ::4] = np.round(X[:, ::4] * 2)
    X[:, 1::4] = np.exp(X[:, 1::4])
    X[:, : FEATURES // 3][rng.random((rows, FEATURES // 3)) < 0.15] = np.nan
    return X


def grown(leaves: int, depth: int = 8) -> lgb.Booster:
    """A model of a rare event (3.7 %)."""
    X = made(30_000, seed=1)
    rng = np.random.default_rng(2)
    filled = np.nan_to_num(X)
    signal = filled @ rng.normal(size=FEATURES) * 0.05 + filled[:, 0] * filled[:, 3] / 2 + np.sin(2 * filled[:, 6])
    signal += rng.standard_normal(len(X))
    params = {
        "objective": "binary",
        "num_leaves": leaves,
        "max_depth": depth,
        "learning_rate": 0.05,
        "feature_fraction": 0.5,
    }
    fixed = {"verbosity": -1, "seed": 1, "deterministic": True, "num_threads": 2}
    return lgb.train(params | fixed, lgb.Dataset(X, signal > np.quantile(signal, 0.963)), TREES)


def timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextmanager
def peak() -> Iterator[list[float]]:
    """Most memory of the process while inside, in MB above the start (looked at every 10 ms)."""

    def resident() -> float:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

    start, seen, stop = resident(), [0.0], threading.Event()

    def look() -> None:
        while not stop.wait(0.01):
            seen[0] = max(seen[0], resident() - start)

    watcher = threading.Thread(target=look)
    watcher.start()
    yield seen
    stop.set()
    watcher.join()


def whole(booster: lgb.Booster, X: np.ndarray, background: np.ndarray | None) -> tuple[float, float, float, float]:
    """Seconds with set-up, processor seconds, peak in MB beyond rows and result, and the largest gap of a sum in points, over all rows."""
    values = np.ones((len(X), FEATURES))  # the result's own memory, touched
    values[:] = 0
    told: dict[str, ExactExplainer] = {}

    def work() -> None:
        told["by"] = ExactExplainer(booster, background)
        at = 0
        for block in told["by"].blocks(X):
            values[at : at + len(block)] = block
            at += len(block)

    used = time.process_time()
    with peak() as seen:
        seconds = timed(work)
    used = time.process_time() - used
    gap = 0.0
    for at in range(0, len(X), 50_000):
        part = slice(at, at + 50_000)
        points = -FACTOR * np.asarray(booster.predict(X[part], raw_score=True))
        explained = -FACTOR * told["by"].expected_value + (-FACTOR * values[part]).sum(axis=1)
        gap = max(gap, float(np.abs(points - explained).max()))
    return seconds, used, seen[0], gap


def measured(leaves: int, X: np.ndarray) -> dict[str, float]:
    """Everything about one model."""
    booster = grown(leaves)
    background = made(BACKGROUND, seed=3)
    own = X[: min(len(X), 40_000)]
    by_shap = shap.TreeExplainer(booster)
    masker = shap.maskers.Independent(background, max_samples=100)
    against = shap.TreeExplainer(booster, masker, feature_perturbation="interventional")
    path, compared = ExactExplainer(booster).prepare(), ExactExplainer(booster, background).prepare()
    rates: dict[str, list[float]] = {
        name: [] for name in ("path", "interventional", "shap_path", "shap_interventional")
    }
    setups = []
    for _ in range(ROUNDS):
        setups.append(timed(lambda: ExactExplainer(booster, background).prepare()))
        rates["path"].append(len(own) / timed(lambda: path.shap_values(own)))
        rates["shap_path"].append(SHAP_ROWS / timed(lambda: by_shap.shap_values(X[:SHAP_ROWS])))
        rates["interventional"].append(len(own) / timed(lambda: compared.shap_values(own)))
        few = X[:SHAP_INTERVENTIONAL_ROWS]
        rates["shap_interventional"].append(
            len(few) / timed(lambda few=few: against.shap_values(few, check_additivity=False))
        )
    middle = {name: statistics.median(found) for name, found in rates.items()}
    override = ms_an_override(booster, X, background)
    seconds, used, megabytes, gap = (
        max(two) for two in zip(whole(booster, X, None), whole(booster, X, background), strict=True)
    )
    return middle | {
        "setup_s": statistics.median(setups),
        "rows_per_s": min(middle["path"], middle["interventional"]),
        "path_vs_shap": middle["path"] / middle["shap_path"],
        "interventional_vs_shap": middle["interventional"] / middle["shap_interventional"],
        "max_diff_lightgbm": largest_difference(path, booster, X[:CHECKED]),
        "seconds": seconds,
        "cpu_seconds": used,
        "peak_mb": megabytes,
        "max_sum_gap_points": gap,
        "override_ms": override[0],
        "override_alone_ms": override[1],
    }


def ms_a_rule_flag(flags: int = 50_000) -> float:
    """Milliseconds for the reasons of one statutory flag, sentences and all, of five forms of rule."""
    forms = [[("late", "missing")], [("fined",)], [("late", "missing"), ("fined",)], [("p1", "p2"), ("p2", "p3")]]
    forms.append([(f"fine{i}",) for i in range(9)])
    ids = [f"flag{i}" for i in range(flags)]
    known = pd.DataFrame({"org_id": ids, "as_of": pd.Timestamp("2026-10-31"), "flag_id": ids, "basis": "statutory"})
    rows = [
        (flag, term, code, f"{i}", f"事实{code}", f"fact {code}")
        for i, flag in enumerate(ids)
        for term, codes in enumerate(forms[i % len(forms)])
        for code in codes
    ]
    clauses = pd.DataFrame(rows, columns=["flag_id", "term", "code", "value", "text_zh", "text_en"])
    return 1000 * min(timed(lambda: rule_reasons(known, clauses)) for _ in range(ROUNDS)) / flags


def ms_an_override(booster: lgb.Booster, X: np.ndarray, background: np.ndarray) -> tuple[float, float]:
    """Milliseconds to explain a score that a rule of two terms overrides: among a night's thousands, and one alone (tables at hand)."""
    override = Override(ExactExplainer(booster, background), factor=FACTOR)
    rule, many = [("late", "missing"), ("fined",)], X[:CHECKED]
    override.explain(X[:1], rule, 350.0)
    together = statistics.median(
        timed(lambda: override.explain_each(many, [rule] * len(many), [350.0] * len(many))) for _ in range(ROUNDS)
    )
    alone = statistics.median(timed(lambda: override.explain(X[:1], rule, 350.0)) for _ in range(20))
    return 1000 * together / len(many), 1000 * alone


def depth_12(X: np.ndarray) -> float:
    """Largest difference to LightGBM of hundreds of trees, 12 deep."""
    booster = grown(127, depth=12)
    return largest_difference(ExactExplainer(booster).prepare(), booster, X[:300])


def largest_difference(explainer: ExactExplainer, booster: lgb.Booster, X: np.ndarray) -> float:
    told = np.asarray(booster.predict(X, pred_contrib=True))[:, :-1]
    return float(np.abs(explainer.shap_values(X) - told).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000, help="rows to explain (900000: measure the whole)")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    args = parser.parse_args()
    warm = lgb.train({"objective": "binary", "verbosity": -1}, lgb.Dataset(made(500, 0), np.arange(500) % 2), 3)
    first = timed(lambda: ExactExplainer(warm).prepare().shap_values(made(10, 0)))
    print(f"first use (compiling, or reading what was compiled): {first:.1f} s")
    X = made(max(args.rows, CHECKED), seed=4)
    found = {}
    for leaves in (31, 63):
        found[leaves] = measured(leaves, X)
        print(
            f"{leaves} leaves: " + ", ".join(f"{name} {value:,.4g}" for name, value in found[leaves].items()),
            flush=True,
        )
    is_whole = args.rows >= 900_000
    seconds = max(f["seconds"] if is_whole else f["setup_s"] + 900_000 / f["rows_per_s"] for f in found.values())
    least = {
        name: min(f[name] for f in found.values()) for name in ("rows_per_s", "path_vs_shap", "interventional_vs_shap")
    }
    most = {
        name: max(f[name] for f in found.values()) for name in ("max_diff_lightgbm", "max_sum_gap_points", "peak_mb")
    }
    beside = {
        "rule_flag_ms": ms_a_rule_flag(),
        "override_ms": max(f["override_ms"] for f in found.values()),
        "override_alone_ms": max(f["override_alone_ms"] for f in found.values()),
        "depth_12_diff_lightgbm": depth_12(X),
    }
    print(", ".join(f"{name} {value:,.4g}" for name, value in beside.items()), flush=True)
    if args.json:
        told = {
            "setup_s": max(f["setup_s"] for f in found.values()),
            "seconds_900k": seconds,
            "cpu_seconds_900k": max(f["cpu_seconds"] for f in found.values()) * 900_000 / len(X),
            "measured_900k": is_whole,
        }
        print(json.dumps({**least, **told, **most, **beside}))


if __name__ == "__main__":
    main()
