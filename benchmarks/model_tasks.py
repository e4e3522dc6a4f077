"""The tasks of `model.py`: three point-in-time panels of United States non-profits and four credit sets, as frames with labels.

Of the non-profits every row is (organisation, day), and a row sees only what was published by its day:

- *overdue*: on the last day of a fiscal year, will its return come later than its extended due date plus seven days? Returns count from
  their publication, financial waves two years after their year. Returns of one period beyond the first (amended) are no second chance, a
  year without a return may be a paper return and makes no row, and the fiscal years from 2019 on (postponed, cut off) are left out.
- *distress*: net assets are positive in a wave; will they have fallen by more than half, or below zero, three years later?
- *exit*: will an organisation of a wave be missing from the next?

The columns that a later snapshot wrote (``RULEDATE``, ``AGE``, ``NTEE*``, ``NTMAJ*``, ``LEVEL*``) are never read, nor is any line that only
some waves hold: its being missing would tell the wave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

LATE_AFTER = pd.Timedelta(days=7)
LAST_YEAR = 2018
ACCOUNTS = {
    "cash": "F9_10_ASSET_CASH_SAVING_EOY",
    "programme": "F9_08_REV_PROG_TOT_TOT",
    "liabilities": "F9_10_LIAB_TOT_EOY",
    "assets": "F9_10_ASSET_TOT_EOY",
    "expense": "F9_01_EXP_TOT_CY",
    "unrestricted": "F9_10_NAFB_UNRESTRICT_EOY",
    "revenue": "F9_01_REV_TOT_CY",
    "net_assets": "F9_10_NAFB_TOT_EOY",
    "contributions": "F9_08_REV_CONTR_TOT",
    "investment": "F9_08_REV_OTH_INVEST_INCOME_TOT",
    "rent": "F9_08_REV_OTH_RENT_NET_TOT",
    "misc": "F9_08_REV_MISC_TOT_TOT",
    "fundraising": "F9_08_REV_OTH_FUNDR_NET_TOT",
}


@dataclass(frozen=True)
class Task:
    """Rows to learn from; ``days`` and ``groups`` are None where the rows have none; ``first_test`` is the first day of the later side."""

    name: str
    X: pd.DataFrame
    y: np.ndarray
    days: np.ndarray | None = None
    groups: np.ndarray | None = None
    first_test: np.datetime64 | None = None

    def __repr__(self) -> str:
        return f"<{self.name}: {self.X.shape[0]} rows, {self.X.shape[1]} features, {self.y.mean():.3f} events>"


def accounts(folder: Path) -> pd.DataFrame:
    """One row an organisation and wave: accounts under short names, place, and ratios and changes against the wave before."""
    raw = pd.read_parquet(folder / "panel_triennial_2001_2019.parquet")
    found = raw[["ein", "year", *ACCOUNTS.values()]].rename(columns={v: k for k, v in ACCOUNTS.items()})
    found["state"] = pd.Categorical(raw["STATE"])
    found["region"] = pd.Categorical(raw["Region"].replace("0", None))
    found = found.sort_values(["ein", "year"]).reset_index(drop=True)
    found = found.join(_ratios(found))
    before = found.assign(year=found["year"] + 3).set_index(["ein", "year"])
    at = pd.MultiIndex.from_frame(found[["ein", "year"]])
    for name in ("assets", "revenue", "expense", "net_assets", "contributions"):
        old = before[name].reindex(at).to_numpy()
        found[f"{name}_change"] = (found[name] - old) / (np.abs(found[name]) + np.abs(old) + 1)
    for name in ("margin", "debt_ratio", "months_of_cash", "contribution_share"):
        found[f"{name}_before"] = before[name].reindex(at).to_numpy()
    found["waves_before"] = found.groupby("ein").cumcount()
    found["wave_before_missing"] = (~at.isin(before.index)).astype(float)
    return found


def _ratios(a: pd.DataFrame) -> pd.DataFrame:
    def over(top: Any, bottom: Any) -> Any:
        return top / np.where(np.asarray(bottom) == 0, np.nan, bottom)

    return pd.DataFrame(
        {
            "margin": over(a["revenue"] - a["expense"], a["revenue"]),
            "debt_ratio": over(a["liabilities"], a["assets"]),
            "net_ratio": over(a["net_assets"], a["assets"]),
            "net_to_expense": over(a["net_assets"], a["expense"]),
            "unrestricted_to_expense": over(a["unrestricted"], a["expense"]),
            "months_of_cash": over(12 * a["cash"], a["expense"]),
            "cash_ratio": over(a["cash"], a["assets"]),
            "contribution_share": over(a["contributions"], a["revenue"]),
            "programme_share": over(a["programme"], a["revenue"]),
            "turnover": over(a["revenue"], a["assets"]),
        }
    )


def distress(folder: Path) -> Task:
    """Net assets positive now; more than half of them gone, or below zero, three years later."""
    found = accounts(folder)
    later = found.assign(year=found["year"] - 3).set_index(["ein", "year"])["net_assets"]
    then = later.reindex(pd.MultiIndex.from_frame(found[["ein", "year"]])).to_numpy()
    rows = (found["net_assets"] > 0).to_numpy() & np.isfinite(then)
    return _waves("distress", found.loc[rows], (then < 0.5 * found["net_assets"])[rows])


def exits(folder: Path) -> Task:
    """Missing from the next wave."""
    found = accounts(folder)
    found_at = pd.MultiIndex.from_frame(found[["ein", "year"]])
    gone = ~pd.MultiIndex.from_arrays([found["ein"], found["year"] + 3]).isin(found_at)
    rows = (found["year"] < found["year"].max()).to_numpy()
    return _waves("exit", found.loc[rows], gone[rows])


def _waves(name: str, found: pd.DataFrame, y: Any) -> Task:
    days = pd.to_datetime(found["year"].astype(str) + "-12-31").to_numpy()
    X = found.drop(columns=["ein", "year"]).reset_index(drop=True)
    return Task(name, X, np.asarray(y, dtype=int), days, found["ein"].to_numpy(), np.datetime64("2013-12-31"))


def overdue(folder: Path) -> Task:
    """The return of the fiscal year that ends today comes later than its extended due date plus seven days."""
    filed = pd.read_parquet(folder / "filings_2010_2021.parquet")
    filed = filed.sort_values(["ein", "period_end", "received_date", "object_id"], kind="stable")
    first = filed.drop_duplicates(["ein", "period_end"]).reset_index(drop=True)
    first["late"] = first["received_date"] > first["extended_due_date"] + LATE_AFTER
    first["slack"] = (first["extended_due_date"] - first["received_date"]).dt.days.astype(float)
    asked = first.loc[(first["period_end"].dt.year <= LAST_YEAR) & (first["period_end"].dt.year >= 2011)]
    X = _history(asked, first).join(_latest_accounts(asked, accounts(folder)))
    keep = (X["returns_known"] > 0).to_numpy()
    return Task(
        "overdue",
        X.loc[keep].reset_index(drop=True),
        asked["late"].to_numpy(dtype=int)[keep],
        asked["period_end"].to_numpy()[keep],
        asked["ein"].to_numpy()[keep],
        np.datetime64("2016-12-31"),
    )


def _history(asked: pd.DataFrame, first: pd.DataFrame) -> pd.DataFrame:
    """What the returns published by each row's day say; the day is the end of the period."""
    by_org = dict(iter(first.groupby("ein")))
    lines = []
    for ein, day in zip(asked["ein"], asked["period_end"], strict=True):
        rows = by_org[ein]
        known = rows.loc[(rows["published_date"] <= day) & (rows["period_end"] < day)]
        lines.append(_summary(known, day))
    X = pd.DataFrame(lines, index=asked.index)
    X["form"] = pd.Categorical(X["form"])
    return X.assign(month=asked["period_end"].dt.month.astype(float))


def _summary(known: pd.DataFrame, day: pd.Timestamp) -> dict[str, Any]:
    slack, late = known["slack"].to_numpy(), known["late"].to_numpy(dtype=float)
    if not len(known):
        return {"returns_known": 0, "form": None}
    newest = known.iloc[-1]
    return {
        "returns_known": float(len(known)),
        "late_before": late.sum(),
        "late_share": late.mean(),
        "late_last": late[-1],
        "slack_last": slack[-1],
        "slack_mean": slack.mean(),
        "slack_least": slack.min(),
        "slack_change": slack[-1] - slack[-2] if len(slack) > 1 else np.nan,
        "slack_spread": slack.std() if len(slack) > 1 else np.nan,
        "extended_share": float((known["received_date"] > known["due_date"]).mean()),
        "days_since_received": float((day - newest["received_date"]).days),
        "months_since_period": round((day - newest["period_end"]).days / 30.4),
        "years_unseen": round((day - known["period_end"].iloc[0]).days / 365.25) - len(known),
        "form": newest["form"],
    }


def _latest_accounts(asked: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """The newest wave that is two years old by the row's day."""
    left = pd.DataFrame(
        {"ein": asked["ein"].to_numpy(), "known": asked["period_end"].dt.year.to_numpy(dtype="int64") - 2}
    )
    left["at"] = np.arange(len(left))
    merged = pd.merge_asof(
        left.sort_values("known", kind="stable"),
        found.astype({"year": "int64"}).sort_values("year", kind="stable"),
        left_on="known", right_on="year", by="ein",
    ).sort_values("at")  # fmt: skip
    merged["wave_age"] = merged["known"] - merged["year"]
    return merged.drop(columns=["ein", "known", "at", "year"]).set_axis(asked.index)


def credit(folder: Path, name: str) -> Task:
    """A public credit set; words become categories. Grades another lender's model gave stay, row numbers and the issue day go."""
    frame = pd.read_parquet(folder / f"{name}.parquet")
    label = "loan_status" if name == "lendingclub" else "y"
    X = frame.drop(columns=[c for c in (label, "id", "issue_d", "grade.1") if c in frame])
    words = [c for c in X if not pd.api.types.is_numeric_dtype(X[c].dtype)]
    return Task(name, X.astype(dict.fromkeys(words, "category")), frame[label].to_numpy(dtype=int))


NON_PROFITS: dict[str, Callable[[Path], Task]] = {"overdue": overdue, "distress": distress, "exit": exits}
CREDIT = ("german", "hmeq", "taiwan", "lendingclub")


def tasks(data: Path) -> Iterator[Task]:
    """All tasks, the quick ones first."""
    yield credit(data / "credit_benchmarks", "german")
    yield from (make(data / "npo_us_cdc") for make in NON_PROFITS.values())
    yield from (credit(data / "credit_benchmarks", name) for name in CREDIT[1:])
