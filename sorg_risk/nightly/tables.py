"""The published tables: exact Arrow types, parquet with fixed settings (same content, same bytes), and csv an officer can open.

Personal numbers are masked in every text. In csv a text cell that a spreadsheet would run as a formula gets a leading
apostrophe; parquet keeps the text as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..records import disk
from ..records.pii import SUSPECT, mask_key, mask_pii

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
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
            ("provisional", pa.bool_()),
            ("name", _TEXT),
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
            ("handler", _TEXT),
            ("name", _TEXT),
            ("verdict", _TEXT),
            ("verdict_author", _TEXT),
            ("verdict_on", _DAY),
            ("verdict_until", _DAY),
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
_CODES: Final = ("org_id", "flag_id", "primary_key")
"""Texts that are no words: those of the quarantine are masked already."""
FORMULA: Final = tuple("=+-@＝＋－＠\t\r\n|")
_BLANKS: Final = " \u00a0\u3000\ufeff"
_UNSEEN: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127, *range(8234, 8239), *range(8294, 8298)))
"""Control signs and signs that turn the direction of text round: no officer's file holds them."""
_PARQUET: Final = {"compression": "zstd", "version": "2.6", "store_schema": False, "write_page_index": False}


def arrow(name: str, frame: pd.DataFrame) -> pa.Table:
    """A frame as the published Arrow table, columns in the contract's order.

    >>> arrow("quarantine", pd.DataFrame(columns=SCHEMAS["quarantine"].names)).num_rows
    0
    """
    schema = SCHEMAS[name]
    columns = {field.name: _column(frame[field.name], field.type) for field in schema}
    return pa.table(
        {name: cells if name in _CODES else _masked(cells) for name, cells in columns.items()}, schema=schema
    )


def _masked(cells: pa.Array) -> pa.Array:
    """Cells without personal numbers; of lists (evidence) only whole identity numbers go, for keys must tell records apart."""
    if pa.types.is_list(cells.type):
        words = _replaced(cells.flatten(), mask_key)
        return pa.ListArray.from_arrays(_offsets(cells), words)
    return _replaced(cells, mask_pii) if cells.type == _TEXT else cells


def _replaced(words: pa.Array, mask: Callable[[str], str]) -> pa.Array:
    words = words.combine_chunks() if isinstance(words, pa.ChunkedArray) else words
    suspects = pc.fill_null(pc.match_substring_regex(words, SUSPECT), fill_value=False)
    if not pc.any(suspects, min_count=0).as_py():
        return words
    if isinstance(words, pa.ChunkedArray):
        words, suspects = words.combine_chunks(), suspects.combine_chunks()
    found = pc.filter(words, suspects)
    return pc.replace_with_mask(words, suspects, pa.array([mask(word) for word in found.to_pylist()], _TEXT))


def _offsets(lists: pa.ListArray) -> pa.Array:
    return pa.array([0, *pc.cumulative_sum(pc.fill_null(pc.list_value_length(lists), 0)).to_pylist()], pa.int32())


def write(name: str, frames: Iterable[pd.DataFrame], folder: Path) -> int:
    """Writes the parquet file of a table block by block; returns its rows."""
    rows = 0
    with (
        disk.opened(folder / f"{name}.parquet", name) as handle,
        pq.ParquetWriter(handle, SCHEMAS[name], **_PARQUET) as writer,
    ):
        for frame in frames:
            disk.point(f"{name}:half")
            writer.write_table(arrow(name, frame))
            rows += len(frame)
    return rows


def write_csv(name: str, frame: pd.DataFrame, folder: Path) -> None:
    """Writes the csv file of a table, for officers."""
    disk.write(folder / f"{name}.csv", csv_bytes(arrow(name, frame)), f"{name}-csv")


def csv_bytes(table: pa.Table) -> bytes:
    """Comma-separated text with a byte-order mark (spreadsheets then read the Chinese right), no live formulas."""
    frame = table.to_pandas(date_as_object=True)
    for field in table.schema:
        if field.type == _TEXT:
            frame[field.name] = _once(frame[field.name])
        elif pa.types.is_list(field.type):
            frame[field.name] = frame[field.name].map(lambda items: harmless(";".join(items)))
    return str(frame.to_csv(index=False, lineterminator="\n")).encode("utf-8-sig")


def _once(cells: pd.Series[Any]) -> pd.Series[Any]:
    """`harmless` for a column, once per distinct text."""
    distinct = cells.dropna().unique()
    return cells.map({text: harmless(text) for text in distinct})


def harmless(text: str) -> str:
    """Text that no spreadsheet runs, at the start and after every line break inside.

    >>> harmless("=1+1"), harmless("前海 a-b"), harmless("x\\n@y")
    ("'=1+1", '前海 a-b', "x\\n'@y")
    """
    plain = str(text).replace("\r\n", "\n").replace("\r", "\n").translate(_UNSEEN)
    return "\n".join(f"'{line}" if line.lstrip(_BLANKS).startswith(FORMULA) else line for line in plain.split("\n"))


def _column(cells: pd.Series[Any], kind: pa.DataType) -> pa.Array:
    """One column in its published type; missing becomes null."""
    if kind == _DAY:
        return pa.array(pd.to_datetime(cells).astype("datetime64[s]"), from_pandas=True).cast(_DAY)
    if pa.types.is_list(kind):
        return pa.array([list(items) for items in cells], type=kind)
    if kind == _TEXT:
        return pa.array(cells.astype("str"), type=_TEXT, from_pandas=True)
    return pa.array(cells, type=kind, from_pandas=True)
