"""What `RiskModel()` at its defaults is worth on real tasks, beside a scorecard and LightGBM as it comes (CatBoost and EBM where installed).

    python benchmarks/model.py --data FOLDER [--task overdue --task german ...] [--quick] [--peers] [--json]

The folder holds ``npo_us_cdc`` and ``credit_benchmarks`` (default: the environment variable SORG_RISK_DATA). Non-profits are split by
organisation into five parts, five times: learnt on the earlier days of four parts, measured on the later days of the fifth (*unseen*) and of the
four (*seen*). Credit sets are measured by repeated stratified cross-validation. Each figure is the mean over splits; ``paired_p`` is the
paired DeLong test of ours against the better of scorecard and LightGBM, on the predictions of all splits together. The non-profits take
about 5 minutes of a quiet core, the credit sets 10 more; ``--quick`` is one split or fold of five, large sets by a fifth of the rows. Peers take
longer than all the rest.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from model_tasks import CREDIT, NON_PROFITS, Task, credit
from sklearn.model_selection import StratifiedKFold

from sorg_risk.model import RiskModel, metrics
from sorg_risk.model.matrix import Columns
from sorg_risk.model.scorecard import Scorecard
from sorg_risk.model.splits import day_numbers

REPEATS = {"german": 4, "hmeq": 2, "taiwan": 1, "lendingclub": 1}
HORIZON = {"overdue": 365, "distress": 1095, "exit": 1095}
Predict = Callable[[Task, np.ndarray, np.ndarray], np.ndarray]


def ours(task: Task, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """`RiskModel()` as it comes; days and organisations are given where the task has them."""
    days, groups = (None if v is None else v[train] for v in (task.days, task.groups))
    model = RiskModel().fit(task.X.iloc[train], task.y[train], days=days, groups=groups)
    return model.predict_proba(task.X.iloc[test])[:, 1]


def scorecard(task: Task, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Our weight-of-evidence scorecard, unpenalised as scorecards usually are."""
    columns = Columns.of(task.X.iloc[train])
    card = Scorecard.fit(columns.matrix(task.X.iloc[train]), task.y[train].astype(float), columns)
    return 1 / (1 + np.exp(-card.margin(columns.matrix(task.X.iloc[test]))))


def lightgbm(task: Task, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """LightGBM's classifier with its own defaults."""
    from lightgbm import LGBMClassifier

    model = LGBMClassifier(verbosity=-1, n_jobs=1).fit(task.X.iloc[train], task.y[train])
    return model.predict_proba(task.X.iloc[test])[:, 1]


def optbinning(task: Task, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """A scorecard by optimal binning and logistic regression."""
    from optbinning import BinningProcess
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    X, words = _plain(task.X)
    card = make_pipeline(BinningProcess(list(X), categorical_variables=words), LogisticRegression(max_iter=1000))
    return card.fit(X.iloc[train], task.y[train]).predict_proba(X.iloc[test])[:, 1]


def catboost(task: Task, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """CatBoost with its own defaults."""
    from catboost import CatBoostClassifier

    X, words = _plain(task.X)
    model = CatBoostClassifier(verbose=0, thread_count=2, random_seed=0, cat_features=words, allow_writing_files=False)
    return model.fit(X.iloc[train], task.y[train]).predict_proba(X.iloc[test])[:, 1]


def ebm(task: Task, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """An explainable boosting machine with its own defaults."""
    from interpret.glassbox import ExplainableBoostingClassifier

    X, _ = _plain(task.X)
    model = ExplainableBoostingClassifier(n_jobs=2, random_state=0).fit(X.iloc[train], task.y[train])
    return model.predict_proba(X.iloc[test])[:, 1]


def _plain(X: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Categories as words, missing ones as a word of their own."""
    words = [c for c in X if isinstance(X[c].dtype, pd.CategoricalDtype)]
    return X.assign(**{c: X[c].astype(object).where(X[c].notna(), "none").astype(str) for c in words}), words


MODELS: dict[str, Predict] = {"ours": ours, "scorecard": scorecard, "lightgbm": lightgbm}
PEERS: dict[str, Predict] = {"optbinning": optbinning, "catboost": catboost, "ebm": ebm}


@dataclass
class Tally:
    """Figures of each split, and the summed predictions of each row, by model."""

    y: np.ndarray
    lines: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    summed: dict[str, np.ndarray] = field(default_factory=dict)
    times: dict[str, np.ndarray] = field(default_factory=dict)

    def add(self, who: str, rows: np.ndarray, p: np.ndarray) -> None:
        y = self.y[rows]
        line = {
            "auc": metrics.auc(y, p),
            "pr_auc": metrics.pr_auc(y, p),
            "brier": metrics.brier(y, p),
            "p_at_5": metrics.hits_at(y, p, 0.05)[0],
        }
        self.lines.setdefault(who, []).append(line)
        self.summed.setdefault(who, np.zeros(len(self.y)))[rows] += p
        self.times.setdefault(who, np.zeros(len(self.y)))[rows] += 1

    def entry(self) -> dict[str, Any]:
        """Mean figures by model, splits won against the better baseline, and the paired test on all rows together."""
        found: dict[str, Any] = {
            who: {k: float(np.mean([line[k] for line in lines])) for k in lines[0]} for who, lines in self.lines.items()
        }
        rival = max(("scorecard", "lightgbm"), key=lambda who: found[who]["auc"])
        gaps = [a["auc"] - b["auc"] for a, b in zip(self.lines["ours"], self.lines[rival], strict=True)]
        rows = self.times["ours"] > 0
        mean = {who: self.summed[who][rows] / self.times[who][rows] for who in ("ours", rival)}
        found["rival"] = rival
        found["splits_won"] = f"{sum(g > 0 for g in gaps)} of {len(gaps)}"
        found["paired_p"] = metrics.delong(self.y[rows], mean["ours"], mean[rival])[1]
        return found


def non_profit_splits(task: Task, quick: bool) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
    """Earlier days of four fifths of the organisations; later days of the fifth and of the four."""
    assert task.days is not None
    assert task.groups is not None
    assert task.first_test is not None
    day, first = day_numbers(task.days), int(task.first_test.astype("datetime64[D]").astype(int))
    names, group = np.unique(task.groups, return_inverse=True)
    part = np.random.default_rng(0).permutation(len(names)) % 5
    early, late = day + HORIZON[task.name] <= first, day >= first
    for k in range(1 if quick else 5):
        known = (part != k)[group]
        yield (
            np.flatnonzero(early & known),
            {
                "unseen": np.flatnonzero(late & ~known),
                "seen": np.flatnonzero(late & known),
            },
        )


def credit_splits(task: Task, quick: bool) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
    """Repeated stratified five folds."""
    rows = np.arange(len(task.y))
    if quick and len(rows) > 10_000:
        rows = np.sort(np.random.default_rng(0).choice(rows, len(rows) // 5, replace=False))
    for repeat in range(1 if quick else REPEATS[task.name]):
        folds = StratifiedKFold(5, shuffle=True, random_state=repeat).split(rows, task.y[rows])
        for k, (train, test) in enumerate(folds):
            if not quick or k == 0:
                yield rows[train], {"": rows[test]}


def measure(task: Task, models: dict[str, Predict], quick: bool) -> dict[str, dict[str, Any]]:
    """The entries of a task."""
    tallies: dict[str, Tally] = {}
    splits = non_profit_splits if task.groups is not None else credit_splits
    for train, tests in splits(task, quick):
        everything = np.concatenate(list(tests.values()))
        for who, predict in models.items():
            p = dict(zip(everything, predict(task, train, everything), strict=True))
            for side, rows in tests.items():
                name = f"{task.name} {side}".strip()
                tallies.setdefault(name, Tally(task.y)).add(who, rows, np.array([p[i] for i in rows]))
    return {name: tally.entry() for name, tally in tallies.items()}


def told(name: str, entry: dict[str, Any]) -> str:
    """A task's figures as lines."""
    head = f"{name}: {entry['splits_won']} splits ahead of {entry['rival']}, paired p {entry['paired_p']:.2g}"
    lines = [
        f"  {who:11s} AUC {e['auc']:.4f}  PR-AUC {e['pr_auc']:.4f}  Brier {e['brier']:.5f}  precision at 5 % {e['p_at_5']:.4f}"
        for who, e in entry.items()
        if isinstance(e, dict)
    ]
    return "\n".join([head, *lines])


def main() -> None:
    """Measure the tasks asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("SORG_RISK_DATA"), help="folder of the data sets")
    parser.add_argument("--task", action="append", choices=[*NON_PROFITS, *CREDIT], help="only this task (repeatable)")
    parser.add_argument("--quick", action="store_true", help="one split of each task")
    parser.add_argument("--peers", action="store_true", help="optbinning, CatBoost and EBM too (extra 'bench')")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    asked = parser.parse_args()
    if not asked.data:
        sys.exit("name the folder of the data sets: --data FOLDER, or SORG_RISK_DATA=FOLDER")
    data, found = Path(asked.data), {}
    for name in asked.task or [*NON_PROFITS, *CREDIT]:
        began = time.perf_counter()
        make = NON_PROFITS.get(name)
        task = make(data / "npo_us_cdc") if make else credit(data / "credit_benchmarks", name)
        entries = measure(task, MODELS | (PEERS if asked.peers else {}), asked.quick)
        found |= entries
        for title, entry in entries.items():
            print(told(title, entry), flush=True)
        print(f"  ({task!r}, {time.perf_counter() - began:.0f} s)", flush=True)
    if asked.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
