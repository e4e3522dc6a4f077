"""Columns that follow from one row alone and that several features ask for.

Each is declared like a column of the schema, so that declarations may name it like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from ..records.schema import Column

ROUND_YUAN = 10_000
"""An amount that is a multiple of this is called round."""

_AREAS = ((1, 5), (2, 3), (3, 7), (4, 6), (5, 4), (6, 5))
PROVINCES = (*(f"{area}{n}" for area, most in _AREAS for n in range(1, most + 1)), "50", "71", "81", "82")
"""First two digits of GB/T 2260."""


def _column(name: str, kind: str, zh: str, codes: Mapping[str, str] | None = None) -> Column:
    return Column(name, kind, zh, codes=codes or {})  # type: ignore[arg-type]


DERIVED: Mapping[str, Mapping[str, Column]] = MappingProxyType(
    {
        "organizations": {
            "province": _column("province", "code", "省级区划", {code: code for code in PROVINCES}),
            "county": _column("county", "code", "县级区划", {f"{n:02d}": f"{n:02d}" for n in range(100)}),
        },
        "filings": {
            "days_late": _column("days_late", "integer", "迟报天数"),
            "days_to_accept": _column("days_to_accept", "integer", "受理用时"),
        },
        "complaints": {"days_to_close": _column("days_to_close", "integer", "办结用时")},
        "fund_flows": {"is_round": _column("is_round", "flag", "整万金额")},
        "inspections": {"overdue_from": _column("overdue_from", "day", "逾期之日")},
        "positions": {
            "office_since": _column("office_since", "day", "在任之日"),
            "overstays_from": _column("overstays_from", "day", "超任期之日"),
        },
        "assessments": {"lapses_on": _column("lapses_on", "day", "失效之日")},
    }
)


def with_derived(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """A copy of the rows with the derived columns of the table (the same rows where there are none)."""
    make = _MAKERS.get(table)
    return frame.assign(**make(frame)) if make else frame


def _organizations(frame: pd.DataFrame) -> dict[str, pd.Series]:
    district = frame["district"].astype("str")
    whole = district.str.fullmatch(r"\d{6}").fillna(False).astype(bool)
    return {"province": district.str[:2].where(whole), "county": district.str[4:6].where(whole)}


def _filings(frame: pd.DataFrame) -> dict[str, pd.Series]:
    reported = frame["kind"].eq("annual_report") & frame["fiscal_year"].notna()
    year = frame["fiscal_year"].where(reported, 1999.0).astype(np.int64) + 1
    usual = pd.Series(pd.to_datetime(year.astype("str") + "-06-30"), index=frame.index).astype("datetime64[s]")
    due = frame["due_on"].fillna(usual.where(reported))
    return {
        "days_late": _days(frame["filed_on"] - due),
        "days_to_accept": _days(frame["accepted_on"] - frame["filed_on"]),
    }


def _complaints(frame: pd.DataFrame) -> dict[str, pd.Series]:
    return {"days_to_close": _days(frame["closed_on"] - frame["received_on"])}


def _fund_flows(frame: pd.DataFrame) -> dict[str, pd.Series]:
    fen = np.rint(frame["amount"] * 100)
    return {"is_round": (fen % (ROUND_YUAN * 100) == 0).astype("boolean")}


def _inspections(frame: pd.DataFrame) -> dict[str, pd.Series]:
    return {"overdue_from": frame["deadline_on"] + pd.Timedelta(days=1)}


def _positions(frame: pd.DataFrame) -> dict[str, pd.Series]:
    known = frame["known_from"] if "known_from" in frame else frame["recorded_at"]
    return {
        "office_since": frame["started_on"].fillna(known),
        "overstays_from": frame["term_ends_on"] + pd.Timedelta(days=1),
    }


def _assessments(frame: pd.DataFrame) -> dict[str, pd.Series]:
    return {"lapses_on": frame[["expires_on", "withdrawn_on"]].min(axis=1)}


def _days(span: pd.Series) -> pd.Series:
    whole: pd.Series = span.dt.total_seconds() / 86_400
    return whole


_MAKERS: Mapping[str, Callable[[pd.DataFrame], dict[str, pd.Series]]] = {
    "organizations": _organizations,
    "filings": _filings,
    "complaints": _complaints,
    "fund_flows": _fund_flows,
    "inspections": _inspections,
    "positions": _positions,
    "assessments": _assessments,
}
