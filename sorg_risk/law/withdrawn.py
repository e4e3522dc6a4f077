"""Records taken back: by a granted objection 异议, or voided (an annulled decision). What a listing rested on before that."""

from __future__ import annotations

from typing import Final

import pandas as pd

from ..records import TABLES
from ..records.lookups import within
from .known import Known

TABLES_BEHIND: Final = ("filings", "penalties", "inspections", "positions")
"""Tables whose records a ground of the lists can rest on."""


class Before(Known):
    """The evening as it would be had nothing been taken back: voided records stand in their last version, objections do not count."""

    def table(self, name: str) -> pd.DataFrame:
        """Rows that stand on the day, and those that stood once and were voided since."""
        if name not in self._tables:
            rows = self.view.table(name)
            if name in TABLES_BEHIND:
                rows = pd.concat([rows, voided(self, name, self.view.orgs.to_series())], ignore_index=True)
                rows = rows.sort_values(["org_id", TABLES[name].key], kind="stable", ignore_index=True)
            self._tables[name] = rows
        return self._tables[name]

    def exempt(self, kind: str, table: str = "") -> pd.MultiIndex:
        """As in `Known`, without objections."""
        found = super().exempt(kind, table)
        return found[:0] if kind == "objection" else found


def before_withdrawal(known: Known, org_ids: pd.Series) -> Before:
    """The evening of some organisations as if nothing had been taken back."""
    return Before(known.view.restricted_to(org_ids), known.calendar)


def withdrawn_on(known: Known, stays: pd.DataFrame) -> pd.Series:
    """The last day on which a record of each listed organisation was taken back, indexed by organisation."""
    rows = known.exemptions.loc[
        (known.exemptions["kind"] == "objection") & within(known.exemptions["org_id"], stays["org_id"])
    ]
    parts = [pd.Series(rows["granted_on"].to_numpy(), index=rows["org_id"])]
    for name in TABLES_BEHIND:
        out = voided(known, name, stays["org_id"])
        met = out.merge(stays.loc[:, ["org_id", "listed_on"]], on="org_id")
        met = met.loc[met["known_from"] <= met["listed_on"]]
        parts.append(pd.Series(met["known_until"].to_numpy(), index=met["org_id"]))
    filled = [part for part in parts if len(part)] or parts[:1]
    last: pd.Series = pd.concat(filled).groupby(level=0).max().astype("datetime64[s]").rename_axis("org_id")
    return last


def voided(known: Known, name: str, org_ids: pd.Series) -> pd.DataFrame:
    """The last version of every record of some organisations that stood once and stands no more (of them, at least)."""
    rows = known.view.history(name)
    rows = rows.loc[within(rows["org_id"], org_ids)]
    last = rows.sort_values("known_from", kind="stable").drop_duplicates(["org_id", TABLES[name].key], keep="last")
    return last.loc[last["known_until"] <= known.today]
