"""What was published of one organisation on one evening."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Evening:
    """The rows of one organisation in plain Python: days as text, missing as None.

    Attributes
    ----------
    as_of
        The day.
    score
        Its row of scores; None where it is not scored.
    flags
        Its rows of flags.
    reasons
        Its rows of reasons by ``flag_id``, in order of rank; the score's under the empty string.
    """

    as_of: str
    score: dict[str, Any] | None
    flags: list[dict[str, Any]]
    reasons: dict[str, list[dict[str, Any]]]

    @classmethod
    def of(cls, org_id: str, day: object, scores: pd.DataFrame, flags: pd.DataFrame, reasons: pd.DataFrame) -> Self:
        """Pick the organisation's rows out of published tables."""
        found: dict[str, list[dict[str, Any]]] = {}
        for row in plain_rows(reasons.loc[reasons["org_id"] == org_id].sort_values("rank", kind="stable")):
            found.setdefault(row["flag_id"] or "", []).append(row)
        scored = plain_rows(scores.loc[scores["org_id"] == org_id])
        return cls(
            str(day)[:10], scored[0] if scored else None, plain_rows(flags.loc[flags["org_id"] == org_id]), found
        )


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON can hold them.

    >>> plain_rows(pd.DataFrame({"day": [pd.Timestamp("2026-10-31")], "n": [np.nan], "keys": [["a:1"]]}))
    [{'day': '2026-10-31', 'n': None, 'keys': ['a:1']}]
    """
    return [{str(name): _plain(cell) for name, cell in row.items()} for row in frame.to_dict("records")]


def _plain(cell: Any) -> Any:
    if isinstance(cell, np.ndarray | list | tuple):
        return [str(one) for one in cell]
    if cell is None or pd.isna(cell):
        return None
    if isinstance(cell, pd.Timestamp | dt.date):
        return str(cell)[:10]
    return cell.item() if isinstance(cell, np.generic) else cell
