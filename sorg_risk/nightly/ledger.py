"""What was read, kept: every delivered row once, in an append-only ledger, and beside it the models and manifests of all runs.

Together they make any earlier run again, whatever has become of the source. A night that brings the same rows adds
nothing but the order in which they came.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..errors import DataError, NotFound
from ..law import looked_at
from ..records import disk
from ..records.ledger import Ledger
from ..records.ledger.wide import WideSource

if TYPE_CHECKING:
    from ..model import RiskModel

ROWS: Final = "rows"
"""Folder of the rows, beside ``models`` and ``manifests``."""


def brought(source: Any, mapping: str | Path | None, folder: Path) -> WideSource:
    """A delivery added to the ledger, and read from there: what the source says is used from the ledger only."""
    ledger = _sound(folder / ROWS)
    return _opened(ledger, ledger.bring(source, mapping))


def source(manifest: dict[str, Any], folder: Path, *, sound: bool = False) -> WideSource:
    """The delivery of a run again; ``sound``: the ledger was verified a moment ago.

    Raises `DataError` naming what is missing or damaged.
    """
    rows = folder / ROWS
    if not rows.is_dir():
        raise DataError.missing("rows", folder, "Restore the ledger from a copy.")
    ledger = Ledger.open(rows) if sound else _sound(rows)
    number = manifest["ledger"]["generation"]
    try:
        return _opened(ledger, number)
    except NotFound:
        raise DataError.missing(f"delivery {number}", rows, "Restore the ledger from a copy.") from None


def _sound(rows: Path) -> Ledger:
    """The ledger, after every file of it was read and found as it was written: what is damaged must decide nothing."""
    ledger = Ledger.open(rows)
    if found := ledger.verify():
        raise DataError.unreadable(f"ledger {rows}", "; ".join(found[:3]), "Restore the ledger from a copy.")
    return ledger


def _opened(ledger: Ledger, number: int) -> WideSource:
    return WideSource(ledger.at(number), held=looked_at)


def told(source: WideSource) -> dict[str, Any]:
    """What a manifest says of its delivery, so that it can be found again."""
    return {"generation": source.edition.number}


def is_of(manifest: dict[str, Any], folder: Path, source: WideSource) -> bool:
    """Whether a source is the very delivery that a manifest names, from the ledger of the same folder."""
    return is_in(folder, source) and told(source) == manifest["ledger"]


def is_in(folder: Path, source: WideSource) -> bool:
    """Whether a source is read from this ledger, which was verified when it was opened."""
    return source.edition.folder == folder / ROWS


def damage(folder: Path) -> list[str]:
    """What is missing or was changed among the rows; empty when nothing is."""
    rows = folder / ROWS
    if not rows.is_dir():
        return ["the rows are missing"]
    try:
        return Ledger.open(rows).verify()
    except DataError as problem:
        return [str(problem)]


def generations(folder: Path) -> list[int]:
    """The deliveries that are kept."""
    try:
        return Ledger.open(folder / ROWS).generations if (folder / ROWS).is_dir() else []
    except DataError:
        return []


def keep_model(model: RiskModel, fingerprint: str, folder: Path) -> None:
    """Stores the bundle of a model under its fingerprint, unless it is there already."""
    place = folder / "models" / fingerprint
    if not (place / "manifest.sha256").is_file():
        aside = place.with_name(f".{fingerprint}.new")
        aside.mkdir(parents=True, exist_ok=True)
        model.save(aside)
        disk.sync_folder(aside)
        disk.point("ledger-model:written")
        disk.move(aside, place, "ledger-model")
