"""How long a stay on a list lasts, in the law of the day the stay (or its term) began (O60 art. 14, 15(1), 17)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..calendar.periods import plus_years
from .instruments import O60
from .parameters import ReadOn, constant

if TYPE_CHECKING:
    import pandas as pd

    from .known import Known

STAY_WARNING: Final = constant(
    "stay_warning", "因警告列入的期限", "stay on the list for a warning", "months", 6, O60.at(14), "R", ReadOn.LISTING
)
STAY_FINE: Final = constant(
    "stay_small_fine",
    "因小额罚款列入的期限",
    "stay on the list for a small fine",
    "months",
    6,
    O60.at(14),
    "U",
    ReadOn.LISTING,
)
YEARS_ABNORMAL: Final = constant(
    "years_on_abnormal_list",
    "在活动异常名录的年限",
    "years on the abnormal list",
    "years",
    2,
    O60.at(15, 1),
    read_on=ReadOn.LISTING,
)
YEARS_SERIOUS: Final = constant(
    "years_on_serious_list",
    "在严重违法失信名单的年限",
    "years on the serious list",
    "years",
    2,
    O60.at(17),
    read_on=ReadOn.LISTING,
)


def serious_over(known: Known, began: pd.Series) -> pd.Series:
    """The day on which a clean term on the serious list that began on each day is over."""
    return known.read(YEARS_SERIOUS, began).after(began, plus_years)


def grown(known: Known, began: pd.Series) -> pd.Series:
    """The day on which a stay on the abnormal list that began on each day leads to the serious list."""
    return known.read(YEARS_ABNORMAL, began).after(began, plus_years)
