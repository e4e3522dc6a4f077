"""The two lists on an evening: who is on them, and what each fact means beside that: recommend, restart, or a mere alert.

A fact nobody listed is recommended while it stands. On a list, a fact that arose after the listing in force starts the term again; an older
one is covered by it. On the serious list, situations of the abnormal list start its term again too (O60 art. 16), and are not listed a
second time. Whether membership comes from decisions or is assumed, the rows follow from the same few questions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ..records.lookups import looked_up
from .evaluate import stands
from .parameters import joined
from .rule import ABNORMAL, ALERT, LISTS, SERIOUS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .known import Known

STAY_COLUMNS: Final = (
    "org_id",
    "flag",
    "ground",
    "listed_on",
    "first_on",
    "clears_on",
    "key",
    "evidence",
    "unconfirmed",
)
"""``listed_on``: the listing or relisting in force. ``first_on``: since when without a break. ``key``: the decision (empty when assumed)."""
OTHER: Final = {ABNORMAL: "AL-07", SERIOUS: "SL-08"}
"""The ground of a listing whose ground is not on record: other grounds, which only a person decides."""


@dataclass(frozen=True)
class Lists:
    """Membership on the evening.

    ``stays``: `STAY_COLUMNS`, one row per organisation, list and ground in force. ``history``: every listing decided, ``org_id, flag,
    key, listed_on, until`` (the next decision), ``gone_on`` (since when its fact is gone). ``removals``: stays whose removal has become lawful,
    with ``since``, ``rule`` (of the removal), ``done_on``. ``answered``: which facts a listing has answered.
    """

    assumed: bool
    stays: pd.DataFrame
    history: pd.DataFrame
    removals: pd.DataFrame
    answered: Callable[[pd.DataFrame], NDArray[np.bool_]]

    def on(self, flag: str) -> pd.DataFrame:
        """The stays on one list."""
        return self.stays.loc[self.stays["flag"] == flag]

    def listed_on(self, flag: str, org_ids: pd.Series) -> pd.Series:
        """The day of the listing in force of each organisation, missing where it is not on the list."""
        return looked_up(org_ids, self.on(flag).drop_duplicates("org_id").set_index("org_id")["listed_on"])

    @property
    def members(self) -> pd.DataFrame:
        """org_id, list, listed_on, ground: who is on which list."""
        told = self.stays.assign(list=self.stays["flag"].map(LISTS).astype("str"))
        columns = ["org_id", "list", "listed_on", "ground"]
        return told.loc[:, columns].sort_values(["org_id", "list", "ground"], kind="stable", ignore_index=True)


def fact_rows(known: Known, lists: Lists, frame: pd.DataFrame) -> pd.DataFrame:
    """Facts of both lists with the ``status`` (and ``flag``) they have on the evening; facts that say nothing more are left out."""
    stands_now = stands(frame, known.today).to_numpy(dtype=bool)
    open_facts = ~lists.answered(frame)
    here = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[s]")
    for flag in LISTS:
        mine = frame["flag"] == flag
        here[mine] = lists.listed_on(flag, frame.loc[mine, "org_id"])
    serious = lists.listed_on(SERIOUS, frame["org_id"])
    on_own, newer = here.notna().to_numpy(), (frame["since"] > here).to_numpy(dtype=bool)
    starts_serious_again = (
        ((frame["flag"] == ABNORMAL) & (frame["since"] > serious)).to_numpy(dtype=bool) & stands_now & open_facts
    )
    recommended = stands_now & open_facts & ~on_own & ~starts_serious_again
    restarts = stands_now & open_facts & on_own & newer
    alerted = ~stands_now & open_facts & ~on_own & (frame["alert_until"] > known.today).to_numpy(dtype=bool)
    parts = [
        frame.loc[recommended].assign(status="recommend_listing", clears_on=frame.loc[recommended, "ends"]),
        frame.loc[restarts].assign(status="restart", clears_on=frame.loc[restarts, "ends"]),
        _starting_again(frame.loc[starts_serious_again]),
        frame.loc[alerted].assign(status="attention", flag=ALERT, clears_on=_finite(frame.loc[alerted, "alert_until"])),
    ]
    rows: pd.DataFrame = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    return rows


def _starting_again(rows: pd.DataFrame) -> pd.DataFrame:
    """Situations of the abnormal list that start the term of the serious list again: so art. 16 is read (SL-R1), which is not confirmed."""
    doubt = pd.Series("rule:SL-R1", index=rows.index, dtype="str")
    doubted = joined([rows["unconfirmed"], doubt], rows.index)
    return rows.assign(status="restart", flag=SERIOUS, clears_on=rows["ends"], unconfirmed=doubted)


def _finite(until: pd.Series) -> pd.Series:
    """The day an alert falls by time, missing where it never does."""
    return until.where(until < pd.Timestamp("9999-01-01").as_unit("s"))
