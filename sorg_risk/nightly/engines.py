"""Where features, scores and contributions are made: on this machine, or by workers; the run is the same to the byte."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import UsageError

if TYPE_CHECKING:
    from ..features.executor import Executor
    from .settings import Settings

ENGINES: Final = ("local", "spark")


def known(engine: str) -> None:
    """Raises `UsageError` for an engine there is not."""
    if engine not in ENGINES:
        raise UsageError.choice("engine", engine, ENGINES)


@contextmanager
def executing(settings: Settings, ledger: Path) -> Iterator[Executor | None]:
    """The workers that the settings name (None: this machine itself), for as long as the nights last.

    What is put aside for them lies in the folder of the ledger, which they have to see anyway.
    """
    if settings.engine == "local":
        yield None
        return
    from ..features.spark import LEFT, spark

    for left in ledger.glob(LEFT):  # of a night that was killed
        shutil.rmtree(left, ignore_errors=True)
    with spark(settings.spark_master, ledger) as executor:
        yield executor
