"""`shap.Explanation` of every score and flag, for shap's own plots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import shap
    from numpy.typing import NDArray


def explanation_of_scores(X: pd.DataFrame, values: NDArray[np.float64], base: float) -> shap.Explanation:
    """Contributions of scores in points; ``data`` holds the feature values (a category is the position of its word)."""
    import shap

    return shap.Explanation(
        values=np.asarray(values, dtype=np.float64),
        base_values=np.full(len(values), float(base)),
        data=numbers(X),
        feature_names=[str(c) for c in X.columns],
    )


def explanation_of_rules(flags: pd.DataFrame, reasons: pd.DataFrame) -> shap.Explanation:
    """Shares of the facts of statutory flags: a row a flag, a column a reason code, each row summing to 1.

    ``data`` is 1 where the fact holds and 0 where it does not.
    """
    import shap

    rows = reasons.loc[reasons["flag_id"].isin(flags["flag_id"]) & (reasons["feature"] != "(base)")]
    table = rows.pivot_table(index="flag_id", columns="feature", values="contribution", aggfunc="sum", sort=True)
    table = table.reindex(flags["flag_id"])
    return shap.Explanation(
        values=table.fillna(0.0).to_numpy(dtype=np.float64),
        base_values=np.zeros(len(table)),
        data=table.notna().to_numpy(dtype=np.float64),
        feature_names=[str(c) for c in table.columns],
    )


def numbers(X: pd.DataFrame) -> NDArray[np.float64]:
    """Feature values as numbers; a category is the position of its word, missing is NaN."""
    out = np.empty(X.shape, dtype=np.float64)
    for j in range(X.shape[1]):
        column = X.iloc[:, j]
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes = column.cat.codes.to_numpy()
            out[:, j] = np.where(codes < 0, np.nan, codes)
        else:
            out[:, j] = pd.to_numeric(column, errors="coerce").astype("float64")
    return out
