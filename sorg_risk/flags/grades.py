"""Grades 信用等级: A and B by points, C and D by law. The law caps the grade; it never touches the points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..explain.dossier.parts import CAPS, STANDING

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def graded(org_ids: pd.Series, by_points: NDArray[np.object_], flags: pd.DataFrame) -> NDArray[np.object_]:
    """The grade of each organisation: what the points say, capped by what stands against it."""
    found = np.asarray(by_points, dtype=object).copy()
    for flag, grade in reversed(CAPS.items()):  # the graver last, so that it wins where both stand
        found[org_ids.isin(_against(flags, flag)).to_numpy()] = grade
    return found


def _against(flags: pd.DataFrame, flag: str) -> list[str]:
    """Organisations with a standing ground of a list, or on it."""
    rows = flags.loc[(flags["flag"] == flag) & flags["status"].isin(STANDING)]
    return rows["org_id"].unique().tolist()
