"""The nightly page: numbers, the work queue by legal deadline, early warnings with reasons, data quality, footer.

One self-contained HTML file: Chinese first with English beside it, no script, nothing loaded from elsewhere (a content policy forbids
it), prints on A4. Every text is escaped by the template engine; the page depends on the run alone, so the same decision gives the same bytes.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from .._version import __version__
from ..explain.dossier import bars, label

if TYPE_CHECKING:
    from ..flags import Run

QUEUE, WARNED, REFUSED, SHOWN_REASONS = 400, 60, 200, 5
LIST_FLAGS = ("abnormal_list", "serious_dishonesty_list", "exit_candidate")
WARNINGS = ("red", "orange", "yellow", "blue", "none")


def page(run: Run, digest: str) -> str:
    """Render the page of a run; ``digest`` is the decision's."""
    environment = Environment(
        loader=PackageLoader("sorg_risk.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["zh"] = lambda word: label(str(word), "zh")
    return environment.get_template("report.html").render(
        as_of=run.view.day.isoformat(),
        digest=digest,
        run_id=digest[:12],
        version=__version__,
        numbers=_numbers(run),
        grades=_counted(run.scores["grade"], ("A", "B", "C", "D")),
        warnings=_counted(run.scores["warning"], WARNINGS),
        histogram=_histogram(run.scores["score"]),
        queue=_queue(run),
        queue_total=int(run.flags["flag"].isin(LIST_FLAGS).sum()),
        alerts=_alerts(run.flags),
        warned=_warned(run),
        counts=run.view.counts.to_dict("records"),
        refused=run.view.quarantine.head(REFUSED).fillna("").to_dict("records"),
        refused_total=len(run.view.quarantine),
        doubts=list(run.warnings),
        trained_on=getattr(run.model, "trained_on_", None) or "",
        last_knowledge=getattr(run.model, "last_knowledge_day_", None) or "",
    )


def _numbers(run: Run) -> list[tuple[str, str, int]]:
    """The six numbers at the top."""
    flags = run.flags
    on_lists = flags["flag"].isin(LIST_FLAGS[:2])
    soon = flags["next_step_due"].notna() & (
        flags["next_step_due"] <= pd.Timestamp(run.view.day) + pd.Timedelta(days=14)
    )
    return [
        ("评分组织", "scored", len(run.scores)),
        ("建议列入", "to be listed", int((on_lists & (flags["status"] == "recommend_listing")).sum())),
        ("在册", "on a list", int((on_lists & (flags["status"] == "listed")).sum())),
        ("建议移出", "to be removed", int((flags["status"] == "recommend_removal").sum())),
        ("两周内到期", "due in 14 days", int(soon.sum())),
        ("预警", "early warnings", int((flags["flag"] == "early_warning").sum())),
        ("隔离数据行", "rows quarantined", len(run.view.quarantine)),
    ]


def _queue(run: Run) -> list[dict[str, Any]]:
    """Statutory work by legal deadline (undated last), each with its facts in words."""
    flags = run.flags.loc[run.flags["flag"].isin(LIST_FLAGS)]
    flags = flags.sort_values(["next_step_due", "since", "org_id", "ground"], na_position="last", kind="stable").head(
        QUEUE
    )
    names = _names(run)
    facts = run.reasons.loc[run.reasons["flag_id"].isin(list(flags["flag_id"])) & (run.reasons["feature"] != "(base)")]
    said = facts.groupby("flag_id")["text_zh"].agg("；".join)
    return [
        row
        | {
            "name": names.get(row["org_id"], ""),
            "since": _day(row["since"]),
            "due": _day(row["next_step_due"]),
            "clears": _day(row["clears_on"]),
            "why": said.get(row["flag_id"], ""),
        }
        for row in flags.to_dict("records")
    ]


def _alerts(flags: pd.DataFrame) -> list[dict[str, Any]]:
    """Alerts counted by ground."""
    alerts = flags.loc[flags["flag"] == "alert"]
    counted = alerts.groupby(["ground", "citation"]).size().rename("rows").reset_index()
    found: list[dict[str, Any]] = counted.sort_values("ground", kind="stable").to_dict("records")
    return found


def _warned(run: Run) -> list[dict[str, Any]]:
    """The riskiest early warnings with their largest reasons as bars."""
    orgs = run.flags.loc[run.flags["flag"] == "early_warning", "org_id"]
    scores = run.scores.loc[run.scores["org_id"].isin(orgs)].sort_values("rank").head(WARNED)
    names = _names(run)
    why = run.reasons.loc[run.reasons["flag_id"].isna() & run.reasons["org_id"].isin(scores["org_id"])]
    why = why.loc[~why["feature"].isin(["(base)", "(rest)"])]
    by_org = {
        org: rows.sort_values("rank").head(SHOWN_REASONS).to_dict("records") for org, rows in why.groupby("org_id")
    }
    return [
        row | {"name": names.get(row["org_id"], ""), "bars": Markup(bars(by_org.get(row["org_id"], []), "zh"))}
        for row in scores.to_dict("records")
    ]


def _histogram(points: pd.Series) -> list[tuple[float, int]]:
    """Heights (percent of the tallest) and counts of 20-point bins."""
    if points.empty:
        return []
    bins = Counter((points // 20).astype(int))
    tallest = max(bins.values())
    return [(round(100 * bins.get(b, 0) / tallest, 1), b * 20) for b in range(min(bins), max(bins) + 1)]


def _names(run: Run) -> dict[str, str]:
    organizations = run.view.table("organizations")
    return dict(zip(organizations["org_id"], organizations["name"].fillna(""), strict=True))


def _counted(column: pd.Series, order: tuple[str, ...]) -> list[tuple[str, int]]:
    counts = column.value_counts()
    return [(word, int(counts.get(word, 0))) for word in order]


def _day(value: Any) -> str:
    return "" if pd.isna(value) else str(value)[:10]
