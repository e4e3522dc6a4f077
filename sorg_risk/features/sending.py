"""What travels between an engine's workers and this machine: results as Arrow streams, cut into pieces a cell may hold.

Engines never look into the pieces, so every bit arrives as it was. Jobs travel by their class and plain values; a worker
that runs another program than the one that asks refuses, for its results might differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from socket import gethostname
from typing import Final, Protocol

import pyarrow as pa

from .. import errors
from ..errors import EngineError, SorgRiskError, UsageError
from ..records.code import program
from .executor import Job

PIECE: Final = 16 * 2**20
"""Bytes of a piece, at most."""
SENT: Final = pa.schema(
    [
        ("part", pa.int64()),
        ("piece", pa.int64()),
        ("pieces", pa.int64()),
        ("content", pa.binary()),
        ("refused", pa.string()),
    ]
)


class Row(Protocol):
    """One piece as it arrives; ``pieces`` there are of the part. Without ``content``: why the part was refused."""

    part: int
    piece: int
    pieces: int
    content: bytes
    refused: str | None


def worked(job: Job, made_by: str, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """On a worker: results of the parts that the batches number, for a program of that name (`records.code.program`).

    What the product refuses is told and not raised: trying again would not help.
    """
    for batch in batches:
        for part in batch.column(0).to_pylist():
            try:
                _same(made_by)
                content = _packed(job(part))
            except SorgRiskError as refused:
                yield _row(part, 0, 1, None, f"{type(refused).__name__}: {refused}")
                continue
            starts = range(0, len(content), PIECE)
            for piece, start in enumerate(starts):
                yield _row(part, piece, len(starts), bytes(content[start : start + PIECE]), None)


def received(rows: Iterator[Row], parts: Iterable[int]) -> Iterator[pa.Table]:
    """The results again, part by part. Raises what a worker refused with, `EngineError` where a piece is not in its place."""
    for part in parts:
        content, pieces = list[bytes](), 1
        while len(content) < pieces:
            row = next(rows, None)
            if row is None or (row.part, row.piece) != (part, len(content)):
                raise EngineError.failed(f"piece {len(content)} of part {part} did not arrive in its place.")
            if row.refused is not None:
                kind, _, said = row.refused.partition(": ")
                raise getattr(errors, kind, UsageError)(said)
            content.append(row.content)
            pieces = row.pieces
        yield pa.ipc.open_stream(content[0] if pieces == 1 else b"".join(content)).read_all()


def _packed(table: pa.Table) -> memoryview:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as stream:
        stream.write_table(table)
    return memoryview(sink.getvalue())


def _row(part: int, piece: int, pieces: int, content: bytes | None, refused: str | None) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([dict(zip(SENT.names, (part, piece, pieces, content, refused)))], SENT)


def _same(made_by: str) -> None:
    if program() != made_by:
        raise UsageError(
            f"worker {gethostname()} runs another program ({program()}) than the one that asks ({made_by}). "
            "Install the same version and the locked libraries there, or use --engine local."
        )
