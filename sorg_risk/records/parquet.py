"""Parquet that is held in memory, read by the thread that asks for it.

A reader of Arrow that is given a Python object hands it to threads of its own, which may let go of it when the interpreter already ends:
they then ask for a lock that is gone, and the process aborts after all its work is done. Here no thread but the caller's sees the bytes.

>>> import io
>>> content = io.BytesIO()
>>> pd.DataFrame({"org_id": ["A", "B"], "score": [1.0, 2.0]}).to_parquet(content)
>>> read_parquet(content.getvalue(), org_id="B")["score"].tolist()
[2.0]
"""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq


def read_parquet(content: bytes, org_id: str | None = None) -> pd.DataFrame:
    """The rows of a parquet file by its bytes; with ``org_id`` those of one organisation, of the row groups that may hold it."""
    frame: pd.DataFrame = read_arrow(content, org_id).to_pandas(use_threads=False)
    return frame


def read_arrow(content: bytes, org_id: str | None = None) -> pa.Table:
    """See `read_parquet`; an Arrow table."""
    with pq.ParquetFile(pa.BufferReader(content), pre_buffer=False) as file:
        groups = list(range(file.metadata.num_row_groups))
        if org_id is not None:
            column = file.schema_arrow.get_field_index("org_id")
            groups = [group for group in groups if _may_hold(file.metadata.row_group(group).column(column), org_id)]
        rows = file.read_row_groups(groups, use_threads=False)
    return rows if org_id is None else rows.filter(pc.equal(rows["org_id"], org_id))


def _may_hold(column: pq.ColumnChunkMetaData, word: str) -> bool:
    """Whether a word can stand in a column of a row group, by the least and the greatest word there."""
    known = column.statistics
    return known is None or not known.has_min_max or known.min <= word <= known.max
