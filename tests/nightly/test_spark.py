"""Nights by Spark's workers, which are processes of their own, against nights without: the same to the byte."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

import psutil
import pyarrow as pa
import pytest

from sorg_risk.errors import EngineError, UsageError
from sorg_risk.features import features
from sorg_risk.features.executor import Executor
from sorg_risk.features.spark import Spark, spark
from sorg_risk.features.sweep import Sweep
from sorg_risk.nightly import nightly
from sorg_risk.nightly.replay import replay
from sorg_risk.nightly.settings import Gates
from sorg_risk.nightly.verify import verify
from sorg_risk.records.ledger import Ledger
from sorg_risk.records.ledger.place import Place
from tests.nightly.conftest import FIRST, SECOND, published, tree

pytest.importorskip("pyspark", reason="pyspark is not installed (pip install 'sorg-risk[spark]')")
if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
    pytest.skip("Java is not installed on this machine (Debian package default-jre-headless)", allow_module_level=True)

MASTER = "local-cluster[2,1,1024]"


@dataclass(frozen=True)
class Probe:
    """A job that tells who works on it; one part may fail."""

    fails: str = ""
    parts: int = 4

    def __call__(self, part: int) -> pa.Table:
        if part == 2 and self.fails == "raise":
            raise ValueError("bucket 2 is beyond me")
        if part == 2 and self.fails == "exit":
            os._exit(9)
        return pa.table({"part": [part], "process": [os.getpid()]})


@pytest.fixture(scope="module")
def session(tmp_path_factory) -> Iterator[Executor]:
    """One cluster for all tests here: two worker processes beside this one; a night takes it, for it is active."""
    settings = tmp_path_factory.mktemp("conf") / "spark-defaults.conf"
    settings.write_text("spark.task.maxFailures 1\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(settings.parent))
        with spark(MASTER) as executor:
            yield executor


@pytest.fixture(scope="module")
def by_spark(session, source, model, tmp_path_factory) -> Path:
    """The `two_nights`, by Spark and from a ledger of more buckets; the second compares itself with the first."""
    out = tmp_path_factory.mktemp("spark") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_module("sorg_risk.records.ledger.ledger"), "ROWS_A_BUCKET", 2**12)
        for day in (FIRST, SECOND):
            nightly(source, as_of=day, out=out, model=model, engine="spark", gates=Gates(most_drift=None))
    assert len(Ledger.open(out / "ledger" / "rows").at()) >= 4
    return out


def test_a_night_is_the_same_to_the_byte_whoever_works_it_out(by_spark, two_nights):
    for day in (FIRST, SECOND):
        here, there = published(two_nights, day), published(by_spark, day)
        own, other = tree(here.folder), tree(there.folder)
        assert own.keys() == other.keys() >= {"scores.parquet", "flags.parquet", "reasons.parquet", "report.html"}
        assert {name for name in own if own[name] != other[name]} == {"manifest.json"}
        assert here.run_id == there.run_id
        assert {**here.manifest, "engine": "spark"} == there.manifest


def test_another_engine_makes_no_other_decision(by_spark, source, model):
    assert verify(by_spark) == []
    assert replay(by_spark).same
    (by_spark / "ledger" / ".sent-by-a-night-that-was-killed").mkdir()
    for engine in ("local", "spark"):
        assert nightly(source, as_of=SECOND, out=by_spark, model=model, engine=engine).unchanged
    assert {path.name for path in (by_spark / "ledger").iterdir()} == {"rows", "models", "manifests"}


def test_several_processes_work_none_of_them_this_one(session):
    done = [table.to_pylist()[0] for table in session.map(Probe())]
    assert [one["part"] for one in done] == [0, 1, 2, 3]
    processes = {one["process"] for one in done}
    assert len(processes) >= 2
    assert os.getpid() not in processes


@pytest.mark.parametrize(("fails", "said"), [("raise", "ValueError: bucket 2 is beyond me"), ("exit", "Job aborted")])
def test_what_fails_on_a_worker_is_one_clear_error(session, fails, said):
    with pytest.raises(EngineError, match=said) as failed:
        list(session.map(Probe(fails)))
    assert "--engine local" in str(failed.value)
    assert len(str(failed.value)) < 600
    assert "\n" not in str(failed.value)
    assert len(list(session.map(Probe()))) == 4


def test_a_folder_that_workers_do_not_see_is_named(session, by_spark, tmp_path):
    place = Place.of(Ledger.open(by_spark / "ledger" / "rows").at())
    with pytest.raises(UsageError, match=r"ledger .*elsewhere is not to be seen on worker"):
        list(session.map(Sweep(replace(place, folder=str(tmp_path / "elsewhere")), (20_000,), ("flows_90d",))))


def test_a_worker_that_breaks_leaves_the_night_before(session, by_spark, source, model, tmp_path, monkeypatch):
    shutil.copytree(by_spark, tmp_path / "out")
    monkeypatch.setattr(Spark, "map", lambda self, _job, whole=Spark.map: whole(self, Probe("raise")))
    with pytest.raises(EngineError):
        nightly(source, as_of="2026-07-25", out=tmp_path / "out", model=model, engine="spark")
    assert (tmp_path / "out" / "CURRENT").read_text(encoding="utf-8").startswith(f"runs/{SECOND}/")
    assert verify(tmp_path / "out") == []


def test_nothing_listens_beyond_this_machine(session):
    processes = psutil.Process().children(recursive=True)
    listening = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # a short-lived one may have ended since
            sockets = process.net_connections()
            listening += [one.laddr.ip for one in sockets if one.status == psutil.CONN_LISTEN]
    assert listening
    assert {address.removeprefix("::ffff:") for address in listening} <= {"127.0.0.1", "::1"}


def test_features_of_many_days_come_as_they_would_here(session, by_spark):
    ledger = Ledger.open(by_spark / "ledger" / "rows")
    days, names = [FIRST, SECOND], ["flows_90d", "org_type", "total_income_vs_type"]
    assert features(ledger, days, names=names, executor=session).equals(features(ledger, days, names=names))


def test_the_session_of_a_caller_is_left_to_him(session):
    with spark("local[1]") as executor:
        assert executor.session is session.session
    assert len(list(session.map(Probe()))) == 4
