"""Files of a segment: blocks written once, bucket by bucket, and read one bucket at a time.

Each store of a segment is a few Arrow files with one record batch a bucket. A bucket is mapped, used and unmapped, so that
reading a ledger never holds more than one bucket (and of it only the columns asked for) in memory.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ...errors import DataError
from .. import disk
from .block import ODD, WORDS, Block
from .hashing import Hashes
from .layout import Layout, encoded, layout

ROWS, LISTS, KEYS, CROSSING = "rows", "lists", "keys", "crossing"
_KEYS = pa.schema([("hash", pa.uint64()), ("bucket", pa.int32())])
_CROSSING = pa.schema([("hash", pa.uint64())])


class Writer:
    """An Arrow file written batch by batch; closed and synced at the end of a ``with``."""

    def __init__(self, path: Path, schema: pa.Schema, *, durable: bool = True) -> None:
        self.schema = schema
        self.durable = durable
        self._what = f"ledger-{path.name}"
        self._file = disk.create(path)
        self._writer = pa.ipc.new_file(self._file, schema)
        self._point("opened")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """No more batches; the file is on disk, if it is to be durable. A second call does nothing."""
        if self._file.closed:
            return
        self._writer.close()
        self._file.flush()
        self._point("written")
        if self.durable:
            os.fsync(self._file.fileno())
        self._file.close()
        self._point("synced")

    def write(self, batch: pa.RecordBatch) -> None:
        """One more batch."""
        self._point("half")
        self._writer.write_batch(batch)

    def _point(self, moment: str) -> None:
        if self.durable:
            disk.point(f"{self._what}:{moment}")


class StoreWriter:
    """Writes the blocks of one store, every bucket in turn."""

    def __init__(self, folder: Path, name: str) -> None:
        self.layout = layout(name)
        self._rows = Writer(folder / f"{name}.{ROWS}.arrow", self.layout.rows)
        self._lists = Writer(folder / f"{name}.{LISTS}.arrow", self.layout.lists)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: Any) -> None:
        self._rows.__exit__(*problem)
        self._lists.__exit__(*problem)

    def write(self, block: Block) -> None:
        """The block of the next bucket."""
        self._rows.write(pa.record_batch([pa.array(block[name]) for name in self.layout.rows.names], self.layout.rows))
        lists = [_as_list(_listed(block, field.name), field.type) for field in self.layout.lists]
        self._lists.write(pa.record_batch(lists, self.layout.lists))


def _listed(block: Block, name: str) -> Any:
    if name in ("orgs", "offsets", "repeated"):
        return getattr(block, name)
    if name.startswith(ODD):
        at, values = block[name.removesuffix(" at")]
        return at if name.endswith(" at") else values
    return block[name]


def _as_list(values: Any, kind: pa.DataType) -> pa.Array:
    return pa.LargeListArray.from_arrays(pa.array([0, len(values)], pa.int64()), pa.array(values, kind.value_type))


def read_block(folder: Path, name: str, bucket: int) -> Block:
    """The block of a bucket, its columns mapped from the file; columns declared since then are empty."""
    declared = layout(name)
    rows, lists = _batch(folder, name, ROWS, bucket), _batch(folder, name, LISTS, bucket)
    codes = _foreign_codes(rows.schema, declared)
    later = {column.name: column for column in declared.columns if column.name not in rows.schema.names}

    def part(wanted: str) -> Any:
        if wanted in later:
            return encoded(pa.nulls(len(rows), declared.typed.field(wanted).type), later[wanted])[0]
        if wanted.startswith(WORDS):
            return pa.array([], pa.large_string()) if wanted.removeprefix(WORDS) in later else _values(lists, wanted)
        if wanted.startswith(ODD):
            if wanted.removeprefix(ODD) in later:
                return np.zeros(0, np.int64), np.zeros(0, np.float64)
            return np.asarray(_values(lists, wanted + " at")), np.asarray(_values(lists, wanted))
        column = rows.column(wanted)
        if wanted == "key":
            return column
        values = np.asarray(column)
        return np.append(codes[wanted], np.int8(-1))[values] if wanted in codes else values

    offsets = np.array(_values(lists, "offsets"), dtype=np.int64)
    return Block(declared, _values(lists, "orgs"), offsets, np.asarray(_values(lists, "repeated")), part)


def _values(lists: pa.RecordBatch, name: str) -> pa.Array:
    return lists.column(name)[0].values


def _foreign_codes(found: pa.Schema, declared: Layout) -> dict[str, NDArray[np.int8]]:
    """Columns whose codes were declared otherwise when the file was written, and where each code is now."""
    written: dict[str, list[str]] = json.loads((found.metadata or {}).get(b"codes", b"{}"))
    moved = {}
    for name, codes in written.items():
        now = list(declared.by_name[name].codes)
        if codes != now:
            moved[name] = np.array([now.index(code) if code in now else -1 for code in codes], dtype=np.int8)
    return moved


def _batch(folder: Path, name: str, kind: str, bucket: int) -> pa.RecordBatch:
    path = folder / f"{name}.{kind}.arrow"
    try:
        return pa.ipc.open_file(pa.memory_map(str(path))).get_batch(bucket)
    except (OSError, pa.ArrowException) as problem:
        raise DataError.unreadable(f"ledger file {path}", problem, "Restore the ledger from its copy.") from problem


def write_keys(folder: Path, name: str, parts: Iterator[tuple[Hashes, NDArray[np.int32]]]) -> None:
    """Hash of every key in order, and the bucket of its row; one batch a part of all hashes."""
    with Writer(folder / f"{name}.{KEYS}.arrow", _KEYS) as file:
        for hashes, bucket in parts:
            file.write(pa.record_batch([pa.array(hashes), pa.array(bucket)], _KEYS))


def read_keys(folder: Path, name: str, part: int) -> tuple[Hashes, NDArray[np.int32]]:
    """One part of the keys, as `write_keys` wrote it."""
    batch = _batch(folder, name, KEYS, part)
    return np.asarray(batch.column("hash")), np.asarray(batch.column("bucket"))


def write_crossing(folder: Path, name: str, hashes: Hashes) -> None:
    """Keys that have rows in several buckets."""
    with Writer(folder / f"{name}.{CROSSING}.arrow", _CROSSING) as file:
        file.write(pa.record_batch([pa.array(hashes)], _CROSSING))


def read_crossing(folder: Path, name: str) -> Hashes:
    """Keys that have rows in several buckets, as `write_crossing` wrote them."""
    return np.array(_batch(folder, name, CROSSING, 0).column("hash"), dtype=np.uint64)


def digest(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
