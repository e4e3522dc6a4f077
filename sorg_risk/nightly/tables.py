"""The published tables: exact Arrow types, parquet with fixed settings (same content, same bytes), and csv an officer can open.

In csv a text cell that a spreadsheet would run as a formula gets a leading apostrophe; parquet keeps the text as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

_TEXT, _DAY, _NUMBER, _COUNT = pa.string(), pa.date32(), pa.float64(), pa.int64()

SCHEMAS: Final = {
    "scores": pa.schema(
        [
            ("org_id", _TEXT),
            ("as_of", _DAY),
            ("score", _NUMBER),
            ("grade", _TEXT),
            ("probability", _NUMBER),
            ("horizon_days", _COUNT),
            ("warning", _TEXT),
            ("rank", _COUNT),
        ]
    ),
    "flags": pa.schema(
        [
            ("flag_id", _TEXT),
            ("org_id", _TEXT),
            ("as_of", _DAY),
            ("flag", _TEXT),
            ("status", _TEXT),
            ("basis", _TEXT),
            ("ground", _TEXT),
            ("citation", _TEXT),
            ("since", _DAY),
            ("next_step", _TEXT),
            ("next_step_due", _DAY),
            ("provisional", pa.bool_()),
            ("clears_on", _DAY),
            ("evidence", pa.list_(_TEXT)),
        ]
    ),
    "reasons": pa.schema(
        [
            ("org_id", _TEXT),
            ("as_of", _DAY),
            ("flag_id", _TEXT),
            ("part", _TEXT),
            ("feature", _TEXT),
            ("value", _TEXT),
            ("contribution", _NUMBER),
            ("unit", _TEXT),
            ("rank", _COUNT),
            ("text_zh", _TEXT),
            ("text_en", _TEXT),
        ]
    ),
    "quarantine": pa.schema(
        [
            ("table", _TEXT),
            ("source", _TEXT),
            ("row", _COUNT),
            ("primary_key", _TEXT),
            ("column", _TEXT),
            ("rule", _TEXT),
            ("reason", _TEXT),
            ("value", _TEXT),
        ]
    ),
}
NO_CSV: Final = frozenset({"reasons"})
FORMULA: Final = tuple("=+-@＝＋－＠\t\r\n|")
_BLANKS: Final = " \u00a0\u3000\ufeff"


def arrow(name: str, frame: pd.DataFrame) -> pa.Table:
    """A frame as the published Arrow table, columns in the contract's order.

    >>> arrow("quarantine", pd.DataFrame(columns=SCHEMAS["quarantine"].names)).num_rows
    0
    """
    schema = SCHEMAS[name]
    return pa.table({field.name: _column(frame[field.name], field.type) for field in schema}, schema=schema)


def write(name: str, frame: pd.DataFrame, folder: Path) -> list[Path]:
    """Write parquet, and csv beside it where officers read it; returns the files."""
    table = arrow(name, frame)
    written = [folder / f"{name}.parquet"]
    pq.write_table(table, written[0], compression="zstd", version="2.6", store_schema=False, write_page_index=False)
    if name not in NO_CSV:
        written.append(folder / f"{name}.csv")
        written[1].write_bytes(csv_bytes(table))
    return written


def csv_bytes(table: pa.Table) -> bytes:
    """Comma-separated text with a byte-order mark (spreadsheets then read the Chinese right), no live formulas."""
    frame = table.to_pandas(date_as_object=True)
    for field in table.schema:
        if field.type == _TEXT:
            frame[field.name] = frame[field.name].map(harmless, na_action="ignore")
        elif pa.types.is_list(field.type):
            frame[field.name] = frame[field.name].map(lambda items: harmless(";".join(items)))
    return str(frame.to_csv(index=False, lineterminator="\n")).encode("utf-8-sig")


def harmless(text: str) -> str:
    """Text that no spreadsheet runs, at the start and after every line break inside.

    >>> harmless("=1+1"), harmless("前海 a-b"), harmless("x\\n@y")
    ("'=1+1", '前海 a-b', "x\\n'@y")
    """
    lines = str(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(f"'{line}" if line.lstrip(_BLANKS).startswith(FORMULA) else line for line in lines)


def _column(cells: pd.Series, kind: pa.DataType) -> pa.Array:
    """One column in its published type; missing becomes null."""
    if kind == _DAY:
        return pa.array(pd.to_datetime(cells).astype("datetime64[s]"), from_pandas=True).cast(_DAY)
    if pa.types.is_list(kind):
        return pa.array([list(items) for items in cells], type=kind)
    if kind == _TEXT:
        plain = cells.astype(object)
        return pa.array(plain.where(plain.notna(), None).tolist(), type=_TEXT)
    return pa.array(cells, type=kind, from_pandas=True)
