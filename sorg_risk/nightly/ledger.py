"""What was read, kept: every delivered row of every table, refused ones too, stored once per content.

A delivered file becomes one parquet file named by the digest of its content, so a night that brings the same files adds
nothing; the models and manifests of all runs lie beside. Together they make any earlier run again, whatever has become
of the source.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import DataError
from ..records import TABLES, Source
from ..records.delivery import Delivery, File
from ..records.reading import appended, frame_of
from . import disk

if TYPE_CHECKING:
    from ..model import RiskModel

ORIGIN: Final = "(origin)"
"""Column of a stored table that a mapping made: the delivered position of each row."""
_PLAIN: Final = "bifuM"
"""Kinds of numpy types that parquet gives back as they were; everything else is kept as its text."""


def keep(source: Source, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Stores what the source delivered; returns per table the pieces: digest, and the files its rows came from."""
    kept: dict[str, list[dict[str, Any]]] = {}
    for name in TABLES:
        delivery = source.delivery(name)
        if len(delivery.frame):
            kept[name] = [
                {
                    "digest": _stored(frame, folder / "rows" / name, f"ledger-{name}"),
                    "files": [asdict(f) for f in files],
                }
                for frame, files in _pieces(delivery)
            ]
    return kept


def _pieces(delivery: Delivery) -> Iterator[tuple[pd.DataFrame, Iterable[File]]]:
    """A delivery file by file, or whole where a mapping picked its rows."""
    if delivery.origin is not None:
        yield delivery.frame.assign(**{ORIGIN: delivery.origin}), delivery.files
        return
    start = 0
    for file in delivery.files:
        yield delivery.frame.iloc[start : start + file.rows], (file,)
        start += file.rows


def _stored(frame: pd.DataFrame, folder: Path, what: str) -> str:
    """Writes a frame under its digest, unless it is there already."""
    content = _packed(frame)
    digest = hashlib.sha256(content).hexdigest()
    path = folder / f"{digest}.parquet"
    if not path.is_file():
        disk.put(path, content, what)
    return digest


def _packed(frame: pd.DataFrame) -> bytes:
    sink = io.BytesIO()
    table = pa.table({str(name): _column(frame[name]) for name in frame.columns})
    pq.write_table(table, sink, compression="zstd", version="2.6", store_schema=False, row_group_size=1 << 20)
    return sink.getvalue()


def _column(cells: pd.Series[Any]) -> pa.Array:
    """Raw cells as Arrow: plain kinds as they are, the others as the very text the checks read."""
    kind = getattr(cells.dtype, "kind", "O")
    if kind in _PLAIN or cells.dtype == "str":
        return pa.array(cells, from_pandas=True)
    text = cells.astype("str")
    return pa.array(text.mask(cells.isna()), type=pa.string(), from_pandas=True)


def source(manifest: dict[str, Any], folder: Path) -> Source:
    """The source of a run again, from the pieces its manifest names.

    Raises `DataError` naming the piece that is missing or differs from its digest.
    """
    settings = manifest["settings"]
    deliveries = {name: _delivery(pieces, folder / "rows" / name) for name, pieces in manifest["ledger"].items()}
    return Source(deliveries, settings["code_scheme"], settings["calendar"])


def _delivery(pieces: list[dict[str, Any]], folder: Path) -> Delivery:
    frames = [_fetched(folder / f"{piece['digest']}.parquet") for piece in pieces]
    files = tuple(File(**file) for piece in pieces for file in piece["files"])
    frame = appended(frames)
    origin = frame.pop(ORIGIN).to_numpy(dtype=np.int64) if ORIGIN in frame else None
    return Delivery(frame, files, origin)


def _fetched(path: Path) -> pd.DataFrame:
    if problem := damage(path):
        raise DataError.unreadable(path.name, problem, "Restore the ledger from a copy.")
    return frame_of(pq.read_table(path))


def damage(path: Path) -> str:
    """What is wrong with a file named by its digest; empty when nothing is."""
    if not path.is_file():
        return "it is missing from the ledger"
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    return "" if digest == path.stem else "its content differs from its digest"


def keep_model(model: RiskModel, fingerprint: str, folder: Path) -> None:
    """Stores the bundle of a model under its fingerprint, unless it is there already."""
    place = folder / "models" / fingerprint
    if not (place / "manifest.sha256").is_file():
        aside = place.with_name(f".{fingerprint}.new")
        aside.mkdir(parents=True, exist_ok=True)
        model.save(aside)
        disk.sync_folder(aside)
        disk.point("ledger-model:written")
        disk.move(aside, place, "ledger-model")
