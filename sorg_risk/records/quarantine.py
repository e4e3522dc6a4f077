"""Rows that are not used, each with the place, the rule and the reason; nothing is ever dropped in silence.

A refused row is one line: its first fault by order of the columns, the others joined into the reason. A cell that was set
aside is a line too, whose rule begins with ``cell_``: its row stays and counts as accepted. Personal numbers
(identity cards, mobile phones) are masked before a value leaves the records.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .delivery import Delivery
from .pii import mask_column, mask_key
from .rule_ids import RULE_IDS
from .schema import FIRST_YEAR, LAST_YEAR, Column, Table

COLUMNS = ["table", "source", "row", "primary_key", "column", "rule", "reason", "value"]

CELL = "cell_"
"""Begins the rule of a cell that was set aside while its row stays."""
_STAYS = "（仅该项不予采用，整行保留）/ (this cell alone is set aside, its row stays)"

REASONS = {
    "malformed_row": "该行单元格数或引号与表头不符 / the row has more or fewer cells than the header, or a quote out of place",
    "unreadable": "无法读取 / cannot be read as {kind}",
    "nul_character": "含有空字符 / holds the character NUL",
    "error_value": "公式错误值 / an error value of a formula, no value",
    "not_calculated": "公式未计算 / a formula that was never calculated; open the workbook, calculate and save it",
    "missing_required": "缺少必填内容 / required and missing",
    "unknown_code": "未知代码 / not one of {codes}",
    "rounded_number": "长号码被写成了舍入后的数字，请以文本交付 / written as a rounded number, deliver it as text",
    "invalid_code": "统一社会信用代码错误 / not a valid unified social credit code",
    "not_positive": "必须大于零 / must be above zero",
    "negative": "不得为负 / must not be negative",
    "out_of_range": "超出范围 / outside {low} to {high}",
    "not_a_division": "须为{digits}位区划代码 / must be a division by GB/T 2260, {digits} digits",
    "event_after_recorded": "晚于入库时间 / lies after recorded_at",
    "version_conflict": "同一主键同一入库时间内容不同 / same key and recorded_at as another row, different content",
    "unknown_organization": "截至当日无此社会组织 / no such organisation is known as of the day",
}

CELL_COLUMNS = ("row", "column", "rule", "value")
"""Of a cell that was set aside: place of its row among the usable ones, column, rule and value as delivered."""
_NO_LINES = pd.DataFrame({name: pd.Series([], dtype="int64" if name == "row" else "str") for name in COLUMNS})


class Refused:
    """Rows of one table refused by themselves (whatever else is known), with the moment they became known.

    ``typed`` gives the same rows as typed cells, as far as they can be read.
    """

    def __init__(
        self,
        lines: pd.DataFrame,
        recorded_at: NDArray[np.datetime64],
        typed: Callable[[], pd.DataFrame] = lambda: pd.DataFrame(),
    ) -> None:
        self.lines = lines
        self.recorded_at = recorded_at
        self._typed = typed

    @cached_property
    def typed(self) -> pd.DataFrame:
        """The rows as typed cells, in the order of the lines."""
        return self._typed().reset_index(drop=True)


def reason(column: Column, rule: str, hint: str = "") -> str:
    """Why a cell (or the row, by its column) was refused, in Chinese and English; ``hint``: what may have been meant."""
    low = FIRST_YEAR if column.lowest is None else f"{column.lowest:.0f}"
    high = LAST_YEAR if column.highest is None else f"{column.highest:.0f}"
    codes = f"the rule ids {RULE_IDS[0]} … {RULE_IDS[-1]}" if column.identifier == "rule" else ", ".join(column.codes)
    digits = "/".join(map(str, column.digits))
    said = REASONS[rule.removeprefix(CELL)].format(kind=column.kind, codes=codes, low=low, high=high, digits=digits)
    near = f"; 最接近 nearest: {hint}" if hint and rule == "unknown_code" else f"; {hint}" if hint else ""
    return f"{column.name} {column.zh}: {said}{near}{_STAYS if rule.startswith(CELL) else ''}"


def is_row(quarantined: pd.DataFrame) -> NDArray[np.bool_]:
    """Which lines of a quarantine are refused rows; the others are cells of rows that stay."""
    return np.asarray(~quarantined["rule"].str.startswith(CELL).to_numpy(dtype=bool), dtype=bool)


def no_cells() -> pd.DataFrame:
    """No cell set aside."""
    return pd.DataFrame({name: pd.Series([], dtype="int64" if name == "row" else "str") for name in CELL_COLUMNS})


def cell_lines(
    table: Table, delivery: Delivery, rows: pd.DataFrame, position: NDArray[np.int64], cells: pd.DataFrame
) -> pd.DataFrame:
    """Quarantine lines of cells; ``rows`` are the usable rows that ``cells`` counts, ``position`` the place of each."""
    if cells.empty:
        return no_lines()
    at = cells["row"].to_numpy(dtype=np.int64)
    pairs = cells[["column", "rule"]].drop_duplicates()
    words = {(name, rule): reason(table[name], rule) for name, rule in pairs.itertuples(index=False)}
    reasons = [words[pair] for pair in zip(cells["column"], cells["rule"], strict=True)]
    column, rule, value = (cells[name].to_numpy(dtype=object) for name in ("column", "rule", "value"))
    keys = rows[table.key].iloc[at]
    return lines(table.name, delivery, position[at], keys, column, rule, np.array(reasons, dtype=object), value)


def no_lines() -> pd.DataFrame:
    """A quarantine without rows."""
    return _NO_LINES.copy()


def lines(
    table: str,
    delivery: Delivery,
    positions: NDArray[np.int64],
    keys: pd.Series[str],
    columns: Any,
    rules: Any,
    reasons: Any,
    values: Any,
) -> pd.DataFrame:
    """Quarantine lines for rows of a delivery; arguments after ``positions`` have one entry a row, or are one word."""
    if not len(positions):
        return no_lines()
    source, row = delivery.source_and_row(positions)
    frame = pd.DataFrame(
        {
            "table": table,
            "source": mask_column(source),
            "row": row,
            "primary_key": mask_column(keys, mask_key),
            "column": columns,
            "rule": rules,
            "reason": reasons,
            "value": mask_column(values),
        }
    )
    return frame.astype({name: "str" for name in COLUMNS if name != "row"})


def joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Several quarantines as one, in the published order: table, source, row."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return no_lines()
    return pd.concat(filled, ignore_index=True).sort_values(["table", "source", "row"], ignore_index=True)
