"""Money in and out: volume, counterparties, cash, related parties, round sums, sudden bursts, money that only passes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from math import log10
from typing import Any

from ..declare import Feature, Row, example, row
from ..ingredients import Condition
from ..relative import relative

_feature = partial(Feature, table="fund_flows")
_relative = partial(relative, table="fund_flows")
_IN: dict[str, Condition] = {"direction": "in"}
_OUT: dict[str, Condition] = {"direction": "out"}


def _in(ago: int, amount: float = 100, **cells: Any) -> Row:
    return row(ago, direction="in", amount=amount, **cells)


def _out(ago: int, amount: float = 100, **cells: Any) -> Row:
    return row(ago, direction="out", amount=amount, **cells)


def _volume(days: int) -> Iterator[Feature]:
    yield _feature(
        name=f"flows_{days}d",
        aggregate="count",
        window_days=days,
        zh=f"近{days}天资金流水{{value}}笔",
        en=f"money movements within {days} days: {{value}}",
        examples=(example(2, _in(0), _out(days - 1), _out(days)), example(0)),
    )
    for way, zh, en, where, flow, other in (
        ("in", "收入", "received", _IN, _in, _out),
        ("out", "支出", "paid out", _OUT, _out, _in),
    ):
        yield _feature(
            name=f"money_{way}_{days}d",
            aggregate="sum",
            window_days=days,
            value="amount",
            where=where,
            unit="yuan",
            zh=f"近{days}天{zh}{{value}}元",
            en=f"CNY {en} within {days} days: {{value}}",
            examples=(
                example(30.03, flow(1, 10.01), flow(2, 20.02), other(3, 5), flow(days, 7)),
                example(0, other(1)),
            ),
        )
        yield _feature(
            name=f"money_{way}_max_{days}d",
            aggregate="max",
            window_days=days,
            value="amount",
            where=where,
            unit="yuan",
            zh=f"近{days}天最大一笔{zh}{{value}}元",
            en=f"largest sum {en} within {days} days, CNY: {{value}}",
            examples=(example(20.5, flow(1, 10), flow(2, 20.5), other(3, 50)), example(None, flow(days))),
        )
    for name, zh, en, where, flow in (
        ("payees", "付款对象", "payees", _OUT, _out),
        ("payers", "来款对象", "payers", _IN, _in),
    ):
        yield _feature(
            name=f"{name}_{days}d",
            aggregate="distinct",
            window_days=days,
            by="counterparty_id",
            where=where,
            zh=f"近{days}天{zh}{{value}}个",
            en=f"different {en} within {days} days: {{value}}",
            examples=(
                example(
                    2,
                    flow(1, counterparty_id="a"),
                    flow(2, counterparty_id="a"),
                    flow(3, counterparty_id="b"),
                    flow(days, counterparty_id="c"),
                ),
                example(0, flow(1)),
            ),
        )
    yield _feature(
        name=f"related_out_{days}d",
        aggregate="sum",
        window_days=days,
        value="amount",
        where={**_OUT, "is_related_party": True},
        unit="yuan",
        direction=1,
        zh=f"近{days}天向关联方支出{{value}}元",
        en=f"CNY paid to related parties within {days} days: {{value}}",
        examples=(
            example(40, _out(1, 40, is_related_party=True), _out(1, 60), _in(1, 9, is_related_party=True)),
            example(0, _out(1, is_related_party=False)),
        ),
    )
    yield _share(
        f"related_share_{days}d",
        days,
        _OUT,
        {"is_related_party": True},
        _out,
        "支出中关联方占比",
        "payments to related parties",
        1,
    )
    yield _share(
        f"off_account_share_{days}d",
        days,
        {},
        {"account": ("unregistered", "cash")},
        _in,
        "资金中未经备案账户（含现金）的占比",
        "money moved in cash or outside the registered account",
        1,
    )
    yield _feature(
        name=f"round_share_{days}d",
        aggregate="share",
        window_days=days,
        part={"is_round": True},
        unit="share",
        direction=1,
        zh=f"近{days}天整万金额的笔数占{{value}}",
        en=f"share of movements that are multiples of CNY 10,000, within {days} days: {{value}}",
        examples=(
            example(0.5, _in(1, 20_000), _out(2, 20_000.5), _out(3, 10_000), _in(4, 999)),
            example(None, _in(days, 20_000)),
        ),
    )
    yield _feature(
        name=f"pass_through_{days}d",
        aggregate="pass_through",
        window_days=days,
        value="amount",
        part=_IN,
        unit="share",
        direction=1,
        zh=f"近{days}天收入在5天内又转出的占{{value}}",
        en=f"share of the money received within {days} days that left again within 5 days: {{value}}",
        examples=(
            example(0.75, _in(20, 100), _out(15, 50), _out(14, 50), _in(3, 100), _out(3, 100)),
            example(None, _out(1), _in(days)),
        ),
    )


def _share(
    name: str,
    days: int,
    where: Mapping[str, Condition],
    part: Mapping[str, Condition],
    flow: Any,
    zh: str,
    en: str,
    direction: int = 0,
) -> Feature:
    """Part of the money; the examples use one row in the part and one beside it."""
    inside = {column: wanted[0] if isinstance(wanted, tuple) else wanted for column, wanted in part.items()}
    return _feature(
        name=name,
        aggregate="share",
        window_days=days,
        value="amount",
        where=where,
        part=part,
        unit="share",
        direction=direction,
        zh=f"近{days}天{zh}{{value}}",
        en=f"share of {en} within {days} days: {{value}}",
        examples=(
            example(0.25, flow(1, 25, **inside), flow(2, 75), flow(days, 900, **inside)),
            example(None, flow(days, **inside)),
        ),
    )


def _partners(days: int) -> Iterator[Feature]:
    for name, zh, en, where, flow, direction in (
        ("payee", "付款对象", "payees", _OUT, _out, 1),
        ("payer", "来款对象", "payers", _IN, _in, 0),
    ):
        rows = (
            flow(1, 30, counterparty_id="a"),
            flow(2, 30, counterparty_id="a"),
            flow(3, 40, counterparty_id="b"),
            flow(4, 999),
        )
        yield _feature(
            name=f"{name}_hhi_{days}d",
            aggregate="hhi",
            window_days=days,
            value="amount",
            by="counterparty_id",
            where=where,
            unit="index",
            direction=direction,
            zh=f"近{days}天{zh}集中度{{value}}（1为全部集中于一家）",
            en=f"concentration of {en} within {days} days (1: a single one): {{value}}",
            examples=(example(0.52, *rows), example(None, flow(1))),
        )
        yield _feature(
            name=f"{name}_top_share_{days}d",
            aggregate="top_share",
            window_days=days,
            value="amount",
            by="counterparty_id",
            where=where,
            unit="share",
            direction=direction,
            zh=f"近{days}天最大{zh}占{{value}}",
            en=f"share of the largest of the {en} within {days} days: {{value}}",
            examples=(example(0.6, *rows), example(None, flow(days, counterparty_id="a"))),
        )
        yield _feature(
            name=f"{name}_repeats_{days}d",
            aggregate="repeats",
            window_days=days,
            by="counterparty_id",
            where=where,
            zh=f"近{days}天与同一{zh}重复往来{{value}}笔",
            en=f"movements beyond the first with the same of the {en} within {days} days: {{value}}",
            examples=(example(1, *rows), example(0, flow(1), flow(2))),
        )


def _shape(days: int) -> Iterator[Feature]:
    for way, zh, en, where, flow in (
        ("in", "收入", "receipts", _IN, _in),
        ("out", "支出", "payments", _OUT, _out),
    ):
        yield _feature(
            name=f"money_{way}_change_{days}d",
            aggregate="change",
            window_days=days,
            value="amount",
            where=where,
            unit="ratio",
            zh=f"近{days}天{zh}较此前{days}天的变化{{value}}（-1至1）",
            en=f"change of {en}, last {days} days against the {days} days before (-1 to 1): {{value}}",
            examples=(
                example(0.5, flow(days - 1, 75), flow(days, 25), flow(2 * days, 900)),
                example(None),
            ),
        )
        yield _feature(
            name=f"money_{way}_trend_{days}d",
            aggregate="trend",
            window_days=days,
            value="amount",
            where=where,
            unit="ratio",
            zh=f"近{days}天{zh}走势{{value}}（-1至1，越大越集中于近期）",
            en=f"trend of {en} within {days} days (-1 all long ago, 1 all lately): {{value}}",
            examples=(example(0.5, flow(0, 75), flow(days - 1, 25)), example(None, flow(days))),
        )
    yield _feature(
        name=f"flow_burst_{days}d",
        aggregate="burst",
        window_days=days,
        value="amount",
        unit="share",
        direction=1,
        zh=f"近{days}天资金最集中的30天占{{value}}",
        en=f"share of the busiest 30 days in the money of {days} days: {{value}}",
        examples=(example(0.7, _in(100, 40), _out(71, 30), _out(70, 30)), example(None)),
    )
    yield _feature(
        name=f"flow_gap_{days}d",
        aggregate="gap",
        window_days=days,
        unit="days",
        direction=1,
        zh=f"近{days}天资金流水最长间隔{{value}}天",
        en=f"longest pause between money movements within {days} days, in days: {{value}}",
        examples=(example(50, _in(10), _out(60), _out(80)), example(None, _in(10), _in(days))),
    )
    yield _feature(
        name=f"flow_revival_{days}d",
        aggregate="revival",
        window_days=days,
        value="amount",
        unit="share",
        direction=1,
        zh=f"近{days}天沉寂90天以上后30天内的资金占{{value}}",
        en=f"share of the money of {days} days that moved within 30 days after at least 90 quiet days: {{value}}",
        examples=(
            example(0.8, _in(200, 10), _out(110, 50), _out(81, 30), _out(80, 10)),
            example(0, _in(100), _out(11)),
        ),
    )
    yield _feature(
        name=f"flow_benford_{days}d",
        aggregate="benford",
        window_days=days,
        value="first_digit",
        unit="index",
        direction=1,
        zh=f"近{days}天金额首位数字与本福特定律的平均偏差{{value}}",
        en=f"mean distance of first digits from Benford's law within {days} days: {{value}}",
        examples=(
            example(2 * (1 - log10(2)) / 9, *(_in(1, 100) for _ in range(50))),
            example(None, *(_in(1, 100) for _ in range(49))),
        ),
    )
    yield _feature(
        name=f"late_recorded_share_{days}d",
        aggregate="share",
        window_days=days,
        part={"days_to_record": (">", 30)},
        unit="share",
        zh=f"近{days}天资金流水迟于30天入库的占{{value}}",
        en=f"share of movements recorded more than 30 days after, within {days} days: {{value}}",
        examples=(example(0.5, _in(40, recorded_at=9), _in(40, recorded_at=10)), example(None)),
    )


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


def _made_of(days: int) -> Iterator[Feature]:
    yield _share(f"cash_share_{days}d", days, {}, {"account": "cash"}, _out, "现金收支占比", "money moved in cash", 1)
    yield _share(
        f"person_out_share_{days}d",
        days,
        _OUT,
        {"counterparty_kind": "person"},
        _out,
        "支出中付给个人的占比",
        "payments to persons",
        1,
    )
    yield _share(
        f"person_in_share_{days}d",
        days,
        _IN,
        {"counterparty_kind": "person"},
        _in,
        "收入中来自个人的占比",
        "receipts from persons",
    )
    yield _share(
        f"government_in_share_{days}d",
        days,
        _IN,
        {"counterparty_kind": "government"},
        _in,
        "收入中来自政府的占比",
        "receipts from government",
    )
    yield _share(
        f"organization_out_share_{days}d",
        days,
        _OUT,
        {"counterparty_kind": "organization"},
        _out,
        "支出中付给社会组织的占比",
        "payments to other social organisations",
    )
    yield _share(
        f"unknown_out_share_{days}d",
        days,
        _OUT,
        {"counterparty_kind": "unknown"},
        _out,
        "支出中对方性质不详的占比",
        "payments to counterparties of unknown kind",
        1,
    )
    for purpose, (zh, en, direction) in _PURPOSES.items():
        name = purpose.removesuffix("_spending")
        yield _share(
            f"{name}_out_share_{days}d",
            days,
            _OUT,
            {"purpose": purpose},
            _out,
            f"支出中{zh}占比",
            f"payments as {en}",
            direction,
        )
    for purpose, (zh, en) in _SOURCES.items():
        yield _share(
            f"{purpose}_in_share_{days}d", days, _IN, {"purpose": purpose}, _in, f"收入中{zh}占比", f"receipts as {en}"
        )
    yield _feature(
        name=f"loans_out_{days}d",
        aggregate="count",
        window_days=days,
        where={**_OUT, "purpose": "loan"},
        direction=1,
        zh=f"近{days}天对外借款{{value}}笔",
        en=f"loans given within {days} days: {{value}}",
        examples=(example(1, _out(1, purpose="loan"), _in(1, purpose="loan")), example(0, _out(1))),
    )
    yield _feature(
        name=f"investment_out_{days}d",
        aggregate="sum",
        window_days=days,
        value="amount",
        where={**_OUT, "purpose": "investment"},
        unit="yuan",
        direction=1,
        zh=f"近{days}天对外投资{{value}}元",
        en=f"CNY invested within {days} days: {{value}}",
        examples=(
            example(70, _out(1, 70, purpose="investment"), _in(1, 20, purpose="investment")),
            example(0, _out(days, purpose="investment")),
        ),
    )


FEATURES = (
    *(one for days in (30, 90, 365) for one in _volume(days)),
    *_partners(365),
    *_shape(365),
    *_made_of(365),
    _feature(
        name="flow_recency",
        aggregate="recency",
        unit="days",
        direction=1,
        zh="距最近一笔资金流水{value}天",
        en="days since the latest money movement: {value}",
        examples=(example(5, _in(9), _out(5)), example(None)),
    ),
    _feature(
        name="money_in_recency",
        aggregate="recency",
        where=_IN,
        unit="days",
        direction=1,
        zh="距最近一笔收入{value}天",
        en="days since the latest receipt: {value}",
        examples=(example(9, _in(9), _out(5)), example(None, _out(5))),
    ),
    *_relative("money_in_365d", "近365天收入", "receipts within 365 days"),
    *_relative("money_out_365d", "近365天支出", "payments within 365 days"),
    *_relative("related_share_365d", "近365天关联方支出占比", "share of related parties in payments", 1),
    *_relative("pass_through_365d", "近365天快进快出占比", "share of money passing through", 1),
    *_relative("payee_hhi_365d", "近365天付款对象集中度", "concentration of payees", 1),
    *_relative("cash_share_365d", "近365天现金收支占比", "share of cash", 1),
)
