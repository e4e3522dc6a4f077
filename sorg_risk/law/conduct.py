"""How long conduct that cannot be undone is still told: as long as it could still be penalised (Law on Administrative Penalties, art. 36)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..calendar.periods import plus_years
from .instruments import PENALTY_LAW
from .parameters import constant

if TYPE_CHECKING:
    import pandas as pd

    from .known import Known

CONDUCT_YEARS: Final = constant(
    "conduct_years",
    "违法行为追究时效",
    "time within which conduct can be penalised",
    "years",
    2,
    PENALTY_LAW.at(36),
    "M",
)


def still_told(known: Known, day: pd.Series) -> pd.Series:
    """The day from which conduct of each day is told no more."""
    return known.read(CONDUCT_YEARS, day).after(day, plus_years)
