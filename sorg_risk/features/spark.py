"""Work done by the workers of Apache Spark (extra ``spark``): the same functions, on other machines.

A job's parts are the partitions of a range, its results pieces as `sending` cuts them. Workers only read: the ledger, and
what was put aside for them, on a file system that all of them mount at the same path. ::

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
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from ..errors import EngineError, UsageError
from ..records.code import PACKAGE, program
from .executor import Job
from .sending import received, worked

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SENT: Final = "part long, piece long, pieces long, content binary, refused string"
_ASIDE: Final = ".sent-"
LEFT: Final = f"{_ASIDE}*"
"""Folders put aside, as a glob: what is left of them after a crash may go."""
_RAISED: Final = re.compile(r"[A-Za-z_][\w.]*(Error|Exception|Exit|Interrupt)\b")
_LONGEST: Final = 300
_LOCAL: Final = {
    "SPARK_LOCAL_IP": "127.0.0.1",
    "SPARK_LOCAL_HOSTNAME": "localhost",
    "PYSPARK_PYTHON": sys.executable,
}
"""Environment of a local master, unless set already: nothing listens beyond this machine, workers are this very Python."""


@dataclass(frozen=True)
class Spark:
    """An executor: the workers of a session.

    ``shared``: a folder that all of them see (None: that for temporary files). ``at_once``: parts whose results come to
    this machine together, and so the most workers that are busy.
    """

    session: SparkSession
    shared: Path | None = None
    at_once: int = 32

    def map(self, job: Job) -> Iterator[pa.Table]:
        """Results of all parts, in order; see `Executor.map`."""
        for first in range(0, job.parts, self.at_once):
            parts = range(first, min(first + self.at_once, job.parts))
            with _plainly():
                numbers = self.session.range(parts.start, parts.stop, 1, len(parts))
                rows = numbers.mapInArrow(partial(worked, job, program()), _SENT).collect()
            yield from received(iter(rows), parts)

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


def _started(builder: Any, master: str) -> SparkSession:
    """A new session, without web page and chatter."""
    options = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
    if not os.environ.get("SORG_RISK_DEBUG"):
        options["spark.log.level"] = "FATAL"  # what matters is raised, in one line
    if master.startswith("local"):
        for name, value in _LOCAL.items():
            os.environ.setdefault(name, value)
        known = filter(None, [str(PACKAGE.parent), os.environ.get("PYTHONPATH")])
        options["spark.executorEnv.PYTHONPATH"] = os.pathsep.join(known)
        for whose in ("driver", "executor"):
            options[f"spark.{whose}.extraJavaOptions"] = (
                "-XX:TieredStopAtLevel=1"  # Java only passes bytes on: start quickly
            )
    builder = builder.appName("sorg-risk").master(master)
    for name, value in options.items():
        builder = builder.config(name, value)
    try:
        session: SparkSession = builder.getOrCreate()
    except Exception as problem:
        cure = "Install Java 17 or later (Debian: default-jre-headless), check spark_master, or use --engine local."
        raise UsageError(f"Spark does not start at master {master!r}: {_said(problem)} {cure}") from None
    return session


@contextmanager
def _plainly() -> Iterator[None]:
    """What Spark, its workers or the way to them raises, as one clear error."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError, ConnectionError, EOFError) as problem:
        raise EngineError.failed(_said(problem)) from None


def _said(problem: Exception) -> str:
    r"""The one line of a long report that says what happened: what a Python traceback ends with, else the first of Java's.

    >>> _said(ValueError("Job aborted.\nTraceback (most recent call last):\n  File 'x'\nOSError: disk full\n  at java"))
    'OSError: disk full.'
    """
    lines = [line.strip() for line in str(problem).splitlines()]
    lines = [line for line in lines if line and not line.startswith("An error occurred while calling")]
    traced = [place for place, line in enumerate(lines) if line.startswith("Traceback (most recent call last)")]
    raised = [line for line in lines[traced[-1] + 1 :] if _RAISED.match(line)] if traced else []
    return [*raised, *lines, type(problem).__name__][0][:_LONGEST].rstrip(".") + "."
