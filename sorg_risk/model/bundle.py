"""The model on disk: LightGBM text, JSON and digests; no serialiser that could run code.

A bundle is a folder::

    model.json         columns, members, scale, bands, calibration, knowledge day, self-test rows (floats in hexadecimal)
    member-0.txt ...   one LightGBM text per booster
    manifest.json      the SHA-256 and size of every file above, LightGBM's version
    manifest.sha256    the SHA-256 of manifest.json, one strict line
    card.md, *.png     for people; the only files that may change

LightGBM's parser ends the process on damaged text or loads it silently wrong, so nothing reaches it before the digests hold: first
the digests of all bytes, then the structure, and after loading the self-test rows must give the stored margins bit for bit.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ModelError
from .boosting import MAX_DEPTH
from .matrix import Columns
from .points import Bands
from .scorecard import Scorecard

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from .risk_model import Member, RiskModel

FORMAT = 1
SELF_TESTS = 20
FREE = (".md", ".html", ".png")
LARGEST = 256 * 1024 * 1024
_DIGEST_LINE = re.compile(rb"[0-9a-f]{64}  manifest\.json\n")
_MEMBER = re.compile(r"member-\d{1,3}\.txt")


def packed(model: RiskModel) -> dict[str, bytes]:
    """Every file of the bundle of a fitted model, by name."""
    import lightgbm

    texts = {
        f"member-{i}.txt": member.booster.model_to_string(num_iteration=-1).encode("utf-8")
        for i, member in enumerate(model.members)
        if member.booster is not None
    }
    files = {"model.json": _canonical(_described(model)), **texts}
    manifest = _canonical(
        {
            "format": FORMAT,
            "lightgbm": lightgbm.__version__,
            "files": {name: {"sha256": _sha256(data), "bytes": len(data)} for name, data in sorted(files.items())},
        }
    )
    return files | {
        "manifest.json": manifest,
        "manifest.sha256": f"{_sha256(manifest)}  manifest.json\n".encode("ascii"),
    }


def save(model: RiskModel, folder: Path) -> Path:
    """Write the bundle of a fitted model; files of an earlier bundle in the folder are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if _MEMBER.fullmatch(old.name) or old.name in {"model.json", "manifest.json", "manifest.sha256"}:
            old.unlink()
    for name, data in packed(model).items():
        (folder / name).write_bytes(data)
    return folder


def fingerprint(model: RiskModel) -> str:
    """The digest that the bundle of this model has, stored or not."""
    return _sha256(packed(model)["manifest.json"])


def digest(folder: Path) -> str:
    """The SHA-256 that stands for the whole bundle (of its manifest, after all digests were checked)."""
    return _sha256(_checked(folder)["manifest.json"])


def load(folder: Path, cls: type[RiskModel]) -> Any:
    """Read a bundle.

    Raises
    ------
    ModelError
        Not a bundle, a changed byte, an unknown format or LightGBM version, a broken structure, or self-test rows that differ.
    """
    files = _checked(folder)
    data = json.loads(files["model.json"])
    texts = {name: content.decode("utf-8") for name, content in files.items() if _MEMBER.fullmatch(name)}
    columns = Columns(tuple(data["columns"]), {k: tuple(v) for k, v in data["words"].items()})
    for name, text in texts.items():
        _sound(text, len(columns.names), folder / name)
    model = cls(**data["params"])
    model.columns_ = columns
    model.feature_names_in_ = np.asarray(columns.names, dtype=object)
    model.n_features_in_ = len(columns.names)
    model.classes_ = np.asarray(data["classes"])
    model.members = _members(data["members"], texts)
    model.platt_ = (float.fromhex(data["platt"][0]), float.fromhex(data["platt"][1]))
    model.bands_ = Bands({k: float.fromhex(v) for k, v in data["bands"].items()}, float.fromhex(data["grade_a"]))
    model.selection_ = data["selection"]
    model.last_knowledge_day_ = data["last_knowledge_day"]
    model.trained_on_ = data["trained_on"]
    model.digest_ = _sha256(files["manifest.json"])
    model.self_test_ = _floats(data["self_test"]["rows"])
    _self_test(model, data["self_test"], folder)
    return model


def _described(model: RiskModel) -> dict[str, Any]:
    """Everything but the boosters, as plain data."""
    rows = _self_test_rows(model)
    margins = model._margin(rows)
    return {
        "params": model.get_params(),
        "columns": list(model.columns_.names),
        "words": {k: list(v) for k, v in model.columns_.words.items()},
        "classes": np.asarray(model.classes_).tolist(),
        "members": [
            {"weight": float(m.weight).hex()}
            | ({"text": f"member-{i}.txt"} if m.scorecard is None else {"scorecard": m.scorecard.to_json()})
            for i, m in enumerate(model.members)
        ],
        "platt": [float(v).hex() for v in model.platt_],
        "bands": {k: float(v).hex() for k, v in model.bands_.warning.items()},
        "grade_a": float(model.bands_.grade_a).hex(),
        "selection": model.selection_,
        "last_knowledge_day": getattr(model, "last_knowledge_day_", None),
        "trained_on": getattr(model, "trained_on_", None),
        "self_test": {
            "rows": [[float(v).hex() for v in row] for row in rows],
            "margins": [float(v).hex() for v in margins],
        },
    }


def _self_test_rows(model: RiskModel) -> NDArray[np.float64]:
    """Made-up rows, the same for the same model: numbers around the trees' thresholds, categories, missing values."""
    if getattr(model, "self_test_", None) is not None:
        return np.asarray(model.self_test_, dtype=np.float64)
    rng = np.random.default_rng(20180124)
    names, words = model.columns_.names, model.columns_.words
    rows = rng.lognormal(0, 2.5, size=(SELF_TESTS, len(names))).round(3)
    for j, name in enumerate(names):
        if name in words:
            rows[:, j] = rng.integers(0, max(len(words[name]), 1), SELF_TESTS)
    rows[rng.random(rows.shape) < 0.15] = np.nan
    return rows


def _checked(folder: Path) -> dict[str, bytes]:
    """All digested files of the bundle, after every digest held."""
    if not (folder / "manifest.json").is_file():
        raise ModelError(f"no model in {folder}: manifest.json is missing. Name the folder that `train` wrote.")
    seal, manifest = _bytes(folder / "manifest.sha256"), _bytes(folder / "manifest.json")
    if not _DIGEST_LINE.fullmatch(seal) or seal[:64].decode("ascii") != _sha256(manifest):
        raise _damaged(folder / "manifest.json", "its digest differs from manifest.sha256")
    told = json.loads(manifest)
    if told.get("format") != FORMAT:
        raise ModelError(
            f"{folder} has bundle format {told.get('format')!r}, this version reads {FORMAT}; train the model again."
        )
    _same_major(told["lightgbm"], folder)
    files = {"manifest.json": manifest}
    for name, expected in told["files"].items():
        if not (name == "model.json" or _MEMBER.fullmatch(name)):
            raise _damaged(folder / name, "the name is not one of a bundle")
        content = _bytes(folder / name)
        if len(content) != expected["bytes"] or _sha256(content) != expected["sha256"]:
            raise _damaged(folder / name, "its digest differs from the manifest")
        files[name] = content
    _no_strangers(folder, {*files, "manifest.sha256"})
    return files


def _no_strangers(folder: Path, known: set[str]) -> None:
    for path in sorted(folder.iterdir()):
        if path.name not in known and path.suffix not in FREE:
            raise _damaged(path, "the file does not belong to the bundle")


def _bytes(path: Path) -> bytes:
    if not path.is_file() or path.is_symlink():
        raise _damaged(path, "it is missing or not a plain file")
    if path.stat().st_size > LARGEST:
        raise _damaged(path, f"it is larger than {LARGEST} bytes")
    return path.read_bytes()


def _same_major(version: str, folder: Path) -> None:
    import lightgbm

    if version.split(".")[0] != lightgbm.__version__.split(".")[0]:
        raise ModelError(
            f"{folder} was written by LightGBM {version}, installed is {lightgbm.__version__}; "
            "install the same major version or train the model again."
        )


def _sound(text: str, features: int, path: Path) -> None:
    """The structure LightGBM trusts blindly: no carriage return, the right features, every child in range, no cycle."""
    if "\r" in text or "\0" in text or not text.startswith("tree\n"):
        raise _damaged(path, "it is not LightGBM text with plain line ends")
    if f"max_feature_idx={features - 1}\n" not in text:
        raise _damaged(path, f"it does not read {features} features")
    for tree in text.split("\nTree=")[1:]:
        fields = dict(line.split("=", 1) for line in tree.split("\n\n")[0].splitlines()[1:] if "=" in line)
        leaves = int(fields["num_leaves"])
        if leaves > 2**MAX_DEPTH:
            raise _damaged(path, f"a tree has {leaves} leaves")
        children = [int(c) for side in ("left_child", "right_child") for c in fields.get(side, "").split()]
        inner = sorted(c for c in children if c >= 0)
        outer = sorted(-c - 1 for c in children if c < 0)
        if leaves > 1 and (inner != list(range(1, leaves - 1)) or outer != list(range(leaves))):
            raise _damaged(path, "the children of a tree are not a tree")


def _members(told: list[dict[str, Any]], texts: dict[str, str]) -> tuple[Member, ...]:
    import lightgbm

    from .risk_model import Member

    return tuple(
        Member(float.fromhex(m["weight"]), scorecard=Scorecard.from_json(m["scorecard"]))
        if "scorecard" in m
        else Member(float.fromhex(m["weight"]), booster=lightgbm.Booster(model_str=texts[m["text"]]))
        for m in told
    )


def _self_test(model: RiskModel, told: dict[str, Any], folder: Path) -> None:
    got, expected = model._margin(_floats(told["rows"])), _floats([told["margins"]])[0]
    if not np.allclose(got, expected, rtol=0, atol=1e-12):
        raise ModelError(
            f"{folder} scores its self-test rows differently (by {np.abs(got - expected).max():g}); "
            "the libraries installed are not those it was made with: install the locked versions."
        )


def _floats(rows: list[list[str]]) -> NDArray[np.float64]:
    return np.array([[float.fromhex(v) for v in row] for row in rows], dtype=np.float64)


def _canonical(data: dict[str, Any]) -> bytes:
    return (json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode("utf-8")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _damaged(path: Path, why: str) -> ModelError:
    return ModelError(
        f"{path} was changed or is damaged: {why}. Nothing was loaded; take the bundle from its source again."
    )
