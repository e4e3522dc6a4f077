"""Annual reports, audits and publication: in time or late, returned or missing, and what the accounts say."""

from __future__ import annotations

from typing import Any

from ..declare import Feature
from ..ingredients import Condition

_REPORT: dict[str, Condition] = {"kind": "annual_report"}
_KINDS = {
    "annual_report": ("年度工作报告", "annual reports"),
    "audit_report": ("审计报告", "audit reports"),
    "disclosure": ("信息公开", "disclosures"),
    "election": ("换届材料", "election filings"),
    "change_registration": ("变更登记", "changes of registration"),
    "fundraising": ("公开募捐方案", "fundraising plans"),
}


def _timely(days: int) -> tuple[Feature, ...]:
    common: dict[str, Any] = {"family": "filings", "table": "filings", "window_days": days}
    return (
        Feature(
            **common,
            name=f"filings_late_{days}d",
            aggregate="count",
            where={"days_late": (">", 0)},
            direction=1,
            zh=f"近{days}天迟报材料{{value}}份",
            en=f"{{value}} filings within {days} days came after their deadline",
        ),
        Feature(
            **common,
            name=f"reports_late_{days}d",
            aggregate="count",
            where={**_REPORT, "days_late": (">", 0)},
            direction=1,
            zh=f"近{days}天迟报年度工作报告{{value}}份",
            en=f"{{value}} annual reports within {days} days came late",
        ),
        Feature(
            **common,
            name=f"days_late_mean_{days}d",
            aggregate="mean",
            value="days_late",
            unit="days",
            direction=1,
            zh=f"近{days}天报送平均迟于截止日{{value}}天",
            en=f"filings within {days} days came {{value}} days after the deadline on average",
        ),
        Feature(
            **common,
            name=f"days_late_max_{days}d",
            aggregate="max",
            value="days_late",
            unit="days",
            direction=1,
            zh=f"近{days}天报送最迟晚于截止日{{value}}天",
            en=f"the latest filing within {days} days came {{value}} days after its deadline",
        ),
        Feature(
            **common,
            name=f"filings_returned_{days}d",
            aggregate="count",
            clock="returned_on",
            direction=1,
            zh=f"近{days}天被退回材料{{value}}份",
            en=f"{{value}} filings returned within {days} days",
        ),
        Feature(
            **common,
            name=f"days_to_accept_mean_{days}d",
            aggregate="mean",
            value="days_to_accept",
            unit="days",
            direction=1,
            zh=f"近{days}天报送到受理平均{{value}}天",
            en=f"filings within {days} days took {{value}} days to be accepted on average",
        ),
    )


def _kind(kind: str) -> Feature:
    zh, en = _KINDS[kind]
    return Feature(
        name=f"{kind}_1095d",
        family="filings",
        table="filings",
        window_days=1095,
        aggregate="count",
        where={"kind": kind},
        direction=-1 if kind in ("annual_report", "disclosure", "audit_report") else 0,
        zh=f"近1095天报送{zh}{{value}}份",
        en=f"{{value}} {en} filed within 1,095 days",
    )


def _account(
    name: str, value: str, zh: str, en: str, unit: str = "yuan", over: str = "", direction: int = 0
) -> Feature:
    text_zh = f"最近年报：{zh}{{value}}" + ("元" if unit == "yuan" else "")
    money = "CNY " if unit == "yuan" else ""
    return Feature(
        name=name,
        family="filings",
        table="filings",
        aggregate="latest",
        where=_REPORT,
        value=value,
        over=over,
        unit=unit,
        direction=direction,
        zh=text_zh,
        en=f"latest annual report: {en} {money}{{value}}",
    )


def _growth(value: str, zh: str, en: str) -> Feature:
    return Feature(
        name=f"{value}_yearly_change",
        family="filings",
        table="filings",
        aggregate="yearly_change",
        where=_REPORT,
        value=value,
        unit="share",
        zh=f"最近年报：{zh}比上年变化{{value}}",
        en=f"latest annual report: {en} changed by {{value}} in a year",
    )


def _percentile(base: str, zh: str, en: str) -> Feature:
    return Feature(
        name=f"{base}_vs_type",
        family="filings",
        table="filings",
        aggregate="percentile",
        base=base,
        peers=("org_type",),
        unit="share",
        zh=f"{zh}高于{{value}}的同类组织",
        en=f"{en} higher than that of {{value}} of organisations of its type",
    )


FEATURES = (
    *(one for days in (365, 1095) for one in _timely(days)),
    *(_kind(kind) for kind in _KINDS),
    Feature(
        name="reports_missing_last_year",
        family="filings",
        table="filings",
        aggregate="missing_years",
        where=_REPORT,
        window_days=365,
        direction=1,
        ground="AL-01",
        zh="最近一个应报年度未报送年度工作报告{value}份",
        en="{value} annual reports missing for the latest year due",
        statute="社会组织信用信息管理办法",
    ),
    Feature(
        name="reports_missing_3_years",
        family="filings",
        table="filings",
        aggregate="missing_years",
        where=_REPORT,
        window_days=1095,
        direction=1,
        ground="AL-01",
        zh="最近三个应报年度未报送年度工作报告{value}份",
        en="{value} annual reports missing for the latest three years due",
        statute="社会组织信用信息管理办法",
    ),
    Feature(
        name="report_recency",
        family="filings",
        table="filings",
        aggregate="recency",
        where=_REPORT,
        unit="days",
        direction=1,
        zh="距最近一次报送年度工作报告{value}天",
        en="{value} days since the latest annual report",
    ),
    Feature(
        name="filing_recency",
        family="filings",
        table="filings",
        aggregate="recency",
        unit="days",
        direction=1,
        zh="距最近一次报送材料{value}天",
        en="{value} days since the latest filing",
    ),
    Feature(
        name="disclosure_recency",
        family="filings",
        table="filings",
        aggregate="recency",
        where={"kind": "disclosure"},
        unit="days",
        direction=1,
        zh="距最近一次信息公开{value}天",
        en="{value} days since the latest disclosure",
    ),
    Feature(
        name="report_days_late",
        family="filings",
        table="filings",
        aggregate="latest",
        where=_REPORT,
        value="days_late",
        unit="days",
        direction=1,
        zh="最近年报迟于截止日{value}天",
        en="the latest annual report came {value} days after its deadline",
    ),
    Feature(
        name="audit_opinion",
        family="filings",
        table="filings",
        aggregate="latest",
        where={"kind": "audit_report"},
        value="audit_opinion",
        unit="category",
        zh="最近审计意见：{value}",
        en="latest audit opinion: {value}",
    ),
    Feature(
        name="audits_qualified_1095d",
        family="filings",
        table="filings",
        window_days=1095,
        aggregate="count",
        where={"audit_opinion": ("qualified", "adverse", "disclaimer")},
        direction=1,
        zh="近1095天非无保留审计意见{value}份",
        en="{value} audit opinions other than unqualified within 1,095 days",
    ),
    _account("total_income", "total_income", "总收入", "income"),
    _account("total_spending", "total_spending", "总支出", "spending"),
    _account("total_assets", "total_assets", "总资产", "assets"),
    _account("net_assets", "net_assets", "净资产", "net assets", direction=-1),
    _account("staff", "staff", "从业人员数", "staff", "count"),
    _account("members", "members", "会员数", "members", "count"),
    _account("party_members", "party_members", "党员数", "party members", "count"),
    _account("activities_held", "activities_held", "开展活动次数", "activities held", "count", direction=-1),
    _account("council_meetings", "council_meetings", "理事会会议次数", "council meetings", "count", direction=-1),
    _account("directors", "directors", "理事数", "directors", "count"),
    _account("supervisors", "supervisors", "监事数", "supervisors", "count"),
    _account("has_party_organization", "has_party_organization", "已建党组织：", "party organisation:", "flag"),
    _account("spending_to_income", "total_spending", "支出占收入", "spending over income", "share", "total_income"),
    _account(
        "management_share",
        "management_fee",
        "管理费用占支出",
        "management cost over spending",
        "share",
        "total_spending",
        1,
    ),
    _account(
        "charitable_share",
        "charitable_spending",
        "慈善活动支出占支出",
        "charitable over total spending",
        "share",
        "total_spending",
        -1,
    ),
    _account(
        "fundraising_cost_share",
        "fundraising_cost",
        "募捐成本占捐赠收入",
        "fundraising cost over donations",
        "share",
        "donation_income",
        1,
    ),
    _account("staff_pay_share", "staff_pay", "工资福利占支出", "staff pay over spending", "share", "total_spending"),
    _account(
        "office_share", "office_cost", "办公支出占支出", "office cost over spending", "share", "total_spending", 1
    ),
    _account("pay_per_head", "staff_pay", "人均工资福利（元）", "staff pay per head, CNY", "count", "staff"),
    _account("donation_share", "donation_income", "捐赠占收入", "donations over income", "share", "total_income"),
    _account(
        "government_share",
        "government_income",
        "政府补助占收入",
        "government money over income",
        "share",
        "total_income",
    ),
    _account("fee_share", "fee_income", "会费及服务收入占收入", "fees over income", "share", "total_income"),
    _account(
        "net_to_total_assets", "net_assets", "净资产占总资产", "net over total assets", "share", "total_assets", -1
    ),
    _account(
        "net_assets_to_capital",
        "net_assets",
        "净资产占注册资金",
        "net assets over registered capital",
        "share",
        "registered_capital_now",
        -1,
    ),
    _account("paid_director_share", "paid_directors", "领薪理事占比", "paid directors", "share", "directors", 1),
    _account(
        "related_director_share", "related_directors", "近亲理事占比", "related directors", "share", "directors", 1
    ),
    _growth("total_income", "总收入", "income"),
    _growth("total_spending", "总支出", "spending"),
    _growth("total_assets", "总资产", "assets"),
    _growth("net_assets", "净资产", "net assets"),
    _growth("donation_income", "捐赠收入", "donations"),
    _growth("management_fee", "管理费用", "management cost"),
    _growth("staff", "从业人员", "staff"),
    _growth("members", "会员数", "members"),
    _percentile("total_income", "最近年报总收入", "income in the latest report"),
    _percentile("total_assets", "最近年报总资产", "assets in the latest report"),
    _percentile("management_share", "最近年报管理费用占比", "management share in the latest report"),
    _percentile("days_late_mean_1095d", "近1095天平均迟报天数", "mean lateness within 1,095 days"),
)
