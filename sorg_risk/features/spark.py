"""Work done by the workers of Apache Spark (extra ``spark``): the same functions, on other machines.

A job's parts are the partitions of a range, its results Arrow streams, cut into pieces that a cell may hold; Spark never
looks into them, so every bit arrives as it was. Workers only read: the ledger, and what was put aside for them, on a
file system that all of them mount. ::

    from sorg_risk.features import write
    from sorg_risk.features.spark import spark
    from sorg_risk.records.ledger import Ledger

    with spark("spark://master:7077") as executor:
        write(Ledger.open("/shared/out/ledger/rows"), days, "matrix", executor=executor)
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from .. import errors
from ..errors import EngineError, SorgRiskError, UsageError
from ..records.code import PACKAGE, program
from .executor import Job

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession

_ASIDE: Final = ".sent-"
LEFT: Final = f"{_ASIDE}*"
"""Folders put aside, as a glob: what is left of them after a crash may go."""
PIECE: Final = 16 * 2**20
"""Bytes of a cell: a result is sent in as many as it needs."""
SENT: Final = pa.schema(
    [("part", pa.int64()), ("piece", pa.int64()), ("content", pa.binary()), ("refused", pa.string())]
)
_SENT = "part long, piece long, content binary, refused string"
_RAISED = re.compile(r"[A-Za-z_][\w.]*(Error|Exception|Exit|Interrupt|Warning)\b")
_CURE = "Install Java 17 (Debian: openjdk-17-jre-headless), check spark_master, or use --engine local."


@dataclass(frozen=True)
class Spark:
    """An executor: the workers of a session; ``shared``: a folder that all of them see (None: that for temporary files)."""

    session: SparkSession
    shared: Path | None = None

    def map(self, job: Job) -> Iterator[pa.Table]:
        """Results of all parts, in order; see `Executor.map`. All are done at once and wait on the workers' disks."""
        with _plainly():
            from pyspark import StorageLevel

            numbers = self.session.range(0, job.parts, 1, job.parts)
            found = numbers.mapInArrow(partial(worked, job, program()), _SENT).persist(StorageLevel.DISK_ONLY)
        try:
            with _plainly():
                found.count()
                rows = found.toLocalIterator()
            yield from received(rows, job.parts)
        finally:
            with suppress(EngineError), _plainly():
                found.unpersist()

    @contextmanager
    def aside(self) -> Iterator[Path]:
        """A new folder in ``shared``, gone afterwards."""
        with tempfile.TemporaryDirectory(prefix=_ASIDE, dir=self.shared) as folder:
            Path(folder).chmod(0o755)
            yield Path(folder).resolve()


@contextmanager
def spark(master: str = "local[*]", shared: Path | None = None) -> Iterator[Spark]:
    """The session that is active, left as it is; or one of our own at ``master``, which ends with the block.

    Raises `UsageError` where pyspark or Java is missing, or Spark does not start.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as problem:
        cure = "Install it with pip install 'sorg-risk[spark]', or use --engine local."
        raise UsageError.lacking("engine 'spark'", problem.name or "pyspark", cure) from None
    active = SparkSession.getActiveSession()
    session = _started(SparkSession.builder, master) if active is None else active
    try:
        yield Spark(session, shared)
    finally:
        if active is None:
            with suppress(EngineError), _plainly():
                session.stop()


def worked(job: Job, made_by: str, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """On a worker: the results of the parts that the batches name. What the product refuses is told, not raised: to try
    again would not help.
    """
    for batch in batches:
        for part in batch.column(0).to_pylist():
            try:
                if program() != made_by:
                    raise _other(made_by)
                content = _packed(job(part))
            except SorgRiskError as refused:
                yield _row(part, 0, None, f"{type(refused).__name__}: {refused}")
                continue
            for piece, start in enumerate(range(0, len(content), PIECE)):
                yield _row(part, piece, content[start : start + PIECE], None)


def received(rows: Iterator[Row], parts: int) -> Iterator[pa.Table]:
    """The results again from what workers sent: part by part, their pieces in order."""
    part, pieces = 0, list[bytes]()
    for row in _plain_rows(rows):
        if row.refused is not None:
            kind, _, said = row.refused.partition(": ")
            raise getattr(errors, kind, UsageError)(said)
        if row.part == part + 1 and pieces:
            yield _unpacked(pieces)
            part, pieces = part + 1, []
        if (row.part, row.piece) != (part, len(pieces)):
            break
        pieces.append(row.content)
    if part != parts - 1 or not pieces:
        raise EngineError.failed("spark", f"results of part {part} of {parts} are missing or out of order.")
    yield _unpacked(pieces)


def _packed(table: pa.Table) -> memoryview:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return memoryview(sink.getvalue())


def _unpacked(pieces: list[bytes]) -> pa.Table:
    return pa.ipc.open_stream(pa.py_buffer(pieces[0] if len(pieces) == 1 else b"".join(pieces))).read_all()


def _row(part: int, piece: int, content: memoryview | None, refused: str | None) -> pa.RecordBatch:
    cells = pa.array([None if content is None else bytes(content)], pa.binary())
    return pa.record_batch([pa.array([part]), pa.array([piece]), cells, pa.array([refused], pa.string())], schema=SENT)


def _other(made_by: str) -> UsageError:
    return UsageError(
        f"worker {gethostname()} runs another program ({program()}) than this one ({made_by}), so its results "
        "might differ. Install the same version and the locked libraries there (PYSPARK_PYTHON), or use --engine local."
    )


def _started(builder: Any, master: str) -> SparkSession:
    """A new session: no web page, no chatter; at a local master nothing listens beyond this machine."""
    builder = builder.appName("sorg-risk").master(master)
    options = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
    if not os.environ.get("SORG_RISK_DEBUG"):
        options["spark.log.level"] = "FATAL"  # what matters is raised, in one line
    if master.startswith("local"):
        for name, value in _LOCAL.items():
            os.environ.setdefault(name, value)
        options["spark.executorEnv.PYTHONPATH"] = os.pathsep.join(
            filter(None, [str(PACKAGE.parent), os.environ.get("PYTHONPATH")])
        )
    for name, value in options.items():
        builder = builder.config(name, value)
    try:
        session: SparkSession = builder.getOrCreate()
    except Exception as problem:
        raise UsageError(f"Spark does not start at master {master!r}: {_said(problem)} {_CURE}") from None
    return session


_LOCAL: Final = {
    "SPARK_LOCAL_IP": "127.0.0.1",
    "SPARK_LOCAL_HOSTNAME": "localhost",
    "PYSPARK_PYTHON": sys.executable,
}


@contextmanager
def _plainly() -> Iterator[None]:
    """What Spark, its workers or the way to them raises, as one clear error."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError, ConnectionError, EOFError) as problem:
        raise EngineError.failed("spark", _said(problem)) from None


def _plain_rows(rows: Iterator[Row]) -> Iterator[Row]:
    """The same rows, each fetched `_plainly`."""
    end = object()
    while True:
        with _plainly():
            row = next(rows, end)
        if row is end:
            return
        yield row


def _said(problem: Exception) -> str:
    """The one line of a long report that says what happened: the last of a Python traceback, else the first."""
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    traced = [place for place, line in enumerate(lines) if line.startswith("Traceback (most recent call last)")]
    after = lines[traced[-1] + 1 :] if traced else []
    found = next((line for line in after if not line.startswith(("File ", "^", "~")) and _RAISED.match(line)), None)
    said = found or (lines[0] if lines else type(problem).__name__)
    return said if said.endswith(".") else said + "."
