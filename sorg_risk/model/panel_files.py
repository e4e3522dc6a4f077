"""A panel of more organisations and days than memory holds: parquet files, one a part of the organisations.

>>> import tempfile
>>> import pandas as pd
>>> import sorg_risk as sr
>>> files = write_panel(sr.open("data/sample"), ["2024-06-30", "2024-12-31"], tempfile.mkdtemp(), horizon_days=180)
>>> pd.read_parquet(files[0]).columns[:3].tolist()
['as_of', 'org_id', 'y']
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import UsageError
from ..features import write
from ..records import Source
from ..records.ledger import Ledger
from .panel import at_risk, given_events, ground_features, labels, new_grounds, panel_days

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from ..records.ledger import Edition

    Rows = tuple[pd.DatetimeIndex, NDArray[np.str_]]

ROWS = 2**16
"""Rows labelled at a time."""


def write_panel(
    data: Source | Edition | Ledger,
    days: Iterable[Any],
    out: str | Path,
    horizon_days: int = 365,
    outcome: pd.DataFrame | None = None,
    *,
    known_by: Any = None,
) -> list[Path]:
    """Writes what `panel` would give into a new folder: columns ``as_of``, ``org_id``, ``y``, then the features.

    Of a ledger, one bucket a processor is in memory at a time; without an ``outcome`` the law is asked who is at risk and
    what arose, for which a ledger is read whole. Raises `UsageError` like `panel`, and where the folder is not empty.
    """
    edition = data.at() if isinstance(data, Ledger) else data
    cohort, asked = None, list(days)
    if outcome is not None:
        asked, _ = panel_days(asked, horizon_days, known_by, vouched=True)
        events = given_events(outcome)
    else:
        source = edition if isinstance(edition, Source) else edition.source
        known = source.last_recorded if known_by is None else known_by
        asked, last = panel_days(asked, horizon_days, known, vouched=False)
        cohort, events = at_risk(source, asked), new_grounds(source.as_of(last))
    left_out = ground_features() if outcome is None else ()
    folder = Path(out)
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"folder {folder} is not empty; name a new one.")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".panel-", dir=folder) as aside:
        made = []
        for file in write(edition, asked, Path(aside) / "features"):
            made.append(folder / file.name)
            _label(file, made[-1], lambda rows: labels(*rows, events, horizon_days), cohort, left_out)
    return [file for file in made if file.exists()]


def _label(
    file: Path,
    out: Path,
    labelled: Callable[[Rows], NDArray[np.int64]],
    cohort: pd.MultiIndex | None,
    left_out: Sequence[str],
) -> None:
    """One file of features, a piece at a time: who is at risk, and the label of each row."""
    with pq.ParquetFile(file) as opened, ExitStack() as stack:
        writer = None
        for batch in opened.iter_batches(ROWS):
            table = pa.Table.from_batches([batch]).drop_columns(list(left_out))
            rows = _rows(table)
            if cohort is not None:
                kept = pd.MultiIndex.from_arrays(rows).isin(cohort)
                table, rows = table.filter(pa.array(kept)), (rows[0][kept], rows[1][kept])
            table = table.add_column(2, "y", pa.array(labelled(rows)))
            writer = writer or stack.enter_context(pq.ParquetWriter(out, table.schema, compression="lz4"))
            writer.write_table(table)


def _rows(table: pa.Table) -> Rows:
    days = pd.DatetimeIndex(table["as_of"].to_numpy().astype("datetime64[s]"))
    return days, np.asarray(table["org_id"].to_pylist(), dtype=str)
