"""Reasons of statutory flags: what each fact contributes to the flag standing.

A flag is an OR of terms, a term an AND of facts (clauses); see `game` for the exact shares. Facts with the same code, value, words and
records are one fact, also when several terms name it. Flags of one form share one calculation.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..errors import LawError
from ..law.trace import ON_LIST
from .game import pattern_shares
from .table import NAMED, reasons_table, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

BASE = {
    "zh": "基准：没有任何事实成立（合规组织），该事项不成立",
    "en": "reference: an organisation of which no fact holds, where the flag does not stand",
}
REST: dict[str, tuple[str, str]] = {
    "zh": ("另有1项事实，占{share}", "另有{count}项事实，合计占{share}"),
    "en": ("1 more fact, a share of {share}", "{count} more facts, together a share of {share}"),
}
STATES = (ON_LIST.code,)
"""Clauses about the organisation's state: one fact whichever term names it."""


def rule_reasons(flags: pd.DataFrame, clauses: pd.DataFrame, *, most: int | None = NAMED) -> pd.DataFrame:
    """Return the reasons of statutory flags.

    Parameters
    ----------
    flags
        Rows of flags with ``org_id``, ``as_of``, ``flag_id``; only the statutory ones are explained where a ``basis`` is given.
    clauses
        The facts of the flags: ``flag_id``, ``term``, ``code``, ``value``, ``text_zh``, ``text_en``, optionally ``records``.
    most
        At most so many facts are named, the others share one ``(rest)`` row; None names all.

    Returns
    -------
    pandas.DataFrame
        org_id, as_of, flag_id, part, feature, value, contribution, unit, rank, text_zh, text_en. The contributions of one flag are the
        exact Shapley values of its formula against an organisation of which no fact holds; with the row ``(base)`` they sum to 1.

    Raises
    ------
    LawError
        A flag without any fact.

    Examples
    --------
    >>> flags = pd.DataFrame({"org_id": ["A"], "as_of": [pd.Timestamp("2026-10-31")], "flag_id": ["f"]})
    >>> clauses = pd.DataFrame({"flag_id": "f", "term": 0, "code": ["passed", "missing"], "value": ["2026-06-30", ""],
    ...                         "text_zh": ["期限已过", "未报送"], "text_en": ["deadline passed", "nothing filed"]})
    >>> rule_reasons(flags, clauses)[["feature", "contribution", "rank", "text_en"]].iloc[1:]
       feature  contribution  rank          text_en
    1   passed           0.5     1  deadline passed
    2  missing           0.5     2    nothing filed
    """
    if "basis" in flags:
        flags = flags.loc[flags["basis"] == "statutory"]
    flags = flags.reset_index(drop=True)
    facts = _facts(flags, clauses)
    contribution = facts["share"].to_numpy(dtype=np.float64)
    named = facts.loc[facts["place"] <= (len(facts) if most is None else most)]
    rows = pd.DataFrame(
        {
            "at": named["at"],
            "feature": named["code"].astype("str"),
            "value": pd.Series([shown(v) for v in named["value"]], index=named.index, dtype="str"),
            "contribution": named["share"],
            "rank": named["place"],
            "text_zh": named["text_zh"].astype("str"),
            "text_en": named["text_en"].astype("str"),
        }
    )
    parts = [_base_rows(len(flags)), rows, _rest_rows(facts["at"].to_numpy(), contribution, named)]
    return reasons_table(
        parts, org_id=flags["org_id"], as_of=flags["as_of"], flag_id=flags["flag_id"], part="rule", unit="flag"
    )


def formulas(clauses: pd.DataFrame) -> dict[str, list[tuple[int, ...]]]:
    """Each flag's terms as tuples of fact numbers (``fact`` of `numbered`): what `game` works on."""
    facts = numbered(clauses)
    found: dict[str, dict[object, list[int]]] = {}
    for flag, term, fact in zip(facts["flag_id"], facts["term"], facts["fact"], strict=True):
        found.setdefault(flag, {}).setdefault(term, []).append(int(fact))
    return {flag: [tuple(dict.fromkeys(term)) for term in terms.values()] for flag, terms in found.items()}


def numbered(clauses: pd.DataFrame) -> pd.DataFrame:
    """The clauses with ``fact``: 0, 1, 2 ... inside each flag, the same number for the same fact.

    Two clauses state one fact when code, value, words and records agree. A clause without a value ("nothing was filed") speaks of its own term
    only, except that of being on the list, which is one fact for all terms.
    """
    known = clauses.reset_index(drop=True)
    keys = known[["flag_id", "code", "value", "text_zh", "text_en"]].astype("str")
    everywhere = known["code"].isin(STATES).to_numpy()
    own = keys["value"].eq("").to_numpy() & ~everywhere
    keys["term"] = known["term"].astype("str").where(own, "")
    if "records" in known:
        keys["records"] = ["" if state else _joined(r) for r, state in zip(known["records"], everywhere, strict=True)]
    whole = np.asarray(keys.groupby(list(keys.columns), sort=False, dropna=False).ngroup(), dtype=np.int64)
    flag = np.asarray(keys.groupby("flag_id", sort=False).ngroup(), dtype=np.int64)
    return known.assign(fact=_inside(flag, whole), fact_in_all=whole)


def _joined(records: object) -> str:
    return records if isinstance(records, str) else "|".join(map(str, records)) if isinstance(records, Iterable) else ""


def _facts(flags: pd.DataFrame, clauses: pd.DataFrame) -> pd.DataFrame:
    """One row a fact that counts: ``at`` (row of flags), ``share``, ``place`` (1 the largest) and its words."""
    place = pd.Series(np.arange(len(flags)), index=flags["flag_id"].astype("str"))
    chosen = clauses.loc[clauses["flag_id"].isin(flags["flag_id"])]
    known = numbered(chosen)
    known["at"] = known["flag_id"].astype("str").map(place).astype(np.int64)
    known = known.sort_values("at", kind="stable", ignore_index=True)
    bare = np.setdiff1d(np.arange(len(flags)), known["at"])
    if len(bare):
        row = flags.iloc[bare[0]]
        raise LawError(
            f"flag {row['flag_id']} of {row['org_id']} ({row.get('ground', '')}) has no fact to rest on; "
            "give its rule clauses, or its listing the clause that names the decision."
        )
    once = known.drop_duplicates("fact_in_all").reset_index(drop=True)
    once["share"] = _shares(known)
    once = once.loc[once["share"] > 0].reset_index(drop=True)
    order = np.lexsort((np.arange(len(once)), -once["share"].round(12), once["at"]))
    once = once.iloc[order].reset_index(drop=True)
    once["place"] = once.groupby("at", sort=False).cumcount() + 1
    return once


def _shares(known: pd.DataFrame) -> NDArray[np.float64]:
    """The share of every distinct fact, flag after flag; the clauses of a flag lie together."""
    at, fact = known["at"].to_numpy(), known["fact"].to_numpy()
    term = known.groupby(["at", "term"], sort=False, dropna=False).ngroup().to_numpy()
    starts = np.flatnonzero(np.diff(at, prepend=-1))
    stops = np.append(starts, len(at))[1:]
    forms: dict[bytes, tuple[float, ...]] = {}
    found: list[tuple[float, ...]] = []
    for start, end in zip(starts.tolist(), stops.tolist(), strict=True):
        terms, facts = term[start:end] - term[start], fact[start:end]
        key = terms.tobytes() + facts.tobytes()
        if key not in forms:
            forms[key] = pattern_shares(_pattern(terms.tolist(), facts.tolist()))
        found.append(forms[key])
    return np.concatenate([np.asarray(part) for part in found]) if found else np.empty(0)


def _pattern(terms: list[int], facts: list[int]) -> tuple[tuple[int, ...], ...]:
    gathered: dict[int, set[int]] = {}
    for term, fact in zip(terms, facts, strict=True):
        gathered.setdefault(term, set()).add(fact)
    return tuple(tuple(sorted(one)) for one in gathered.values())


def _inside(group: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers of distinct facts, counted from 0 inside each group in order of first appearance."""
    _, first, back = np.unique(whole, return_index=True, return_inverse=True)
    frame = pd.DataFrame({"group": group[first], "first": first}).sort_values("first", kind="stable")
    number = frame.groupby("group", sort=False).cumcount()
    inside = np.empty(len(first), dtype=np.int64)
    inside[frame.index.to_numpy()] = number.to_numpy()
    return np.asarray(inside[back], dtype=np.int64)


def _base_rows(count: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "at": np.arange(count),
            "feature": "(base)",
            "value": "",
            "contribution": 0.0,
            "rank": 0,
            "text_zh": BASE["zh"],
            "text_en": BASE["en"],
        }
    )


def _rest_rows(at: NDArray[np.int64], share: NDArray[np.float64], named: pd.DataFrame) -> pd.DataFrame:
    """What the named facts leave over."""
    total = pd.Series(share).groupby(at).agg(["sum", "size"])
    told = named.groupby("at")["share"].agg(["sum", "size"])
    left = (total - told).loc[lambda f: f["size"] > 0]
    count = left["size"].astype(int).tolist()
    shares = [f"{x:.0%}" for x in left["sum"]]
    return pd.DataFrame(
        {
            "at": left.index.to_numpy(dtype=np.int64),
            "feature": "(rest)",
            "value": "",
            "contribution": left["sum"].to_numpy(dtype=np.float64),
            "rank": told["size"].reindex(left.index).to_numpy(dtype=np.int64) + 1,
            "text_zh": [REST["zh"][n > 1].format(count=n, share=s) for n, s in zip(count, shares, strict=True)],
            "text_en": [REST["en"][n > 1].format(count=n, share=s) for n, s in zip(count, shares, strict=True)],
        }
    )
