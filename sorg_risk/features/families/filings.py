"""Annual reports, audits and publication: in time or late, returned or missing, and what the accounts say."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from ..declare import Feature, Row, example, row
from ..ingredients import KNOWN, Condition
from ..relative import relative

_feature = partial(Feature, table="filings")
_relative = partial(relative, table="filings")
_REPORT: dict[str, Condition] = {"kind": "annual_report"}
_STATUTE = "社会组织信用信息管理办法（民政部令第60号）第十一条第一项"
_KINDS = {
    "annual_report": ("年度工作报告", "annual reports", -1),
    "audit_report": ("审计报告", "audit reports", -1),
    "disclosure": ("信息公开", "disclosures", -1),
    "election": ("换届材料", "election filings", 0),
    "change_registration": ("变更登记", "changes of registration", 0),
    "fundraising": ("公开募捐方案", "fundraising plans", 0),
    "fee_schedule": ("会费标准", "fee schedules", 0),
}


def _report(year: int, ago: int | None = None, **cells: Any) -> Row:
    """An annual report filed so many days ago, or early in the year after."""
    if ago is None:
        cells.setdefault("filed_on", f"{year + 1}-03-15")
    return row(ago, kind="annual_report", fiscal_year=year, **cells)


def _due(late: int, ago: int, **cells: Any) -> Row:
    """A filing so many days ago and so many days after its deadline."""
    return row(ago, **{"kind": "audit_report", "due_on": ago + late, **cells})


def _timely(days: int | None) -> Iterator[Feature]:
    """Lateness within a window, or ever."""
    ending, zh, en = (f"{days}d", f"近{days}天", f" within {days} days") if days else ("ever", "历来", " ever")
    old = (_due(5, days),) if days else ()
    report = partial(_due, kind="annual_report", fiscal_year=2025)
    yield _feature(
        name=f"filings_late_{ending}",
        aggregate="count",
        window_days=days,
        where={"days_late": (">", 0)},
        direction=1,
        zh=f"{zh}迟报材料{{value}}份",
        en=f"filings after their deadline{en}: {{value}}",
        examples=(example(1, _due(1, 20), _due(0, 21), row(22, kind="election"), *old), example(0)),
    )
    yield _feature(
        name=f"reports_late_{ending}",
        aggregate="count",
        window_days=days,
        where={**_REPORT, "days_late": (">", 0)},
        direction=1,
        zh=f"{zh}迟报年度工作报告{{value}}份",
        en=f"annual reports after their deadline{en}: {{value}}",
        examples=(example(1, report(1, 20), report(0, 21), _due(9, 22)), example(0, _due(1, 1))),
    )
    yield _feature(
        name=f"report_late_share_{ending}",
        aggregate="share",
        window_days=days,
        where={**_REPORT, "days_late": KNOWN},
        part={"days_late": (">", 0)},
        unit="share",
        direction=1,
        zh=f"{zh}年度工作报告中迟报的占{{value}}",
        en=f"share of late ones among annual reports{en}: {{value}}",
        examples=(example(0.5, report(1, 20), report(0, 21)), example(None, _due(9, 22))),
    )
    yield _feature(
        name=f"reports_near_deadline_{ending}",
        aggregate="count",
        window_days=days,
        where={**_REPORT, "days_late": (">", -8)},
        direction=1,
        zh=f"{zh}在截止前7天内或截止后报送的年度工作报告{{value}}份",
        en=f"annual reports filed in the last 7 days before their deadline or after it{en}: {{value}}",
        examples=(example(2, report(-7, 20), report(5, 21), report(-8, 22)), example(0)),
    )
    yield _feature(
        name=f"days_late_mean_{ending}",
        aggregate="mean",
        window_days=days,
        value="days_late",
        unit="days",
        direction=1,
        zh=f"{zh}报送平均迟于截止日{{value}}天（负数为提前）",
        en=f"mean days from deadline to filing{en} (negative: before it): {{value}}",
        examples=(example(-2, _due(6, 20), _due(-10, 21), row(22, kind="election"), *old), example(None)),
    )
    yield _feature(
        name=f"days_late_max_{ending}",
        aggregate="max",
        window_days=days,
        value="days_late",
        unit="days",
        direction=1,
        zh=f"{zh}报送最迟晚于截止日{{value}}天（负数为提前）",
        en=f"most days from deadline to filing{en} (negative: before it): {{value}}",
        examples=(example(6, _due(6, 20), _due(-10, 21)), example(-3, _due(-3, 20))),
    )
    yield _feature(
        name=f"days_late_range_{ending}",
        aggregate="range",
        window_days=days,
        where=_REPORT,
        value="days_late",
        unit="days",
        direction=1,
        zh=f"{zh}年度工作报告报送时间相差{{value}}天",
        en=f"days between the earliest and the latest annual report, counted from their deadlines{en}: {{value}}",
        examples=(example(16, report(6, 20), report(-10, 21)), example(0, report(6, 20))),
    )
    yield _feature(
        name=f"filings_returned_{ending}",
        aggregate="count",
        window_days=days,
        clock="returned_on",
        direction=1,
        zh=f"{zh}被退回材料{{value}}份",
        en=f"filings returned{en}: {{value}}",
        examples=(example(1, row(20, returned_on=2), row(10)), example(0, row(1))),
    )
    yield _feature(
        name=f"reports_repeated_{ending}",
        aggregate="repeats",
        window_days=days,
        where=_REPORT,
        by="report_year",
        zh=f"{zh}同一年度重复报送的年度工作报告{{value}}份",
        en=f"annual reports filed again for the same year{en}: {{value}}",
        examples=(example(1, _report(2025, 20), _report(2025, 5), _report(2024, 21)), example(0, _report(2025, 5))),
    )
    yield _feature(
        name=f"days_to_accept_mean_{ending}",
        aggregate="mean",
        window_days=days,
        value="days_to_accept",
        unit="days",
        zh=f"{zh}报送到受理平均{{value}}天",
        en=f"mean days from filing to acceptance{en}: {{value}}",
        examples=(example(6, row(20, accepted_on=12), row(10, accepted_on=6), row(5)), example(None, row(5))),
    )
    yield _feature(
        name=f"days_to_record_mean_{ending}",
        aggregate="mean",
        window_days=days,
        value="days_to_record",
        unit="days",
        zh=f"{zh}报送到入库平均{{value}}天",
        en=f"mean days from filing to recording{en}: {{value}}",
        examples=(example(6, row(20, recorded_at=12), row(10, recorded_at=6)), example(None)),
    )


def _kind(kind: str) -> Feature:
    zh, en, direction = _KINDS[kind]
    other = "election" if kind != "election" else "disclosure"
    return _feature(
        name=f"{kind}_1095d",
        aggregate="count",
        window_days=1095,
        where={"kind": kind},
        direction=direction,
        zh=f"近1095天报送{zh}{{value}}份",
        en=f"{en} filed within 1095 days: {{value}}",
        examples=(example(1, row(1, kind=kind), row(1, kind=other), row(1095, kind=kind)), example(0)),
    )


_LATENESS = (
    _feature(
        name="reports_missing_last_year",
        aggregate="missing_years",
        where=_REPORT,
        window_days=365,
        direction=1,
        ground="AL-01",
        statute=_STATUTE,
        zh="最近一个应报年度未报送年度工作报告{value}份",
        en="annual reports missing for the latest year due: {value}",
        examples=(
            example(1, _report(2024), registered_on="2015-03-01"),
            example(0, _report(2025), registered_on="2015-03-01"),
            example(0, registered_on="2025-07-01", code="52"),
        ),
    ),
    _feature(
        name="reports_missing_3_years",
        aggregate="missing_years",
        where=_REPORT,
        window_days=1095,
        direction=1,
        ground="AL-01",
        statute=_STATUTE,
        zh="最近三个应报年度未报送年度工作报告{value}份",
        en="annual reports missing for the latest three years due: {value}",
        examples=(
            example(2, _report(2024), _report(2022), registered_on="2015-03-01"),
            example(1, registered_on="2025-06-30", code="52"),
        ),
    ),
    _feature(
        name="filings_overdue",
        aggregate="count",
        clock="overdue_from",
        until="filed_on",
        direction=1,
        ground="AL-01",
        zh="已过截止日仍未报送的材料{value}份",
        en="filings past their deadline and not filed: {value}",
        examples=(
            example(1, row(due_on=1, recorded_at=40), row(due_on=0, recorded_at=40)),
            example(0, row(due_on=30, filed_on=10)),
        ),
    ),
    _feature(
        name="report_days_late",
        aggregate="latest",
        where=_REPORT,
        value="days_late",
        unit="days",
        direction=1,
        zh="最近年度工作报告迟于截止日{value}天（负数为提前）",
        en="latest annual report, days from deadline to filing (negative: before it): {value}",
        examples=(
            example(10, _report(2025, filed_on="2026-06-11", due_on="2026-06-01")),
            example(-1, _report(2025, filed_on="2026-05-31")),
            example(3, _report(2025, filed_on="2026-04-03"), code="53"),
        ),
    ),
    _feature(
        name="report_days_late_before",
        aggregate="previous",
        where=_REPORT,
        value="days_late",
        unit="days",
        direction=1,
        zh="上一年度的年度工作报告迟于截止日{value}天（负数为提前）",
        en="annual report of the year before, days from deadline to filing (negative: before it): {value}",
        examples=(
            example(2, _report(2025), _report(2024, filed_on="2025-06-04", due_on="2025-06-02")),
            example(None, _report(2025), _report(2023)),
        ),
    ),
    _feature(
        name="report_days_late_difference",
        aggregate="yearly_difference",
        where=_REPORT,
        value="days_late",
        unit="days",
        direction=1,
        zh="最近年度工作报告比上年晚{value}天",
        en="latest annual report, days later than the year before, each counted from its deadline: {value}",
        examples=(
            example(
                7,
                _report(2025, filed_on="2026-06-11", due_on="2026-06-01"),
                _report(2024, filed_on="2025-06-05", due_on="2025-06-02"),
            ),
            example(None, _report(2025)),
        ),
    ),
    _feature(
        name="report_due_age",
        aggregate="age",
        where=_REPORT,
        value="due_day",
        unit="days",
        direction=1,
        zh="最近年度工作报告的截止日距今{value}天",
        en="days since the deadline of the latest annual report: {value}",
        examples=(example(365, _report(2025, due_on=365), _report(2024, due_on=700)), example(None)),
    ),
    _feature(
        name="report_due_month",
        aggregate="latest",
        where=_REPORT,
        value="due_month",
        unit="index",
        zh="最近年度工作报告的截止月份{value}",
        en="month in which the latest annual report was due: {value}",
        examples=(example(2, _report(2025, due_on="2026-02-15")), example(3, _report(2025), code="53")),
    ),
    _feature(
        name="late_filing_recency",
        aggregate="recency",
        where={"days_late": (">", 0)},
        unit="days",
        direction=-1,
        zh="距最近一次迟报{value}天",
        en="days since the latest filing after its deadline: {value}",
        examples=(example(400, _due(5, 400), _due(-5, 30)), example(None, _due(0, 30))),
    ),
    _feature(
        name="report_years",
        aggregate="distinct",
        where=_REPORT,
        by="report_year",
        zh="历来有年度工作报告的年度{value}个",
        en="fiscal years with an annual report on file: {value}",
        examples=(example(2, _report(2025), _report(2025, 5), _report(2023)), example(0)),
    ),
    _feature(
        name="report_years_skipped",
        aggregate="holes",
        where=_REPORT,
        value="fiscal_year",
        by="report_year",
        direction=1,
        zh="首末两次年度工作报告之间缺少的年度{value}个",
        en="fiscal years without an annual report between the first and the latest one: {value}",
        examples=(example(2, _report(2025), _report(2022)), example(None)),
    ),
    _feature(
        name="report_years_behind",
        aggregate="years_behind",
        where=_REPORT,
        value="fiscal_year",
        direction=1,
        zh="最近年度工作报告距今{value}个年度",
        en="calendar year minus the fiscal year of the latest annual report: {value}",
        examples=(example(1, _report(2025), _report(2022)), example(None, row(1, kind="election"))),
    ),
    _feature(
        name="report_seniority",
        aggregate="seniority",
        where=_REPORT,
        unit="days",
        zh="距首次报送年度工作报告{value}天",
        en="days since the first annual report on file: {value}",
        examples=(example(900, _report(2024, 900), _report(2025, 100)), example(None)),
    ),
)


def _recency(name: str, kind: str, zh: str, en: str) -> Feature:
    return _feature(
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
    *(one for days in (365, 1095, None) for one in _timely(days)),
    *(_kind(kind) for kind in _KINDS),
    *_LATENESS,
    _recency("report_recency", "annual_report", "年度工作报告", "annual report"),
    _recency("filing_recency", "", "材料", "filing"),
    _recency("disclosure_recency", "disclosure", "信息公开", "disclosure"),
    _recency("audit_recency", "audit_report", "审计报告", "audit report"),
    _feature(
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
    _feature(
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
