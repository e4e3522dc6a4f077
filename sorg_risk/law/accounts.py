"""The figures of the latest annual report beside those of the three years before, and what they say of floors and caps.

Money is compared in whole fen and ratios are never rounded: ``spent x 100 < percent x base``. What is missing is no breach.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ..calendar.periods import year_day
from .absence import years_before
from .facts import Facts, facts, recorded
from .instruments import SPENDING_2016
from .parameters import ReadOn, constant
from .penalties import FEN, in_fen
from .rule import Missing

if TYPE_CHECKING:
    from .known import Known
    from .parameters import Parameter, Reading

FIGURES: Final = {
    "spent": "charitable_spending",
    "total": "total_spending",
    "fee": "management_fee",
    "pay": "staff_pay",
    "office": "office_cost",
    "fundraising": "fundraising_cost",
    "donations": "donation_income",
    "income": "total_income",
    "net": "net_assets",
}
YEARS_BEFORE: Final = (1, 2, 3)
EXEMPT: Final = constant(
    "small_fee",
    "免受比例限制的管理费用",
    "management fee exempt from the caps",
    "yuan",
    200_000,
    SPENDING_2016.at(11),
    "R",
    ReadOn.FISCAL_YEAR,
)
"""A management fee below it is exempt from the caps (MO-06)."""
BASES: Final = {"income": ("总收入", "total income"), "net": ("净资产", "net assets")}


@dataclass(frozen=True)
class Bracket:
    """From this much net assets on (含本数): the least spending and the largest management fee, in percent."""

    least: float
    floor: float
    cap: float


NO_AVERAGE: Final = (
    Missing(
        "filings",
        ("annual_report",),
        years_before(len(YEARS_BEFORE)),
        columns=("total_income", "net_assets"),
        forms=tuple(f"{base}_floor" for base in BASES),
    ),
)
"""A floor by last year alone rests on it that no average of three years is known."""


def book(known: Known) -> pd.DataFrame:
    """One row per organisation: the latest report's figures in fen, ``income_1`` … ``net_3`` and ``key_1`` … of the years before, ``closes``."""
    years = known.year_reports
    fen = pd.DataFrame({name: in_fen(years[column]) for name, column in FIGURES.items()})
    fen = fen.assign(
        org_id=years["org_id"], fiscal_year=years["fiscal_year"], key=years["filing_id"], filed_on=years["filed_on"]
    )
    latest = fen.drop_duplicates("org_id", keep="last").reset_index(drop=True)
    for back in YEARS_BEFORE:
        before = fen.loc[:, ["org_id", "fiscal_year", "income", "net", "key"]]
        before = before.assign(fiscal_year=before["fiscal_year"] + back)
        latest = latest.merge(before, on=["org_id", "fiscal_year"], how="left", suffixes=("", f"_{back}"))
    return latest.assign(closes=year_day(latest["fiscal_year"], "12-31"))


def of_year(known: Known, parameter: Parameter[Any], rows: pd.DataFrame) -> Reading[Any]:
    """A figure by the text in force for each report's fiscal year."""
    return known.read(parameter, rows["closes"])


def bracketed(net: pd.Series, read: Reading[tuple[Bracket, ...]]) -> tuple[pd.Series, pd.Series]:
    """Floor and cap of each organisation by last year's net assets (fen), missing where these are unknown."""
    floor, cap = (pd.Series(np.nan, index=net.index) for _ in range(2))
    for brackets, here in read.groups():
        for bracket in sorted(brackets, key=lambda one: one.least):
            inside = here & (net >= bracket.least * FEN if bracket.least else net.notna())
            floor[inside], cap[inside] = bracket.floor, bracket.cap
    return floor, cap


def below_floor(
    rows: pd.DataFrame,
    ground: str,
    percent: pd.Series,
    base: str,
    *,
    by: Sequence[Reading[Any]],
    average: bool = True,
) -> Facts:
    """Spending below so many percent of last year's income or net assets, and (where all three years are known) of their average.

    ``by``: the figures ``percent`` comes from.
    """
    last = rows[f"{base}_1"]
    three = rows[[f"{base}_{back}" for back in YEARS_BEFORE]].sum(axis=1, skipna=False)
    below = rows["spent"] * 100 < percent * last
    averaged = three.notna() & average
    below &= ~averaged | (rows["spent"] * 300 < percent * three)
    told = rows.assign(percent=percent, last=last, floor=percent * last / 100, averaged=averaged)[below].reset_index(
        drop=True
    )
    return facts(
        told,
        ground,
        told["filed_on"],
        evidence=_records(told, YEARS_BEFORE),
        judged_on=told["closes"],
        form=(f"{base}_floor" + told["averaged"].map({True: "_average", False: ""})).astype("str"),
        values={
            "year": told["fiscal_year"].map("{:.0f}".format),
            "spent": told["spent"] / FEN,
            "percent": told["percent"],
            "base": told["last"] / FEN,
            "floor": told["floor"] / FEN,
            "base_zh": BASES[base][0],
            "base_en": BASES[base][1],
        },
        by=[read.rows(below) for read in by],
    )


def fee_above_cap(known: Known, rows: pd.DataFrame, ground: str, percent: pd.Series, read: Reading[Any]) -> Facts:
    """A management fee above its cap; below the small amount it is exempt.

    Whether the exemption goes on after its text ended is no doubt of the cap itself.
    """
    counts = rows["fee"] >= of_year(known, EXEMPT, rows).of() * FEN
    return above_cap(rows, ground, percent.where(counts), read)


def above_cap(
    rows: pd.DataFrame, ground: str, percent: pd.Series, read: Reading[Any], cost: str = "fee", of: str = "total"
) -> Facts:
    """A cost above so many percent of the year's spending; ``read``: the figure ``percent`` comes from."""
    above = rows[cost] * 100 > percent * rows[of]
    told = rows.assign(percent=percent)[above].reset_index(drop=True)
    return facts(
        told,
        ground,
        told["filed_on"],
        evidence=_records(told),
        judged_on=told["closes"],
        form="cap",
        values={
            "year": told["fiscal_year"].map("{:.0f}".format),
            "cost": told[cost] / FEN,
            "percent": told["percent"],
            "whole": told[of] / FEN,
        },
        by=[read.rows(above)],
    )


def _records(rows: pd.DataFrame, back: Sequence[int] = ()) -> list[pd.Series]:
    """The latest report, and those of the years before that are on file."""
    return [recorded("filings", rows[name]) for name in ("key", *(f"key_{n}" for n in back))]
