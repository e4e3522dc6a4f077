"""Grades 信用等级: A and B by points, C and D by law. The law caps the grade; it never touches the points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

CAPS: Final = (("abnormal_list", "C"), ("serious_dishonesty_list", "D"))
"""The graver last, so that it wins where both stand."""
STANDING: Final = ("recommend_listing", "listed", "restart", "recommend_removal")


def graded(org_ids: pd.Series, by_points: NDArray[np.object_], flags: pd.DataFrame) -> NDArray[np.object_]:
    """The grade of each organisation: what the points say, capped by what stands against it."""
    found = np.asarray(by_points, dtype=object).copy()
    for flag, grade in CAPS:
        found[org_ids.isin(_against(flags, flag)).to_numpy()] = grade
    return found


def _against(flags: pd.DataFrame, flag: str) -> list[str]:
    """Organisations with a standing ground of a list, or on it."""
    rows = flags.loc[(flags["flag"] == flag) & flags["status"].isin(STANDING)]
    return rows["org_id"].unique().tolist()
