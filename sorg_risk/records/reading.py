"""What was delivered, as it stands: files of a folder or frames of a dict, every row with its place of origin.

A table is one file (``filings.parquet``, ``filings.csv``) or a folder of parquet files (``filings/*.parquet``). Text
files are read as text, in UTF-8 or GB18030; nothing is guessed about types here. Inputs are never changed.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ..errors import DataError
from .schema import TABLES

READABLE = (".parquet", ".csv", ".xlsx")


@dataclass(frozen=True)
class File:
    """One delivered file (or frame: no hash), for the manifest."""

    name: str
    rows: int
    sha256: str = ""
    encoding: str = ""


@dataclass(frozen=True)
class Delivery:
    """One table as delivered: raw cells, the files they came from, and the row of each within its file (1-based)."""

    frame: pd.DataFrame
    files: tuple[File, ...]
    origin: NDArray[np.int64] | None = field(default=None, repr=False)

    def source_and_row(self, positions: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """File name and 1-based data row of some positions of the frame."""
        where = positions if self.origin is None else self.origin[positions]
        starts = np.cumsum([0, *(file.rows for file in self.files)])
        which = np.searchsorted(starts, where, side="right") - 1
        names = np.array([file.name for file in self.files], dtype=object)
        return names[which], where - starts[which] + 1

    def picked(self, frame: pd.DataFrame, origin: NDArray[np.int64]) -> Delivery:
        """The same delivery, rewritten by a mapping: ``origin[i]`` is the delivered position of row i."""
        return Delivery(frame, self.files, origin if self.origin is None else self.origin[origin])


def read_frames(frames: Mapping[str, Any]) -> dict[str, Delivery]:
    """Deliveries of a dict of frames (pandas, or anything that speaks Arrow: polars, pyarrow, DuckDB)."""
    return {str(name): _delivered_frame(str(name), frames[name]) for name in sorted(frames, key=str)}


def _delivered_frame(name: str, frame: Any) -> Delivery:
    if isinstance(frame, pd.DataFrame):
        plain = frame.reset_index(drop=True)
    elif hasattr(frame, "__arrow_c_stream__"):
        plain = frame_of(pa.table(frame))
    else:
        raise DataError.unreadable(
            f"table {name!r}", f"{type(frame).__name__} is no data frame", "Pass pandas or Arrow."
        )
    plain.columns = [str(column) for column in plain.columns]
    return Delivery(plain, (File(name, len(plain)),))


def read_folder(folder: Path, wanted: Iterable[str] = ()) -> dict[str, Delivery]:
    """Deliveries of a folder: the contract's tables and whatever else a mapping asks for."""
    if not folder.is_dir():
        raise DataError.missing("data source", folder, "Name a folder with one file per table.")
    return {name: _delivered_table(folder, name) for name in sorted({*TABLES, *wanted}) if _places(folder, name)}


def _places(folder: Path, name: str) -> list[Path]:
    return [path for path in (folder / name, *(folder / f"{name}{ending}" for ending in READABLE)) if path.exists()]


def _delivered_table(folder: Path, name: str) -> Delivery:
    places = _places(folder, name)
    if len(places) > 1:
        both = ", ".join(path.name for path in places)
        raise DataError.unreadable(f"table {name!r}", f"delivered more than once ({both})", "Keep one of them.")
    paths = sorted(places[0].glob("*.parquet")) if places[0].is_dir() else places
    frames, files = [], []
    for path in paths:
        frame, file = _read_file(path, path.relative_to(folder).as_posix())
        frames.append(frame)
        files.append(file)
    if not frames:
        return Delivery(pd.DataFrame(), (File(name, 0),))
    return Delivery(frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True), tuple(files))


def _read_file(path: Path, name: str) -> tuple[pd.DataFrame, File]:
    try:
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if not content:
            return pd.DataFrame(), File(name, 0, digest)
        if path.suffix == ".csv":
            frame, encoding = _read_csv(content)
        elif path.suffix == ".parquet":
            frame, encoding = frame_of(pq.read_table(pa.BufferReader(content))), ""
        else:
            raise DataError.unreadable(name, "workbooks are not read here", "Save each sheet as CSV or parquet.")
    except (OSError, ValueError, pa.ArrowException, csv.Error) as problem:
        raise DataError.unreadable(name, str(problem).splitlines()[0], "Deliver the file again.") from problem
    return frame, File(name, len(frame), digest, encoding)


def _read_csv(content: bytes) -> tuple[pd.DataFrame, str]:
    text, encoding = _decoded(content)
    frame = pd.read_csv(io.StringIO(text), dtype="str", keep_default_na=False, index_col=False)
    return frame.reset_index(drop=True), encoding


def _decoded(content: bytes) -> tuple[str, str]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding), encoding if encoding != "utf-8-sig" else "utf-8"
        except UnicodeDecodeError:
            continue
    raise ValueError("neither UTF-8 nor GB18030 text")


def frame_of(table: pa.Table) -> pd.DataFrame:
    """Arrow to pandas without slow cells: days become timestamps, dictionaries words, decimals floats."""
    columns = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        kind = column.type
        if pa.types.is_dictionary(kind):
            column = column.cast(kind.value_type)
        elif pa.types.is_date(kind):
            column = column.cast(pa.timestamp("ms")).cast(pa.timestamp("s"))
        elif pa.types.is_decimal(kind):
            column = column.cast(pa.float64())
        columns[str(name)] = column.to_pandas()
    return pd.DataFrame(columns)
