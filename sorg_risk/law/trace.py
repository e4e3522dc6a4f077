"""The trace of every decision: clause by clause, which value, which record, which result, in Chinese and English."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from .doubts import doubted
from .registry import BY_KEY, rule_of
from .rule import ABNORMAL, LISTS, Clause

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .evaluate import Found

COLUMNS: Final = ("flag_id", "term", "code", "value", "records", "result", "text_zh", "text_en")
NAMES: Final = {
    "abnormal_list": ("活动异常名录", "the abnormal list"),
    "serious_dishonesty_list": ("严重违法失信名单", "the serious-dishonesty list"),
}
LISTED: Final = Clause(
    "listed", "{listed_on}列入{list_zh}，事由{ground}", "listed on {list_en} on {listed_on}, ground {ground}"
)
ASSUMED: Final = Clause(
    "assumed_listed",
    "推定{listed_on}起在{list_zh}，事由{ground}",
    "assumed on {list_en} since {listed_on}, ground {ground}",
)
ON_LIST: Final = Clause("on_list", "其时已在{list_zh}", "it was on {list_en} by then")
NOT_LISTED: Final = Clause("never_listed", "未因此列入名录", "it was never listed for this")
OVER: Final = Clause("over", "自{ends}起不再是列入情形", "no longer a ground for listing since {ends}")
OPTIONAL: Final = ("listed_on", "since", "ends")


def clauses(rows: pd.DataFrame, found: Found) -> pd.DataFrame:
    """The clauses of every row (see `flagging.flagged`), in the order of flags and terms."""
    parts = [_of_facts(part, found, str(key)) for key, part in rows.groupby("rule", sort=True) if key]
    parts += [_of_decisions(rows.loc[rows["rule"] == ""])]
    frame = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    frame = frame.sort_values(["place", "term", "order"], kind="stable", ignore_index=True)
    return frame.loc[:, list(COLUMNS)]


def _of_facts(rows: pd.DataFrame, found: Found, key: str) -> pd.DataFrame:
    """The clauses of the facts of one rule."""
    rule = BY_KEY[key]
    values = _said(found.behind[key].values.iloc[rows["at"].to_numpy(dtype=np.int64)]).set_axis(rows.index)
    values = values.assign(**_general(rows))
    parts = []
    opens = np.ones(len(rows), dtype=bool)
    for order, clause in enumerate(rule.clauses):
        meant = (rows["form"] == clause.form).to_numpy(dtype=bool) if clause.form else np.ones(len(rows), dtype=bool)
        parts.append(_told(rows.loc[meant], values.loc[meant], clause, order, opens[meant]))
        opens &= ~meant
    restart = rows.index[rows["status"] == "restart"]
    passed = rows.index[(rows["status"] == "attention") & (rule.flag in LISTS) & ~rows["stands"].astype(bool)]
    parts += [_told(rows.loc[restart], values.loc[restart], ON_LIST, 90)]
    parts += [_told(rows.loc[passed], values.loc[passed], clause, at) for at, clause in ((91, NOT_LISTED), (92, OVER))]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def _of_decisions(rows: pd.DataFrame) -> pd.DataFrame:
    """The clauses of listings and removals."""
    values = pd.DataFrame(_general(rows), index=rows.index)
    values["ground"] = rows["ground"]
    parts = [
        _told(rows.loc[here], values.loc[here], clause, 0, np.ones(int(here.sum()), dtype=bool))
        for clause, here in ((ASSUMED, rows["form"] == "assumed"), (LISTED, rows["form"] != "assumed"))
    ]
    for name in sorted(set(rows["removal"]) - {""}):
        here = rows.index[rows["removal"] == name]
        parts += [
            _told(rows.loc[here], values.loc[here], clause, order)
            for order, clause in enumerate(rule_of(name).clauses, start=1)
        ]
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _general(rows: pd.DataFrame) -> dict[str, Any]:
    """What every sentence may name: the days of the row and the list it speaks of."""
    days = {name: _words(rows[name]) for name in OPTIONAL if name in rows}
    lists = [NAMES.get(flag, NAMES[ABNORMAL]) for flag in rows["flag"]]
    return {**days, "list_zh": [zh for zh, _ in lists], "list_en": [en for _, en in lists]}


def _told(
    rows: pd.DataFrame, values: pd.DataFrame, clause: Clause, order: int, opens: NDArray[np.bool_] | None = None
) -> pd.DataFrame:
    """One clause for each row, its sentences filled; ``opens``: whether it is the first of the row, which says what is in doubt."""
    names = [name for _, name, _, _ in string.Formatter().parse(clause.zh) if name]
    used = [name for name in dict.fromkeys(names) if not name.endswith(("_zh", "_en"))]
    lines = values.to_dict("records")
    codes = rows["unconfirmed"] if opens is None else rows["unconfirmed"].where(opens, "")
    doubts = [("", "") if opens is None else (doubted(text, "zh"), doubted(text, "en")) for text in codes]
    return pd.DataFrame(
        {
            "flag_id": rows["flag_id"].to_numpy(),
            "place": rows["place"].to_numpy(),
            "term": rows["term"].to_numpy(dtype=np.int64),
            "order": order,
            "code": clause.code,
            "value": pd.Series(["; ".join(f"{n}={line[n]}" for n in used) for line in lines], dtype="str"),
            "records": pd.Series(rows["evidence"].to_list(), dtype=object),
            "result": True,
            "text_zh": pd.Series(
                [clause.zh.format_map(v) + d for v, (d, _) in zip(lines, doubts, strict=True)], dtype="str"
            ),
            "text_en": pd.Series(
                [clause.en.format_map(v) + d for v, (_, d) in zip(lines, doubts, strict=True)], dtype="str"
            ),
        }
    )


def _said(values: pd.DataFrame) -> pd.DataFrame:
    """Values as words."""
    return pd.DataFrame({name: _words(values[name]) for name in values}, index=values.index, dtype="str")


def _words(cells: pd.Series) -> list[str]:
    """Days as ISO text, numbers with thousands and without an idle point, missing as nothing."""
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return [f"{v:%Y-%m-%d}" if pd.notna(v) else "" for v in cells]
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        return ["" if pd.isna(v) else f"{v:,.2f}".removesuffix(".00") for v in cells]
    return ["" if pd.isna(v) else str(v) for v in cells]
