"""The yearly notices of the simulated authority on annual reports; they say again what the calendar of the law says.

One a year opens the window for everybody, one names the day of industry associations, and a third was withdrawn at once.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from ..calendar.reports import day_numbers, known_lines, report_days
from .clock import FISCAL_YEARS, NONE, Ints, day_in_year, keys
from .knowledge import frame

_AUTHORITY = "440300"
_CITY = _AUTHORITY[:4]


def draw_notices() -> pd.DataFrame:
    """The table ``report_notices``."""
    years = len(FISCAL_YEARS)
    begins = day_in_year(FISCAL_YEARS + 1, 1, 1)
    everyone = _notices("SIM-RN-A", np.full(years, NONE), registered_by=begins - 1, opens_on=begins)
    associations = {"org_type": "association", "is_charity": False, "is_industry_association": True}
    trade = _notices("SIM-RN-B", _trade_days(), **associations)
    issued = pd.concat([everyone, trade], ignore_index=True)
    taken_back = issued.tail(1).assign(notice_id="SIM-RN-C0000001", fiscal_year=float(FISCAL_YEARS[0]))
    after = taken_back["recorded_at"] + pd.Timedelta(days=1)
    withdrawal = taken_back.assign(voided=pd.array([True], dtype="boolean"), recorded_at=after)
    return pd.concat([issued, taken_back, withdrawal], ignore_index=True)


def _notices(prefix: str, due: Ints, **cells: Any) -> pd.DataFrame:
    """One notice a fiscal year, recorded in the middle of January."""
    years = len(FISCAL_YEARS)
    plain = {name: cells.get(name) for name in ("org_type", "is_charity", "is_industry_association")}
    return frame(
        {
            "notice_id": keys(prefix, years),
            "authority": np.full(years, _CITY, dtype=object),
            **{name: np.full(years, value, dtype=object) for name, value in plain.items()},
            "fiscal_year": FISCAL_YEARS,
            "registered_by": cells.get("registered_by", np.full(years, NONE)),
            "opens_on": cells.get("opens_on", np.full(years, NONE)),
            "due_on": due,
            "document": np.array([f"模拟民函〔{year + 1}〕{prefix[-1]}号" for year in FISCAL_YEARS], dtype=object),
            "recorded_at": day_in_year(FISCAL_YEARS + 1, 1, 15),
        },
        "notice_id",
    )


def _trade_days() -> Ints:
    """By when an industry association of the authority reports, by the calendar of the law."""
    row = {"org_type": "association", "authority": _AUTHORITY, "is_charity": False, "is_industry_association": True}
    orgs = pd.DataFrame([{**row, "registered_on": pd.Timestamp("2000-01-01")}])
    place = np.zeros(len(FISCAL_YEARS), dtype=np.int64)
    return day_numbers(report_days(orgs, place, FISCAL_YEARS, known_lines(pd.DataFrame(), dt.date.max))["due_on"])
