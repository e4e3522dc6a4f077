"""What the sections of the nightly page hold, as plain rows for the template."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from ..policy import BODIES, routed
from ..records.pii import mask_key
from ..records.quarantine import is_row

if TYPE_CHECKING:
    from ..flags import Run
    from ..watch import NightDiff

QUEUE, WARNED, CHANGES, REFUSED, DOUBTS = 300, 60, 100, 200, 100
"""Most rows of a section; the whole is always in the csv files."""
SHOWN_REASONS: Final = 5
SOON_DAYS: Final = 14
LIST_FLAGS: Final = ("abnormal_list", "serious_dishonesty_list", "exit_candidate")
LISTS: Final = LIST_FLAGS[:2]
SETTLED: Final = ("false_alarm", "override")
BIN: Final = 20
Rows = list[dict[str, Any]]


def numbers(run: Run, flags: pd.DataFrame, diff: NightDiff | None) -> list[tuple[str, str, str]]:
    """The numbers at the top: Chinese, English, value."""
    on_lists = flags["flag"].isin(LISTS)
    soon = flags["next_step_due"].notna() & (flags["next_step_due"] <= _day_of(run) + pd.Timedelta(days=SOON_DAYS))
    counted: list[tuple[str, str, int]] = [
        ("评分组织", "scored", len(run.scores)),
        ("建议列入", "to be listed", int((on_lists & (flags["status"] == "recommend_listing")).sum())),
        ("在册", "on a list", int((on_lists & (flags["status"] == "listed")).sum())),
        ("建议移出", "to be removed", int((flags["status"] == "recommend_removal").sum())),
        ("两周内到期", "due within 14 days", int(soon.sum())),
        ("预警", "early warnings", int((flags["flag"] == "early_warning").sum())),
        ("隔离数据行", "rows quarantined", int(is_row(run.view.quarantine).sum())),
    ]
    if diff is not None:
        counted[1:1] = [("新增事项", "new flags", len(diff.new)), ("消除事项", "cleared flags", len(diff.cleared))]
    return [(zh, en, f"{value:,}") for zh, en, value in counted]


def queue(run: Run, flags: pd.DataFrame) -> tuple[Rows, int]:
    """Statutory work by legal deadline, what an officer settled left out; and how much there is in all.

    Undated work comes after the dated, and what asks for no step (such as standing listings) last.
    """
    work = flags.loc[flags["flag"].isin(LIST_FLAGS) & ~flags["verdict"].isin(SETTLED)]
    order = ["next_step_due", "idle", "since", "org_id", "flag", "status", "ground"]
    first = (
        work.assign(idle=work["next_step"] == "none").sort_values(order, na_position="last", kind="stable").head(QUEUE)
    )
    return _worded(run, first), len(work)


def settled(run: Run, flags: pd.DataFrame) -> Rows:
    """Flags an officer called a false alarm or overrode, while that holds."""
    return _worded(run, flags.loc[flags["verdict"].isin(SETTLED)].head(QUEUE))


def _worded(run: Run, flags: pd.DataFrame) -> Rows:
    """Flags with name, handler, days as text, and their facts in words."""
    said = facts(run, flags)
    handlers = routed(flags, run.view.table("organizations"))
    names, today = names_of(run), _day_of(run)
    return [
        row
        | {
            "name": names.get(row["org_id"], ""),
            "handler": BODIES[handler],
            "since": day(row["since"]),
            "due": day(row["next_step_due"]),
            "overdue": bool(row["next_step_due"] < today),
            "clears": day(row["clears_on"]),
            "facts": said.get(row["flag_id"], []),
            "verdict": text(row["verdict"]),
            "verdict_author": text(row["verdict_author"]),
            "verdict_until": day(row["verdict_until"]),
        }
        for row, handler in zip(_records(flags), handlers, strict=True)
    ]


def facts(run: Run, flags: pd.DataFrame) -> dict[str, list[tuple[str, str]]]:
    """The facts of statutory flags in words: flag_id -> pairs of Chinese and English sentences."""
    reasons = run.reasons_of(sorted(set(flags["org_id"])))
    ruled = reasons.loc[(reasons["part"] == "rule") & (reasons["feature"] != "(base)")]
    return {
        str(key): list(dict.fromkeys(zip(part["text_zh"], part["text_en"], strict=True)))
        for key, part in ruled.groupby("flag_id")
    }


def alerts(flags: pd.DataFrame) -> Rows:
    """Alerts counted by ground."""
    found = flags.loc[flags["flag"] == "alert"]
    counted = found.groupby(["ground", "citation"]).size().rename("rows").reset_index()
    return _records(counted.sort_values("ground", kind="stable"))


def warned(run: Run, flags: pd.DataFrame) -> Rows:
    """The riskiest early warnings with their largest reasons as signed bars; settled ones are left out."""
    asked = flags.loc[(flags["flag"] == "early_warning") & ~flags["verdict"].isin(SETTLED), "org_id"]
    first = run.scores.loc[run.scores["org_id"].isin(asked)].sort_values("rank").head(WARNED)
    why = run.reasons_of(sorted(first["org_id"]))
    why = why.loc[why["flag_id"].isna() & ~why["feature"].isin(["(base)", "(rest)"])]
    grouped = {org: rows.sort_values("rank").head(SHOWN_REASONS) for org, rows in why.groupby("org_id")}
    names = names_of(run)
    return [
        row | {"name": names.get(row["org_id"], ""), "reasons": _bars(grouped.get(row["org_id"]))}
        for row in _records(first)
    ]


def _bars(reasons: pd.DataFrame | None) -> Rows:
    """Reasons with the place and width of their bar: left of the middle lowers the score, right raises it."""
    if reasons is None:
        return []
    largest = float(reasons["contribution"].abs().max()) or 1.0
    return [
        row | {"width": round(60 * abs(row["contribution"]) / largest, 1), "lowers": row["contribution"] < 0}
        for row in _records(reasons)
    ]


def changes(run: Run, diff: NightDiff) -> Rows:
    """What came and went since the night before, by cause: new first; with the organisation's lost records where they are the cause."""
    parts = [("new", diff.new), ("cleared", diff.cleared), ("changed", diff.changed)]
    rows = pd.concat([frame.assign(kind=kind) for kind, frame in parts], ignore_index=True)
    rows = rows.loc[rows["basis"] == "statutory"].head(CHANGES)
    names = names_of(run)
    return [row | {"name": names.get(row["org_id"], ""), "lost": _lost(run, row)} for row in _records(rows)]


def _lost(run: Run, change: dict[str, Any]) -> list[str]:
    """The records of an organisation that vanished, or were rewritten, where that is the cause of a change."""
    causes = {"vanished": run.view.vanished, "rewritten": run.view.rewritten}
    rows = causes.get(change["cause"])
    if rows is None:
        return []
    own = rows.loc[rows["org_id"] == change["org_id"]]
    return [f"{table}:{mask_key(key)}" for table, key in zip(own["table"], own["key"], strict=True)]


def histogram(now: pd.Series[float], then: pd.Series[float] | None) -> Rows:
    """Shares of organisations per 20 points, tonight and the night before, as percent of the tallest bar."""
    if not len(now):
        return []
    bins = [_shares(now), _shares(then) if then is not None and len(then) else {}]
    places = sorted({*bins[0], *bins[1]})
    tallest = max(max(part.values(), default=0.0) for part in bins)
    return [
        {
            "start": place * BIN,
            "now": round(100 * bins[0].get(place, 0.0) / tallest, 1),
            "then": _then(bins[1], place, tallest),
        }
        for place in range(places[0], places[-1] + 1)
    ]


def _then(bins: dict[int, float], place: int, tallest: float) -> float | None:
    return round(100 * bins.get(place, 0.0) / tallest, 1) if bins else None


def _shares(points: pd.Series[float]) -> dict[int, float]:
    counted = Counter((points // BIN).astype(int))
    return {place: count / len(points) for place, count in counted.items()}


def counted(column: pd.Series[str], order: tuple[str, ...]) -> list[tuple[str, int]]:
    """How often each word stands in a column, in a given order."""
    counts = column.value_counts()
    return [(word, int(counts.get(word, 0))) for word in order]


def names_of(run: Run) -> dict[str, str]:
    """Names of organisations by their code."""
    organizations = run.view.table("organizations")
    return dict(zip(organizations["org_id"], organizations["name"].fillna(""), strict=True))


def day(value: Any) -> str:
    """A day as text, empty where there is none."""
    return "" if pd.isna(value) else str(value)[:10]


def text(value: Any) -> str:
    """A word, empty where there is none."""
    return "" if pd.isna(value) else str(value)


def _day_of(run: Run) -> pd.Timestamp:
    return pd.Timestamp(run.view.day)


def _records(frame: pd.DataFrame) -> Rows:
    return [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]
