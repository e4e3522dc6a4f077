"""The bundle: the same bytes for the same model, and no changed byte ever reaches LightGBM."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from sorg_risk.errors import ModelError
from sorg_risk.model import RiskModel, default, digest, exact, fingerprint
from sorg_risk.model.bundle import LARGEST, packed

from . import damage
from .made import drawn, fitted

HARMED = 1000


@pytest.fixture(scope="module")
def stored(tmp_path_factory) -> Path:
    made = drawn(orgs=60)
    small = RiskModel(seeds=1).fit(made.X, made.y, days=made.days, groups=made.orgs)
    folder = small.save(tmp_path_factory.mktemp("bundle") / "m")
    (folder / "card.md").write_text("# a card", encoding="utf-8")
    return folder


@pytest.fixture
def copy(stored, tmp_path) -> Path:
    return Path(shutil.copytree(stored, tmp_path / "copy"))


def test_a_thousand_harmed_bundles_are_all_refused(stored, tmp_path) -> None:
    for number in range(HARMED):
        out = tmp_path / "harmed"
        what = damage.harmed(stored, number, out)
        try:
            RiskModel.load(out)
        except ModelError:
            shutil.rmtree(out)
        else:
            pytest.fail(f"loaded although harmed: {number} {what}")


@pytest.mark.parametrize("end", [0, -1])
def test_first_and_last_byte_of_every_file(stored, tmp_path, end) -> None:
    for path in damage.files(stored):
        out = Path(shutil.copytree(stored, tmp_path / f"{path.name}{end}"))
        data = bytearray(path.read_bytes())
        data[end] ^= 1
        (out / path.name).write_bytes(bytes(data))
        with pytest.raises(ModelError, match="changed or is damaged"):
            RiskModel.load(out)


def test_the_refusal_names_the_file(copy) -> None:
    (copy / "member-0.txt").write_bytes((copy / "member-0.txt").read_bytes().replace(b"\n", b"\r\n"))
    with pytest.raises(ModelError, match=r"member-0\.txt was changed or is damaged.*take the bundle from its source"):
        RiskModel.load(copy)


@pytest.mark.parametrize("name", ["card.md", "page.html", "plot.png"])
def test_what_people_read_may_change(copy, name) -> None:
    before = digest(copy)
    (copy / name).write_text("anything", encoding="utf-8")
    assert digest(copy) == before
    RiskModel.load(copy)


def test_a_strange_file_is_refused(copy) -> None:
    (copy / "extra.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="does not belong"):
        RiskModel.load(copy)


def test_a_missing_file_is_refused(copy) -> None:
    (copy / "background.csv").unlink()
    with pytest.raises(ModelError, match=r"background\.csv.*missing"):
        RiskModel.load(copy)


def test_a_link_is_no_file(copy, stored) -> None:
    (copy / "model.json").unlink()
    (copy / "model.json").symlink_to(stored / "model.json")
    with pytest.raises(ModelError, match="not a plain file"):
        RiskModel.load(copy)


def test_no_bundle_at_all(tmp_path) -> None:
    with pytest.raises(ModelError, match="Name the folder"):
        RiskModel.load(tmp_path)


def changed(folder: Path, key: str, value: object) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest[key] = value
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    damage.resealed(folder)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("lightgbm", "3.3.5", "install the same major version"),
        ("lightgbm", "5.0", "install the same major version"),
        ("format", 99, "train the model again"),
        ("format", None, "train the model again"),
    ],
)
def test_other_versions_are_refused(copy, key, value, message) -> None:
    changed(copy, key, value)
    with pytest.raises(ModelError, match=message):
        RiskModel.load(copy)


@pytest.mark.parametrize("files", [[], {"model.json": 3}, {"model.json": {"bytes": "many", "sha256": "0"}}])
def test_a_manifest_that_promises_nothing_readable_is_refused(copy, files) -> None:
    manifest = json.loads((copy / "manifest.json").read_bytes())
    raw = json.dumps({**manifest, "files": files}).encode()
    (copy / "manifest.json").write_bytes(raw)
    (copy / "manifest.sha256").write_bytes(f"{hashlib.sha256(raw).hexdigest()}  manifest.json\n".encode())
    with pytest.raises(ModelError, match=r"manifest\.json was changed or is damaged"):
        RiskModel.load(copy)


def test_a_file_larger_than_any_bundle_is_not_read(copy) -> None:
    os.truncate(copy / "background.csv", LARGEST + 1)
    with pytest.raises(ModelError, match=rf"background\.csv.*larger than {LARGEST} bytes"):
        RiskModel.load(copy)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("background.csv", b"\n", b",1\n"),
        ("model.json", b'"members": [', b'"odd": NaN,\n "members": ['),
    ],
)
def test_resealed_numbers_that_are_none_are_refused(copy, name, old, new) -> None:
    content = (copy / name).read_bytes()
    assert old in content
    (copy / name).write_bytes(content.replace(old, new, 1))
    damage.resealed(copy)
    with pytest.raises(ModelError):
        RiskModel.load(copy)


def test_only_finite_numbers_stand_where_one_is_due() -> None:
    with pytest.raises(ValueError, match="a number without bounds"):
        exact.number("inf")
    with pytest.raises(ValueError, match="NaN is no number of JSON"):
        exact.read_json(b'{"x": NaN}')
    with pytest.raises(ValueError, match="the background does not have 3 columns"):
        exact.read_table(b"1,2,3\n1,2\n", 3)


def test_what_people_wrote_beside_a_bundle_stays(copy) -> None:
    RiskModel.load(copy).save(copy)
    assert (copy / "card.md").read_text(encoding="utf-8") == "# a card"


def test_an_installation_without_its_model_says_so(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(default, "__file__", str(tmp_path / "sorg_risk" / "model" / "default.py"))
    with pytest.raises(
        ModelError, match="the shipped model is missing from this installation; name a model with --model"
    ):
        default.default_bundle()
    shipped = tmp_path / "models" / "default"
    shipped.mkdir(parents=True)
    (shipped / "manifest.json").write_text("{}", encoding="utf-8")
    assert default.default_bundle() == shipped


def test_a_path_in_the_manifest_is_refused(copy) -> None:
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["../member-0.txt"] = manifest["files"]["member-0.txt"]
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (copy.parent / "member-0.txt").write_bytes((copy / "member-0.txt").read_bytes())
    damage.resealed(copy)
    with pytest.raises(ModelError, match=r"it names \["):
        RiskModel.load(copy)


def test_a_resealed_leaf_is_caught_by_the_self_test(copy) -> None:
    text = (copy / "member-0.txt").read_text(encoding="ascii")
    start = text.index("leaf_value=") + len("leaf_value=")
    word = text[start : text.index(" ", start)]
    other = f"{float(word) + 0.25:.{len(word) - 3}f}"[: len(word)].ljust(len(word), "1")
    (copy / "member-0.txt").write_text(text.replace(word, other, 1), encoding="ascii")
    damage.resealed(copy)
    with pytest.raises(ModelError):
        RiskModel.load(copy)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"null", b"\xff\xfe", b'{"columns": 3}', b"[" * 100_000])
def test_resealed_nonsense_is_refused(copy, content) -> None:
    (copy / "model.json").write_bytes(content)
    damage.resealed(copy)
    with pytest.raises(ModelError):
        RiskModel.load(copy)


def test_stored_and_loaded_are_one(copy) -> None:
    loaded, X = RiskModel.load(copy), drawn().X
    assert loaded.digest_ == digest(copy) == fingerprint(loaded)
    assert {name: (copy / name).read_bytes() for name in packed(loaded)} == packed(loaded)
    assert np.array_equal(RiskModel.load(copy).margin(X), loaded.margin(X))


def test_an_older_bundle_in_the_folder_is_replaced(tmp_path) -> None:
    folder = fitted().save(tmp_path / "m")
    made = drawn(orgs=60)
    card = RiskModel(additive=True).fit(made.X, made.y)
    card.save(folder)
    assert not list(folder.glob("member-*.txt"))
    assert np.array_equal(RiskModel.load(folder).margin(made.X), card.margin(made.X))


def test_background_is_kept_to_the_bit(copy) -> None:
    one = RiskModel.load(copy)
    two = RiskModel.load(one.save(copy.parent / "again"))
    M = one.columns_.matrix(one.background_)
    assert 0 < len(M) <= 1000
    assert np.array_equal(M, two.columns_.matrix(two.background_), equal_nan=True)


def test_a_member_occurs_once(copy) -> None:
    described = json.loads((copy / "model.json").read_text(encoding="utf-8"))
    members = described["members"]
    for other in ([members[0], *members], members[1:], []):
        (copy / "model.json").write_text(json.dumps({**described, "members": other}), encoding="utf-8")
        damage.resealed(copy)
        with pytest.raises(ModelError, match="each member must occur once"):
            RiskModel.load(copy)


@pytest.mark.parametrize("name", ["model.json", "manifest.json"])
def test_a_name_that_occurs_twice_is_refused(copy, name) -> None:
    content = (copy / name).read_bytes().lstrip()
    first = content.index(b'"')
    key = content[first : content.index(b'"', first + 1) + 1]
    (copy / name).write_bytes(b"{" + key + b": 1, " + content[1:])
    if name == "model.json":
        damage.resealed(copy)
    else:
        (copy / "manifest.sha256").write_text(
            f"{hashlib.sha256((copy / name).read_bytes()).hexdigest()}  manifest.json\n", encoding="utf-8"
        )
    with pytest.raises(ModelError, match="occurs twice"):
        RiskModel.load(copy)
