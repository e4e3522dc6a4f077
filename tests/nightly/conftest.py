"""A tiny simulated registry as frames and as a folder, and nights published of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sorg_risk.model import RiskModel
from sorg_risk.nightly import Published, nightly
from sorg_risk.nightly.settings import Gates
from sorg_risk.nightly.store import Store
from sorg_risk.records import Source
from sorg_risk.records import open as open_source
from sorg_risk.simulate import simulate, write
from tests.servers import postgres  # noqa: F401 - a fixture

FIRST, SECOND = "2026-06-15", "2026-07-20"


@pytest.fixture(scope="session")
def registry() -> Any:
    return simulate(60, 11)


@pytest.fixture(scope="session")
def frames(registry: Any) -> dict[str, pd.DataFrame]:
    return {name: frame.copy() for name, frame in registry.items()}


@pytest.fixture(scope="session")
def folder(registry: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("registry")
    write(registry, place)
    return place


@pytest.fixture(scope="session")
def source(folder: Path) -> Source:
    return open_source(folder)


@pytest.fixture(scope="session")
def two_nights(source: Source, model: RiskModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two nights, published once; tests copy it before they touch it."""
    out = tmp_path_factory.mktemp("nights") / "out"
    for day in (FIRST, SECOND):
        nightly(source, as_of=day, out=out, model=model, gates=Gates(most_drift=None))
    return out


@pytest.fixture
def nights(two_nights: Path, tmp_path: Path) -> Path:
    """A copy of two published nights, to be changed at will."""
    shutil.copytree(two_nights, tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def night(source: Source, model: RiskModel) -> Callable[..., Published]:
    """Publishes a night of the tiny registry, unless told otherwise."""

    def run(out: Path, day: str = FIRST, given: Any = None, **more: Any) -> Published:
        return nightly(source if given is None else given, as_of=day, out=out, model=model, **more)

    return run


def published(out: Path, day: str) -> Published:
    """The run of a day, found without running anything."""
    folder = Store(out).run(day)
    return Published(folder, folder.name, dt.date.fromisoformat(day))


def tree(folder: Path) -> dict[str, str]:
    """Digest of every file below a folder."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}
