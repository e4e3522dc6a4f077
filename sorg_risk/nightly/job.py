"""`nightly`: the job an operator runs. Read, decide, score, write aside, check, publish.

The clock of the machine has no part in any result; the as-of day is given. A rerun of the same decision finds its run published and
changes nothing.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..errors import GateRefused, UsageError
from ..flags import Run, score
from ..law.workdays import published_until
from ..model import RiskModel, default_bundle, fingerprint
from ..records import Source
from ..records import open as open_source
from ..records.source import as_day
from ..report import page
from . import ledger, manifest, publish, tables
from .decision import Decision, decided
from .gates import Gates, refused
from .lock import writing

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from ..records import View

ENGINES = ("local",)


@dataclass(frozen=True)
class Published:
    """A published run: where it lies, and whether it was there already."""

    folder: Path
    run_id: str
    as_of: dt.date
    unchanged: bool
    warnings: tuple[str, ...] = ()

    def table(self, name: str) -> pd.DataFrame:
        """One of its tables: scores, flags, reasons, quarantine."""
        return pd.read_parquet(self.folder / f"{name}.parquet")

    @property
    def manifest(self) -> dict[str, Any]:
        """What the run rests on, and the digests of its files."""
        return manifest.read(self.folder)

    @property
    def report(self) -> Path:
        """The page people look at."""
        return self.folder / "report.html"


def nightly(
    source: Any,
    *,
    as_of: Any,
    out: str | Path,
    model: RiskModel | str | Path | None = None,
    mapping: str | Path | None = None,
    lists: str = "decided",
    full_reasons: bool = False,
    engine: str = "local",
    gates: Gates | None = None,
    tell: Callable[[str], None] = lambda _stage: None,
) -> Published:
    """Score every active organisation as of a day and publish the run atomically.

    Parameters
    ----------
    source
        A folder, a dict of frames, or what `open` gave.
    as_of
        The day; everything recorded later is not seen.
    out
        Output folder: ``runs/<as_of>/<run_id>``, ``CURRENT``, ``ledger``.
    model
        A fitted `RiskModel`, its folder, or None for the shipped one.
    mapping
        Mapping file of foreign tables.
    lists
        ``"decided"`` or ``"assumed"``.
    full_reasons
        Publish every contribution.
    engine
        ``"local"``.
    gates
        Limits a run must keep against the night before.
    tell
        Called with the name of each stage.

    Returns
    -------
    Published
        The run, published now or found published.

    Raises
    ------
    GateRefused
        A limit was broken; the previous run still stands and the staged one is kept under ``rejected/``.
    LockHeld
        Another run is writing to ``out``.
    """
    if engine not in ENGINES:
        raise UsageError.not_yet(f"engine {engine!r}")
    out = Path(out)
    with writing(out):
        tell("read")
        opened = source if isinstance(source, Source) else open_source(source, mapping)
        view = opened.as_of(as_day(as_of))
        fitted = model if isinstance(model, RiskModel) else RiskModel.load(default_bundle() if model is None else model)
        settings = {
            "lists": lists,
            "full_reasons": full_reasons,
            "code_scheme": opened.code_scheme,
            "calendar": opened.calendar,
        }
        before = previous(out, view.day)
        decision = decided(view, fingerprint(fitted), settings, None if before is None else _digest_of(before))
        final = out / "runs" / view.day.isoformat() / decision.run_id
        if (final / manifest.NAME).is_file():
            _point(out, final)
            return Published(final, decision.run_id, view.day, unchanged=True)
        kept = ledger.keep(opened, out)
        run = score(view, fitted, lists, full_reasons=full_reasons, tell=tell)
        staged = _staged(out, run, decision, kept, tell)
        _gated(out, staged, run, before, gates or Gates(), decision)
        tell("publish")
        publish.published(staged, final)
        _point(out, final)
        return Published(final, decision.run_id, view.day, unchanged=False, warnings=run.warnings)


def previous(out: Path, day: dt.date) -> Path | None:
    """The latest published run of an earlier day (of several on that day, the one published last by name of its manifest's run)."""
    runs = out / "runs"
    days = (
        sorted((p for p in runs.iterdir() if _is_day(p.name) and p.name < day.isoformat()), reverse=True)
        if runs.is_dir()
        else []
    )
    for folder in days:
        whole = sorted(p for p in folder.iterdir() if (p / manifest.NAME).is_file())
        if whole:
            return _pointed_or_last(out, whole)
    return None


def _pointed_or_last(out: Path, whole: list[Path]) -> Path:
    """Of several runs of one day: the one `CURRENT` names, else the last by name."""
    now = publish.current(out)
    return next((p for p in whole if now and now.endswith(f"/{p.name}")), whole[-1])


def _staged(out: Path, run: Run, decision: Decision, kept: dict[str, str], tell: Callable[[str], None]) -> Path:
    """Write everything aside, the manifest last."""
    tell("write")
    folder = publish.staging(out, decision.run_id)
    frames = {"scores": run.scores, "flags": run.flags, "reasons": run.reasons, "quarantine": _quarantine(run.view)}
    for name, frame in frames.items():
        tables.write(name, frame, folder)
        publish.step(f"wrote-{name}")
    (folder / "report.html").write_text(page(run, decision.digest), encoding="utf-8")
    publish.step("wrote-report")
    until = published_until().isoformat()
    told = manifest.described(decision, run.view, kept, folder, calendar_until=until, warnings=list(run.warnings))
    manifest.write(told, folder)
    publish.synced(folder)
    publish.step("wrote-manifest")
    return folder


def _gated(out: Path, staged: Path, run: Run, before: Path | None, gates: Gates, decision: Decision) -> None:
    """Refuse a run that breaks a limit, keeping it for inspection."""
    why = refused(run, before, gates)
    if why:
        kept = out / "rejected" / f"{run.view.day.isoformat()}-{decision.run_id}"
        shutil.rmtree(kept, ignore_errors=True)
        kept.parent.mkdir(parents=True, exist_ok=True)
        staged.rename(kept)
        raise GateRefused(f"{'; '.join(why)}. The previous run still stands; the refused one is kept in {kept}.")


def _point(out: Path, final: Path) -> None:
    """Let `CURRENT` name the run, unless it names one of a later day (a back-fill leaves it)."""
    run = final.relative_to(out).as_posix()
    now = publish.current(out)
    if now != run and (now is None or now.split("/")[1] <= final.parent.name):
        publish.pointed(out, run)


def _quarantine(view: View) -> pd.DataFrame:
    return view.quarantine.sort_values(["table", "source", "row"], kind="stable").reset_index(drop=True)


def _digest_of(folder: Path) -> str:
    return str(manifest.read(folder)["decision"]["digest"])


def _is_day(name: str) -> bool:
    parts = name.split("-")
    return len(parts) == 3 and all(part.isdigit() for part in parts)
