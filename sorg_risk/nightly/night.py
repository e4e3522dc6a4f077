"""One night: read, law, features, score, explain, compare, stage, check, publish, in this order.

A night that finds its run published changes nothing; one that follows a crash goes on with the stages that were finished.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..errors import GateRefused, StorageError, UsageError
from ..features import features
from ..flags import Run, score
from ..flags.score import loaded
from ..law import LawTables, statutory_of_all
from ..model import RiskModel, default_bundle, fingerprint
from ..records import disk
from ..records.ledger.wide import WideSource
from ..watch import NightDiff
from . import audit, commitments, ledger, manifest, metrics, recovery, tables
from .clock import Clock
from .compare import compared, read_before
from .decision import Decision, decided
from .gates import Before, refusals
from .logs import Log
from .published import Published
from .run_reader import RunReader
from .settings import Settings
from .staged import write_run
from .stages import Stages
from .store import MANIFEST, REFUSED, Store, manifest_of

if TYPE_CHECKING:
    from ..features.executor import Executor
    from ..records import View
    from ..records.ledger.wide import WideView


@dataclass
class Night:
    """One run on its way; every step is a method, in the order in which they are taken."""

    store: Store
    ledger: Path
    settings: Settings
    clock: Clock
    day: dt.date
    model_named: RiskModel | str | Path | None
    kept: bool = True
    executor: Executor | None = None
    brought: WideSource | None = None

    def run(self, source: Any) -> Published:
        """All steps; returns the run, published now or found published. What goes wrong is told in the log too."""
        try:
            return self._taken(source)
        except GateRefused:
            raise
        except Exception as problem:
            with suppress(OSError, MemoryError):
                self.log.say("failed", as_of=self.day.isoformat(), error=type(problem).__name__, why=str(problem))
            raise

    def _taken(self, source: Any) -> Published:
        self.clock("plan")
        self.before  # noqa: B018 - read before anything is written
        self.model  # noqa: B018 - likewise
        self.clock("read")
        view = self._read(source)
        self.log.run = self.decision(view).run_id
        final = self.store.final(self.day, self.log.run)
        if (final / MANIFEST).is_file():
            self.clock.stop()
            warnings = tuple(manifest_of(final)["warnings"])
            found = Published(final, self.log.run, self.day, True, warnings, self.clock.stages)
            if self.kept:
                self._republish(final)
                recovery.tidy(self.store)
                if not metrics.is_measured(self.settings, self.store, final):
                    self._measure(view, len(found.table("scores")), found.table("flags"))
            return found
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
        """The fitted model; one that reads columns of its own is refused before anything is written."""
        key, is_trusted = self.settings.model_public_key, not self.settings.untrusted_model
        if isinstance(self.model_named, RiskModel):
            if key is not None:
                raise UsageError("the setting model_public_key asks for a signed model; name the folder of its bundle.")
            return loaded(self.model_named)
        bundle = default_bundle() if self.model_named is None else self.model_named
        return loaded(RiskModel.load(bundle, trusted=is_trusted, public_key=key))

    @cached_property
    def before(self) -> Before | None:
        """The latest published run of an earlier day."""
        reader = RunReader(self.store)
        folder = self.store.before(self.day, audit.published(audit.entries(self.store.audit)))
        return None if folder is None else read_before(folder, reader.manifest(folder))

    def decision(self, view: WideView) -> Decision:
        """What this run's result depends on."""
        if not hasattr(self, "_decision"):
            shaping = {
                "lists": self.settings.lists,
                "full_reasons": self.settings.full_reasons,
                "code_scheme": view.source.code_scheme,
                "calendar": view.source.calendar,
                "most_organizations": view.source.most_organizations,
            }
            previous = None if self.before is None else self.before.manifest["decision"]["digest"]
            self._decision = decided(view, fingerprint(self.model), shaping, previous)
        return self._decision

    def _read(self, source: Any) -> WideView:
        """Brings what the source delivers into the ledger, and looks at it from there."""
        is_read = isinstance(source, WideSource)
        announce = self._announce if self.kept else None
        self.brought = source if is_read else ledger.brought(source, self.settings.mapping, self.ledger, announce)
        self.brought.most_organizations = self.settings.most_organizations
        self.brought = ledger.beside_earlier(self.brought, self.before, self.ledger)
        if self.kept:
            ledger.keep_model(self.model, fingerprint(self.model), self.store.ledger)
        return self.brought.as_of(self.day)

    def _announce(self, previous: str, state: str) -> None:
        """Writes a new state of the ledger to the audit log, before it becomes the current one."""
        audit.append(self.store.audit, "ingested", "", **commitments.of_state(previous, state))

    @property
    def stages(self) -> Stages:
        """Finished work of an interrupted run of the same decision."""
        return Stages(self.store.work(self.log.run) if self.kept else None)

    def _score(self, view: WideView) -> Run:
        """Law, features, scores, explanations: the flags of the night, with the officers' verdicts beside."""
        self.clock("law")
        law = self._law(view)
        self.clock("features")
        X = self.stages.frame("features", lambda: features(view, executor=self.executor))
        return score(
            view,
            self.model,
            self.settings.lists,
            full_reasons=self.settings.full_reasons,
            tell=self.clock,
            law=law,
            X=X,
            executor=self.executor,
        )

    def _law(self, view: WideView) -> LawTables:
        """What the law says, made before or made now and kept."""
        made = lru_cache(1)(lambda: statutory_of_all(view, self.settings.lists))

        def kept(name: str) -> pd.DataFrame:
            return self.stages.frame(f"law-{name}", lambda: getattr(made(), name))

        return LawTables(kept("flags"), kept("members"), kept("clauses"), view.day)

    def _diff(self, run: Run, view: WideView) -> NightDiff | None:
        if self.before is None:
            return None
        self.clock("diff")
        lists, decision = self.settings.lists, self.decision(view).parts
        return compared(self.before, run.flags, view, decision, self.model, lists, self.ledger, self.executor)

    def _stage(self, run: Run, view: WideView, diff: NightDiff | None) -> tuple[Path, dict[str, Any]]:
        """Writes everything aside, the manifest last."""
        self.clock("explain")
        folder = disk.make_folder(self.store.staging(self.log.run))
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
        disk.make_folder(kept.parent)
        disk.write(staged / REFUSED, json.dumps({"why": why}, ensure_ascii=False, indent=1).encode("utf-8"), "refused")
        disk.sync_folder(staged)
        disk.move(staged, kept, "rejected")
        words = commitments.of_run((kept / MANIFEST).read_bytes(), told["decision"]["model"], self.store, self.settings)
        audit.append(self.store.audit, "refused", self.store.named(kept), why=why, **words)
        self.log.say("refused", why=why)
        self.clock.stop()
        raise GateRefused(f"{'; '.join(why)}. The previous run still stands; the refused one is kept in {kept}.")

    def _publish(self, staged: Path, final: Path, told: dict[str, Any], run: Run) -> Published:
        """Makes the run visible: by an entry of the audit log that commits to it, one rename, and one replaced pointer."""
        self.clock("publish")
        name = self.store.named(final)
        disk.sync_folder(staged.parent)
        words = commitments.of_run(
            (staged / MANIFEST).read_bytes(), told["decision"]["model"], self.store, self.settings
        )
        entry = audit.append(self.store.audit, "published", name, **words)
        recovery.publish_staged(self.store, staged, name)
        self.store.point_to(final)
        recovery.tidy(self.store)
        self.clock.stop()
        self._measure(run.view, len(run.scores), run.flags)
        head = {"number": entry.number, "digest": entry.digest}
        self.log.say("published", folder=name, audit=head, stages=self.clock.stages)
        return Published(final, self.log.run, self.day, False, run.warnings, self.clock.stages)

    def _republish(self, final: Path) -> None:
        """Lets `CURRENT` name a run that was published before, if it would; the audit log is told first, also of a run that
        retention removed and that lies there again.

        Raises `DataError` for a run that the log does not know, or knows otherwise.
        """
        reader = RunReader(self.store)
        told = reader.manifest(final)
        name = self.store.named(final)
        record = commitments.runs(audit.entries(self.store.audit)).get(name)
        if self.store.is_ahead(final) or (record is not None and record.is_removed):
            content = (final / MANIFEST).read_bytes()
            words = commitments.of_run(content, told["decision"]["model"], self.store, self.settings)
            audit.append(self.store.audit, "published", name, **words)
            self.store.point_to(final)

    def _measure(self, view: View, scored: int, flags: pd.DataFrame) -> None:
        """Writes the numbers for operators: the last step, after which nothing of the run is left to do."""
        try:
            metrics.write(self.settings, self.store, view.counts, scored, flags, self.clock.stages)
        except OSError as problem:
            raise StorageError.unmeasured(metrics.path_of(self.settings, self.store), problem) from problem

    def _dry(self, run: Run, view: WideView, diff: NightDiff | None, final: Path) -> Published:
        """Gates of a run that is not written."""
        self.clock("check")
        told = manifest.described(self.decision(view), view, {}, engine="", warnings=[], previous=None)
        why = refusals(self.settings.gates, view, told, run.scores, self.before, diff)
        self.clock.stop()
        if why:
            raise GateRefused(f"{'; '.join(why)}. This was a dry run; nothing was touched.")
        return Published(final, self.log.run, self.day, False, run.warnings, self.clock.stages)
