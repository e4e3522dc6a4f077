"""Who is on a list, by the decisions taken: the newest decision of each organisation and list tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from .known import Known


def decisions(known: Known, which: str) -> pd.DataFrame:
    """All decisions of a list (``abnormal`` or ``serious_dishonesty``), oldest first within an organisation."""
    rows = known.table("listings")
    rows = rows.loc[(rows["list"] == which) & rows["decided_on"].notna()]
    return rows.sort_values(["org_id", "decided_on", "recorded_at", "listing_id"], kind="stable").reset_index(drop=True)


def on_list(known: Known, which: str) -> pd.DataFrame:
    """Organisations on a list today: org_id, listing_id, listed_on (the listing or relisting in force), ground."""
    newest = decisions(known, which).groupby("org_id").tail(1)
    stands = newest.loc[newest["action"] != "removed"]
    columns = {"decided_on": "listed_on"}
    return stands.rename(columns=columns).loc[:, ["org_id", "listing_id", "listed_on", "ground"]].reset_index(drop=True)
