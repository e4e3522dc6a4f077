"""Facts that rest on something missing, and the rows that were delivered and are not used: what is missing may be one of them.

A rule declares on the absence of which rows its facts rest (`Missing`). Where such a row of the same organisation, kind and
year was refused, or is no longer delivered, the fact stays what it is, but its flag is provisional, names the row and asks
for a look. A kind or a year that cannot be read could be each; an organisation that cannot be read counts for nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ..calendar.periods import plus_months
from ..records.lookups import within
from .rule import Days, Missing, Rule, Years

if TYPE_CHECKING:
    from numpy.typing import NDArray

REFUSED, VANISHED = "refused", "vanished"
CODES: Final = {"quarantine": REFUSED, "vanished": VANISHED}
"""How a reference begins, and the code of the doubt that it raises."""


def same_year(values: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """The fiscal year of the fact itself."""
    year = _number(values["year"])
    return year, year


def missed_run(values: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """So many years in a row from the first on."""
    first = _number(values["first"])
    return first, first + _number(values["count"]) - 1


def from_first(values: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """The first year and all that follow."""
    first = _number(values["first"])
    return first, first.mask(first.notna(), np.inf)


def years_before(most: int) -> Years:
    """So many years before that of the fact."""

    def years(values: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
        year = _number(values["year"])
        return year - most, year - 1

    return years


def day_of(name: str, months: int = 0) -> Days:
    """The day that a value of the fact names, or so many months from there."""

    def day(values: pd.DataFrame) -> pd.Series:
        days = pd.to_datetime(values[name]).astype("datetime64[s]")
        return plus_months(days, months) if months else days

    return day


def start_of(name: str) -> Days:
    """The first day of the year that a value of the fact names."""
    return lambda values: pd.to_datetime(
        _number(values[name]).map(lambda year: f"{year:.0f}-01-01", na_action="ignore")
    ).astype("datetime64[s]")


def withheld_for(rule: Rule, frame: pd.DataFrame, values: pd.DataFrame, rows: pd.DataFrame) -> NDArray[np.object_]:
    """For each fact of a rule (with its values) the references of the rows on whose absence it rests; None where there are none.

    ``rows``: what is not used, see `View.withheld`.
    """
    found = np.full(len(frame), None, dtype=object)
    if not rule.missing or rows.empty:
        return found
    at = np.flatnonzero(within(frame["org_id"], rows["org_id"]))
    if not len(at):
        return found
    frame, values = frame.iloc[at].reset_index(drop=True), values.iloc[at].reset_index(drop=True)
    pairs = pd.concat([_pairs(missing, frame, values, rows) for missing in rule.missing], ignore_index=True)
    for fact, references in pairs.groupby("fact")["reference"]:
        found[at[int(str(fact))]] = sorted(set(references))
    return found


def doubts_of(references: list[str] | None) -> list[str]:
    """The codes of doubt that references raise."""
    return sorted({CODES[one.split(":", 1)[0]] for one in references or ()})


def unused_only(codes: str) -> str:
    """Of the codes of doubts those that a row that is not used raises.

    >>> unused_only("rule:AL-06;refused")
    'refused'
    """
    return ";".join(code for code in codes.split(";") if code in CODES.values())


def is_reference(record: str) -> bool:
    """Whether a piece of evidence names a row that is not used."""
    return record.split(":", 1)[0] in CODES


def _pairs(missing: Missing, frame: pd.DataFrame, values: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Facts and the rows that one of their declarations means: ``fact`` (place in the frame), ``reference``."""
    rows = rows.loc[(rows["table"] == missing.table) & rows["column"].isin(["", *missing.columns])]
    if missing.kinds:
        rows = rows.loc[rows["kind"].isna() | rows["kind"].isin(missing.kinds)]
    asked = pd.DataFrame({"org_id": frame["org_id"], "fact": np.arange(len(frame))})
    if missing.forms:
        asked = asked.loc[frame["form"].isin(missing.forms)]
    met = asked.merge(rows.loc[:, ["org_id", "reference", "fiscal_year", "latest"]], on="org_id")
    fact = met["fact"].to_numpy(dtype=np.int64)
    meant = np.ones(len(met), dtype=bool)
    if missing.years is not None and len(met):
        first, last = (_taken(years, fact) for years in missing.years(values))
        meant &= (met["fiscal_year"].isna() | met["fiscal_year"].between(first, last)).to_numpy(dtype=bool)
    if missing.after is not None and len(met):
        meant &= ~(met["latest"] < _taken(missing.after(values), fact)).to_numpy(dtype=bool)
    return met.loc[meant, ["fact", "reference"]]


def _taken(column: pd.Series, fact: NDArray[np.int64]) -> pd.Series:
    """The value of each of some facts."""
    return column.iloc[fact].reset_index(drop=True)


def _number(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column, errors="coerce").astype("float64")
