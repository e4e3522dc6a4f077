"""What the law makes of an evening: flags with grounds, the facts behind each, and who is on which list.

A flag is the OR of its *terms* (one a fact), each term the AND of its *clauses*. Everything here is a pure function of the view.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ..errors import UsageError
from .assumed import assumed
from .decided import decided
from .evaluate import Found, base_rules, find, stands
from .flagging import FLAG_COLUMNS, flagged
from .known import Known
from .lists import OTHER, Lists, fact_rows
from .registry import RULES, knows
from .remedies import remedies
from .repair import publication
from .rule import ABNORMAL, LISTS, SERIOUS
from .trace import clauses

if TYPE_CHECKING:
    from ..calendar.workdays import WorkCalendar
    from ..records import View

MODES: Final = {"decided": decided, "assumed": assumed}


@dataclass(frozen=True)
class Statutory:
    """The statutory part of a run.

    Attributes
    ----------
    flags
        The statutory rows of flags.parquet, sorted by organisation, flag, status, ground.
    members
        org_id, list, listed_on, ground: who is on which list, decided or assumed.
    clauses
        The trace, fact by fact: flag_id, term, code, value, records, result, text_zh, text_en. Each fact of a flag is one term.
    remedies
        Lawful acts that would end a flag: flag_id, act, from_day (the first day on which it could take effect), text_zh, text_en.
    repairs
        The publication of penalties under the credit-repair regimes, a clock of its own beside the lists: see `repair`.
    """

    flags: pd.DataFrame
    members: pd.DataFrame
    known: Known = field(repr=False)
    rows: pd.DataFrame = field(repr=False)
    found: Found = field(repr=False)

    @cached_property
    def clauses(self) -> pd.DataFrame:
        """Every fact of every flag, clause by clause."""
        return clauses(self.rows, self.found)

    @cached_property
    def remedies(self) -> pd.DataFrame:
        """What would end each flag, and from which day."""
        return remedies(self.flags, self.known.day)

    @cached_property
    def repairs(self) -> pd.DataFrame:
        """How long each penalty is published, and from when it could be repaired."""
        return publication(self.known)


def statutory(view: View, lists: str = "decided", calendar: WorkCalendar | None = None) -> Statutory:
    """Apply the whole rulebook to a view.

    Parameters
    ----------
    view
        What was known on the evening.
    lists
        ``"decided"``: membership from the authority's decisions. ``"assumed"``: listed and removed on the first lawful day.
    calendar
        Working days; the published ones if None.

    Raises
    ------
    UsageError
        Another word for ``lists``.
    """
    if lists not in MODES:
        raise UsageError.choice("lists", lists, MODES)
    known = Known(view, calendar)
    base = find(known, base_rules())
    known.lists = MODES[lists](known, base)
    first = {rule.key for rule in base_rules()}
    found = base + find(known, [rule for rule in RULES if rule.facts is not None and rule.key not in first])
    rows = _without_the_gone(known, _rows(known, found))
    flags, rows = flagged(known, rows)
    return Statutory(flags.loc[:, list(FLAG_COLUMNS)], known.lists.members, known, rows, found)


def apply_law(view: View, lists: str = "decided", calendar: WorkCalendar | None = None) -> pd.DataFrame:
    """The statutory rows of flags.parquet (one row per organisation, flag, status and ground); see `statutory`."""
    return statutory(view, lists, calendar).flags


def grounds(view: View) -> pd.DataFrame:
    """Every ground of the two lists that ever arose, as known on the view's day.

    Returns
    -------
    pandas.DataFrame
        org_id, ground, since, ends (missing: it stands), evidence; sorted. What a label is made from.
    """
    known = Known(view)
    base = find(known, base_rules())
    known.lists = decided(known, base)
    grown = find(known, [rule for rule in RULES if rule.flag in LISTS and rule.reads_lists])
    both = base + grown
    left = known.organizations["left_on"].iloc[known.place(both.frame["org_id"])].set_axis(both.frame.index)
    ends = both.frame["ends"]
    told = both.frame.assign(ends=ends.where(ends.notna() | (both.frame["ground"] == "SL-07"), left))
    told = told.assign(evidence=both.evidence(told))
    columns = ["org_id", "ground", "since", "ends", "evidence"]
    return told.sort_values(["org_id", "since", "ground"], kind="stable").loc[:, columns].reset_index(drop=True)


def standing(view: View) -> pd.DataFrame:
    """The grounds of the two lists that stand on the view's day; columns as in `grounds`."""
    found = grounds(view)
    return found.loc[stands(found, pd.Timestamp(view.day))].reset_index(drop=True)


def _rows(known: Known, found: Found) -> pd.DataFrame:
    """One row per fact or decision that says something on the evening."""
    frame = found.frame.assign(stands=stands(found.frame, known.today))
    on_lists = frame["flag"].isin(list(LISTS))
    rest = frame.loc[~on_lists]
    shown = rest.loc[rest["stands"] | (rest["alert_until"] > known.today)]
    shown = shown.assign(status="attention", clears_on=shown["ends"].where(shown["stands"], shown["alert_until"]))
    told = pd.concat(
        [fact_rows(known, known.lists, frame.loc[on_lists].reset_index(drop=True)), shown], ignore_index=True
    )
    evidence = found.evidence(told)
    parts = [
        told.assign(evidence=evidence, names=found.names(told, evidence)),
        _listed(known.lists),
        _removed(known.lists),
    ]
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _listed(lists: Lists) -> pd.DataFrame:
    """The listing in force of each stay."""
    stays = lists.stays
    return _plain(stays).assign(
        status="listed",
        since=stays["listed_on"],
        clears_on=stays["clears_on"],
        evidence=stays["evidence"],
        unconfirmed=stays["unconfirmed"],
        form="assumed" if lists.assumed else "decided",
    )


def _removed(lists: Lists) -> pd.DataFrame:
    """The removals that have become lawful; they carry the ground of the listing."""
    away = lists.removals
    evidence = pd.Series([[f"listings:{key}"] for key in away["key"]], index=away.index, dtype=object)
    return _plain(away).assign(
        status="recommend_removal",
        since=away["since"],
        removal=away["rule"],
        applied=away["applied"],
        evidence=evidence,
        unconfirmed=away["unconfirmed"],
        amended=away["amended"],
    )


def _plain(stays: pd.DataFrame) -> pd.DataFrame:
    """What rows of decisions have in common."""
    names = [
        ground if knows(ground) else OTHER[flag] for ground, flag in zip(stays["ground"], stays["flag"], strict=True)
    ]
    return pd.DataFrame(
        {
            "org_id": stays["org_id"],
            "flag": stays["flag"],
            "ground": stays["ground"],
            "known_ground": pd.Series(names, index=stays.index, dtype="str"),
            "listed_on": stays["listed_on"],
            "key": stays["key"],
        }
    )


def _without_the_gone(known: Known, rows: pd.DataFrame) -> pd.DataFrame:
    """Of the revoked only the revocation and existing listings are said; of the deregistered, only that they come off the list."""
    status = known.organizations.set_index("org_id")["status"].reindex(rows["org_id"]).to_numpy(dtype=object)
    revoked, gone = status == "revoked", status == "deregistered"
    of_lists = rows["flag"].isin([ABNORMAL, SERIOUS]) & (rows["status"] != "recommend_removal")
    still_said = of_lists & ((rows["ground"] == "SL-07") | (rows["status"] == "listed"))
    leaves = (rows["status"] == "recommend_removal") & (rows.get("removal", pd.Series("", index=rows.index)) == "SL-R3")
    kept = np.where(gone, leaves, np.where(revoked, still_said, True)).astype(bool)
    return rows.loc[kept].reset_index(drop=True)
