"""Doubts about who or what is meant: numbers of decisions that differ by one sign, references to nothing, names met everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from .identifiers import fold
from .pii import mask_key, mask_pii
from .references import dangling
from .schema import TABLES
from .widespread import Name, widespread

if TYPE_CHECKING:
    from .view import View

_OF_ONE_DAY: Final = ["org_id", "decided_on", "by"]
_WHO: Final[tuple[tuple[Name, str, str], ...]] = (
    ("person_id", "人员代号", "person"),
    ("kin_group", "亲属组", "group of relatives"),
)


def near_decisions(view: View) -> pd.DataFrame:
    """Penalties of one organisation, day and authority whose decisions' numbers differ by one sign: perhaps one decision."""
    rows = view.table("penalties")
    rows = rows.loc[rows["decision_id"].notna() & rows["decided_on"].notna()]
    rows = rows.assign(by=[fold(by) if isinstance(by, str) else "" for by in rows["authority"]])
    rows = rows.drop_duplicates([*_OF_ONE_DAY, "decision_id"])
    rows = rows.loc[rows.duplicated(_OF_ONE_DAY, keep=False)]
    lines = [line for _, group in rows.groupby(_OF_ONE_DAY, sort=False) for line in _near_pairs(group)]
    return _framed("penalties", "near_decision_number", lines)


def references_to_nothing(view: View) -> pd.DataFrame:
    """Exemptions and steps that refer to something the organisation has not on file as of the day."""
    return pd.concat([_to_nothing(view, name) for name in ("exemptions", "procedures")], ignore_index=True)


def widespread_names(view: View) -> pd.DataFrame:
    """Posts of persons and groups of relatives met in too many organisations; one line an organisation and name."""
    return pd.concat([_widespread(view, *who) for who in _WHO], ignore_index=True)


def is_one_sign_apart(one: str, other: str) -> bool:
    """Whether two texts differ in exactly one sign: another one, one more or one less.

    >>> is_one_sign_apart("罚1号", "罚2号"), is_one_sign_apart("罚1号", "罚11号"), is_one_sign_apart("罚12号", "罚21号")
    (True, True, False)
    """
    short, long = sorted((one, other), key=len)
    if short == long or len(long) - len(short) > 1:
        return False
    start = next((place for place, (left, right) in enumerate(zip(short, long)) if left != right), len(short))
    return short[start + (len(short) == len(long)) :] == long[start + 1 :]


def _near_pairs(rows: pd.DataFrame) -> Iterator[tuple[str, str, str, str]]:
    cells = rows.sort_values("penalty_id")[["penalty_id", "org_id", "decision_id"]]
    for (before, _, first), (key, org_id, second) in combinations(cells.itertuples(index=False), 2):
        if is_one_sign_apart(first, second):
            zh = f"决定书文号“{mask_key(second)}”与 {mask_key(before)} 的“{mask_key(first)}”仅一字之差，疑为同一决定重复录入"
            en = f"the number of its decision differs by one sign from that of {mask_key(before)}: perhaps one decision, entered twice"
            yield key, org_id, zh, en


def _to_nothing(view: View, name: str) -> pd.DataFrame:
    lines = []
    for key, org_id, meant in dangling(view, name)[[TABLES[name].key, "org_id", "refers_to"]].itertuples(index=False):
        zh = f"所指“{mask_key(meant)}”截至当日在该组织名下查无此记录，本条不起作用；请写主键、表名:主键、决定书文号或“规则编号:年度”"
        en = f"refers to {mask_key(meant)!r}, which the organisation has not on file; name a key, table:key, a decision or RULE:year"
        lines.append((key, org_id, zh, en))
    return _framed(name, "reference_to_nothing", lines)


def _widespread(view: View, name: Name, zh: str, en: str) -> pd.DataFrame:
    many = widespread(view, name)
    rows = view.table("positions")
    rows = rows.loc[rows[name].isin(many.index)].drop_duplicates(["org_id", name])
    lines = [
        (
            key,
            org_id,
            f"{zh}“{mask_pii(who)}”见于{many[who]}个社会组织，疑为占位或重号，不据以认定兼任、亲属等关系",
            f"{en} {mask_pii(who)!r} is met in {many[who]} organisations: no relation is taken from it",
        )
        for key, org_id, who in rows[["position_id", "org_id", name]].itertuples(index=False)
    ]
    return _framed("positions", f"widespread_{name}", lines)


def _framed(table: str, rule: str, lines: list[tuple[str, str, str, str]]) -> pd.DataFrame:
    columns = ["primary_key", "org_id", "text_zh", "text_en"]
    words: dict[str, Any] = {"table": table, "rule": rule}
    return pd.DataFrame(lines, columns=columns).assign(**words)
