"""How much money moves in a window, between how many, and which of it calls for a look."""

from __future__ import annotations

from collections.abc import Iterator

from ...declare import Feature, example
from .flow import IN, OUT, feature, paid, received, share


def volume(days: int) -> Iterator[Feature]:
    """Features of one window."""
    yield feature(
        name=f"flows_{days}d",
        aggregate="count",
        window_days=days,
        zh=f"近{days}天资金流水{{value}}笔",
        en=f"money movements within {days} days: {{value}}",
        examples=(example(2, received(0), paid(days - 1), paid(days)), example(0)),
    )
    for way, zh, en, where, flow, other in (
        ("in", "收入", "received", IN, received, paid),
        ("out", "支出", "paid out", OUT, paid, received),
    ):
        yield feature(
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
        yield feature(
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
        ("payees", "付款对象", "payees", OUT, paid),
        ("payers", "来款对象", "payers", IN, received),
    ):
        yield feature(
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
    yield feature(
        name=f"related_out_{days}d",
        aggregate="sum",
        window_days=days,
        value="amount",
        where={**OUT, "is_related_party": True},
        unit="yuan",
        direction=1,
        zh=f"近{days}天向关联方支出{{value}}元",
        en=f"CNY paid to related parties within {days} days: {{value}}",
        examples=(
            example(40, paid(1, 40, is_related_party=True), paid(1, 60), received(1, 9, is_related_party=True)),
            example(0, paid(1, is_related_party=False)),
        ),
    )
    yield share(
        f"related_share_{days}d",
        days,
        OUT,
        {"is_related_party": True},
        paid,
        "支出中关联方占比",
        "payments to related parties",
        1,
    )
    yield share(
        f"off_account_share_{days}d",
        days,
        {},
        {"account": ("unregistered", "cash")},
        received,
        "资金中未经备案账户（含现金）的占比",
        "money moved in cash or outside the registered account",
        1,
    )
    yield feature(
        name=f"round_share_{days}d",
        aggregate="share",
        window_days=days,
        part={"is_round": True},
        unit="share",
        direction=1,
        zh=f"近{days}天整万金额的笔数占{{value}}",
        en=f"share of movements that are multiples of CNY 10,000, within {days} days: {{value}}",
        examples=(
            example(0.5, received(1, 20_000), paid(2, 20_000.5), paid(3, 10_000), received(4, 999)),
            example(None, received(days, 20_000)),
        ),
    )
    yield feature(
        name=f"pass_through_{days}d",
        aggregate="pass_through",
        window_days=days,
        value="amount",
        part=IN,
        unit="share",
        direction=1,
        zh=f"近{days}天收入在5天内又转出的占{{value}}",
        en=f"share of the money received within {days} days that left again within 5 days: {{value}}",
        examples=(
            example(0.75, received(20, 100), paid(15, 50), paid(14, 50), received(3, 100), paid(3, 100)),
            example(None, paid(1), received(days)),
        ),
    )
