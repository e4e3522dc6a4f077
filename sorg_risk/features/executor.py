"""The seam to other machines: a job in numbered parts, and an executor that has them done somewhere.

Without an executor everything is done here, on the threads of this machine (`measure.in_parallel`). With one, the very
same functions are called elsewhere, so that values are equal by construction.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import pyarrow as pa


class Job(Protocol):
    """Plain values that can be sent; what a part needs it reads from folders that all workers see, and writes nothing."""

    @property
    def parts(self) -> int:
        """How many parts there are."""
        ...

    def __call__(self, part: int) -> pa.Table:
        """The result of a part (0, 1, ...); the same whoever works it out, and however often."""
        ...


class Executor(Protocol):
    """Somewhere else to work, for example `spark.Spark`."""

    def map(self, job: Job) -> Iterator[pa.Table]:
        """Results of all parts, in order. Raises `UsageError` for what a worker lacks, `EngineError` for what went wrong."""
        ...

    def aside(self) -> AbstractContextManager[Path]:
        """A new folder that all workers see, for what a job reads; gone afterwards."""
        ...
