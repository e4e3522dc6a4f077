"""Annual reports, audits and publication: in time or late, returned or missing."""

from __future__ import annotations

from functools import partial

from ...declare import Feature, example, row
from ...relative import relative
from .reports import REPORTS
from .rows import feature
from .timely import timely

_relative = partial(relative, table="filings")
_KINDS = {
    "annual_report": ("年度工作报告", "annual reports", -1),
    "audit_report": ("审计报告", "audit reports", -1),
    "disclosure": ("信息公开", "disclosures", -1),
    "election": ("换届材料", "election filings", 0),
    "change_registration": ("变更登记", "changes of registration", 0),
    "fundraising": ("公开募捐方案", "fundraising plans", 0),
    "fee_schedule": ("会费标准", "fee schedules", 0),
}


def _kind(kind: str) -> Feature:
    zh, en, direction = _KINDS[kind]
    other = "election" if kind != "election" else "disclosure"
    return feature(
        name=f"{kind}_1095d",
        aggregate="count",
        window_days=1095,
        where={"kind": kind},
        direction=direction,
        zh=f"近1095天报送{zh}{{value}}份",
        en=f"{en} filed within 1095 days: {{value}}",
        examples=(example(1, row(1, kind=kind), row(1, kind=other), row(1095, kind=kind)), example(0)),
    )


def _recency(name: str, kind: str, zh: str, en: str) -> Feature:
    return feature(
        name=name,
        aggregate="recency",
        where={"kind": kind} if kind else {},
        unit="days",
        direction=1,
        zh=f"距最近一次报送{zh}{{value}}天",
        en=f"days since the latest {en}: {{value}}",
        examples=(
            example(7, row(7, kind=kind or "election"), row(30, kind=kind or "election")),
            example(None, *((row(3, kind="fundraising"),) if kind else ())),
        ),
    )


FEATURES = (
    *(one for days in (365, 1095, None) for one in timely(days)),
    *(_kind(kind) for kind in _KINDS),
    *REPORTS,
    _recency("report_recency", "annual_report", "年度工作报告", "annual report"),
    _recency("filing_recency", "", "材料", "filing"),
    _recency("disclosure_recency", "disclosure", "信息公开", "disclosure"),
    _recency("audit_recency", "audit_report", "审计报告", "audit report"),
    feature(
        name="audit_opinion",
        aggregate="latest",
        where={"kind": "audit_report"},
        value="audit_opinion",
        unit="category",
        zh="最近审计意见：{value}",
        en="latest audit opinion: {value}",
        examples=(
            example(
                "qualified",
                row(9, kind="audit_report", fiscal_year=2025, audit_opinion="qualified"),
                row(5, kind="audit_report", fiscal_year=2024, audit_opinion="adverse"),
            ),
            example(None, row(9, kind="audit_report", audit_opinion="adverse")),
        ),
    ),
    feature(
        name="audits_qualified_1095d",
        aggregate="count",
        window_days=1095,
        where={"audit_opinion": ("qualified", "adverse", "disclaimer")},
        direction=1,
        zh="近1095天非无保留审计意见{value}份",
        en="audit opinions other than unqualified within 1095 days: {value}",
        examples=(
            example(1, row(9, audit_opinion="adverse"), row(8, audit_opinion="unqualified"), row(7)),
            example(0, row(1095, audit_opinion="adverse")),
        ),
    ),
    *_relative("days_late_mean_1095d", "近1095天平均迟报天数", "mean lateness within 1095 days", 1),
)
