"""The night before, and the what-ifs between it and this one: what the causes of a difference are told from."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..errors import DataError
from ..flags import score
from ..law import rulebook
from ..watch import NightDiff, Steps, night_diff
from . import ledger
from .gates import Before
from .store import Store, manifest_of

if TYPE_CHECKING:
    from ..model import RiskModel
    from ..records import Source, View

CODE_PARTS = ("rulebook", "model", "code", "settings")


def read_before(folder: Path) -> Before:
    """A published run, as far as comparisons look at it."""
    manifest = manifest_of(folder)
    flags, scores = (pd.read_parquet(folder / f"{name}.parquet") for name in ("flags", "scores"))
    return Before(dt.date.fromisoformat(manifest["as_of"]), manifest, scores, flags)


def compared(
    before: Before,
    flags: pd.DataFrame,
    view: View,
    decision: dict[str, Any],
    scored: Callable[[View], pd.DataFrame],
    store: Store,
) -> NightDiff:
    """Differences of this night's flags to the night before, each with its cause."""
    old = _OldSource(before, view.source, store)
    differs = [part for part in CODE_PARTS if decision[part] != before.manifest["decision"][part]]
    steps = Steps(
        by_time=lambda orgs: _flags_of(old, orgs, view.day, scored),
        by_new_rules=(lambda orgs: _flags_of(old, orgs, before.as_of, scored)) if differs else None,
        law_by_date=changed_rules(before.as_of, view.day),
    )
    return night_diff(before.flags, flags, steps, since=before.as_of.isoformat())


class _OldSource:
    """What the night before had read, for some organisations, as if nothing was recorded after its day."""

    def __init__(self, before: Before, now: Source, store: Store) -> None:
        self._before = before
        self._now = now
        self._store = store

    def of(self, orgs: list[str]) -> Source | None:
        """The source of some organisations; None where none of them was known."""
        try:
            return self._whole(orgs).restricted_to(orgs, self._before.as_of)
        except DataError:
            return None

    def _whole(self, orgs: list[str]) -> Source:
        return ledger.source(self._before.manifest, self._store.ledger, orgs)


def _flags_of(old: _OldSource, orgs: list[str], day: dt.date, scored: Callable[[View], pd.DataFrame]) -> pd.DataFrame:
    source = old.of(orgs)
    if source is None:
        return pd.DataFrame(columns=["org_id", "flag", "status", "ground", "basis", *_WATCHED])
    return scored(source.as_of(day))


_WATCHED = ("citation", "since", "next_step", "next_step_due", "provisional", "clears_on", "evidence")


def scorer(model: RiskModel, lists: str) -> Callable[[View], pd.DataFrame]:
    """Flags of a view by a model and a kind of list membership."""
    return lambda view: score(view, model, lists).flags


def changed_rules(then: dt.date, now: dt.date) -> frozenset[str]:
    """Rules whose text, parameters or force differ between two days."""
    old, new = (_rules(json.loads(rulebook(day.isoformat(), format="json"))) for day in (then, now))
    return frozenset(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _rules(book: Any) -> dict[str, str]:
    """Rules of a rulebook by their id, each as its canonical text."""
    rules = book["rules"] if isinstance(book, dict) else book
    return {str(rule["id"]): json.dumps(rule, sort_keys=True, ensure_ascii=False) for rule in rules}
