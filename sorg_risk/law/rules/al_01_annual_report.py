"""AL-01: annual report not filed in time or not to requirements (O60 art. 11(1)) 未按照规定时限和要求报送年度工作报告."""

from __future__ import annotations

import pandas as pd

from ..deadlines import next_due
from ..facts import facts, nothing
from ..known import Known
from ..periods import DAY, stamp
from ..rule import ABNORMAL, O60_FROM, Case, Clause, Rule, o60


def late_reports(known: Known) -> pd.DataFrame:
    """Every report missed: since the day after the deadline, until it was accepted (if it was)."""
    reports = known.annual_reports
    missed = reports.loc[reports["state"].isin(["open", "late_accepted"])]
    missed = missed.loc[missed["deadline"] + DAY >= stamp(O60_FROM)].reset_index(drop=True)
    if missed.empty:
        return nothing()
    year = missed["fiscal_year"].astype(int).astype(str)
    on_file = missed["key"].notna()
    shown = ("filings:" + missed["key"].fillna("")).where(on_file, "organizations:" + missed["org_id"])
    names = [[f"AL-01:{y}"] + ([k] if f else []) for y, k, f in zip(year, missed["key"], on_file, strict=True)]
    return facts(
        missed,
        "AL-01",
        missed["deadline"] + DAY,
        ends=missed["accepted_on"].where(missed["state"] == "late_accepted"),
        alert_until=next_due(missed),
        evidence=[[s] for s in shown],
        refers=names,
        provisional=missed["provisional"],
        values={
            "year": year,
            "deadline": missed["deadline"],
            "filed_zh": _filed(missed, "zh"),
            "filed_en": _filed(missed, "en"),
        },
    )


def _filed(missed: pd.DataFrame, lang: str) -> pd.Series:
    """What came of the report, in words."""
    words = {
        "zh": ("未报送", "{d}报送，尚未接收", "{d}报送，{a}接收"),
        "en": ("nothing filed", "filed on {d}, not accepted", "filed on {d}, accepted on {a}"),
    }[lang]
    filed, accepted = (missed[c].dt.strftime("%Y-%m-%d") for c in ("filed_on", "accepted_on"))
    told = [
        words[0] if pd.isna(d) else words[1].format(d=d) if pd.isna(a) else words[2].format(d=d, a=a)
        for d, a in zip(filed, accepted, strict=True)
    ]
    return pd.Series(told, index=missed.index)


_ORG = {
    "org_id": "51440300000000001M",
    "org_type": "association",
    "registered_on": "2022-01-08",
    "status": "active",
    "recorded_at": "2022-01-08",
}
_FILED = {
    "filing_id": "F1",
    "org_id": "51440300000000001M",
    "kind": "annual_report",
    "fiscal_year": 2022,
    "filed_on": "2023-05-31",
    "recorded_at": "2023-05-31",
}

RULE = Rule(
    id="AL-01",
    flag=ABNORMAL,
    zh="未按照规定时限和要求报送年度工作报告",
    en="annual work report not filed within the time and to the requirements",
    citation=o60("十一", "一"),
    effective_from=O60_FROM,
    clauses=(
        Clause(
            "deadline_passed",
            "{year}年度报告的期限{deadline}已过",
            "the deadline {deadline} of the report of {year} has passed",
        ),
        Clause("not_in_time", "期限内无合格报告：{filed_zh}", "no report to requirements within it: {filed_en}"),
    ),
    facts=late_reports,
    cases=(
        Case("filed on the last day: in time", "2023-06-10", {"organizations": [_ORG], "filings": [_FILED]}),
        Case(
            "nothing filed: the ground arises the day after the deadline",
            "2023-06-10",
            {"organizations": [_ORG]},
            ("2023-06-01",),
        ),
        Case("the deadline itself is still in time", "2023-05-31", {"organizations": [_ORG]}),
        Case(
            "filed a day late and not accepted",
            "2023-06-10",
            {"organizations": [_ORG], "filings": [_FILED | {"filed_on": "2023-06-01", "recorded_at": "2023-06-01"}]},
            ("2023-06-01",),
        ),
        Case(
            "returned as not meeting the requirements and not corrected",
            "2023-07-10",
            {"organizations": [_ORG], "filings": [_FILED | {"returned_on": "2023-06-20", "recorded_at": "2023-06-20"}]},
            ("2023-06-01",),
        ),
    ),
)
