"""What was delivered, as it stands: files of a folder or frames of a dict, every row with its place of origin.

A table is one file (``filings.parquet``, ``filings.csv``, ``filings.xlsx``) or a folder of parquet files
(``filings/*.parquet``). Deliveries that come day by day lie in folders named by their day (``2026-10-31/filings.csv``)
and are appended in the order of the days; which row counts is still said by ``recorded_at`` alone. Nothing is guessed
about types here. Inputs are never changed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from ..errors import DataError
from .columns import as_text
from .delivery import Delivery, File
from .reading_files import READABLE, frame_of, read_file
from .schema import TABLES

__all__ = ["READABLE", "Delivery", "File", "frame_of", "paths_of", "read_folder", "read_frames"]


def read_frames(frames: Mapping[str, Any]) -> dict[str, Delivery]:
    """Deliveries of a dict of frames (pandas, or anything that speaks Arrow: polars, pyarrow, DuckDB)."""
    return {str(name): _delivered_frame(str(name), frames[name]) for name in sorted(frames, key=str)}


def _delivered_frame(name: str, frame: Any) -> Delivery:
    if isinstance(frame, pd.DataFrame):
        plain = frame.reset_index(drop=True)
    elif hasattr(frame, "__arrow_c_stream__"):
        plain = frame_of(pa.table(frame))
    elif hasattr(frame, "collect") and hasattr(frame.collect(), "__arrow_c_stream__"):  # a lazy frame of polars
        plain = frame_of(pa.table(frame.collect()))
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
    names = sorted({*TABLES, *wanted})
    paths = {name: paths_of(folder, name) for name in names}
    return {name: _delivered_table(folder, name, found) for name, found in paths.items() if found}


def paths_of(folder: Path, name: str) -> list[Path]:
    """Files of a table: those of the folder itself, then those of the dated folders, day by day."""
    return [path for place in (folder, *_dated(folder)) for path in _paths_in(place, name)]


def tables_in(folder: Path) -> list[str]:
    """Names of everything in a folder, or its dated folders, that could be a table."""
    files = [path for place in (folder, *_dated(folder)) for path in place.iterdir() if path.suffix in READABLE]
    return sorted({path.stem for path in files})


def _dated(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and _is_day(path.name))


def _is_day(name: str) -> bool:
    try:
        return dt.date.fromisoformat(name).isoformat() == name
    except ValueError:
        return False


def _paths_in(place: Path, name: str) -> list[Path]:
    found = [path for path in (place / name, *(place / f"{name}{end}" for end in READABLE)) if path.exists()]
    if len(found) > 1:
        both = ", ".join(path.name for path in found)
        raise DataError.unreadable(f"table {name!r}", f"delivered more than once ({both})", "Keep one of them.")
    if found and found[0].is_dir() and found[0].name == name:
        return sorted(found[0].glob("*.parquet")) or found
    return found


def _delivered_table(folder: Path, name: str, paths: list[Path]) -> Delivery:
    frames, files = [], []
    for path in paths:
        if path.is_dir() and path.name == name:
            continue  # a folder without parquet files: an empty table
        frame, file = read_file(path, path.relative_to(folder).as_posix(), name)
        frames.append(frame)
        files.append(file)
    if not frames:
        return Delivery(pd.DataFrame(), (File(name, 0),))
    return Delivery(appended(frames), tuple(files))


def appended(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Frames one after the other; a column that came in several types is written as text, so that nothing is lost."""
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    if len(filled) == 1:
        return filled[0]
    kinds: dict[str, set[str]] = {}
    for frame in filled:
        for name in frame.columns:
            kinds.setdefault(name, set()).add(str(frame[name].dtype))
    mixed = [name for name, found in kinds.items() if len(found) > 1]
    for place, frame in enumerate(filled):
        if mixed:
            filled[place] = frame.assign(**{name: as_text(frame[name]) for name in mixed if name in frame})
    return pd.DataFrame({name: _column(filled, name) for name in kinds})


def _column(frames: list[pd.DataFrame], name: str) -> pd.Series[Any]:
    """One column of all frames, taken out of them, so that no more than one column is ever held twice."""
    nothing = next(frame[name] for frame in frames if name in frame).iloc[:0]
    parts = [frame.pop(name) if name in frame else nothing.reindex(frame.index) for frame in frames]
    return pd.concat(parts, ignore_index=True)
