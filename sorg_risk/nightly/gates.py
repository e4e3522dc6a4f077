"""Gates: limits a run must keep before it is published. Each refusal says what, how much, the limit, and its setting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..watch import NightDiff, psi
from .settings import Gates

if TYPE_CHECKING:
    from ..records import View


@dataclass(frozen=True)
class Before:
    """The previous run, as far as gates look at it."""

    as_of: dt.date
    manifest: dict[str, Any]
    scores: pd.DataFrame
    flags: pd.DataFrame


def refusals(
    gates: Gates,
    view: View,
    manifest: dict[str, Any],
    scores: pd.DataFrame,
    before: Before | None,
    diff: NightDiff | None,
) -> list[str]:
    """Why the run may not be published; empty when it may."""
    why = [*_quarantine(gates, view), *_freshness(gates, view)]
    if before is not None:
        why += _vanished(gates, view, before.manifest["delivery"]["tables"])
    if before is not None and (view.day - before.as_of).days <= gates.compare_within_days:
        why += _rows(gates, manifest["delivery"]["tables"], before.manifest["delivery"]["tables"])
        why += _columns(gates, manifest["delivery"], before.manifest["delivery"])
        why += _drift(gates, manifest, scores, before)
        why += _flags(gates, before.flags, diff)
    return why


def _quarantine(gates: Gates, view: View) -> Iterator[str]:
    """Share of the rows set aside, of all and of each table: a small one must not drown beside a large one."""
    limit, counts = gates.most_quarantined, view.counts.set_index("table")[["read", "quarantined"]]
    for name, (read, out) in [("", tuple(counts.sum())), *zip(counts.index, counts.to_numpy().tolist(), strict=True)]:
        if limit is not None and read >= gates.fewest and out > limit * read:
            found = f"{out / read:.1%} of the rows read{f' of {name}' if name else ''} are quarantined"
            yield _said("quarantine", found, f"{limit:.1%}", "most_quarantined")


def _freshness(gates: Gates, view: View) -> Iterator[str]:
    if gates.oldest_news_days is None:
        return
    latest = view.last_recorded
    age = None if latest is None else (view.day - latest).days
    if age is None or age > gates.oldest_news_days:
        said = "nothing was ever recorded" if age is None else f"the latest record is {age} days old"
        yield _said("freshness", said, f"{gates.oldest_news_days} days", "oldest_news_days")


def _rows(gates: Gates, now: dict[str, Any], then: dict[str, Any]) -> Iterator[str]:
    """Rows of each table against the night before: truncated, empty, doubled."""
    for name, counts in then.items():
        before, after = counts["read"], now.get(name, {"read": 0})["read"]
        if before < gates.fewest:
            continue
        said = f"{name} has {after:,} rows after {before:,} the night before"
        if gates.fewest_rows is not None and after < gates.fewest_rows * before:
            yield _said("rows", said, f"a fall to {gates.fewest_rows:.0%}", "fewest_rows")
        if gates.most_rows is not None and after > gates.most_rows * before:
            yield _said("rows", said, f"a rise to {gates.most_rows:.0%}", "most_rows")


def _vanished(gates: Gates, view: View, then: dict[str, Any]) -> Iterator[str]:
    """Records that the previous run had, that nobody withdrew and that are not delivered any more, of all tables and of each."""
    vanished = view.vanished
    gone = vanished.loc[vanished["is_recent"].astype(bool), "table"] if len(vanished) else vanished["table"]
    read = {name: counts["read"] for name, counts in then.items()}
    now = view.counts.set_index("table")["read"]
    for name, before in read.items():
        if gates.same_tables and before and not now.get(name, 0):
            yield _said(
                "vanished", f"{name} has no rows after {before:,} the night before", "no such table", "same_tables"
            )
    lost: dict[str, int] = {"": len(gone), **{str(name): int(count) for name, count in gone.value_counts().items()}}
    for table, count in lost.items():
        had = read.get(table, 0) if table else sum(read.values())
        if gates.max_vanished is not None and count >= gates.min_vanished and count > gates.max_vanished * had:
            of = f" of {table}" if table else ""
            found = f"{count:,} of the {had:,} records read{of} the night before are no longer delivered"
            yield _said("vanished", found, f"{gates.max_vanished:.1%}", "max_vanished")


def _columns(gates: Gates, now: dict[str, Any], then: dict[str, Any]) -> Iterator[str]:
    """Columns that were there the night before and are gone."""
    for name, columns in then.get("columns", {}).items():
        gone = [
            column for column in columns if column not in now["columns"].get(name, []) and not column.startswith("(")
        ]
        if gates.same_columns and gone and now["tables"].get(name, {"read": 0})["read"]:
            yield _said("schema", f"{name} lost its columns {', '.join(gone)}", "none", "same_columns")


def _drift(gates: Gates, manifest: dict[str, Any], scores: pd.DataFrame, before: Before) -> Iterator[str]:
    """Shift of the scores under one and the same model; another model is expected to move them."""
    same_model = manifest["decision"]["model"] == before.manifest["decision"]["model"]
    if gates.most_drift is None or not same_model or min(len(scores), len(before.scores)) < gates.fewest:
        return
    index = psi(before.scores["score"], scores["score"])
    if index > gates.most_drift:
        yield _said(
            "drift",
            f"the scores moved by PSI {index:.3f} since {before.as_of}",
            f"{gates.most_drift:.3f}",
            "most_drift",
        )


def _flags(gates: Gates, before: pd.DataFrame, diff: NightDiff | None) -> Iterator[str]:
    """Statutory flags that new data brought; those that a deadline brought are the law's own rhythm."""
    then = int((before["basis"] == "statutory").sum())
    if gates.most_new_flags is None or diff is None or then < gates.fewest:
        return
    new = int(((diff.new["cause"] == "new_data") & (diff.new["basis"] == "statutory")).sum())
    if new > gates.most_new_flags * then:
        yield _said(
            "flags", f"new data brought {new:,} flags beside {then:,}", f"{gates.most_new_flags:.0%}", "most_new_flags"
        )


def _said(gate: str, found: str, allowed: str, setting: str) -> str:
    return f"{gate}: {found}, allowed is {allowed} (setting gates.{setting})"
