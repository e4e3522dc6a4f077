"""The shape of reasons.parquet, shared by scores and rules, and how values are written into it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMED: Final = 12
"""So many contributions of one score or flag are named; the others share a row."""
COLUMNS: Final = (
    *("org_id", "as_of", "flag_id", "part", "feature", "value", "contribution", "unit", "rank", "text_zh", "text_en"),
)
_TEXTS: Final = ("org_id", "flag_id", "part", "feature", "value", "unit", "text_zh", "text_en")


def reasons_table(
    parts: Sequence[pd.DataFrame], *, org_id: pd.Series, as_of: Any, flag_id: pd.Series | None, part: str, unit: str
) -> pd.DataFrame:
    """Rows of reasons in order of subject and rank.

    ``parts`` hold ``at`` (position of the subject in ``org_id`` and ``flag_id``), feature, value, contribution, rank and the texts;
    ``as_of`` is one day or one a subject.
    """
    frame = pd.concat([one for one in parts if len(one)] or list(parts[:1]), ignore_index=True)
    frame = frame.sort_values(["at", "rank"], kind="stable", ignore_index=True)
    at = frame["at"].to_numpy(dtype=np.int64)
    frame["org_id"] = org_id.astype("str").array.take(at)
    days = as_of if isinstance(as_of, pd.Series) else pd.Series([pd.Timestamp(as_of)] * len(org_id))
    frame["as_of"] = pd.to_datetime(days).astype("datetime64[s]").array.take(at)
    frame["flag_id"] = (
        pd.array([None] * len(frame), dtype="str") if flag_id is None else flag_id.astype("str").array.take(at)
    )
    frame["part"], frame["unit"] = part, unit
    frame = frame.astype(dict.fromkeys(_TEXTS, "str") | {"contribution": "float64", "rank": "int64"})
    return frame.loc[:, list(COLUMNS)]


def shown(value: Any) -> str:
    """A value as text: whole numbers without a point, days as days, missing as the empty string.

    >>> shown(5.0), shown(0.25), shown(float("nan")), shown("foundation"), shown(pd.Timestamp("2026-06-30"))
    ('5', '0.25', '', 'foundation', '2026-06-30')
    """
    if isinstance(value, str):
        return value
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, int | float | np.number):
        number = float(value)
        if math.isnan(number):
            return ""
        return str(int(number)) if number.is_integer() else repr(number)
    return str(value)[:10] if hasattr(value, "year") else str(value)
