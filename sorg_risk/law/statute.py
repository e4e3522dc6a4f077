"""What the law makes of an evening: flags with grounds, the facts behind each, and who is on which list.

A flag is the OR of its *terms* (one a fact), each term the AND of its *clauses*. Everything here is a pure function of the view.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from ..errors import UsageError
from .evaluate import facts_of
from .identity import flag_id
from .known import Known
from .lists import TABLE, list_rows
from .membership import on_list
from .registry import RULES, family, rule_of
from .rule import ABNORMAL, SERIOUS

if TYPE_CHECKING:
    from ..records import View

MODES: Final = ("decided", "assumed")
FLAG_COLUMNS: Final = (
    "flag_id",
    "org_id",
    "as_of",
    "flag",
    "status",
    "basis",
    "ground",
    "citation",
    "since",
    "next_step",
    "next_step_due",
    "provisional",
    "clears_on",
    "evidence",
)
CLAUSE_COLUMNS: Final = ("flag_id", "term", "code", "value", "records", "result", "text_zh", "text_en")
SITUATION: Final = ["org_id", "flag", "status", "ground"]


@dataclass(frozen=True)
class Statutory:
    """The statutory part of a run.

    ``flags``: the statutory rows of flags.parquet, sorted by organisation, flag, status, ground. ``clauses``: flag_id, term, code, value,
    records, result, text_zh, text_en; every fact of a flag is one term. ``members``: org_id, list, listed_on, ground.
    """

    flags: pd.DataFrame
    clauses: pd.DataFrame
    members: pd.DataFrame


def statutory(view: View, lists: str = "decided") -> Statutory:
    """Apply the whole rulebook to a view.

    Parameters
    ----------
    view
        What was known on the evening.
    lists
        ``"decided"``: membership from the authority's decisions. ``"assumed"``: listed and removed on the first lawful day.

    Raises
    ------
    UsageError
        Another word for ``lists``.
    """
    if lists not in MODES:
        raise UsageError.choice("lists", lists, MODES)
    if lists == "assumed":
        raise UsageError.not_yet("lists='assumed'")
    known = Known(view)
    found = facts_of(known, (ABNORMAL, SERIOUS))
    rows = pd.concat([list_rows(known, flag, found) for flag in (ABNORMAL, SERIOUS)], ignore_index=True)
    flags = _flags(rows, known)
    return Statutory(flags.loc[:, list(FLAG_COLUMNS)], _clauses(flags), _members(known))


def apply_law(view: View, lists: str = "decided") -> pd.DataFrame:
    """The statutory rows of flags.parquet (one row per organisation, flag, status and ground)."""
    return statutory(view, lists).flags


def _flags(rows: pd.DataFrame, known: Known) -> pd.DataFrame:
    """One row per situation: several facts share it, the earliest gives the day, the evidence names them all."""
    columns = [*SITUATION, "since", "provisional", "clears_on", "evidence", "values", "citation"]
    rows = rows.reindex(columns=columns).sort_values([*SITUATION, "since"], kind="stable")
    rows["clears_on"] = pd.to_datetime(rows["clears_on"]).astype("datetime64[s]")
    grouped = rows.groupby(SITUATION, sort=True)
    flags = grouped.agg(since=("since", "min"), provisional=("provisional", "any"), clears_on=("clears_on", "max"))
    flags["evidence"] = grouped["evidence"].agg(lambda parts: sorted({r for part in parts for r in part}))
    flags["terms"] = grouped["values"].agg(list)
    flags["given"] = grouped["citation"].first()
    flags = flags.reset_index()
    flags["as_of"], flags["basis"] = known.today, "statutory"
    flags["citation"] = [
        c if isinstance(c, str) else _cited(g) for c, g in zip(flags["given"], flags["ground"], strict=True)
    ]
    flags["next_step"] = [_step(s, g) for s, g in zip(flags["status"], flags["ground"], strict=True)]
    flags["next_step_due"] = pd.Series(pd.NaT, index=flags.index, dtype="datetime64[s]")
    flags["provisional"] = flags["provisional"].astype(bool)
    flags["flag_id"] = pd.Series(
        [flag_id(*told) for told in flags.loc[:, [*SITUATION, "since"]].itertuples(index=False, name=None)],
        index=flags.index,
        dtype="str",
    )
    return flags


def _cited(ground: str) -> str:
    """The text of a ground; a ground no rule carries (yet) is cited by its own name."""
    known = {rule.id: rule.citation.zh for rule in RULES}
    return known.get(family(ground), ground)


def _step(status: str, ground: str) -> str:
    """The first step still to be done."""
    if status in ("recommend_listing", "restart"):
        return "issue_notice" if rule_of(ground).needs_notice else "list"
    return {"recommend_removal": "remove", "attention": "inspect"}.get(status, "none")


_DECISION: Final = {
    "listed": ("{day}列入，事由{ground}", "listed on {day} on the ground {ground}"),
    "recommend_removal": (
        "{day}列入（事由{ground}），已符合移出条件",
        "listed on {day} ({ground}); the conditions of removal are met",
    ),
}


def _clauses(flags: pd.DataFrame) -> pd.DataFrame:
    """The facts of every flag, clause by clause."""
    lines: list[dict[str, Any]] = []
    columns = ("flag_id", "status", "ground", "terms", "evidence")
    for key, status, ground, terms, evidence in flags.loc[:, list(columns)].itertuples(index=False, name=None):
        for term, values in enumerate(terms):
            lines += [
                {"flag_id": key, "term": term, "records": evidence, "result": True} | line
                for line in _told(status, ground, values)
            ]
    return pd.DataFrame(lines, columns=list(CLAUSE_COLUMNS))


def _told(status: str, ground: str, values: dict[str, str]) -> list[dict[str, Any]]:
    if status in _DECISION:
        zh, en = _DECISION[status]
        return [_line(status, values, zh, en)]
    return [_line(clause.code, values, clause.zh, clause.en) for clause in rule_of(ground).clauses]


def _line(code: str, values: dict[str, str], zh: str, en: str) -> dict[str, Any]:
    told = "; ".join(f"{name}={value}" for name, value in values.items() if not name.endswith(("_zh", "_en")))
    return {"code": code, "value": told, "text_zh": zh.format_map(values), "text_en": en.format_map(values)}


def _members(known: Known) -> pd.DataFrame:
    """Who is on which list."""
    parts = [on_list(known, table).assign(list=table) for table in TABLE.values()]
    columns = ["org_id", "list", "listed_on", "ground"]
    return pd.concat(parts).loc[:, columns].sort_values(["org_id", "list"], kind="stable").reset_index(drop=True)
