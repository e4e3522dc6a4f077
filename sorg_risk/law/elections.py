"""Elections 换届: when a term of office was over without one.

The term is over on the last ``term_ends_on`` among the council's current posts; an election filed within the last year of the term, or after
it, begins the next one, by the law of that day. An ``election`` filing that was due by a day (``due_on``) is overdue the day after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from ..calendar.periods import DAY, plus_months, plus_years
from .facts import recorded
from .instruments import CHARTER, REG_FD
from .parameters import constant

if TYPE_CHECKING:
    from .known import Known

COUNCIL: Final = ("chair", "legal_representative", "director", "secretary_general")
COUNCIL_TERM: Final = constant(
    "council_term", "理事任期上限", "longest term of a council", "years", 5, REG_FD.at(20), "R"
)
"""Of a foundation's council; the other types go by their model charters."""
TERM_YEARS: Final = constant("term_years", "届期年限", "years of a term", "years", 5, CHARTER.at(), "M")
EARLY_MONTHS: Final = 12


def overdue(known: Known) -> pd.DataFrame:
    """One row per organisation whose election is or was overdue: org_id, ended (the term), since, held_on (a late election), record."""
    found = pd.concat([_by_term(known), _by_filing(known)], ignore_index=True)
    return found.sort_values(["org_id", "since"], kind="stable", ignore_index=True)


def _held(known: Known) -> pd.DataFrame:
    rows = known.table("filings")
    rows = rows.loc[(rows["kind"] == "election") & rows["filed_on"].notna(), ["org_id", "filed_on", "filing_id"]]
    return rows.sort_values(["org_id", "filed_on", "filing_id"], kind="stable", ignore_index=True)


def _by_term(known: Known) -> pd.DataFrame:
    """By the end of the council's term."""
    posts = known.posts
    posts = posts.loc[posts["role"].isin(COUNCIL) & posts["term_ends_on"].notna()]
    posts = posts.sort_values(["org_id", "term_ends_on", "position_id"], kind="stable")
    last = posts.drop_duplicates("org_id", keep="last").loc[:, ["org_id", "term_ends_on", "position_id"]]
    last = last.assign(early=plus_months(last["term_ends_on"], -EARLY_MONTHS))
    met = last.merge(_held(known), on="org_id", how="left")
    counts = met["filed_on"] > met["early"]
    met = met.assign(in_time=met["filed_on"].where(counts & (met["filed_on"] <= met["term_ends_on"])))
    met = met.assign(
        late=met["filed_on"].where(counts & (met["filed_on"] > met["term_ends_on"])),
        newest=met["filed_on"].where(counts),
    )
    told = met.groupby("org_id").agg(in_time=("in_time", "max"), late=("late", "min"), newest=("newest", "max"))
    last = last.merge(told, left_on="org_id", right_index=True).reset_index(drop=True)
    # an election held in time moved the end of the term on by its years
    kinds = known.organizations["org_type"].iloc[known.place(last["org_id"])].set_axis(last.index)
    years = known.read(TERM_YEARS, last["newest"]).after(last["newest"], plus_years)
    council = known.read(COUNCIL_TERM, last["newest"]).after(last["newest"], plus_years)
    ended = years.mask(kinds == "foundation", council).where(last["in_time"].notna(), last["term_ends_on"])
    return pd.DataFrame(
        {
            "org_id": last["org_id"],
            "ended": ended,
            "since": ended + DAY,
            "held_on": last["late"].where(last["in_time"].isna()),
            "record": recorded("positions", last["position_id"]),
        }
    )


def _by_filing(known: Known) -> pd.DataFrame:
    """By a filing that was due by a day."""
    rows = known.table("filings")
    rows = rows.loc[(rows["kind"] == "election") & rows["due_on"].notna()].reset_index(drop=True)
    due, _ = known.calendar.moved(rows["due_on"])
    late = ~(rows["filed_on"] <= due)
    rows, due = rows[late].reset_index(drop=True), due[late].reset_index(drop=True)
    return pd.DataFrame(
        {
            "org_id": rows["org_id"],
            "ended": due,
            "since": due + DAY,
            "held_on": rows["filed_on"],
            "record": recorded("filings", rows["filing_id"]),
        }
    )
