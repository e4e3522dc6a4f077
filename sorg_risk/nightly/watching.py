"""The runs of an output folder over time: drift from night to night, and the outcomes of those whose horizon is over."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pandas as pd

from ..law import grounds
from ..records import View
from ..watch import calibration, drift, fairness, happened
from ..watch.outcomes import matured
from . import ledger
from .run_reader import RunReader
from .store import Store

COLUMNS = ["score", "grade", "warning", "probability"]


@dataclass(frozen=True)
class Watched:
    """Drift of each run against the one before it; calibration and fairness of the last matured run, if there is one."""

    drifts: pd.DataFrame
    matured: str = ""
    calibrated: pd.DataFrame | None = None
    fair: pd.DataFrame | None = None

    def __str__(self) -> str:
        parts = [
            "drift from run to run (PSI) 漂移:",
            self.drifts.to_string(index=False) if len(self.drifts) else "one run only",
        ]
        if self.calibrated is None or self.fair is None:
            return "\n".join([*parts, "\nno run is old enough for its outcome to be known"])
        parts += [f"\nrun of {self.matured}, promised and observed 校准:", self.calibrated.to_string(index=False)]
        return "\n".join([*parts, "\nthe same by type 公平:", self.fair.to_string(index=False)])


def watched(out: str | Path) -> Watched:
    """Looks at all published runs of a folder; outcomes are judged by what the current run knows."""
    store = Store(Path(out))
    reader = RunReader(store)
    current = reader.manifest(reader.folder())
    runs = [(run, reader.table(run, "scores")) for run in store.runs()]
    rows = [
        {"run": store.named(run)} | drift(before[COLUMNS], scores[COLUMNS]).set_index("column")["psi"].to_dict()
        for (_, before), (run, scores) in pairwise(runs)
    ]
    drifts = pd.DataFrame(rows, columns=["run", *COLUMNS]).round(4)
    view = ledger.source(current, store.ledger).as_of(dt.date.fromisoformat(current["as_of"]))
    old = [(run, scores) for run, scores in runs if len(scores) and _ripe(view, run, scores)]
    if not old:
        return Watched(drifts)
    run, scores = old[-1]
    outcome = happened(scores, grounds(view))
    types = view.table("organizations").set_index("org_id")["org_type"]
    return Watched(
        drifts, run.parent.name, calibration(scores, outcome).round(4), fairness(scores, outcome, types).round(4)
    )


def _ripe(view: View, run: Path, scores: pd.DataFrame) -> bool:
    return matured(view, run.parent.name, int(scores["horizon_days"].iloc[0]))
