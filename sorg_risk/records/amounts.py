"""Numbers as Chinese offices write them, and the units of amounts; all by decimal arithmetic, so that nothing drifts.

>>> parse_numbers(pd.Series(["5,000万元", "￥1.1亿", "12", "12 kg"])).tolist()
[50000000.0, 110000000.0, 12.0, nan]
>>> scaled(pd.Series(["120.5", "30元"]), "万元").tolist()
[1205000.0, 30.0]
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import numpy as np
import pandas as pd

UNITS: Final = {
    "元": Decimal(1),
    "百元": Decimal(10**2),
    "千元": Decimal(10**3),
    "万元": Decimal(10**4),
    "十万元": Decimal(10**5),
    "百万元": Decimal(10**6),
    "千万元": Decimal(10**7),
    "亿元": Decimal(10**8),
    "万亿元": Decimal(10**12),
    "角": Decimal("0.1"),
    "分": Decimal("0.01"),
}
"""Units that a mapping file may declare, in yuan."""
MAX_LETTERS = 64
"""Letters of the longest text that is looked at as a number."""
_SCALE = "万亿|千万|百万|十万|亿|万|千|百"
_NUMBER = re.compile(
    rf"(?:人民币|RMB|CNY)?\s*¥?\s*(?P<number>[+-]?(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d*)?|[+-]?\.\d+)\s*"
    rf"(?P<scale>{_SCALE})?\s*(?P<yuan>元)?整?",
    re.IGNORECASE,
)
_HEADER = re.compile(rf"(?P<scale>{_SCALE})(?:元|(?=\s*[)\]】]))")


def parse_numbers(text: pd.Series[str]) -> pd.Series[Any]:
    """Distinct texts as float64; what is no number is missing."""
    plain = text.str.normalize("NFKC").str.strip()
    numbers = pd.to_numeric(plain, errors="coerce").astype("float64")
    rest = numbers.isna().to_numpy()
    if rest.any():
        numbers[rest] = np.array([_yuan(word) for word in plain[rest]], dtype=np.float64)
    return numbers


def scaled(cells: pd.Series[Any], unit: str) -> pd.Series[Any]:
    """Amounts delivered in a unit, in yuan; a cell with a unit of its own goes by that, what is no number stays as it is."""
    return multiplied(cells, UNITS[unit])


def multiplied(cells: pd.Series[Any], factor: Decimal) -> pd.Series[Any]:
    """Each number times a constant, exactly; see `scaled` for cells with a unit, and those that are no number."""

    def product(word: str) -> Any:
        value, has_unit = _decimal(word)
        if value is None:
            return word
        return float(value if has_unit else value * factor)

    return by_distinct(cells, product)


def by_distinct(cells: pd.Series[Any], function: Callable[[str], Any]) -> pd.Series[Any]:
    """A function of each distinct cell, as text; missing stays missing."""
    from .columns import as_text

    places, distinct = pd.factorize(as_text(cells))
    values: list[Any] = [function(word) for word in distinct]
    if all(isinstance(value, float) for value in values):
        return pd.Series(np.array([*values, np.nan], dtype=np.float64)[places])
    words = [f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value) for value in values]
    return pd.Series(np.array([*words, None], dtype=object)[places], dtype="str")


def unit_of_header(header: str) -> str:
    """The unit other than yuan that a header names, or nothing.

    >>> unit_of_header("收入合计（万元）"), unit_of_header("金额"), unit_of_header("资产(亿)")
    ('万元', '', '亿元')
    """
    match = _HEADER.search(header.replace("（", "(").replace("）", ")"))
    return f"{match['scale']}元" if match else ""


def _yuan(word: object) -> float:
    value, _ = _decimal(word)
    return float("nan") if value is None else float(value)


def _decimal(word: object) -> tuple[Decimal | None, bool]:
    """A text as a decimal number in yuan (None: it is none), and whether it names its own unit."""
    text = unicodedata.normalize("NFKC", str(word)[: MAX_LETTERS + 1]).strip()
    match = _NUMBER.fullmatch(text) if len(text) <= MAX_LETTERS else None
    if match is None:
        try:
            value = Decimal(text) if len(text) <= MAX_LETTERS else None
        except InvalidOperation:
            return None, False
        return (value if value is not None and value.is_finite() and abs(value.adjusted()) <= 30 else None), False
    scale = UNITS[f"{match['scale']}元"] if match["scale"] else Decimal(1)
    return Decimal(match["number"].replace(",", "")) * scale, bool(match["scale"] or match["yuan"])
