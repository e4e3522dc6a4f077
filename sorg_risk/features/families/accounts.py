"""What the accounts of the latest annual report say, alone, against the year before and among peers."""

from __future__ import annotations

from functools import partial
from math import inf

from ..declare import Feature, example
from ..relative import relative
from .filings.rows import REPORT, feature, report

_relative = partial(relative, table="filings")


def _account(
    name: str, value: str, zh: str, en: str, unit: str = "yuan", over: str = "", direction: int = 0
) -> Feature:
    """A figure, or a quotient of two, of the latest annual report."""
    if unit == "flag":
        examples = example(1, report(2025, **{value: True})), example(None, report(2025))
    elif over:
        examples = (
            example(0.25, report(2024, **{value: 9, over: 9}), report(2025, **{value: 5, over: 20})),
            example(None, report(2025, **{value: 5, over: 0})),
        )
    else:
        examples = (
            example(50, report(2024, **{value: 40}), report(2025, **{value: 50})),
            example(None, report(2024, **{value: 40}), report(2025)),
        )
    return feature(
        name=name,
        aggregate="latest",
        where=REPORT,
        value=value,
        over=over,
        unit=unit,
        direction=direction,
        zh=f"最近年度工作报告：{zh}{{value}}" + ("元" if unit == "yuan" else ""),
        en=f"latest annual report, {en}{', CNY' if unit == 'yuan' else ''}: {{value}}",
        examples=examples,
    )


def _growth(value: str, zh: str, en: str) -> Feature:
    return feature(
        name=f"{value}_yearly_change",
        aggregate="yearly_change",
        where=REPORT,
        value=value,
        unit="share",
        zh=f"最近年度工作报告：{zh}比上年变化{{value}}",
        en=f"latest annual report, {en} against the year before: {{value}}",
        examples=(
            example(0.5, report(2025, **{value: 60}), report(2024, **{value: 40})),
            example(None, report(2025, **{value: 60}), report(2023, **{value: 40})),
        ),
    )


FEATURES = (
    feature(
        name="size_class",
        aggregate="band",
        where=REPORT,
        value="total_income",
        bands={"none": -inf, "small": 0.01, "medium": 1_000_000.0, "large": 10_000_000.0},
        unit="category",
        zh="规模（最近年度工作报告总收入，百万元、千万元为界）：{value}",
        en="size by income of the latest annual report (bounds CNY 1 and 10 million): {value}",
        examples=(
            example("medium", report(2025, total_income=1_000_000), report(2024, total_income=5)),
            example("none", report(2025, total_income=0)),
            example(None, report(2025)),
        ),
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
    _account("fee_tiers", "fee_tiers", "会费档次", "tiers of the membership fee", "count", direction=1),
    _account("has_party_organization", "has_party_organization", "已建党组织：", "party organisation", "flag"),
    _account("fee_by_ballot", "fee_by_secret_ballot", "会费经无记名投票：", "fee by secret ballot", "flag"),
    _account("spending_to_income", "total_spending", "支出与收入之比", "spending over income", "ratio", "total_income"),
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
    _account("income_per_head", "total_income", "人均收入（元）", "income per head of staff, CNY", "count", "staff"),
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
        "净资产与注册资金之比",
        "net assets over registered capital",
        "ratio",
        "registered_capital_now",
        -1,
    ),
    _account(
        "spending_to_net_assets",
        "total_spending",
        "支出与净资产之比",
        "spending over net assets",
        "ratio",
        "net_assets",
    ),
    _account(
        "paid_director_share", "paid_directors", "领薪理事占比", "paid over all directors", "share", "directors", 1
    ),
    _account(
        "related_director_share",
        "related_directors",
        "近亲理事占比",
        "related over all directors",
        "share",
        "directors",
        1,
    ),
    _growth("total_income", "总收入", "income"),
    _growth("total_spending", "总支出", "spending"),
    _growth("total_assets", "总资产", "assets"),
    _growth("net_assets", "净资产", "net assets"),
    _growth("donation_income", "捐赠收入", "donations"),
    _growth("management_fee", "管理费用", "management cost"),
    _growth("staff_pay", "工资福利", "staff pay"),
    _growth("staff", "从业人员", "staff"),
    _growth("members", "会员数", "members"),
    *_relative("total_income", "最近年度工作报告总收入", "income in the latest annual report", among=("type",)),
    *_relative("total_assets", "最近年度工作报告总资产", "assets in the latest annual report"),
    *_relative("management_share", "最近年度工作报告管理费用占比", "management share in the latest annual report", 1),
    *_relative(
        "spending_to_income", "最近年度工作报告支出与收入之比", "spending over income in the latest annual report"
    ),
)
