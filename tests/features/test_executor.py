"""The seam to other machines, without any: jobs and results go through the very bytes that an engine carries."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sorg_risk.errors import EngineError, UsageError
from sorg_risk.features import features, sending, write
from sorg_risk.features.measure import Measured
from sorg_risk.features.sending import received, worked
from sorg_risk.features.sweep import Sweep
from sorg_risk.flags import scoring
from sorg_risk.flags.explained import Explained
from sorg_risk.model import RiskModel
from sorg_risk.records import open as open_source
from sorg_risk.records.code import program
from sorg_risk.records.ledger import Edition, Ledger
from sorg_risk.records.ledger.place import Place
from sorg_risk.records.ledger.wide import WideSource
from sorg_risk.simulate import simulate

DAYS = ["2025-12-31", "2026-06-15"]


@dataclass(frozen=True)
class Posted:
    """An executor whose worker is this process: what it gets and gives is sent, piece by piece."""

    shared: Path

    def map(self, job) -> Iterator[pa.Table]:
        job = pickle.loads(pickle.dumps(job))
        numbers = [pa.record_batch({"id": [part]}) for part in range(job.parts)]
        return received(rows(worked(job, program(), numbers)), range(job.parts))

    @contextmanager
    def aside(self) -> Iterator[Path]:
        self.shared.mkdir()
        yield self.shared


def rows(batches) -> Iterator[SimpleNamespace]:
    return (SimpleNamespace(**row) for batch in batches for row in batch.to_pylist())


@pytest.fixture(scope="module")
def edition(tmp_path_factory) -> Iterator[Edition]:
    """A ledger of several buckets."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_module("sorg_risk.records.ledger.ledger"), "ROWS_A_BUCKET", 2**12)
        ledger = Ledger.open(tmp_path_factory.mktemp("ledger"))
        ledger.bring(simulate(60, 11))
        edition = ledger.at()
        assert len(edition) >= 4
        yield edition


@pytest.fixture
def executor(tmp_path, monkeypatch) -> Posted:
    monkeypatch.setattr(sending, "PIECE", 10_000)
    return Posted(tmp_path / "aside")


def test_features_of_a_ledger_are_the_same_wherever_they_are_made(edition, executor):
    here = features(edition, DAYS)
    pd.testing.assert_frame_equal(features(edition, DAYS, executor=executor), here, check_exact=True)
    assert len(here) > 60


def test_so_are_those_of_a_view_which_sees_nothing_later(edition, executor):
    view = WideSource(edition, held=lambda rows, _view: rows.head(0)).as_of("2026-06-15")
    for one in (view, view.later(pd.Timestamp("2026-09-01").date())):
        pd.testing.assert_frame_equal(features(one, executor=executor), features(one), check_exact=True)


@pytest.mark.parametrize("names", [None, ["flows_90d", "org_type"]], ids=["compared", "plain"])
def test_written_files_are_the_same_to_the_byte(edition, executor, tmp_path, names):
    here = write(edition, DAYS, tmp_path / "here", names=names)
    there = write(edition, DAYS, tmp_path / "there", names=names, executor=executor)
    assert len(here) == len(edition)
    assert [path.read_bytes() for path in here] == [path.read_bytes() for path in there]


def test_measured_values_travel_bit_for_bit():
    odd = np.array([[np.nan, -0.0, 5e-324], [np.inf, 0.1 + 0.2, -np.nan]])
    flags = np.array([[True, False, True], [False, False, True]])
    sent = Measured(pd.Index(["a", "b"], dtype="str", name="org_id"), {"odd": odd}, flags, ~flags)
    back = Measured.from_arrow(sent.to_arrow())
    assert back.values["odd"].tobytes() == odd.tobytes()
    assert back.values["odd"].flags.writeable
    assert (back.known.tolist(), back.active.tolist()) == (flags.tolist(), (~flags).tolist())
    assert back.orgs.equals(sent.orgs)


def test_scores_and_contributions_are_the_same_to_the_byte(executor, model: RiskModel, root, monkeypatch):
    monkeypatch.setattr(sending, "PIECE", 2**20)
    X = features(open_source(root / "data" / "sample").as_of("2026-10-31"))
    rng = np.random.default_rng(3)
    many = X.iloc[rng.integers(0, len(X), 2 * scoring.PART + 77)].copy()
    many["flows_90d"] *= rng.random(len(many))
    here, there = Explained.of(model, many), Explained.of(model, many, executor)
    assert there.values.tobytes() == here.values.tobytes()
    assert there.score.tobytes() == here.score.tobytes()
    assert there.probability.tobytes() == here.probability.tobytes()
    assert there.base == here.base


def test_what_fits_one_part_is_scored_here(model: RiskModel, root):
    X = features(open_source(root / "data" / "sample").as_of("2026-10-31"))
    assert len(Explained.of(model, X, executor=None).score) == len(Explained.of(model, X, executor=object()).score)


def test_every_part_is_explained_in_the_way_of_the_whole():
    exact = import_module("sorg_risk.explain.exact")
    assert max(exact.FEW, exact.FEW_COMPARED) < scoring.PART // 2


@pytest.mark.parametrize("what", ["view", "source", "restricted"])
def test_what_is_in_memory_only_is_not_sent(edition, executor, what):
    source = open_source(simulate(5, 1))
    wide = WideSource(edition, held=lambda rows, _view: rows.head(0)).as_of("2026-06-15")
    data = {"view": source.as_of("2026-06-15"), "source": source, "restricted": wide.restricted_to(wide.orgs[:3])}[what]
    with pytest.raises(UsageError, match=r"is not sent to workers; .* no executor"):
        features(data, None if what != "source" else DAYS, executor=executor)


class TestRefusals:
    @pytest.fixture
    def sweep(self, edition) -> Sweep:
        return Sweep(Place.of(edition), (20_000,), ("flows_90d",))

    def test_a_ledger_that_a_worker_does_not_see(self, sweep, executor, tmp_path):
        unseen = replace(sweep, place=replace(sweep.place, folder=str(tmp_path / "elsewhere")))
        with pytest.raises(
            UsageError, match=r"ledger .*elsewhere is not to be seen on worker .* same path.*--engine local"
        ):
            list(executor.map(unseen))
        assert not (tmp_path / "elsewhere").exists()

    def test_another_ledger_at_the_same_path(self, sweep, executor):
        stale = replace(sweep, place=replace(sweep.place, state="state-000001.json of yesterday"))
        with pytest.raises(UsageError, match="is another one on worker"):
            list(executor.map(stale))

    def test_rows_put_aside_that_a_worker_does_not_see(self, executor, tmp_path):
        with pytest.raises(UsageError, match=r"folder .*nowhere is not to be seen on worker"):
            list(executor.map(scoring.Scoring(str(tmp_path / "nowhere"), 2)))

    def test_another_program(self, sweep):
        sent = worked(sweep, "another program", [pa.record_batch({"id": [0]})])
        with pytest.raises(
            UsageError, match=r"worker .* runs another program .* than the one that asks \(another program\)"
        ):
            list(received(rows(sent), range(sweep.parts)))

    @pytest.mark.parametrize("lost", [0, 1, -1])
    def test_a_piece_that_is_lost(self, sweep, lost, monkeypatch):
        monkeypatch.setattr(sending, "PIECE", 300)
        sent = list(rows(worked(sweep, program(), [pa.record_batch({"id": list(range(sweep.parts))})])))
        assert len(list(received(iter(sent), range(sweep.parts)))) == sweep.parts
        del sent[lost]
        with pytest.raises(EngineError, match="did not arrive in its place"):
            list(received(iter(sent), range(sweep.parts)))
