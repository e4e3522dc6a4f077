"""How long `RiskModel()` takes to learn a panel of the given size, made up with rare events, gaps and categories.

    python benchmarks/model_speed.py [--rows 1000000] [--features 150] [--threads 2] [--json]

A million rows of 150 features take about 2.5 GB of memory.
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np
import pandas as pd

from sorg_risk.model import RiskModel, metrics

YEARS = 8


def made(rows: int, features: int, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
    """A panel of organisations over years: ten features matter, one column in ten is a category, a fifth of the values is missing."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({f"x{j}": rng.normal(size=rows).round(3) for j in range(features)})
    margin = -4 + X.iloc[:, :10].to_numpy() @ np.linspace(0.6, 0.1, 10)
    y = (rng.random(rows) < 1 / (1 + np.exp(-margin))).astype(int)
    for j in range(features):
        if j % 10 == 9:
            X[f"x{j}"] = pd.Categorical.from_codes(rng.integers(0, 12, rows), [f"w{k}" for k in range(12)])
        else:
            X.loc[rng.random(rows) < 0.2, f"x{j}"] = np.nan
    years = np.arange(rows) % YEARS
    return X, y, years + 2015, np.arange(rows) // YEARS


def main() -> None:
    """Measure one fit and one scoring."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--features", type=int, default=150)
    parser.add_argument("--threads", type=int, default=2, help="threads of LightGBM")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    asked = parser.parse_args()
    X, y, days, orgs = made(asked.rows, asked.features)
    wall, cpu = time.perf_counter(), time.process_time()
    model = RiskModel(threads=asked.threads).fit(X, y, days=days, groups=orgs)
    fit, spent = time.perf_counter() - wall, time.process_time() - cpu
    wall = time.perf_counter()
    area = metrics.auc(y, model.margin(X))
    found = {
        "rows": asked.rows,
        "features": asked.features,
        "threads": asked.threads,
        "fit_seconds": round(fit, 1),
        "fit_cpu_seconds": round(spent, 1),
        "score_seconds": round(time.perf_counter() - wall, 1),
        "auc_fitted": round(area, 4),
        "members": len(model.members),
    }
    print(f"{asked.rows:,} rows x {asked.features} features: fitted in {fit:.0f} s ({spent:.0f} s of CPU)")
    if asked.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
