"""What ``refers_to`` names: a key, ``table:key`` as evidence is written, the number of a decision, or ``RULE:year``.

A key may stand in several tables and then means all of them; ``table:key`` means one record. A decision's number means
every penalty of that decision. Everything is looked up among what the same organisation has on file as of the day.

>>> from sorg_risk.records import open
>>> register = {"org_id": ["51440300000000001M"], "recorded_at": ["2020-01-01"]}
>>> row = {"penalty_id": ["a1"], "decision_id": "粤罚〔2023〕1号", "kind": "fine", "decided_on": "2023-01-02"}
>>> penalties = pd.DataFrame({"org_id": register["org_id"], "recorded_at": "2023-02-01"} | row)
>>> view = open({"organizations": pd.DataFrame(register), "penalties": penalties}).as_of("2023-12-31")
>>> asked = pd.DataFrame({"org_id": register["org_id"][0], "refers_to": ["a1", "penalties:a1", "粤罚〔2023〕1号", "al01:2023"]})
>>> resolved(view, asked)[["table", "name"]].values.tolist()
[['', 'a1'], ['penalties', 'a1'], ['penalties', 'a1'], ['', 'AL-01:2023']]
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from .identifiers import fold_document, names_table
from .lookups import within
from .rule_ids import RULE_IDS, as_rule_id
from .schema import FIRST_YEAR, TABLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .view import View

FLOWS: Final = "fund_flows"
_OWN: Final = ("org_id", "name")
_RULE_OF_YEAR: Final = re.compile(r"^(.+):([0-9]{4})$")
_IDS: Final = "[0-9a-f]{16}|[0-9a-f]{12}"
"""The id of a flag, the id of a case."""


def resolved(view: View, rows: pd.DataFrame) -> pd.DataFrame:
    """What each row refers to: ``at`` (its place among the rows), org_id, ``table`` (empty: any) and ``name``.

    A reference that is no decision's number is one line, whether or not anything of that name is on file.
    """
    given = pd.DataFrame(
        {"at": np.arange(len(rows)), "org_id": rows["org_id"].to_numpy(), "name": rows["refers_to"].to_numpy()}
    )
    given = given.loc[given["name"].notna()]
    parts = [_parsed(str(text)) for text in given["name"]]
    given = given.assign(table=[table for table, _ in parts], name=[name for _, name in parts])
    given = given.astype({"org_id": "str", "table": "str", "name": "str"})
    if given.empty:
        return given.loc[:, ["at", "org_id", "table", "name"]]
    numbers = _decisions(view, given)
    others = given.loc[~given["at"].isin(numbers["at"])]
    found = pd.concat([others, numbers]).sort_values(["at", "name"], kind="stable", ignore_index=True)
    return found.loc[:, ["at", "org_id", "table", "name"]]


def dangling(view: View, name: str) -> pd.DataFrame:
    """Standing rows of a table (exemptions, procedures) whose ``refers_to`` names nothing that is on file as of the day."""
    rows = view.table(name)
    rows = rows.loc[rows["refers_to"].notna()].reset_index(drop=True)
    asked = resolved(view, rows)
    known = _is_rule_of_year(asked, view.day.year)
    if name == "procedures":
        known |= asked["name"].str.fullmatch(_IDS).to_numpy(dtype=bool) & (asked["table"] == "").to_numpy()
    known[~known] = _on_file(view, asked.loc[~known])
    if name == "exemptions":  # an organisation itself is no record that could be taken back
        known &= (asked["table"] != "organizations").to_numpy() & (asked["name"] != asked["org_id"]).to_numpy()
    return rows.loc[~np.isin(np.arange(len(rows)), asked["at"][known])].reset_index(drop=True)


def _parsed(text: str) -> tuple[str, str]:
    """Table (empty: any) and name of a reference."""
    head, _, rest = text.partition(":")
    if names_table(text):
        return head.casefold(), rest
    met = _RULE_OF_YEAR.fullmatch(text)
    rule = as_rule_id(met[1]) if met else None
    return "", f"{rule}:{met[2]}" if met and rule else text


def _decisions(view: View, given: pd.DataFrame) -> pd.DataFrame:
    """The penalties of the decisions that are named by their numbers, where nothing has that number as its key."""
    asked = given.loc[given["table"].isin(["", "penalties"])]
    rows = _versions(view, "penalties", asked["org_id"]).loc[:, ["org_id", "penalty_id", "decision_id"]]
    keyed = pd.MultiIndex.from_frame(asked.loc[:, list(_OWN)]).isin(_pairs(rows, "penalty_id"))
    asked = asked.loc[~keyed]
    asked = asked.assign(decision_id=pd.Series(map(fold_document, asked["name"]), index=asked.index, dtype="str"))
    met = asked.drop(columns=["table", "name"]).merge(rows.dropna().drop_duplicates(), on=["org_id", "decision_id"])
    return met.rename(columns={"penalty_id": "name"}).assign(table="penalties").drop_duplicates(["at", "name"])


def _on_file(view: View, asked: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each name is a key that the organisation has, or had, on file in its table, or in any."""
    names = pd.MultiIndex.from_frame(asked.loc[:, list(_OWN)])
    known = np.zeros(len(asked), dtype=bool)
    for table in TABLES.values():
        meant = asked["table"].isin(["", table.name]).to_numpy() & ~known
        if table.name != FLOWS and "org_id" in table.by_name and meant.any():
            rows = _versions(view, table.name, asked["org_id"][meant])
            known[meant] = names[meant].isin(_pairs(rows, table.key))
    meant = asked["table"].isin(["", FLOWS]).to_numpy() & ~known
    if meant.any():
        rows = view.with_keys(FLOWS, asked["name"][meant])
        known[meant] = names[meant].isin(_pairs(rows, TABLES[FLOWS].key))
    return known


def _is_rule_of_year(asked: pd.DataFrame, latest: int) -> NDArray[np.bool_]:
    parts = asked["name"].str.extract(_RULE_OF_YEAR)
    years = pd.to_numeric(parts[1])
    known = parts[0].isin(RULE_IDS) & years.between(FIRST_YEAR, latest) & (asked["table"] == "")
    return np.array(known, dtype=bool)


def _versions(view: View, name: str, org_ids: pd.Series[str]) -> pd.DataFrame:
    """Everything that some organisations ever had on file in a table, as known on the day."""
    rows = view.history(name)
    return rows.loc[within(rows["org_id"], org_ids)]


def _pairs(rows: pd.DataFrame, key: str) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([rows["org_id"], rows[key]])
