"""How the money moves over time: change, trend, bursts, pauses, and what its figures look like."""

from __future__ import annotations

from collections.abc import Iterator
from math import log10

from ...declare import Feature, example
from .flow import IN, OUT, feature, paid, received


def shape(days: int) -> Iterator[Feature]:
    """Features of one window."""
    for way, zh, en, where, flow in (
        ("in", "收入", "receipts", IN, received),
        ("out", "支出", "payments", OUT, paid),
    ):
        yield feature(
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
        yield feature(
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
    yield feature(
        name=f"flow_burst_{days}d",
        aggregate="burst",
        window_days=days,
        value="amount",
        unit="share",
        direction=1,
        zh=f"近{days}天资金最集中的30天占{{value}}",
        en=f"share of the busiest 30 days in the money of {days} days: {{value}}",
        examples=(example(0.7, received(100, 40), paid(71, 30), paid(70, 30)), example(None)),
    )
    yield feature(
        name=f"flow_gap_{days}d",
        aggregate="gap",
        window_days=days,
        unit="days",
        direction=1,
        zh=f"近{days}天资金流水最长间隔{{value}}天",
        en=f"longest pause between money movements within {days} days, in days: {{value}}",
        examples=(example(50, received(10), paid(60), paid(80)), example(None, received(10), received(days))),
    )
    yield feature(
        name=f"flow_revival_{days}d",
        aggregate="revival",
        window_days=days,
        value="amount",
        unit="share",
        direction=1,
        zh=f"近{days}天沉寂90天以上后30天内的资金占{{value}}",
        en=f"share of the money of {days} days that moved within 30 days after at least 90 quiet days: {{value}}",
        examples=(
            example(0.8, received(200, 10), paid(110, 50), paid(81, 30), paid(80, 10)),
            example(0, received(100), paid(11)),
        ),
    )
    yield feature(
        name=f"flow_benford_{days}d",
        aggregate="benford",
        window_days=days,
        value="first_digit",
        unit="index",
        direction=1,
        zh=f"近{days}天金额首位数字与本福特定律的平均偏差{{value}}",
        en=f"mean distance of first digits from Benford's law within {days} days: {{value}}",
        examples=(
            example(2 * (1 - log10(2)) / 9, *(received(1, 100) for _ in range(50))),
            example(None, *(received(1, 100) for _ in range(49))),
        ),
    )
    yield feature(
        name=f"late_recorded_share_{days}d",
        aggregate="share",
        window_days=days,
        part={"days_to_record": (">", 30)},
        unit="share",
        zh=f"近{days}天资金流水迟于30天入库的占{{value}}",
        en=f"share of movements recorded more than 30 days after, within {days} days: {{value}}",
        examples=(example(0.5, received(40, recorded_at=9), received(40, recorded_at=10)), example(None)),
    )
