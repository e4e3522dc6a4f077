"""What the model may say: early warnings, and nothing else.

The type has no field for a flag, a status, a ground or a citation; its rows are always ``early_warning`` / ``attention`` / ``model``. So
there is no way, by mistake or on purpose, to let a score put an organisation on a list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from ..law.identity import flag_id

if TYPE_CHECKING:
    import datetime as dt

FLAG: Final = "early_warning"
WARNED: Final = ("yellow", "orange", "red")
"""Levels that ask for a look; blue is shown beside the score only."""


@dataclass(frozen=True)
class Attention:
    """Organisations to look at, with the records behind their largest reasons.

    ``evidence``: organisation -> list of ``table:key``, sorted by organisation. Where a reason is that something is missing, the evidence
    is the organisation's own row.
    """

    day: dt.date
    evidence: pd.Series

    @classmethod
    def of(cls, scores: pd.DataFrame, on_a_list: set[str], evidence: pd.Series, day: dt.date) -> Attention:
        """One warning for each organisation of level yellow or above that is on neither list."""
        wanted = sorted(asking(scores, on_a_list))
        found = evidence.to_dict()
        return cls(day, pd.Series([found.get(org) or [f"organizations:{org}"] for org in wanted], wanted, dtype=object))

    def __len__(self) -> int:
        return len(self.evidence)

    def rows(self, *, provisional: bool = False) -> pd.DataFrame:
        """Rows of flags: no ground, no citation, next step an inspection; provisional where the scores of the run are."""
        today = pd.Timestamp(self.day).as_unit("s")
        never = pd.Series(pd.NaT, index=range(len(self)), dtype="datetime64[s]")
        nothing = pd.Series([None] * len(self), dtype="str")
        return pd.DataFrame(
            {
                "flag_id": pd.Series(
                    [flag_id(org, FLAG, "attention", None, today) for org in self.evidence.index], dtype="str"
                ),
                "org_id": self.evidence.index.to_series(index=never.index).astype("str"),
                "as_of": pd.Series(today, index=never.index, dtype="datetime64[s]"),
                "flag": FLAG,
                "status": "attention",
                "basis": "model",
                "ground": nothing,
                "citation": nothing,
                "since": pd.Series(today, index=never.index, dtype="datetime64[s]"),
                "next_step": "inspect",
                "next_step_due": never,
                "provisional": provisional,
                "clears_on": never,
                "evidence": pd.Series(self.evidence.to_list(), index=never.index, dtype=object),
            }
        )


def asking(scores: pd.DataFrame, on_a_list: set[str]) -> list[str]:
    """Organisations the model asks to look at: warned of, and not on a list already."""
    chosen = scores["warning"].isin(WARNED) & ~scores["org_id"].isin(list(on_a_list))
    return scores.loc[chosen, "org_id"].tolist()
