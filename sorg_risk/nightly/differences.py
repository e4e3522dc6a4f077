"""Two published runs compared once more, with causes, from what is kept."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from ..errors import DataError
from ..watch import NightDiff
from . import ledger
from .compare import compared, read_before
from .run_reader import RunReader, read_table
from .store import Store


def differences(out: str | Path, run: str | None = None) -> NightDiff:
    """What changed from the run before to a published run (None: the current one), and why.

    Raises `DataError` where there is no run before it, or one of the two is gone.
    """
    store = Store(Path(out))
    reader = RunReader(store)
    folder = reader.folder(run)
    told = reader.manifest(folder)
    if told["previous_run"] is None:
        raise DataError.missing("a run before it", store.named(folder), "It is the first; publish another night.")
    earlier = reader.folder(told["previous_run"])
    before = read_before(earlier, reader.manifest(earlier))
    view = ledger.source(told, store.ledger).as_of(dt.date.fromisoformat(told["as_of"]))
    model = ledger.kept_model(told["decision"]["model"], store.ledger)
    flags = read_table(folder, told, "flags")
    return compared(before, flags, view, told["decision"], model, told["settings"]["lists"], store.ledger)
