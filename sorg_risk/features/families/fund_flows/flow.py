"""What declarations about money share: rows of examples, conditions, and the share that a part of the money has."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ...declare import Feature, Row, example, row
from ...ingredients import Condition

feature = partial(Feature, table="fund_flows")
IN: dict[str, Condition] = {"direction": "in"}
OUT: dict[str, Condition] = {"direction": "out"}


def received(ago: int, amount: float = 100, **cells: Any) -> Row:
    """Money in, so many days ago."""
    return row(ago, direction="in", amount=amount, **cells)


def paid(ago: int, amount: float = 100, **cells: Any) -> Row:
    """Money out, so many days ago."""
    return row(ago, direction="out", amount=amount, **cells)


def share(
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
    return feature(
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
