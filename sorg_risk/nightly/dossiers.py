"""The dossier of one organisation from published runs: this one, those before it, and what the ledger kept for it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from ..errors import DataError
from ..explain.dossier import Dossier, Evening, records_behind
from ..explain.dossier.evening import plain_rows
from ..law import statutory
from . import ledger
from .lost_records import PastRun, lost_records
from .run_reader import RunReader, read_table
from .store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

EVENINGS: Final = 60
"""So many runs before are looked through for the history."""


def dossier(out: str | Path, org_id: str, run: str | None = None, *, lang: str = "zh") -> Dossier:
    """The dossier of an organisation as published (None: by the current run).

    Facts, their groups and the records behind reasons come from the ledger of the run; where it was retired, the dossier shows what the
    tables alone say. Raises `NotFound` for an organisation the run says nothing of.
    """
    store = Store(Path(out))
    reader = RunReader(store)
    folder = reader.folder(run)
    told = reader.manifest(folder)
    scores, flags = (read_table(folder, told, name) for name in ("scores", "flags"))
    reasons = _of(folder, told, "reasons", org_id)
    earlier = list(_earlier(reader, told, org_id))
    now = Evening.of(org_id, told["as_of"], scores, flags, reasons)
    more = _from_ledger(told, store, org_id, now, earlier)
    evenings = [past.evening for past in earlier]
    return Dossier.of_tables(org_id, scores, flags, reasons, lang=lang, earlier=evenings, **more)


def _earlier(reader: RunReader, told: dict[str, Any], org_id: str) -> Iterator[PastRun]:
    """What the runs before said, the latest first, as far as they are kept."""
    for _ in range(EVENINGS):
        if told["previous_run"] is None:
            return
        try:
            folder = reader.folder(told["previous_run"])
        except DataError:
            return
        told = reader.manifest(folder)
        rows = (_of(folder, told, name, org_id) for name in ("scores", "flags", "reasons"))
        yield PastRun(told, Evening.of(org_id, told["as_of"], *rows))


def _of(folder: Path, told: dict[str, Any], name: str, org_id: str) -> pd.DataFrame:
    return read_table(folder, told, name, org_id)


def _from_ledger(
    told: dict[str, Any], store: Store, org_id: str, now: Evening, earlier: list[PastRun]
) -> dict[str, Any]:
    """The organisation's row of the register, the clauses of its flags, the records behind its reasons, and those lost."""
    try:
        view = ledger.source(told, store.ledger).as_of(dt.date.fromisoformat(told["as_of"])).restricted_to([org_id])
        lost = lost_records(view, org_id, now, earlier, store.ledger)
    except DataError:
        return {}
    if org_id not in set(view.orgs):
        return {"lost": lost}
    rows = plain_rows(view.table("organizations"))
    features = [row["feature"] for row in now.reasons.get("", []) if row["part"] == "model"]
    return {
        "organization": rows[0],
        "clauses": statutory(view, told["settings"]["lists"]).clauses,
        "records": records_behind(view, org_id, features),
        "lost": lost,
    }
