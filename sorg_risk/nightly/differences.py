"""Two published runs compared once more, with causes, from what is kept."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from ..errors import DataError
from ..model import RiskModel
from ..watch import NightDiff
from . import ledger
from .compare import compared, read_before
from .store import Store, manifest_of


def differences(out: str | Path, run: str | None = None) -> NightDiff:
    """What changed from the run before to a published run (None: the current one), and why.

    Raises `DataError` where there is no run before it, or one of the two is gone.
    """
    store = Store(Path(out))
    folder = store.run(run)
    told = manifest_of(folder)
    if told["previous_run"] is None:
        raise DataError.missing("a run before it", store.named(folder), "It is the first; publish another night.")
    before = read_before(store.run(told["previous_run"]))
    view = ledger.source(told, store.ledger).as_of(dt.date.fromisoformat(told["as_of"]))
    model = RiskModel.load(store.ledger / "models" / told["decision"]["model"])
    flags = pd.read_parquet(folder / "flags.parquet")
    return compared(before, flags, view, told["decision"], model, told["settings"]["lists"], store)
