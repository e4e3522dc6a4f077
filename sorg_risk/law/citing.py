"""The text each row of flags rests on: of the organisation's own type and level, of the right day, with what amended it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from .registry import BY_KEY, lapse, parameters, rule_of, rule_on
from .scope import Body, bodies_of

if TYPE_CHECKING:
    import datetime as dt

    from .instruments import Citation
    from .known import Known
    from .rule import Rule

ENDED = "（该文本适用至{day}，其后的文本未见，暂按此判断）"


def citations(known: Known, rows: pd.DataFrame) -> pd.Series:
    """The citation of each row: org_id, rule (a key or empty), known_ground, removal, since, listed_on, judged_on, amended, unconfirmed."""
    bodies = bodies_of(known.organizations.iloc[known.place(rows["org_id"])])
    days = rows["judged_on"].where(rows["judged_on"].notna(), rows["since"]).dt.date
    columns = ["rule", "known_ground", "removal", "amended", "unconfirmed", "listed_on"]
    told = [
        _cited(row, body, day)
        for row, body, day in zip(rows.loc[:, columns].itertuples(index=False), bodies, days, strict=True)
    ]
    return pd.Series(told, index=rows.index, dtype="str")


def _cited(row: Any, body: Body, day: dt.date) -> str:
    """The text of one row; of a removal, the removing rule with its id."""
    if row.removal:
        return f"{_text(rule_of(row.removal).key, body, day, row.amended, '')}（{row.removal}）"
    if row.rule:
        return _text(row.rule, body, day, row.amended, row.unconfirmed)
    listed = day if pd.isna(row.listed_on) else row.listed_on.date()
    return _text(rule_on(row.known_ground, listed).key, body, listed, row.amended, "")


@lru_cache(maxsize=4096)
def _text(key: str, body: Body, day: dt.date, amended: str, unconfirmed: str) -> str:
    rule = BY_KEY[key]
    texts = [rule.text_for(body, day) or rule.citation]
    for code in filter(None, amended.split(";")):
        texts = _amend(texts, code)
    words = [text.zh + _ended(rule, text, unconfirmed) for text in texts]
    return "；".join(dict.fromkeys(words))


def _amend(texts: list[Citation], code: str) -> list[Citation]:
    """The texts beside the one an amended figure comes from; a text that had ended by then is replaced."""
    name, _, begins = code.partition("@")
    dated = next(value for value in parameters()[name].values if value.effective_from.isoformat() == begins)
    if any(text == dated.citation for text in texts):
        return texts
    return [*(text for text in texts if text.instrument.effective_to >= dated.effective_from), dated.citation]


def _ended(rule: Rule, text: Citation, unconfirmed: str) -> str:
    """What is said behind a text that ended without a successor."""
    last = lapse(rule)
    lapsed = last is not None and f"lapsed:{rule.key}" in unconfirmed.split(";") and text in rule.texts
    return ENDED.format(day=last) if lapsed else ""
