"""What a model has seen: its last knowledge day, the horizon of its labels, and whether it was taught by a simulated registry.

A panel writes these into the ``attrs`` of its feature frame, so that a plain ``fit(panel.X, panel.y, days=panel.days)`` knows them. A model
without a last knowledge day cannot be back-tested: nobody can say which evenings it has not seen.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from ..errors import ModelError, UsageError
from .splits import day_numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from .risk_model import RiskModel

KNOWN_BY, HORIZON, SIMULATED = "sorg_risk_known_by", "sorg_risk_horizon_days", "sorg_risk_simulated"
"""Names of what a panel says of its features, in their ``attrs``."""
SHIPPED_WITH_0_1_0: Final = "30be94d41151b964d4841e0109f2a06fb34d67a2512a3baff33deab7e213a289"
"""Digest of a shipped model that does not say of itself that a simulated registry taught it."""
_EPOCH: Final = dt.date(1970, 1, 1)


def last_knowledge_day(days: ArrayLike | None, horizon_days: int, told: dict[Any, Any]) -> str | None:
    """The last day whose news the labels rest on: the end of the last horizon, or the panel's own last day where that is later.

    None without ``days``: then nobody knows. ``told``: the ``attrs`` of the features.

    >>> last_knowledge_day(["2023-12-31", "2022-12-31"], 365, {})
    '2024-12-30'
    """
    if days is None:
        return None
    latest = max((int(day) for day in day_numbers(days)), default=0) + horizon_days
    try:
        last = (_EPOCH + dt.timedelta(days=latest)).isoformat()
    except OverflowError:
        raise ModelError(
            f"days lie too far ahead: the horizon of the last one ends {latest:,} days after 1970."
        ) from None
    return max(last, str(told.get(KNOWN_BY, "")))


def refuse_seen(model: RiskModel, day: dt.date, what: str) -> None:
    """Raise `UsageError` where a model has, or may have, seen the future of an evening."""
    known = getattr(model, "last_knowledge_day_", None)
    if known is None:
        raise UsageError(
            f"the model does not state its last knowledge day, so {what} cannot be tested: nobody can say whether it has seen that day's "
            "future. Fit it with days= (the as-of day of each row), or make it with `sorg-risk train`."
        )
    if day < dt.date.fromisoformat(known):
        raise UsageError(
            f"the model learnt from what was known up to {known}, so {what} cannot be tested: it has seen that day's future. "
            f"Begin at {known} or later, or train a model with --to {day}."
        )


def is_taught_by_simulation(model: RiskModel) -> bool:
    """Whether a model learnt from a simulated registry, as the shipped one did."""
    told = getattr(model, "simulated_", None)
    digest = getattr(model, "digest_", None)
    return bool(told) if told is not None else digest is not None and digest in (SHIPPED_WITH_0_1_0, _shipped())


@lru_cache(maxsize=1)
def _shipped() -> str | None:
    from .bundle import digest
    from .default import default_bundle

    try:
        return digest(default_bundle())
    except ModelError:
        return None
