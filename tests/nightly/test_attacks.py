"""Attacks on an output folder by somebody who may write there and makes digests again: each is named, none decides anything."""

from __future__ import annotations

import json
import os
import shutil
from importlib import import_module
from pathlib import Path

import pytest

from sorg_risk.errors import DataError, ModelError, StorageError, UsageError
from sorg_risk.nightly import audit, commitments, retention
from sorg_risk.nightly.differences import differences
from sorg_risk.nightly.dossiers import dossier
from sorg_risk.nightly.exporting import export
from sorg_risk.nightly.problem import CURES, KINDS
from sorg_risk.nightly.replay import replay
from sorg_risk.nightly.settings import Settings
from sorg_risk.nightly.store import Store
from sorg_risk.nightly.verify import verify
from sorg_risk.nightly.watching import watched
from tests.nightly import forging
from tests.nightly.conftest import FIRST, SECOND, published, tree

FORGED = "ledger: its state is not the one that audit entry 3 names: rows were changed, added or taken away since"


def without_last_generation(state):
    state["generations"] = state["generations"][:-1]


def without_segments(state):
    state["segments"] = []


@pytest.mark.parametrize(
    "forge",
    [
        lambda out: forging.forge_rows(out, forging.doubled_amounts),
        lambda out: forging.forge_rows(out, forging.with_a_row_more, "complaints"),
        lambda out: forging.reseal_ledger(out, without_last_generation),
        lambda out: forging.reseal_ledger(out, without_segments),
        lambda out: forging.reseal_ledger(out, lambda state: state["next"].update(fund_flows=1)),
    ],
    ids=["rows changed", "rows added", "delivery gone", "segment gone", "ordinals changed"],
)
def test_a_ledger_forged_with_all_its_digests_is_named_and_decides_nothing(nights, night, forge):
    forge(nights)
    assert FORGED in verify(nights)
    before = tree(nights / "runs")
    for act in (lambda: night(nights, "2026-07-21"), lambda: replay(nights), lambda: differences(nights)):
        with pytest.raises(DataError, match="audit entry 3 names"):
            act()
    assert tree(nights / "runs") == before


def test_a_ledger_turned_back_is_named(tmp_path):
    path = tmp_path / "audit.sqlite"
    for old, new in (("s0", "s1"), ("s1", "s2"), ("s2", "s3")):
        audit.append(path, "ingested", "", **commitments.of_state(old, new))
    log = audit.entries(path)
    assert not [*commitments.ledger_problems(log, "s3"), *commitments.ledger_problems(log, "s2")], (
        "s3 may not stand yet"
    )
    assert [*commitments.ledger_problems(log, "s1")] == [
        "ledger: it was turned back to what it was at audit entry 1; entry 3 names a later state"
    ]
    audit.append(path, "published", "runs/2026-01-01/0123456789ab", form=2, ledger="s3")
    (problem,) = commitments.ledger_problems(audit.entries(path), "s2")
    assert "turned back to what it was at audit entry 2" in problem


def test_a_segment_that_is_gone_is_named(nights):
    (segment,) = (nights / "ledger" / "rows" / "segments").iterdir()
    shutil.rmtree(segment)
    assert f"ledger: segments/{segment.name}/filings.rows.arrow is missing" in verify(nights)


def test_a_flipped_bit_in_any_file_of_a_stored_model_is_named(nights, night):
    (place,) = (nights / "ledger" / "models").iterdir()
    for path in sorted(place.iterdir()):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        whole, _ = path.read_bytes(), path.write_bytes(content)
        named = [one for one in verify(nights) if "the model of" in one]
        assert len(named) == 2, path.name
        assert all(f"{place.name}" in one for one in named)
        with pytest.raises(DataError, match="cannot be read"):
            replay(nights)
        path.write_bytes(whole)
    assert verify(nights) == []


def test_a_stored_model_exchanged_with_its_manifest_is_named(nights):
    forging.forge_model(nights)
    assert len([one for one in verify(nights) if "was exchanged for another one" in one]) == 2
    with pytest.raises(DataError, match="another model than its name says"):
        replay(nights)


def test_a_kept_manifest_that_was_edited_or_added_is_named(nights):
    store = Store(nights)
    kept = store.kept_manifest(store.named(store.run(FIRST)))
    told = json.loads(kept.read_text(encoding="utf-8"))
    kept.write_text(json.dumps({**told, "as_of": "2020-01-01"}), encoding="utf-8")
    added = kept.with_name("2026-06-14-0123456789ab.json")
    shutil.copy(kept, added)
    assert verify(nights) == [
        f"ledger: {added.name} belongs to no run that was ever published",
        f"ledger: {kept.name} was changed",
    ]
    shutil.rmtree(store.run(FIRST))
    for name in (FIRST, "0123456789ab"):
        with pytest.raises(DataError, match=r"not the manifest that was published|not found"):
            replay(nights, name)


@pytest.mark.parametrize("content", [None, "", "{}", "[]", '{"runs/2026-07-20/0": {"author": "x", "reason": "y"}}'])
def test_legal_holds_are_what_the_log_says(nights, night, content):
    held = retention.hold(nights, FIRST, author="王", reason="诉讼")
    retention.hold(nights, SECOND, author="王", reason="诉讼")
    if content is None:
        (nights / "holds.json").unlink()
    else:
        (nights / "holds.json").write_text(content, encoding="utf-8")
    (problem,) = verify(nights)
    assert problem.startswith("holds.json is not what the audit log says of legal holds: ")
    assert held in problem
    with pytest.raises(DataError, match="nothing is removed until then"):
        retention.retire(nights, Settings(keep_runs=1, keep_days=1))


def test_a_held_run_that_was_taken_away_is_named(nights):
    held = retention.hold(nights, FIRST, author="王", reason="诉讼")
    audit.append(nights / "audit.sqlite", "removed", held)
    shutil.rmtree(nights / held)
    assert f"{held} is on legal hold and was removed" in verify(nights)


def test_settings_edited_with_every_digest_made_again_are_named(nights):
    forging.forge_manifest(nights, FIRST, lambda told: told["settings"].update(lists="assumed"))
    name = Store(nights).named(Store(nights).run(FIRST))
    problems = verify(nights)
    assert f"{name}: manifest.json is not the one that was published" in problems
    assert f"{name}: its settings are not those it was decided with" in problems
    with pytest.raises(DataError, match="not the manifest that was published"):
        replay(nights, FIRST)


def test_files_of_two_runs_exchanged_are_named(nights):
    first, second = (Store(nights).run(day) for day in (FIRST, SECOND))
    for name in ("flags.parquet", "scores.csv"):
        (first / name).rename(first / "aside")
        (second / name).rename(first / name)
        (first / "aside").rename(second / name)
    changed = [one for one in verify(nights) if "was changed" in one]
    assert len(changed) == 4


def test_two_runs_exchanged_as_a_whole_are_named(nights):
    first, second = (Store(nights).run(day) for day in (FIRST, SECOND))
    first.rename(nights / "aside")
    second.rename(first)
    (nights / "aside").rename(second)
    problems = verify(nights)
    for run in (first, second):
        name = Store(nights).named(run)
        assert f"{name}: manifest.json is not the one that was published" in problems
        assert f"{name}: its decision does not give its run id" in problems


@pytest.mark.parametrize(
    "name", ["flags.parquet", "manifest.json", "ledger/models", "ledger/rows/CURRENT", "audit.sqlite"]
)
def test_links_are_named_and_not_written_through(nights, night, tmp_path, name):
    path = nights / name if "/" in name or name == "audit.sqlite" else Store(nights).run(FIRST) / name
    moved = tmp_path / "elsewhere"
    path.rename(moved)
    path.symlink_to(moved)
    outside = tree(moved) if moved.is_dir() else moved.read_bytes()
    place = path.relative_to(nights).as_posix()
    assert verify(nights) == [f"{place} is a symbolic link and may lead out of the folder"]
    with pytest.raises(UsageError, match="is a symbolic link"):
        night(nights, "2026-07-21")
    assert outside == (tree(moved) if moved.is_dir() else moved.read_bytes())


@pytest.mark.parametrize("name", ["log.jsonl", "audit.sqlite", ".lock"])
def test_second_names_of_what_is_written_in_place_are_named(nights, night, tmp_path, name):
    os.link(nights / name, tmp_path / "second")
    assert verify(nights) == [f"{name} has a second name elsewhere, under which it can be written"]
    with pytest.raises(UsageError, match="second name elsewhere"):
        night(nights, "2026-07-21")


def test_a_file_put_where_one_is_written_aside_is_not_written_through(nights, night, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("ours", encoding="utf-8")
    os.link(victim, nights / ".CURRENT.new")
    night(nights, "2026-07-21")
    assert victim.read_text(encoding="utf-8") == "ours"


def test_a_pipe_or_a_folder_among_the_files_of_a_run_is_named(nights):
    run = Store(nights).run(FIRST)
    os.mkfifo(run / "pipe")
    (run / "folder").mkdir()
    name = Store(nights).named(run)
    assert verify(nights) == [f"{name}: folder does not belong to it", f"{name}: pipe does not belong to it"]


def org_of(out: Path, day: str = SECOND) -> str:
    return str(published(out, day).table("scores")["org_id"][0])


@pytest.mark.parametrize("file", ["scores.parquet", "flags.parquet", "reasons.parquet", "manifest.json"])
def test_no_reader_shows_what_does_not_hold(nights, file):
    org = org_of(nights)
    path = Store(nights).run(SECOND) / file
    run = published(nights, SECOND)
    path.write_bytes(path.read_bytes()[:-1] + b" ")
    readers = {
        "explain": lambda: dossier(nights, org),
        "diff": lambda: differences(nights),
        "watch": lambda: watched(nights),
        "export": lambda: export(run, "postgresql://nobody@127.0.0.1:1/none"),
        "table": lambda: run.table(file.removesuffix(".parquet")),
    }
    read = {
        "scores.parquet": ("explain", "watch", "export", "table"),
        "reasons.parquet": ("explain", "export", "table"),
    }
    for name in read.get(file, ("explain", "diff", "export")):
        with pytest.raises(DataError, match=f"{file} cannot be read"):
            readers[name]()


def test_no_reader_follows_a_log_that_does_not_hold(nights):
    (nights / "audit.head").unlink()
    org = org_of(nights)
    for read in (
        lambda: dossier(nights, org),
        lambda: differences(nights),
        lambda: watched(nights),
        lambda: replay(nights),
    ):
        with pytest.raises(DataError, match=r"audit\.head is missing"):
            read()


def test_a_model_must_be_signed_where_the_settings_say_so(nights, night, tmp_path):
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    ed25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
    job, sign = import_module("sorg_risk.nightly.job"), import_module("sorg_risk.model").sign
    bundle = shutil.copytree(next((nights / "ledger" / "models").iterdir()), tmp_path / "bundle")
    key = ed25519.Ed25519PrivateKey.generate()
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(pem)
    chosen = Settings(model_public_key=tmp_path / "key.pem", gates={"most_drift": None})

    def scored(model):
        return job.nightly({}, as_of="2026-07-21", out=nights, model=model, settings=chosen)

    before = tree(nights / "runs")
    for model in (bundle, None):
        with pytest.raises(ModelError, match="is not signed, and a key to check it by was given"):
            scored(model)
    with pytest.raises(UsageError, match="model_public_key asks for a signed model"):
        night(nights, "2026-07-21", settings=chosen)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signature = sign(bundle, private)
    with pytest.raises(DataError, match="organizations"):
        scored(bundle)  # the model is read before the source, which is empty here
    signature.unlink()
    with pytest.raises(ModelError, match="is not signed"):
        scored(bundle)
    assert tree(nights / "runs") == before


def test_every_problem_is_said_in_both_languages_and_has_a_cure():
    for english, chinese, cure in KINDS.values():
        assert cure in CURES
        assert any("\u4e00" <= sign <= "\u9fff" for sign in chinese)
        assert sorted(_fields(english)) == sorted(_fields(chinese))


def _fields(text: str) -> list[str]:
    from string import Formatter

    return [name for _, name, _, _ in Formatter().parse(text) if name]


@pytest.mark.parametrize(
    ("statement", "cure"), [("full", "Free space"), ("readonly", "right to write"), ("locked", "Another program holds")]
)
def test_what_sqlite_refuses_is_a_storage_error_with_its_cure(nights, monkeypatch, statement, cure):
    import sqlite3

    path, connect = nights / "audit.sqlite", sqlite3.connect
    if statement == "full":

        def small(*args, **more):
            connection = connect(*args, **more)
            connection.execute("PRAGMA max_page_count = 1")
            return connection

        monkeypatch.setattr(sqlite3, "connect", small)
    elif statement == "readonly":
        monkeypatch.setattr(sqlite3, "connect", lambda place, **_: connect(f"{Path(place).as_uri()}?mode=ro", uri=True))
    else:
        other = connect(path)
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr(sqlite3, "connect", lambda place, **more: connect(place, **{**more, "timeout": 0.01}))
    with pytest.raises(StorageError, match=cure):
        audit.append(path, "removed", "runs/2026-06-15/0123456789ab", why="x" * 100_000)
    monkeypatch.undo()
    if statement == "locked":
        other.close()
    assert audit.problems(path) == []
