"""From whom the money comes and to whom it goes: concentration and repetition."""

from __future__ import annotations

from collections.abc import Iterator

from ...declare import Feature, example
from .flow import IN, OUT, feature, paid, received


def partners(days: int) -> Iterator[Feature]:
    """Features of one window."""
    for name, zh, en, where, flow, direction in (
        ("payee", "付款对象", "payees", OUT, paid, 1),
        ("payer", "来款对象", "payers", IN, received, 0),
    ):
        rows = (
            flow(1, 30, counterparty_id="a"),
            flow(2, 30, counterparty_id="a"),
            flow(3, 40, counterparty_id="b"),
            flow(4, 999),
        )
        yield feature(
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
        yield feature(
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
        yield feature(
            name=f"{name}_repeats_{days}d",
            aggregate="repeats",
            window_days=days,
            by="counterparty_id",
            where=where,
            zh=f"近{days}天与同一{zh}重复往来{{value}}笔",
            en=f"movements beyond the first with the same of the {en} within {days} days: {{value}}",
            examples=(example(1, *rows), example(0, flow(1), flow(2))),
        )
