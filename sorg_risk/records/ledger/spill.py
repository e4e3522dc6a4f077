"""Temporary files that sort more than memory holds: rows by bucket, pairs of numbers by part.

What is added is sorted by bucket (or part) piece by piece and appended; taking one out gathers its slice of every piece.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .. import disk
from .files import Writer
from .hashing import Hashes, hashes
from .layout import Layout

Ints = NDArray[np.int64]


class RowSpill:
    """Typed rows of one store on their way to disk, by bucket."""

    def __init__(self, path: Path, declared: Layout, buckets: int) -> None:
        self.layout = declared
        self.rows = 0
        self.pieces = 0
        self._path = path
        self._buckets = buckets
        self._writer = Writer(path, declared.typed, durable=False)

    def add(self, rows: pa.Table) -> None:
        """Some more rows, in the order they came."""
        if not len(rows):
            return
        words = rows["org_id"].combine_chunks().dictionary_encode()
        words = words.combine_chunks() if isinstance(words, pa.ChunkedArray) else words
        bucket = bucket_of(words.dictionary, self._buckets)[np.asarray(words.indices)]
        order = np.argsort(bucket, kind="stable")
        batch = rows.take(pa.array(order)).combine_chunks().to_batches()[0]
        bounds = np.searchsorted(bucket[order], np.arange(self._buckets + 1))
        for start, stop in pairwise(bounds):
            self._writer.write(batch.slice(start, stop - start))
        self.pieces += 1
        self.rows += len(rows)

    def close(self) -> None:
        """No more rows."""
        self._writer.close()

    def take(self, bucket: int) -> pa.Table:
        """Rows of one bucket in the order they came."""
        with pa.OSFile(str(self._path)) as opened:
            file = pa.ipc.open_file(opened)
            parts = [file.get_batch(piece * self._buckets + bucket) for piece in range(self.pieces)]
        return pa.Table.from_batches(parts, self.layout.typed)


class PairSpill:
    """Pairs of whole numbers, by part."""

    def __init__(self, path: Path, parts: int) -> None:
        self._file = disk.create(path)
        self._parts = parts
        self._bounds: list[Ints] = []

    def add(self, part: Ints, pairs: Ints) -> None:
        """Some more pairs (int64, two a row), and the part of each."""
        order = np.argsort(part, kind="stable")
        start = self._bounds[-1][-1] if self._bounds else 0
        self._bounds.append(start + np.searchsorted(part[order], np.arange(self._parts + 1)))
        self._file.write(np.ascontiguousarray(pairs[order]).data)

    def take(self, part: int) -> Ints:
        """Pairs of one part, in the order they came."""
        found = []
        for bounds in self._bounds:
            self._file.seek(16 * int(bounds[part]))
            size = 16 * int(bounds[part + 1] - bounds[part])
            found.append(np.frombuffer(self._file.read(size), np.int64).reshape(-1, 2))
        return np.concatenate(found) if found else np.zeros((0, 2), np.int64)

    def close(self) -> None:
        """No more use of it."""
        self._file.close()


def bucket_of(org_ids: pa.Array, buckets: int) -> Ints:
    """Bucket of each organisation by the hash of its code."""
    return leading(hashes(org_ids), buckets)


def leading(hashed: Hashes, parts: int) -> Ints:
    """Part of each hash by its leading bits; ``parts`` is a power of two."""
    bits = parts.bit_length() - 1
    return (hashed >> np.uint64(64 - bits)).astype(np.int64) if bits else np.zeros(len(hashed), np.int64)
