"""What the money is made of: cash, kinds of counterparties, purposes and sources."""

from __future__ import annotations

from collections.abc import Iterator

from ...declare import Feature, example
from .flow import IN, OUT, feature, paid, received, share

_PURPOSES = {
    "charitable_spending": ("慈善活动支出", "charitable spending", -1),
    "management": ("管理费用", "management cost", 1),
    "staff_pay": ("工资福利", "staff pay", 0),
    "investment": ("投资", "investments", 1),
    "loan": ("借款", "loans", 1),
    "transfer": ("划转", "transfers", 0),
    "other": ("其他用途", "other purposes", 0),
}
_SOURCES = {
    "donation": ("捐赠", "donations"),
    "membership_fee": ("会费", "membership fees"),
    "service_fee": ("服务收费", "service fees"),
    "government_purchase": ("政府购买服务", "government purchase"),
    "grant": ("资助", "grants"),
}


def purposes(days: int) -> Iterator[Feature]:
    """Features of one window."""
    yield share(f"cash_share_{days}d", days, {}, {"account": "cash"}, paid, "现金收支占比", "money moved in cash", 1)
    yield share(
        f"person_out_share_{days}d",
        days,
        OUT,
        {"counterparty_kind": "person"},
        paid,
        "支出中付给个人的占比",
        "payments to persons",
        1,
    )
    yield share(
        f"person_in_share_{days}d",
        days,
        IN,
        {"counterparty_kind": "person"},
        received,
        "收入中来自个人的占比",
        "receipts from persons",
    )
    yield share(
        f"government_in_share_{days}d",
        days,
        IN,
        {"counterparty_kind": "government"},
        received,
        "收入中来自政府的占比",
        "receipts from government",
    )
    yield share(
        f"organization_out_share_{days}d",
        days,
        OUT,
        {"counterparty_kind": "organization"},
        paid,
        "支出中付给社会组织的占比",
        "payments to other social organisations",
    )
    yield share(
        f"unknown_out_share_{days}d",
        days,
        OUT,
        {"counterparty_kind": "unknown"},
        paid,
        "支出中对方性质不详的占比",
        "payments to counterparties of unknown kind",
        1,
    )
    for purpose, (zh, en, direction) in _PURPOSES.items():
        name = purpose.removesuffix("_spending")
        yield share(
            f"{name}_out_share_{days}d",
            days,
            OUT,
            {"purpose": purpose},
            paid,
            f"支出中{zh}占比",
            f"payments as {en}",
            direction,
        )
    for purpose, (zh, en) in _SOURCES.items():
        yield share(
            f"{purpose}_in_share_{days}d",
            days,
            IN,
            {"purpose": purpose},
            received,
            f"收入中{zh}占比",
            f"receipts as {en}",
        )
    yield feature(
        name=f"loans_out_{days}d",
        aggregate="count",
        window_days=days,
        where={**OUT, "purpose": "loan"},
        direction=1,
        zh=f"近{days}天对外借款{{value}}笔",
        en=f"loans given within {days} days: {{value}}",
        examples=(example(1, paid(1, purpose="loan"), received(1, purpose="loan")), example(0, paid(1))),
    )
    yield feature(
        name=f"investment_out_{days}d",
        aggregate="sum",
        window_days=days,
        value="amount",
        where={**OUT, "purpose": "investment"},
        unit="yuan",
        direction=1,
        zh=f"近{days}天对外投资{{value}}元",
        en=f"CNY invested within {days} days: {{value}}",
        examples=(
            example(70, paid(1, 70, purpose="investment"), received(1, 20, purpose="investment")),
            example(0, paid(days, purpose="investment")),
        ),
    )
