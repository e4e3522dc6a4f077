"""Money in and out: volume, counterparties, cash, related parties, round sums, sudden bursts, money that only passes."""

from __future__ import annotations

from functools import partial

from ...declare import example
from ...relative import relative
from .flow import IN, feature, paid, received
from .partners import partners
from .purposes import purposes
from .shape import shape
from .volume import volume

_relative = partial(relative, table="fund_flows")

FEATURES = (
    *(one for days in (30, 90, 365) for one in volume(days)),
    *partners(365),
    *shape(365),
    *purposes(365),
    feature(
        name="flow_recency",
        aggregate="recency",
        unit="days",
        direction=1,
        zh="距最近一笔资金流水{value}天",
        en="days since the latest money movement: {value}",
        examples=(example(5, received(9), paid(5)), example(None)),
    ),
    feature(
        name="money_in_recency",
        aggregate="recency",
        where=IN,
        unit="days",
        direction=1,
        zh="距最近一笔收入{value}天",
        en="days since the latest receipt: {value}",
        examples=(example(9, received(9), paid(5)), example(None, paid(5))),
    ),
    *_relative("money_in_365d", "近365天收入", "receipts within 365 days"),
    *_relative("money_out_365d", "近365天支出", "payments within 365 days"),
    *_relative("related_share_365d", "近365天关联方支出占比", "share of related parties in payments", 1),
    *_relative("pass_through_365d", "近365天快进快出占比", "share of money passing through", 1),
    *_relative("payee_hhi_365d", "近365天付款对象集中度", "concentration of payees", 1),
    *_relative("cash_share_365d", "近365天现金收支占比", "share of cash", 1),
)
