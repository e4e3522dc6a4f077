"""Persons and groups of relatives met in more organisations than anybody can serve: a placeholder, or a number given twice.

What such a name joins is not known to be one, so no rule rests on it and no feature joins organisations by it; officers
are shown where it stands (see `doubts`). Counted over all organisations of a view as known on its day.

>>> from sorg_risk.records import open
>>> from stdnum.cn import uscc
>>> bodies = [f"51440300{number:09d}" for number in range(22)]
>>> orgs = pd.DataFrame({"org_id": [body + uscc.calc_check_digit(body) for body in bodies], "recorded_at": "2020-01-01"})
>>> posts = orgs.assign(position_id=orgs["org_id"], person_id="same", role="chair", kin_group=["K"] * 20 + [None] * 2)
>>> view = open({"organizations": orgs, "positions": posts}).as_of("2024-12-31")
>>> widespread(view, "person_id").to_dict(), widespread(view, "kin_group").to_dict()
({'same': 22}, {})
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal
from weakref import WeakKeyDictionary

import pandas as pd

if TYPE_CHECKING:
    from .view import View

MOST_ORGANIZATIONS: Final = 20
"""In more organisations than this nobody is taken to be one person, or one group of relatives (a setting)."""
Name = Literal["person_id", "kin_group"]
_COUNTED: Final[WeakKeyDictionary[View, dict[Name, pd.Series[int]]]] = WeakKeyDictionary()
"""What was counted already, by the view of all organisations."""


def holders(view: View) -> pd.DataFrame:
    """org_id, person_id, kin_group of everybody on file, once each."""
    return view.table("positions").loc[:, ["org_id", "person_id", "kin_group"]].drop_duplicates()


def widespread(view: View, name: Name) -> pd.Series[int]:
    """Organisations of each person, or group of relatives, that is met in too many of them: indexed by name. Counted once a view."""
    counted = _COUNTED.setdefault(view.whole, {})
    if name not in counted:
        counted[name] = _widespread(view, name)
    return counted[name]


def _widespread(view: View, name: Name) -> pd.Series[int]:
    pairs = view.gathered(holders).loc[:, ["org_id", name]].dropna().drop_duplicates()
    organisations = pairs[name].value_counts(sort=False)
    return organisations[organisations > view.source.most_organizations].sort_index()


def without_widespread(view: View, rows: pd.DataFrame, *names: Name) -> pd.DataFrame:
    """Rows whose persons and groups of relatives can each be one; ``names``: the columns that would join organisations."""
    doubtful = pd.Series(False, index=rows.index)
    for name in names:
        doubtful |= rows[name].isin(widespread(view, name).index)
    return rows.loc[~doubtful]
