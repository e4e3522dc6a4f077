"""Due process: which step comes next for a ground or a stay, and by when, read from ``procedures`` (O60 art. 10, 14, 17).

A ground that does not rest on a penalty needs a written notice first; the organisation may state its case within ten working days of
receiving it, the authority verifies a statement within ten more. Without rows the first step is still to be done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ..calendar.periods import latest
from ..records import references
from ..records.lookups import within
from .procedure_terms import REMOVE_DAYS, STATEMENT_DAYS, VERIFY_DAYS
from .registry import rule_of, situation
from .rule import LISTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .known import Known

STEPS: Final = (
    "notice_sent",
    "notice_received",
    "notice_published",
    "statement_received",
    "verified",
    "removal_applied",
)
CLOSED: Final = ("case_closed", "verdict_false_alarm")
"""Steps after which nothing more is asked of an alert."""


def next_steps(known: Known, flags: pd.DataFrame) -> pd.DataFrame:
    """``next_step``, ``next_step_due`` and ``unsure`` (a due day beyond the published calendar) of each flag row.

    ``flags``: org_id, flag, status, ground, since, flag_id, names (what a step may refer to), done_on (of removals), applied.
    """
    done = _done(known, flags)
    steps = np.full(len(flags), "none", dtype=object)
    due = pd.Series(pd.NaT, index=flags.index, dtype="datetime64[s]")
    unsure = np.zeros(len(flags), dtype=bool)
    status = flags["status"]
    for chosen, way in (
        (status.isin(["recommend_listing", "restart"]), _listing),
        (status == "recommend_removal", _removal),
        (status == "attention", _attention),
    ):
        at = np.flatnonzero(chosen.to_numpy(dtype=bool))
        if len(at):
            said, by, doubtful = way(known, flags.iloc[at], done.iloc[at])
            steps[at], unsure[at] = said, doubtful
            due.iloc[at] = by.to_numpy()
    return pd.DataFrame(
        {"next_step": pd.Series(steps, index=flags.index, dtype="str"), "next_step_due": due, "unsure": unsure},
        index=flags.index,
    )


Answer = tuple["NDArray[np.object_]", pd.Series, "NDArray[np.bool_]"]


def _listing(known: Known, flags: pd.DataFrame, done: pd.DataFrame) -> Answer:
    """Notice, statement, verification, listing. A penalty gave its own notice, so nothing stands between it and the list."""
    told = latest(done["notice_received"], done["notice_published"])
    until, unsure = known.workdays_after(STATEMENT_DAYS, told)
    spoken = done["statement_received"]
    decide, doubtful = known.workdays_after(VERIFY_DAYS, spoken)
    noticed = flags["ground"].map(lambda ground: rule_of(ground).needs_notice).astype(bool)
    verified = done["verified"] >= spoken.where(spoken.notna(), told)
    silent = told.notna() & spoken.isna() & (until < known.today)
    conditions = [~noticed | verified | silent, spoken.notna(), told.notna() | done["notice_sent"].notna()]
    steps = np.select(
        [c.to_numpy(dtype=bool) for c in conditions], ["list", "decide", "await_statement"], "issue_notice"
    )
    due = decide.where(steps == "decide", until.where(steps == "await_statement"))
    open_ended = np.where(steps == "decide", doubtful, np.where(steps == "await_statement", unsure, False)).astype(bool)
    return steps.astype(object), due, open_ended & due.notna().to_numpy()


def _removal(known: Known, flags: pd.DataFrame, done: pd.DataFrame) -> Answer:
    """Remove within five working days of verification; where the organisation has yet to apply, nothing is asked of the authority."""
    from_day = latest(flags["done_on"], done["verified"].where(done["verified"] >= flags["done_on"]))
    by, unsure = known.workdays_after(REMOVE_DAYS, from_day)
    at_once = flags["rule"].isin(["AL-R2", "AL-R4"])
    due = by.where(~at_once, flags["since"])
    applied = flags["applied"].to_numpy(dtype=bool)
    steps = np.where(applied, "remove", "none").astype(object)
    return steps, due.where(applied), (unsure & ~at_once).to_numpy(dtype=bool) & applied


def _attention(known: Known, flags: pd.DataFrame, done: pd.DataFrame) -> Answer:  # noqa: ARG001
    """Alerts call for a look until their case is closed; what has been done late calls for nothing."""
    asked = flags["ground"].map(lambda ground: rule_of(ground).next_step).to_numpy(dtype=object)
    listed = flags["ground"].map(lambda ground: rule_of(ground).flag in LISTS).to_numpy(dtype=bool)
    quiet = done["closed"].notna().to_numpy() | (listed & ~flags["stands"].to_numpy(dtype=bool))
    never = pd.Series(pd.NaT, index=flags.index, dtype="datetime64[s]")
    return np.where(quiet, "none", asked), never, np.zeros(len(flags), dtype=bool)


def _done(known: Known, flags: pd.DataFrame) -> pd.DataFrame:
    """The last day of each step that belongs to each flag: by what it refers to, else by organisation, list and ground."""
    columns = [*STEPS, "closed"]
    rows = known.table("procedures")
    rows = rows.loc[within(rows["org_id"], flags["org_id"]) & rows["step"].isin([*STEPS, *CLOSED])]
    empty = pd.DataFrame({name: pd.Series(pd.NaT, index=flags.index, dtype="datetime64[s]") for name in columns})
    if rows.empty:
        return empty
    rows = rows.assign(step=rows["step"].where(~rows["step"].isin(CLOSED), "closed"))
    met = pd.concat([_by_name(known, flags, rows), _by_ground(flags, rows)])
    met = met.loc[met["done_on"] >= met["since"]]
    if met.empty:
        return empty
    wide = met.groupby(["at", "step"])["done_on"].max().unstack("step")
    return wide.reindex(index=flags.index, columns=columns).astype("datetime64[s]")


def _by_name(known: Known, flags: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Steps that name the flag, or a record or situation it rests on."""
    named = flags.loc[:, ["org_id", "since", "flag_id", "names"]].reset_index(names="at")
    named["refers_to"] = [[key, *names] for key, names in zip(named["flag_id"], named["names"], strict=True)]
    named = named.explode("refers_to").loc[:, ["at", "org_id", "since", "refers_to"]].drop_duplicates()
    meant = references.resolved(known.view, rows)
    steps = rows.iloc[meant["at"].to_numpy(dtype=np.int64)].loc[:, ["step", "done_on"]].reset_index(drop=True)
    called = meant["name"].where(meant["table"] == "", meant["table"] + ":" + meant["name"])
    return named.merge(steps.assign(org_id=meant["org_id"], refers_to=called), on=["org_id", "refers_to"])


def _by_ground(flags: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Steps that name only the list and the ground."""
    asked = flags.loc[:, ["org_id", "since"]].reset_index(names="at")
    asked["situation"] = flags["ground"].map(situation).to_numpy()
    asked["list"] = flags["flag"].map(LISTS).to_numpy()
    general = rows.loc[rows["refers_to"].isna() & rows["ground"].notna()]
    general = general.assign(situation=general["ground"].map(situation))
    return asked.merge(general, on=["org_id", "situation", "list"])
