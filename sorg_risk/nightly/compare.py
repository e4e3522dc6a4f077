"""The night before, and the what-ifs between it and this one: what the causes of a difference are told from."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ..features import features
from ..flags import score
from ..law import rulebook, statutory_of_all
from ..records.ledger.wide import WideSource
from ..watch import NightDiff, Steps, night_diff
from . import ledger
from .gates import Before
from .run_reader import read_table
from .store import manifest_of

if TYPE_CHECKING:
    from ..features.executor import Executor
    from ..model import RiskModel
    from ..records import View
    from ..records.ledger.wide import WideView
    from ..watch.diff import WhatIf

RULES: Final = ("rulebook", "model", "code", "settings")
"""Parts of a decision that are not data."""


def read_before(folder: Path, manifest: dict[str, Any] | None = None) -> Before:
    """A run, as far as comparisons look at it; ``manifest``: as the audit log has it, where the run was published.

    Raises `DataError` where its tables are not as they were published: what is damaged must decide nothing.
    """
    content = manifest_of(folder) if manifest is None else manifest
    scores, flags = (read_table(folder, content, name) for name in ("scores", "flags"))
    return Before(dt.date.fromisoformat(content["as_of"]), content, scores, flags)


def compared(
    before: Before,
    flags: pd.DataFrame,
    view: WideView,
    decision: dict[str, Any],
    model: RiskModel,
    lists: str,
    folder: Path,
    executor: Executor | None = None,
) -> NightDiff:
    """Differences of this night's flags to the night before, each with its cause; ``folder``: of the ledger that holds both."""
    what_if = _WhatIf(before, view, model, lists, folder, executor)
    differs = frozenset(part for part in RULES if decision[part] != before.manifest["decision"][part])
    steps = Steps(
        by_time=lambda orgs, warned: what_if.flags(orgs, view.day, warned=warned),
        by_new_rules=(lambda orgs, warned: what_if.flags(orgs, before.as_of, warned=warned)) if differs else None,
        law_by_date=changed_rules(before.as_of, view.day),
        changed=differs,
        by_loss=what_if.losses(view.day),
    )
    return night_diff(before.flags, flags, steps, since=before.as_of.isoformat())


class _WhatIf:
    """Flags by today's rules and model from what the night before knew."""

    def __init__(
        self,
        before: Before,
        view: WideView,
        model: RiskModel,
        lists: str,
        folder: Path,
        executor: Executor | None,
    ) -> None:
        self._before = before
        self._view = view
        self._model = model
        self._lists = lists
        self._folder = folder
        self._executor = executor
        self._known: WideView | None = None

    def flags(self, orgs: list[str], day: dt.date, *, warned: bool) -> pd.DataFrame:
        """Flags of some organisations on a day; without ``warned`` those of the law alone, which is much quicker."""
        return self._of_view(self._old_view().later(day), orgs, warned=warned)

    def _of_view(self, whole: View, orgs: list[str], *, warned: bool) -> pd.DataFrame:
        view = whole.restricted_to(orgs)
        if not warned:
            return statutory_of_all(view, self._lists).flags
        X = features(whole, executor=self._executor)  # some features compare an organisation with all its peers
        return score(view, self._model, self._lists, X=X.loc[X.index.intersection(orgs)]).flags

    def losses(self, day: dt.date) -> tuple[tuple[str, WhatIf], ...]:
        """The night before on a day, first without what has vanished since, then with what was rewritten since."""
        found = self._view.source.losses
        steps: list[tuple[str, WhatIf]] = []
        new = {name: rows for name, (_, rows) in found.replaced.items()}
        old = {name: rows for name, (rows, _) in found.replaced.items()}
        if found.hidden:
            steps.append(("vanished", self._altered(found.hidden, {}, day)))
        if new:
            both = {name: np.concatenate([found.hidden.get(name, old[name][:0]), rows]) for name, rows in old.items()}
            steps.append(("rewritten", self._altered({**found.hidden, **both}, new, day)))
        return tuple(steps)

    def _altered(self, hidden: dict[str, Any], beside: dict[str, Any], day: dt.date) -> WhatIf:
        def flags(orgs: list[str], warned: bool) -> pd.DataFrame:
            then = self._old_view().source
            source = WideSource(then.edition.altered(hidden, beside), held=then.held).against(self._view.source.losses)
            source.most_organizations = then.most_organizations
            return self._of_view(source.as_of(self._before.as_of).later(day), orgs, warned=warned)

        return flags

    def _old_view(self) -> WideView:
        """The night before as it was known then: of the same delivery, or of the one it had."""
        if self._known is None:
            then, now, folder = self._before.manifest, self._view.source, self._folder
            same = ledger.is_of(then, folder, now)
            source = now if same else ledger.source(then, folder, sound=ledger.is_in(folder, now))
            self._known = source.as_of(self._before.as_of)
        return self._known


def changed_rules(then: dt.date, now: dt.date) -> frozenset[str]:
    """Rules whose text, parameters or force differ between two days."""
    old, new = (_rules(rulebook(day.isoformat(), format="json")) for day in (then, now))
    return frozenset(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _rules(book: str) -> dict[str, str]:
    """Rules of a rulebook by their id, each as its canonical text."""
    return {rule["id"]: json.dumps(rule, sort_keys=True, ensure_ascii=False) for rule in json.loads(book)["rules"]}
