"""What was delivered, as it stands: files of a folder or frames of a dict, every row with its place of origin.

A table is one file (``filings.parquet``, ``filings.csv``, ``filings.xlsx``) or a folder of parquet files
(``filings/*.parquet``). Deliveries that come day by day lie in folders named by their day (``2026-10-31/filings.csv``,
``20261031/filings.csv``) and are appended in the order of the days; which row counts is still said by ``recorded_at`` alone. Nothing is guessed
about types here. Inputs are never changed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from ..errors import DataError, MappingError, readable_path
from .columns import as_text
from .delivery import Delivery, File, Top
from .reading_files import READABLE, ReadOptions, frame_of, kind_of, look_at, once, readable
from .schema import TABLES

__all__ = ["READABLE", "Delivery", "File", "Foreign", "frame_of", "paths_of", "read_folder", "read_frames"]


@dataclass(frozen=True, order=True)
class Foreign:
    """A table as a mapping file names it: ``header`` is the row of its header, ``sheet`` that of a workbook.

    >>> Foreign("book", 3, "年报").label
    'book (header = 3, sheet 年报)'
    """

    name: str
    header: int = 1
    sheet: str = ""

    @property
    def label(self) -> str:
        """How it is called: its name, and how it is read where that is said."""
        said = [
            *([f"header = {self.header}"] if self.header > 1 else []),
            *([f"sheet {self.sheet}"] if self.sheet else []),
        ]
        return f"{self.name} ({', '.join(said)})" if said else self.name

    def options(self, encoding: str = "") -> ReadOptions:
        """How its files are read."""
        return ReadOptions(encoding, self.header, self.sheet)

    def refuse_options(self, what: str) -> None:
        """Raises `MappingError` where header or sheet is said of a table that has none."""
        if self.label != self.name:
            raise MappingError(f"{self.label}: {what} has neither header rows nor sheets. Leave header and sheet out.")


def read_frames(frames: Mapping[str, Any]) -> dict[str, Delivery]:
    """Deliveries of a dict of frames (pandas, or anything that speaks Arrow: polars, pyarrow, DuckDB)."""
    return {str(name): _delivered_frame(str(name), frames[name]) for name in sorted(frames, key=str)}


def _delivered_frame(name: str, frame: Any) -> Delivery:
    named = f"table {name!r}"
    with readable(named, "Pass a data frame of plain columns."):
        plain = _plain_frame(frame)
        if plain is None:
            said = f"{type(frame).__name__} is no data frame"
            raise DataError.unreadable(named, said, "Pass pandas or Arrow.")
        plain.columns = [str(column) for column in plain.columns]
        once(list(plain.columns))
    return Delivery(plain, (File(name, len(plain)),))


def _plain_frame(frame: Any) -> pd.DataFrame | None:
    """A frame of pandas of its own, whatever library it came from; None where it is no frame."""
    if isinstance(frame, pd.DataFrame):
        return frame.reset_index(drop=True)
    if not hasattr(frame, "__arrow_c_stream__") and hasattr(frame, "collect"):  # a lazy frame of polars
        frame = frame.collect()
    return frame_of(pa.table(frame)) if hasattr(frame, "__arrow_c_stream__") else None


def read_folder(folder: Path, wanted: Iterable[Foreign] = (), encoding: str = "") -> dict[str, Delivery]:
    """Deliveries of a folder by label: the contract's tables and whatever a mapping asks for; ``encoding`` as declared."""
    if not folder.is_dir():
        raise DataError.missing("data source", folder, "Name a folder with one file per table.")
    wanted = list(wanted)
    mapped = {foreign.name for foreign in wanted}
    tables = sorted({*(Foreign(name) for name in TABLES if name not in mapped), *wanted})
    paths = {foreign: paths_of(folder, foreign.name) for foreign in tables}
    return {one.label: _delivered_table(folder, one, found, encoding) for one, found in paths.items() if found}


def paths_of(folder: Path, name: str) -> list[Path]:
    """Files of a table: those of the folder itself, then those of the dated folders, day by day."""
    with _listing(folder):
        return [path for place in (folder, *_dated(folder)) for path in _paths_in(place, name)]


def tables_in(folder: Path) -> list[str]:
    """Names of everything in a folder, or its dated folders, that could be a table."""
    with _listing(folder):
        files = [path for place in (folder, *_dated(folder)) for path in place.iterdir() if kind_of(path) in READABLE]
    return sorted({readable_path(path.stem) for path in files})


@contextmanager
def _listing(folder: Path) -> Iterator[None]:
    """A folder that may not be looked into is told as one."""
    try:
        yield
    except OSError as problem:
        raise DataError.unreadable(
            problem.filename or folder, problem.strerror or problem, "Give the right to read it."
        ) from problem


def unread(folder: Path, wanted: Iterable[str]) -> list[str]:
    """What looks like a delivery and is not read: ``filings.xls``, ``filings/january.csv``, a folder that names no day."""
    names = tuple({*TABLES, *wanted})
    with _listing(folder):
        return sorted(
            readable_path(path.relative_to(folder).as_posix())
            for place in (folder, *_dated(folder))
            for path in place.iterdir()
            if not path.name.startswith(".") and _is_passed_over(path, names, at_top=place == folder)
        )


def _is_passed_over(path: Path, names: tuple[str, ...], *, at_top: bool) -> bool:
    if not path.is_dir():
        read = kind_of(path) in READABLE  # those of other names are told as unknown tables
        return not read and path.name.lower().startswith(names)
    if at_top and _day(path.name) is not None:
        return False
    inside = [one for one in path.iterdir() if kind_of(one) in READABLE]
    return any(path.name not in names or kind_of(one) != ".parquet" for one in inside)


def _dated(folder: Path) -> list[Path]:
    """Folders of daily deliveries in the order of their days."""
    days = {path: _day(path.name) for path in folder.iterdir() if path.is_dir()}
    return sorted((path for path, day in days.items() if day), key=lambda path: (str(days[path]), path.name))


def _day(name: str) -> dt.date | None:
    """The day that a folder is named by, ``2026-10-31`` or ``20261031``."""
    try:
        day = dt.date.fromisoformat(name)
    except ValueError:
        return None
    return day if name in (day.isoformat(), f"{day:%Y%m%d}") else None


def _paths_in(place: Path, name: str) -> list[Path]:
    found = [path for path in place.glob(f"{escape(name)}*") if path.name == name or _is_file_of(path, name)]
    if len(found) > 1:
        both = ", ".join(sorted(path.name for path in found))
        raise DataError.unreadable(f"table {name!r}", f"delivered more than once ({both})", "Keep one of them.")
    if found and found[0].is_dir() and found[0].name == name:
        return sorted(found[0].glob("*.parquet")) or found
    return found


def _is_file_of(path: Path, name: str) -> bool:
    return path.stem == name and kind_of(path) in READABLE


def _delivered_table(folder: Path, foreign: Foreign, paths: list[Path], encoding: str) -> Delivery:
    frames, files, name = [], [], foreign.name
    top: Top = ()
    for path in paths:
        if path.is_dir() and path.name == name:
            continue  # a folder without parquet files: an empty table
        found = look_at(path, readable_path(path.relative_to(folder).as_posix()), name, foreign.options(encoding))
        frames.append(found.whole())
        files.append(found.file)
        top = top or found.top
    if not frames:
        return Delivery(pd.DataFrame(), (File(name, 0),))
    return Delivery(appended(frames), tuple(files), top=top)


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
