"""What was read, kept: every delivered row once, in an append-only ledger, and beside it the models and manifests of all runs.

Together they make any earlier run again, whatever has become of the source. A night that brings the same rows adds
nothing but the order in which they came.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DataError, ModelError, NotFound
from ..law import looked_at
from ..model import RiskModel, bundle
from ..records import disk
from ..records.ledger import Ledger
from ..records.ledger.copying import copy_ledger
from ..records.ledger.losses import Losses, losses
from ..records.ledger.state import Announce
from ..records.ledger.wide import WideSource
from ..records.widespread import MOST_ORGANIZATIONS
from .commitments import ROWS, demand_ledger

if TYPE_CHECKING:
    from .gates import Before


def brought(source: Any, mapping: str | Path | None, folder: Path, announce: Announce | None = None) -> WideSource:
    """A delivery added to the ledger, and read from there: what the source says is used from the ledger only.

    ``announce`` is told of a new state of the ledger before it counts.
    """
    ledger = _sound(folder, announce)
    return _opened(ledger, ledger.bring(source, mapping))


def source(manifest: dict[str, Any], folder: Path, *, sound: bool = False) -> WideSource:
    """The delivery of a run again; ``sound``: the ledger was verified a moment ago.

    Raises `DataError` naming what is missing or damaged.
    """
    rows = folder / ROWS
    if not rows.is_dir():
        raise DataError.missing("rows", folder, "Restore the ledger from a copy.")
    ledger = Ledger.open(rows) if sound else _sound(folder)
    number = manifest["ledger"]["generation"]
    try:
        made = _opened(ledger, number)
        if against := tuple(manifest["ledger"].get("against", ())):
            made = made.against(_losses(ledger, made, against, manifest["ledger"]["since"]))
    except NotFound:
        raise DataError.missing(f"delivery {number}", rows, "Restore the ledger from a copy.") from None
    made.most_organizations = manifest["settings"].get("most_organizations", MOST_ORGANIZATIONS)
    return made


def delivery(manifest: dict[str, Any], folder: Path) -> WideSource:
    """The delivery of a run by itself, not compared with others, from a ledger that was verified a moment ago.

    Raises `DataError` where it is not there.
    """
    number = manifest["ledger"]["generation"]
    try:
        return _opened(Ledger.open(folder / ROWS), number)
    except NotFound:
        raise DataError.missing(f"delivery {number}", folder / ROWS, "Restore the ledger from a copy.") from None


def _sound(folder: Path, announce: Announce | None = None) -> Ledger:
    """The ledger, after every file of it was read and found as it was written, and as the audit log has it.

    What is damaged or forged must decide nothing.
    """
    rows = folder / ROWS
    ledger = Ledger.open(rows, announce)
    demand_ledger(folder)
    if found := ledger.verify():
        raise DataError.unreadable(f"ledger {rows}", "; ".join(found[:3]), "Restore the ledger from a copy.")
    return ledger


@contextmanager
def copied(folder: Path, place: Path) -> Iterator[None]:
    """A copy of the ledger's rows in another folder (nothing where there are none yet), good inside the ``with`` block."""
    if not (folder / ROWS).is_dir():
        yield
        return
    demand_ledger(folder)
    original = copy_ledger(folder / ROWS, place / ROWS)
    yield
    del original


def _opened(ledger: Ledger, number: int) -> WideSource:
    return WideSource(ledger.at(number), held=looked_at)


def beside_earlier(source: WideSource, before: Before | None, folder: Path) -> WideSource:
    """A delivery beside what it lacks of those that the previous run, and all before it, were published of.

    A delivery whose run was refused is none of them: it must not become what the next one is compared with.
    """
    if before is None or not is_in(folder, source):
        return source
    then = before.manifest["ledger"]
    against = tuple(sorted({*then.get("against", ()), then["generation"]}))
    return source.against(_losses(Ledger.open(folder / ROWS), source, against, before.as_of.isoformat()))


def _losses(ledger: Ledger, source: WideSource, against: tuple[int, ...], since: str) -> Losses:
    """What a delivery lacks of earlier ones, the last of which was published as of a day."""
    own = source.edition
    earlier = [own if number == own.number else ledger.at(number) for number in against]
    found = losses(own, earlier, since) if {*against} - {own.number} else Losses()
    return replace(found, against=against, since=since)


def told(source: WideSource) -> dict[str, Any]:
    """What a manifest says of its delivery, so that it can be found again, with those that it was compared with."""
    number, against = {"generation": source.edition.number}, source.losses.against
    return {**number, "against": list(against), "since": source.losses.since} if against else number


def is_of(manifest: dict[str, Any], folder: Path, source: WideSource) -> bool:
    """Whether a source is the very delivery that a manifest names, with the same losses, from the ledger of the same folder."""
    number, then = source.edition.number, manifest["ledger"]
    own, its = ({*against} - {number} for against in (source.losses.against, then.get("against", ())))
    return is_in(folder, source) and number == then["generation"] and own == its


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
    """Stores the bundle of a model under its fingerprint, unless it is there already, whole."""
    place = folder / "models" / fingerprint
    if is_kept(place, fingerprint):
        return
    aside = disk.make_folder(place.with_name(f".{fingerprint}.new"))
    for name, content in bundle.packed(model).items():
        disk.write(aside / name, content, "ledger-model-file")
    disk.sync_folder(aside)
    disk.point("ledger-model:written")
    disk.move(aside, place, "ledger-model")


def kept_model(fingerprint: str, folder: Path) -> RiskModel:
    """The model of a run again. Raises `DataError` where it is missing, was changed, or is another one."""
    place = folder / "models" / fingerprint
    if not is_kept(place, fingerprint):
        raise DataError.missing(f"model {fingerprint[:12]}", place.parent, "Restore it from a copy.")
    return RiskModel.load(place)


def is_kept(place: Path, fingerprint: str) -> bool:
    """Whether the bundle in a folder is the one of a fingerprint. Raises `DataError` where it was changed."""
    if not place.exists():
        return False
    try:
        same = bundle.digest(place) == fingerprint
    except ModelError as problem:
        raise DataError.unreadable(place, problem, "Restore the model from a copy.") from problem
    if not same:
        raise DataError.unreadable(place, "it is another model than its name says", "Restore it from a copy.")
    return True
