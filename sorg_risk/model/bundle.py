"""The model on disk: LightGBM text, JSON and digests; no serialiser that could run code.

A bundle is a folder::

    model.json         columns, members, scale, bands, calibration, knowledge day, self-test (floats in hexadecimal)
    member-0.txt ...   one LightGBM text per booster: header and trees
    background.csv     organisations in good standing, whom explanations compare with
    manifest.json      the SHA-256 and size of every file above, LightGBM's version
    manifest.sha256    the SHA-256 of manifest.json, one strict line
    manifest.sig       Ed25519 signature of that line (only where it was signed)
    card.md, *.png     for people; the only files that may change

LightGBM's parser ends the process on damaged text or loads it silently wrong, so nothing reaches it before the digests hold: first the
digests of all bytes, then the structure (`structure`), and after loading the self-test rows must give the stored margins. A bundle from
elsewhere is read by a separate process before that (`untrusted`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ModelError
from ..records import disk
from . import exact, signature, structure, untrusted
from .matrix import Columns
from .points import Bands
from .scorecard import Scorecard

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from .risk_model import Member, RiskModel

FORMAT = 1
SELF_TESTS = 20
SAME_WITHIN = 1e-9
LATER = {"event": None, "max_unseen": 0.05}
"""Parameters that the first bundles did not have, with their defaults."""
FREE = (".md", ".html", ".png")
LARGEST = 256 * 1024 * 1024
_DIGEST_LINE = re.compile(rb"[0-9a-f]{64}  manifest\.json\n")
_MEMBER = re.compile(r"member-\d{1,3}\.txt")
_FIXED = ("model.json", "background.csv")
_SEALS = ("manifest.json", "manifest.sha256", signature.NAME)


def packed(model: RiskModel) -> dict[str, bytes]:
    """Every file of the bundle of a fitted model, by name; the same model gives the same bytes."""
    import lightgbm

    files = {
        f"member-{i}.txt": structure.trimmed(member.booster.model_to_string(num_iteration=-1)).encode("ascii")
        for i, member in enumerate(model.members)
        if member.booster is not None
    }
    files |= {"model.json": exact.json_bytes(_described(model)), "background.csv": exact.table(_background(model))}
    manifest = exact.json_bytes(
        {
            "format": FORMAT,
            "lightgbm": lightgbm.__version__,
            "files": {name: {"sha256": exact.sha256(data), "bytes": len(data)} for name, data in sorted(files.items())},
        }
    )
    seal = f"{exact.sha256(manifest)}  manifest.json\n".encode("ascii")
    return files | {"manifest.json": manifest, "manifest.sha256": seal}


def save(model: RiskModel, folder: Path) -> Path:
    """Write the bundle of a fitted model; files of an earlier bundle in the folder are replaced."""
    files = packed(model)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if _MEMBER.fullmatch(old.name) or old.name in (*_FIXED, *_SEALS):
            old.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)
        disk.sync(folder / name)
    disk.sync(folder)
    return folder


def fingerprint(model: RiskModel) -> str:
    """The digest that the bundle of this model has, stored or not."""
    return exact.sha256(packed(model)["manifest.json"])


def digest(folder: Path) -> str:
    """The SHA-256 that stands for the whole bundle (of its manifest, after all digests were checked)."""
    return exact.sha256(checked(folder)["manifest.json"])


def load(
    folder: Path, cls: type[RiskModel], *, trusted: bool = True, public_key: bytes | str | Path | None = None
) -> Any:
    """Read a bundle.

    Raises
    ------
    ModelError
        Not a bundle, a changed byte, a wrong signature, an unknown format or LightGBM version, a broken structure, or self-test rows that
        differ.
    """
    files = checked(folder, public_key)
    if not trusted:
        untrusted.survives(files)
    try:
        return _assembled(files, cls)
    except ModelError:
        raise
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        raise _damaged(folder, f"{type(error).__name__}: {error}") from None


def checked(folder: Path, public_key: bytes | str | Path | None = None) -> dict[str, bytes]:
    """All files of the bundle that count, after every digest (and the signature, if there is one) held."""
    if not (folder / "manifest.json").is_file():
        raise ModelError(f"no model in {folder}: manifest.json is missing. Name the folder that `train` wrote.")
    seal, manifest = _bytes(folder / "manifest.sha256"), _bytes(folder / "manifest.json")
    if not _DIGEST_LINE.fullmatch(seal) or seal[:64].decode("ascii") != exact.sha256(manifest):
        raise _damaged(folder / "manifest.json", "its digest differs from manifest.sha256")
    signed = _bytes(folder / signature.NAME) if (folder / signature.NAME).exists() else None
    signature.verify(seal, signed, public_key, folder)
    files = {"manifest.json": manifest, "manifest.sha256": seal}
    for name, (size, sha256) in _promised(manifest, folder).items():
        content = _bytes(folder / name)
        if len(content) != size or exact.sha256(content) != sha256:
            raise _damaged(folder / name, "its digest differs from the manifest")
        files[name] = content
    _no_strangers(folder, {*files, *_SEALS})
    return files


def _promised(manifest: bytes, folder: Path) -> dict[str, tuple[int, str]]:
    """Size and digest of every file a manifest names, after a look at format and version."""
    try:
        told = exact.read_json(manifest)
        if told["format"] != FORMAT:
            raise ModelError(
                f"{folder} has bundle format {told['format']!r}, this version reads {FORMAT}; train the model again."
            )
        _same_major(str(told["lightgbm"]), folder)
        found = {str(name): (int(v["bytes"]), str(v["sha256"])) for name, v in told["files"].items()}
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        if isinstance(error, ModelError):
            raise
        raise _damaged(folder / "manifest.json", f"{type(error).__name__}: {error}") from None
    strange = [name for name in found if name not in _FIXED and not _MEMBER.fullmatch(name)]
    missing = [name for name in _FIXED if name not in found]
    if strange or missing:
        raise _damaged(
            folder / "manifest.json", f"it names {strange or 'nothing strange'} and lacks {missing or 'nothing'}"
        )
    return found


def _assembled(files: dict[str, bytes], cls: type[RiskModel]) -> RiskModel:
    """The model of checked bytes."""
    data = exact.read_json(files["model.json"])
    columns = Columns(tuple(data["columns"]), {k: tuple(v) for k, v in data["words"].items()})
    model = cls(**data["params"])
    model.columns_ = columns
    model.feature_names_in_ = np.asarray(columns.names, dtype=object)
    model.n_features_in_ = len(columns.names)
    model.classes_ = np.asarray(data["classes"])
    model.members_ = _members(data["members"], files, len(columns.names))
    model.platt_ = (exact.number(data["platt"][0]), exact.number(data["platt"][1]))
    model.bands_ = Bands({k: exact.number(v) for k, v in data["bands"].items()}, exact.number(data["grade_a"]))
    model.selection_ = data["selection"]
    model.event_ = model.classes_[_event_place(data)]
    model.random_seed_ = int(data["params"]["random_state"])
    model.simulated_ = data.get("simulated")
    model.last_knowledge_day_ = data["last_knowledge_day"]
    model.trained_on_ = data["trained_on"]
    model.digest_ = exact.sha256(files["manifest.json"])
    model.self_test_ = exact.floats(data["self_test"]["rows"])
    background = exact.read_table(files["background.csv"], len(columns.names))
    model.background_ = columns.frame(background)
    _self_test(model, background, data["self_test"])
    return model


def _described(model: RiskModel) -> dict[str, Any]:
    """Everything but the boosters and the background, as plain data."""
    rows = _self_test_rows(model)
    return {
        "params": _parameters(model),
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
        **({} if getattr(model, "simulated_", None) is None else {"simulated": bool(model.simulated_)}),
        "self_test": {
            "rows": [[float(v).hex() for v in row] for row in rows],
            "margins": [float(v).hex() for v in _tested(model, rows, _background(model))],
        },
    }


def _parameters(model: RiskModel) -> dict[str, Any]:
    """The parameters as plain data: the seed that was drawn, the event by its label; later ones only where they are not at their defaults.

    So a bundle of an earlier version keeps its digest.
    """
    given = model.get_params() | {"random_state": model.random_seed_}
    if given["event"] is not None:
        given["event"] = model.event_
    plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in given.items()}
    return {name: value for name, value in plain.items() if name not in LATER or value != LATER[name]}


def _event_place(data: dict[str, Any]) -> int:
    """Which class is the event; the second where the bundle names none."""
    named = data["params"].get("event")
    return 1 if named is None else list(data["classes"]).index(named)


def _background(model: RiskModel) -> NDArray[np.float64]:
    return model.columns_.matrix(model.background_)


def _tested(model: RiskModel, rows: NDArray[np.float64], background: NDArray[np.float64]) -> NDArray[np.float64]:
    """Margins of the made-up rows and of the background: together they pass through most leaves."""
    return model._margin(np.vstack([rows, background]))


def _self_test_rows(model: RiskModel) -> NDArray[np.float64]:
    """Made-up rows, the same for the same model: numbers of every size, categories, missing values."""
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


def _members(told: list[dict[str, Any]], files: dict[str, bytes], features: int) -> tuple[Member, ...]:
    import lightgbm

    from .risk_model import Member

    texts = sorted(m["text"] for m in told if "text" in m)
    if texts != sorted(name for name in files if _MEMBER.fullmatch(name)):
        raise ValueError(f"each member must occur once, model.json names {', '.join(texts) or 'none'}")
    found = []
    for m in told:
        if "scorecard" in m:
            found.append(Member(exact.number(m["weight"]), scorecard=Scorecard.from_json(m["scorecard"])))
            continue
        text = files[m["text"]].decode("ascii")
        structure.sound(text, features)
        found.append(Member(exact.number(m["weight"]), booster=lightgbm.Booster(model_str=text)))
    return tuple(found)


def _self_test(model: RiskModel, background: NDArray[np.float64], told: dict[str, Any]) -> None:
    got, expected = _tested(model, model.self_test_, background), exact.floats([told["margins"]])[0]
    if got.shape != expected.shape or not np.allclose(got, expected, rtol=0, atol=SAME_WITHIN):
        raise ModelError(
            "the model scores its self-test rows otherwise than when it was stored: it was changed, or the libraries installed are not "
            "those it was made with. Install the locked versions, or take the bundle from its source again."
        )


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


def _damaged(path: Path, why: str) -> ModelError:
    return ModelError(
        f"{path} was changed or is damaged: {why}. Nothing was loaded; take the bundle from its source again."
    )
