"""What was read, kept: every delivered row of every table, refused ones too, stored once per content.

A delivery of a table is one parquet file named by the digest of its content, so a night that brings the same rows adds nothing, and any
earlier run can be made again from the files its manifest names.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..records import TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from ..records import Source


def keep(source: Source, out: Path) -> dict[str, str]:
    """Store what the source delivered under ``out/ledger``; returns the digest of each table that has rows."""
    kept: dict[str, str] = {}
    for name in TABLES:
        frame = source.delivered(name)
        if len(frame):
            kept[name] = _stored(_arrow(frame), out / "ledger" / name)
    return kept


def _stored(table: pa.Table, folder: Path) -> str:
    """Write the table under its digest unless it is there already."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", version="2.6", store_schema=False)
    content = sink.getvalue().to_pybytes()
    digest = hashlib.sha256(content).hexdigest()
    path = folder / f"{digest}.parquet"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        aside = folder / f".{digest}.new"
        with aside.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        aside.replace(path)
    return digest


def _arrow(frame: pd.DataFrame) -> pa.Table:
    """Raw cells as Arrow: columns of mixed cells are kept as their text."""
    columns = {}
    for name in frame.columns:
        cells = frame[name]
        try:
            columns[str(name)] = pa.array(cells, from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            columns[str(name)] = pa.array([None if pd.isna(v) else str(v) for v in cells], type=pa.string())
    return pa.table(columns)
