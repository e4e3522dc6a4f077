"""A caller's events: read from any frame, matched to the organisations of a source, and accounted for to the last one.

Identifiers are compared after folding (full width, blanks, ``1.0`` for 1, small letters); where two organisations fold to one identifier, only
the exact one matches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ..errors import UsageError
from ..records.columns import typed
from ..records.schema import Column
from .words import fold_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

DAYS: Final = ("event_on", "ends_on", "recorded_at")
COUNTS: Final[dict[str, str]] = {
    "given": "given",
    "matched": "of a known organisation and with a day",
    "used": "in the label of a row",
    "too_early": "on or before the first as-of day",
    "too_late": "after the last horizon",
    "unknown": "of unknown organisations",
    "without_day": "without a day",
    "later_news": "recorded after the last day of knowledge",
    "other": "while the organisation was not at risk, or between two horizons",
}


def outcome_frame(outcome: Any) -> pd.DataFrame:
    """A caller's outcome as a pandas frame: pandas, polars (lazy ones are collected), Arrow.

    Raises
    ------
    UsageError
        Something else, or a frame without ``org_id`` and ``event_on``.
    """
    frame = outcome
    if not isinstance(frame, pd.DataFrame):
        frame = frame.collect() if hasattr(frame, "collect") else frame
        if not hasattr(frame, "to_pandas"):
            raise UsageError(
                f"outcome is a {type(outcome).__name__}; give a frame (pandas, polars or Arrow) with org_id and event_on."
            )
        frame = pd.DataFrame(frame.to_pandas())
    names = [str(name) for name in frame.columns]
    missing = {"org_id", "event_on"} - set(names)
    if missing:
        raise UsageError(f"outcome lacks {', '.join(sorted(missing))}; give a frame with org_id and event_on.")
    twice = sorted({name for name in names if names.count(name) > 1 and name in ("org_id", *DAYS)})
    if twice:
        raise UsageError(f"outcome has two columns named {', '.join(twice)}; keep one.")
    return frame.set_axis(names, axis=1).reset_index(drop=True)


def day_column(cells: pd.Series) -> pd.Series:
    """Days of a column in Asia/Shanghai, without their time; `UsageError` names the first cell that is no day."""
    name = str(cells.name)
    days, bad = typed(cells.reset_index(drop=True), Column(name, "day"))
    if bad.any():
        value = cells.iloc[int(np.argmax(bad))]
        raise UsageError(
            f"{name} holds something that is no day: {str(value)!r} ({int(bad.sum()):,} such cells); write days as 2026-10-31."
        )
    return days.set_axis(cells.index)


def match_organisations(org_ids: Iterable[Any], known: pd.Index[str]) -> pd.Series:
    """For each identifier the known organisation it means; missing where there is none.

    >>> match_organisations([1.0, " a ", "x"], pd.Index(["1", "A"])).tolist()
    ['1', 'A', nan]
    """
    exact = {str(org): str(org) for org in known}
    folded = pd.Series(list(exact), index=[_folded(org) for org in exact], dtype=object)
    unique = folded[~folded.index.duplicated(keep=False)].to_dict()
    codes, distinct = pd.factorize(pd.Series(list(org_ids), dtype=object))
    found = [exact.get(str(cell), unique.get(_folded(cell))) for cell in distinct.tolist()]
    return pd.Series(np.array([*found, None], dtype=object)[codes], dtype="str")


def _folded(cell: Any) -> str | None:
    word = fold_word(cell)
    return None if word is None else word.upper()


@dataclass(frozen=True)
class Windows:
    """Where events can be used: the first and the last as-of day, the horizon, and the last day of knowledge."""

    first: pd.Timestamp
    last: pd.Timestamp
    horizon_days: int
    known_by: pd.Timestamp


class Tally:
    """What becomes of the events of an outcome, part by part of a panel.

    ``events``: every event given, with ``known_org`` (missing: unknown), ``event_on`` and ``recorded_at``.
    """

    def __init__(self, events: pd.DataFrame, windows: Windows) -> None:
        self.events = events
        self.windows = windows
        self.used = np.zeros(len(events), dtype=bool)

    def see(self, days: pd.DatetimeIndex, orgs: NDArray[np.str_]) -> None:
        """Note the events that are in the label of rows of a panel (their days and organisations)."""
        counts = ~(self.events["recorded_at"] > self.windows.known_by).to_numpy()
        for day in days.unique():
            ahead = (self.events["event_on"] - day).dt.days
            within = (ahead > 0) & (ahead <= self.windows.horizon_days)
            self.used |= counts & (within & self.events["known_org"].isin(orgs[days == day])).to_numpy()

    def counts(self) -> dict[str, int]:
        """How many events were given and what became of them; all but ``given`` and ``matched`` sum to ``given``."""
        day, unknown = self.events["event_on"], self.events["known_org"].isna()
        end = self.windows.last + pd.Timedelta(days=self.windows.horizon_days)
        every = pd.Series(True, index=self.events.index)
        parts: dict[str, pd.Series] = {
            "without_day": day.isna(),
            "unknown": unknown,
            "later_news": self.events["recorded_at"] > self.windows.known_by,
            "used": pd.Series(self.used, index=every.index),
            "too_early": day <= self.windows.first,
            "too_late": day > end,
            "other": every,
        }
        found = {"given": len(self.events), "matched": int((~unknown & day.notna()).sum())}
        left = every.copy()
        for name, mask in parts.items():
            found[name] = int((left & mask).sum())
            left &= ~mask
        return {name: found[name] for name in COUNTS}


def told(counts: Mapping[str, int]) -> str:
    """The account in a sentence; what did not occur is left out."""
    parts = [f"{counts[name]:,} {text}" for name, text in COUNTS.items() if name in ("given", "used") or counts[name]]
    return f"events of the outcome: {', '.join(parts)}"


def refuse_unused(counts: Mapping[str, int]) -> None:
    """Raise `UsageError` where no event of an outcome is in the label of any row."""
    if not counts["used"]:
        raise UsageError(
            f"no event of the outcome falls within the horizon of an organisation at risk. {told(counts)[0].upper()}{told(counts)[1:]}. "
            "Look at org_id and event_on, or take other as-of days."
        )
