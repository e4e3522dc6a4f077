"""`nightly`: the job an operator runs. Plan, read, law, features, score, explain, check, publish.

The clock of the machine has no part in any result; the as-of day is given. A rerun of the same decision finds its run
published and changes nothing; a rerun after a crash goes on with the stages that were finished.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..errors import GateRefused, StorageError, UsageError
from ..features import features
from ..flags import Run, score
from ..law import Statutory, statutory
from ..model import RiskModel, default_bundle, fingerprint
from ..records import disk
from ..records.ledger.wide import WideSource
from ..records.source import as_day
from ..report import Surroundings, page
from ..watch import NightDiff, beside, verdicts
from . import audit, ledger, lock, manifest, metrics, tables
from .clock import Clock
from .compare import compared, read_before
from .decision import Decision, decided
from .gates import Before, refusals
from .logs import Log
from .settings import Gates, Settings
from .stages import Stages
from .store import MANIFEST, Store, manifest_of

if TYPE_CHECKING:
    from ..records.ledger.wide import WideView

ENGINES = ("local",)


@dataclass(frozen=True)
class Published:
    """A published run: where it lies, and whether it was there already.

    ``costs``: wall and processor seconds and peak megabytes per stage; about the machine, no part of the result.
    """

    folder: Path
    run_id: str
    as_of: dt.date
    unchanged: bool = True
    warnings: tuple[str, ...] = ()
    costs: dict[str, dict[str, float]] = field(default_factory=dict, compare=False)

    def table(self, name: str) -> pd.DataFrame:
        """One of its tables: scores, flags, reasons, quarantine."""
        return pd.read_parquet(self.folder / f"{name}.parquet")

    @property
    def manifest(self) -> dict[str, Any]:
        """What the run rests on, and the digests of its files."""
        return manifest_of(self.folder)

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
    lists: str | None = None,
    full_reasons: bool | None = None,
    engine: str | None = None,
    gates: Gates | None = None,
    settings: Settings | None = None,
    dry_run: bool = False,
    tell: Callable[[str], None] = lambda _stage: None,
) -> Published:
    """Score every active organisation as of a day and publish the run atomically.

    Parameters
    ----------
    source
        A folder, a database, a dict of frames, or what `open` gave.
    as_of
        The day; everything recorded later is not seen.
    out
        Output folder: ``runs/<as_of>/<run_id>``, ``CURRENT``, ``ledger`` and what else `Store` names.
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
        Limits a run must keep before it is published.
    settings
        All other settings; arguments win over them. None: those of the environment.
    dry_run
        Do everything and touch nothing.
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
    StorageError
        The disk is full or read-only; the previous run still stands.
    """
    chosen = (settings or Settings.load()).with_(
        lists=lists, full_reasons=full_reasons, engine=engine, gates=gates, mapping=mapping
    )
    (run,) = nights(source, [as_of], out=out, model=model, settings=chosen, dry_run=dry_run, tell=tell)
    return run


def nights(
    source: Any,
    days: Iterable[Any],
    *,
    out: str | Path,
    model: RiskModel | str | Path | None = None,
    settings: Settings | None = None,
    dry_run: bool = False,
    tell: Callable[[str], None] = lambda _stage: None,
) -> Iterator[Published]:
    """A back-fill: the runs of many days, one after the other, each as `nightly` makes it; the source is read once.

    Arguments and errors as of `nightly`. The folder stays locked until the last run is taken.
    """
    chosen = settings or Settings.load()
    if chosen.engine not in ENGINES:
        raise UsageError.not_yet(f"engine {chosen.engine!r}")
    given = sorted({as_day(day) for day in days})
    store, named = Store(Path(out)), model if model is not None else chosen.model
    brought: WideSource | None = None
    with _storage(store), _alone(store, dry_run), _ledger(store, dry_run) as place:
        for day in given:
            job = _Job(store, place, chosen, Clock(tell), day, named, kept=not dry_run)
            yield job.run(source if brought is None else brought)
            brought = job.brought


@contextmanager
def _ledger(store: Store, dry_run: bool) -> Iterator[Path]:
    """Where what is read is kept: for a dry run a folder aside, which is gone afterwards."""
    if not dry_run:
        yield store.ledger
        return
    with tempfile.TemporaryDirectory(prefix="sorg-risk-dry-run-") as aside:
        yield Path(aside)


@contextmanager
def _alone(store: Store, dry_run: bool) -> Iterator[None]:
    """The only writer of the folder; a dry run writes nothing and waits for nobody."""
    if dry_run:
        yield
        return
    with lock.writing(store.out):
        had = store.prepare()
        if had == 1:
            _adopt(store)
        yield


@contextmanager
def _storage(store: Store) -> Iterator[None]:
    """Errors of the disk as one clear error."""
    try:
        yield
    except OSError as problem:
        raise StorageError.failed(store.out, problem) from problem


def _adopt(store: Store) -> None:
    """Takes the runs of an older layout into the audit log."""
    known = set(audit.published(audit.entries(store.audit)))
    for run in store.runs():
        if store.named(run) not in known:
            audit.append(store.audit, "adopted", store.named(run), manifest=manifest.sha256(run / MANIFEST))


@dataclass(frozen=True)
class Said:
    """What a run uses of what the law says, kept among the finished stages."""

    flags: pd.DataFrame
    members: pd.DataFrame
    clauses: pd.DataFrame

    @classmethod
    def of(cls, stages: Stages, make: Callable[[], Statutory]) -> Said:
        """As made before, or made now and kept."""
        made = lru_cache(1)(make)
        parts = ("flags", "members", "clauses")
        return cls(*(stages.frame(f"law-{part}", lambda: getattr(made(), part)) for part in parts))  # noqa: B023


@dataclass
class _Job:
    """One run on its way; every step is a method, in the order in which they are taken."""

    store: Store
    ledger: Path
    settings: Settings
    clock: Clock
    day: dt.date
    model_named: RiskModel | str | Path | None
    kept: bool = True
    brought: WideSource | None = None

    def run(self, source: Any) -> Published:
        """All steps; returns the run, published now or found published."""
        self.clock("plan")
        self.before  # noqa: B018 - read before anything is written
        self.clock("read")
        view = self._read(source)
        self.log.run = self.decision(view).run_id
        final = self.store.final(self.day, self.log.run)
        if (final / MANIFEST).is_file():
            self.clock.stop()
            if self.kept:
                self._finish(final)
            return Published(final, self.log.run, self.day, True, costs=self.clock.stages)
        self.log.say("started", as_of=self.day.isoformat(), decision=self.decision(view).digest)
        scored = self._score(view)
        diff = self._diff(scored, view)
        if not self.kept:
            return self._dry(scored, view, diff, final)
        staged, told = self._stage(scored, view, diff)
        self._check(staged, told, scored, view, diff)
        return self._publish(staged, final, told, scored)

    @cached_property
    def log(self) -> Log:
        """The structured log."""
        return Log(self.store.log if self.kept else None)

    @cached_property
    def model(self) -> RiskModel:
        """The fitted model."""
        if isinstance(self.model_named, RiskModel):
            return self.model_named
        return RiskModel.load(default_bundle() if self.model_named is None else self.model_named)

    @cached_property
    def before(self) -> Before | None:
        """The latest published run of an earlier day."""
        found = self.store.before(self.day, audit.published(audit.entries(self.store.audit)))
        return None if found is None else read_before(found)

    def decision(self, view: WideView) -> Decision:
        """What this run's result depends on."""
        if not hasattr(self, "_decision"):
            shaping = {
                "lists": self.settings.lists,
                "full_reasons": self.settings.full_reasons,
                "code_scheme": view.source.code_scheme,
                "calendar": view.source.calendar,
            }
            previous = None if self.before is None else self.before.manifest["decision"]["digest"]
            self._decision = decided(view, fingerprint(self.model), shaping, previous)
        return self._decision

    def _read(self, source: Any) -> WideView:
        """Brings what the source delivers into the ledger, and looks at it from there."""
        is_read = isinstance(source, WideSource)
        self.brought = source if is_read else ledger.brought(source, self.settings.mapping, self.ledger)
        if self.kept:
            ledger.keep_model(self.model, fingerprint(self.model), self.store.ledger)
        return self.brought.as_of(self.day)

    @property
    def stages(self) -> Stages:
        """Finished work of an interrupted run of the same decision."""
        return Stages(self.store.work(self.log.run) if self.kept else None)

    def _score(self, view: WideView) -> Run:
        """Law, features, scores, explanations: the flags of the night, with the officers' verdicts beside."""
        self.clock("law")
        law = Said.of(self.stages, lambda: statutory(view, self.settings.lists))
        self.clock("features")
        X = self.stages.frame("features", lambda: features(view))
        return score(
            view,
            self.model,
            self.settings.lists,
            full_reasons=self.settings.full_reasons,
            tell=self.clock,
            law=law,
            X=X,
        )

    def _diff(self, run: Run, view: WideView) -> NightDiff | None:
        if self.before is None:
            return None
        self.clock("diff")
        lists, decision = self.settings.lists, self.decision(view).parts
        return compared(self.before, run.flags, view, decision, self.model, lists, self.store)

    def _stage(self, run: Run, view: WideView, diff: NightDiff | None) -> tuple[Path, dict[str, Any]]:
        """Writes everything aside, the manifest last."""
        self.clock("explain")
        folder = self.store.staging(self.log.run)
        folder.mkdir(parents=True, exist_ok=True)
        self.stages.file(folder / "reasons.parquet", lambda: tables.write("reasons", run.reason_blocks(), folder))
        self.clock("write")
        told = write_run(folder, run, view, self.decision(view), self.before, diff, self.settings.engine)
        return folder, told

    def _check(self, staged: Path, told: dict[str, Any], run: Run, view: WideView, diff: NightDiff | None) -> None:
        """Refuses a run that breaks a limit, keeping it for inspection."""
        self.clock("check")
        why = refusals(self.settings.gates, view, told, run.scores, self.before, diff)
        if not why:
            return
        kept = self.store.rejected(self.day, self.log.run)
        shutil.rmtree(kept, ignore_errors=True)
        kept.parent.mkdir(parents=True, exist_ok=True)
        disk.move(staged, kept, "rejected")
        audit.append(self.store.audit, "refused", kept.relative_to(self.store.out).as_posix(), why=why)
        self.log.say("refused", why=why)
        self.clock.stop()
        raise GateRefused(f"{'; '.join(why)}. The previous run still stands; the refused one is kept in {kept}.")

    def _publish(self, staged: Path, final: Path, told: dict[str, Any], run: Run) -> Published:
        """Makes the run visible: by one rename, and by one replaced pointer."""
        self.clock("publish")
        disk.put(
            self.store.ledger / "manifests" / f"{self.day}-{self.log.run}.json", manifest.packed(told), "kept-manifest"
        )
        final.parent.mkdir(parents=True, exist_ok=True)
        disk.sync_folder(final.parent.parent)
        disk.move(staged, final, "run")
        self._finish(final)
        self.clock.stop()
        metrics.write(
            self.settings.metrics or self.store.metrics, run.view.counts, len(run.scores), run.flags, self.clock.stages
        )
        self.log.say("published", folder=self.store.named(final), stages=self.clock.stages)
        return Published(final, self.log.run, self.day, False, run.warnings, self.clock.stages)

    def _finish(self, final: Path) -> None:
        """What follows the rename, each only if a crash left it undone: audit entry, pointer, tidying up."""
        name = self.store.named(final)
        if name not in audit.published(audit.entries(self.store.audit)):
            audit.append(self.store.audit, "published", name, manifest=manifest.sha256(final / MANIFEST))
        self.store.point_to(final)
        shutil.rmtree(self.store.work(self.log.run), ignore_errors=True)
        for left in (self.store.out / "runs").glob(".staging-*"):
            shutil.rmtree(left, ignore_errors=True)

    def _dry(self, run: Run, view: WideView, diff: NightDiff | None, final: Path) -> Published:
        """Gates of a run that is not written."""
        self.clock("check")
        told = manifest.described(self.decision(view), view, {}, engine="", warnings=[], previous=None)
        why = refusals(self.settings.gates, view, told, run.scores, self.before, diff)
        self.clock.stop()
        if why:
            raise GateRefused(f"{'; '.join(why)}. This was a dry run; nothing was touched.")
        return Published(final, self.log.run, self.day, False, run.warnings, self.clock.stages)


def write_run(
    folder: Path,
    run: Run,
    view: WideView,
    decision: Decision,
    before: Before | None,
    diff: NightDiff | None,
    engine: str,
) -> dict[str, Any]:
    """Writes all files of a run but the reasons (which must be there) into a folder, the manifest last; returns that."""
    flags = _named(beside(run.flags, verdicts(view)), view)
    for name, frame in {"scores": _named(run.scores, view), "flags": flags, "quarantine": view.quarantine}.items():
        tables.write(name, [frame], folder)
        tables.write_csv(name, frame, folder)
    around = Surroundings(decision.digest, diff, flags, None if before is None else before.scores)
    disk.write(folder / "report.html", page(run, around).encode("utf-8"), "report")
    told = manifest.described(
        decision,
        view,
        manifest.outputs(folder),
        engine=engine,
        warnings=list(run.warnings),
        previous=None if before is None else before.manifest["run_id"],
    )
    manifest.write(told, folder)
    disk.sync_folder(folder)
    return told


def _named(frame: pd.DataFrame, view: WideView) -> pd.DataFrame:
    """The name of each organisation beside its code, for people."""
    names = view.table("organizations").set_index("org_id")["name"]
    return frame.assign(name=names.reindex(frame["org_id"]).to_numpy())
