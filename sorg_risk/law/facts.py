"""Facts: every occurrence of a rule's situation, in one shape that every reader relies on.

A rule hands over its rows and says which day and which record each fact rests on; sentences are written only for the facts that end up in
a flag, so the values behind them are kept as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import pandas as pd

from ..records import TABLES

COLUMNS: Final = (
    "org_id",
    "ground",
    "since",
    "ends",
    "alert_until",
    "known_on",
    "judged_on",
    "evidence",
    "refers",
    "unconfirmed",
    "form",
)
"""``since``: the day it arose. ``ends``: the day from which it no longer stands (missing: it stands). ``alert_until``: how long an ended fact
that nobody listed is still alerted (missing: not at all). ``known_on``: when the records behind it were known (missing: on the day it arose).
``judged_on``: the day on which the rule must be in force (missing: the day it arose; of a fiscal year its last day). ``evidence``:
``table:key``. ``refers``: what an exemption may name. ``unconfirmed``: what it rests on that nobody has confirmed, or empty."""
DAYS: Final = ("since", "ends", "alert_until", "known_on", "judged_on")
FOREVER: Final = pd.Timestamp("9999-12-31").as_unit("s")


@dataclass(frozen=True)
class Facts:
    """``frame``: one row a fact with `COLUMNS`; ``values``: what its sentences say, same index 0..n-1."""

    frame: pd.DataFrame
    values: pd.DataFrame

    def __len__(self) -> int:
        return len(self.frame)


def facts(
    rows: pd.DataFrame,
    ground: str,
    since: pd.Series,
    *,
    evidence: str | Sequence[list[str]],
    names: Sequence[list[str]] | None = None,
    ends: pd.Series | None = None,
    alert_until: pd.Series | pd.Timestamp | None = None,
    known_on: pd.Series | None = None,
    judged_on: pd.Series | None = None,
    unconfirmed: pd.Series | str = "",
    form: pd.Series | str = "",
    values: Mapping[str, Any] | None = None,
) -> Facts:
    """Facts from rows (with ``org_id``) that each show one.

    Parameters
    ----------
    rows, ground, since
        The rows, the rule id, and the day each fact arose.
    evidence
        The table whose row shows the fact, or the records of each fact as ``table:key``.
    names
        What an exemption may name besides the keys of the evidence (``AL-01:2024``).
    ends, alert_until, known_on, judged_on, unconfirmed, form
        See `COLUMNS` and `Clause.form`.
    values
        What the sentences say.
    """
    if rows.empty:
        return none()
    if isinstance(evidence, str):
        keys = rows[TABLES[evidence].key].tolist()
        shown, refers = [[f"{evidence}:{key}"] for key in keys], [[key] for key in keys]
    else:
        shown = list(evidence)
        refers = [
            [record.split(":", 1)[1] for record in one if not record.startswith("organizations:")] for one in shown
        ]
    if names is not None:
        refers = [own + more for own, more in zip(refers, names, strict=True)]
    frame = pd.DataFrame(
        {
            "org_id": rows["org_id"],
            "ground": ground,
            "since": since,
            "ends": ends if ends is not None else pd.NaT,
            "alert_until": alert_until if alert_until is not None else pd.NaT,
            "known_on": known_on if known_on is not None else pd.NaT,
            "judged_on": judged_on if judged_on is not None else pd.NaT,
            "evidence": pd.Series(shown, index=rows.index, dtype=object),
            "refers": pd.Series(refers, index=rows.index, dtype=object),
            "unconfirmed": unconfirmed,
            "form": form,
        },
        index=rows.index,
    )
    return Facts(_typed(frame), pd.DataFrame(dict(values or {}), index=rows.index).reset_index(drop=True))


def together(parts: Sequence[Facts]) -> Facts:
    """The facts of several sources in one."""
    filled = [part for part in parts if len(part)] or list(parts[:1])
    if not filled:
        return none()
    frame = pd.concat([part.frame for part in filled], ignore_index=True)
    return Facts(frame, pd.concat([part.values for part in filled], ignore_index=True))


@cache
def none() -> Facts:
    """No fact at all."""
    return Facts(_typed(pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})), pd.DataFrame())


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns in order, with the types every reader relies on."""
    for name in DAYS:
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    for name in ("org_id", "ground", "unconfirmed", "form"):
        frame[name] = frame[name].astype("str")
    return frame.loc[:, list(COLUMNS)].reset_index(drop=True)
