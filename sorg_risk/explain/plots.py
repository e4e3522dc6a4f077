"""`shap.Explanation` of every score and flag, for shap's own plots, with names an officer reads and a font that has the signs.

with chinese_signs():
    shap.plots.waterfall(run.explanation("score", lang="zh")[0])
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from . import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    import shap
    from numpy.typing import NDArray

FONTS: Final = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Noto Sans CJK JP",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
    "Noto Serif CJK SC",
)
"""Fonts with Chinese signs, the preferred first. Collections show up under the name of their first face, which has the same signs."""


def explanation_of_scores(
    X: pd.DataFrame, values: NDArray[np.float64], base: float, lang: str | None = None
) -> shap.Explanation:
    """Contributions of scores in points; ``data`` holds the feature values (a category is the position of its word).

    ``lang``: names in Chinese or English; None: the codes of the features.
    """
    import shap

    return shap.Explanation(
        values=np.asarray(values, dtype=np.float64),
        base_values=np.full(len(values), float(base)),
        data=numbers(X),
        feature_names=[words.title(str(c), lang) if lang else str(c) for c in X.columns],
    )


def explanation_of_rules(flags: pd.DataFrame, reasons: pd.DataFrame, lang: str | None = None) -> shap.Explanation:
    """Shares of the facts of statutory flags: a row a flag, a column a reason code, each row summing to 1.

    ``data`` is 1 where the fact holds and 0 where it does not. ``lang`` as above.
    """
    import shap

    rows = reasons.loc[reasons["flag_id"].isin(flags["flag_id"]) & (reasons["feature"] != "(base)")]
    table = rows.pivot_table(index="flag_id", columns="feature", values="contribution", aggfunc="sum", sort=True)
    table = table.reindex(flags["flag_id"])
    return shap.Explanation(
        values=table.fillna(0.0).to_numpy(dtype=np.float64),
        base_values=np.zeros(len(table)),
        data=table.notna().to_numpy(dtype=np.float64),
        feature_names=[words.clause_title(str(c), lang) if lang else str(c) for c in table.columns],
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


def chinese_font() -> str | None:
    """The first font with Chinese signs that matplotlib finds on this machine; None where there is none."""
    from matplotlib import font_manager

    found = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in FONTS if name in found), None)


@contextmanager
def chinese_signs() -> Iterator[str | None]:
    """Draw with a font that has Chinese signs, where there is one; yields its name."""
    import matplotlib as mpl

    font = chinese_font()
    families = [name for name in (font, "DejaVu Sans") if name]
    with mpl.rc_context({"font.family": families, "axes.unicode_minus": False}):
        yield font
