"""Records that can be read but hardly be meant: amounts in 万元 where 元 is asked, parts larger than their whole, verdicts
without a name or an end, references to nothing, names that may be one or may be nobody's.

A doubt refuses nothing, since nobody but the authority can say what is right; it is shown to officers as of the day, with
the record it concerns.

>>> from sorg_risk.records import open
>>> reports = {"filing_id": ["1", "2"], "org_id": "51440300000000001M", "kind": "annual_report",
...            "fiscal_year": [2022, 2023], "recorded_at": "2024-06-01", "total_income": [3_100_000, 350],
...            "total_spending": [2_900_000, 310], "total_assets": [8_000_000, 810]}
>>> register = {"org_id": ["51440300000000001M"], "recorded_at": ["2020-01-01"]}
>>> view = open({"organizations": pd.DataFrame(register), "filings": pd.DataFrame(reports)}).as_of("2024-12-31")
>>> doubts(view)[["primary_key", "rule"]].values.tolist()
[['2', 'unit_slip']]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .doubtful_identity import near_decisions, references_to_nothing, widespread_names
from .schema import TABLES

if TYPE_CHECKING:
    from .view import View

COLUMNS = ["table", "primary_key", "org_id", "rule", "text_zh", "text_en"]
SLIP = 10_000
"""万元 written as 元, or the other way round."""
_NEAR = 5.0
"""Year on year, amounts within this factor of a slip of 10,000 count as slipped."""
_LEAST_COLUMNS = 3
_TOLERANCE = 1.01

WHOLES = (
    ("total_income", ("donation_income", "government_income", "fee_income"), "收入"),
    ("total_spending", ("charitable_spending", "management_fee", "fundraising_cost"), "支出"),
    ("total_assets", ("net_assets",), "资产"),
    ("directors", ("paid_directors",), "理事"),
)
"""Whole, its parts, and what it is about; parts above the whole (by more than 1 %) cannot be right."""

_OWED = (
    ("author", "复核结论无经办人", "a verdict that nobody signed"),
    ("expires_on", "复核结论无有效期，将一直有效", "a verdict without an end, which holds for ever"),
)
"""What a verdict owes."""


def doubts(view: View) -> pd.DataFrame:
    """Doubtful records of a view, one line a record and rule, sorted by organisation, record and rule."""
    reports = view.table("filings")
    reports = reports[reports["kind"].isin(["annual_report", "audit_report"])].reset_index(drop=True)
    found = [_slips(reports), *(_excess(reports, *whole) for whole in WHOLES)]
    found += [_unsigned(view.table("procedures"), *missing) for missing in _OWED]
    found += [near_decisions(view), references_to_nothing(view), widespread_names(view)]
    lines = pd.concat(found, ignore_index=True)[COLUMNS]
    return lines.sort_values(["org_id", "primary_key", "rule", "text_zh"], ignore_index=True).astype("str")


def _unsigned(procedures: pd.DataFrame, column: str, zh: str, en: str) -> pd.DataFrame:
    """Verdicts and overrides, which take work out of the queue, of nobody or for ever."""
    said = procedures["step"].isin(["verdict_confirmed", "verdict_false_alarm", "override"])
    found = procedures[said & procedures[column].isna()]
    words: dict[str, Any] = {"table": "procedures", "rule": f"verdict_without_{column}", "text_zh": zh, "text_en": en}
    return pd.DataFrame({"primary_key": found["procedure_id"], "org_id": found["org_id"]}).assign(**words)


def _slips(reports: pd.DataFrame) -> pd.DataFrame:
    """Reports whose amounts stand to those of the year before like 元 to 万元."""
    money = [column.name for column in TABLES["filings"].columns if column.kind == "money"]
    ordered = reports.sort_values(["org_id", "kind", "fiscal_year", "filing_id"])
    before = ordered.groupby(["org_id", "kind"])[money].shift(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.abs(ordered[money].to_numpy() / before.to_numpy())
    known = np.isfinite(ratio) & (ratio > 0)
    factor = np.where(known & (ratio < 1), 1 / np.where(known, ratio, 1.0), ratio)
    slipped = (known & (factor > SLIP / _NEAR) & (factor < SLIP * _NEAR)).sum(axis=1)
    doubtful = (slipped >= _LEAST_COLUMNS) & (slipped * 2 > known.sum(axis=1))
    zh = "金额与上年相差约一万倍，疑为元与万元混用"
    en = (
        "amounts differ from the year before by about 10,000: yuan written as ten thousand yuan, or the other way round"
    )
    return _lines(ordered, doubtful, "unit_slip", zh, en)


def _excess(reports: pd.DataFrame, whole: str, parts: tuple[str, ...], zh: str) -> pd.DataFrame:
    """Reports in which the parts are together larger than the whole."""
    total = reports[whole].to_numpy()
    doubtful = reports[list(parts)].fillna(0.0).sum(axis=1).to_numpy() > np.maximum(total * _TOLERANCE, total + 1.0)
    return _lines(
        reports,
        doubtful & ~np.isnan(total),
        f"parts_exceed_{whole}",
        f"{zh}：分项之和（{'、'.join(TABLES['filings'][part].zh for part in parts)}）大于{TABLES['filings'][whole].zh}",
        f"{' + '.join(parts)} together exceed {whole}",
    )


def _lines(rows: pd.DataFrame, doubtful: NDArray[np.bool_], rule: str, zh: str, en: str) -> pd.DataFrame:
    found = rows[doubtful]
    words: dict[str, Any] = {"table": "filings", "rule": rule, "text_zh": zh, "text_en": en}
    return pd.DataFrame({"primary_key": found["filing_id"], "org_id": found["org_id"]}).assign(**words)
