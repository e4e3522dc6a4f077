"""By when a report is due, and who owes it: the lines known on a day, asked about many reports at once.

Whatever the form of an organisation, a charity has two duties: that of its form (association, foundation, service institution) and the
charity's own. It owes the report if it was registered in time for either, by the earlier of the days of those it owes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from .lines import NO_DAY, REPORT, UNCONFIRMED, Line, in_order, noticed, packaged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

FORM: Final = ("org_type", "authority", "is_charity", "is_industry_association")
AUTHORITY_DIGITS: Final = 6
_AUTHORITY_IN_CODE: Final = slice(2, 8)
"""Characters 3-8 of a unified social credit code name the registering authority."""
_YEARS: Final = 10_000
_NEVER: Final = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Duty:
    """What the lines say of each class: days since 1970-01-01, `NO_DAY` where no line says any; ``line``: which one gave the due day (-1)."""

    registered_by: Ints
    opens: Ints
    due: Ints
    line: Ints


def authorities(given: pd.Series, org_ids: pd.Series) -> pd.Series:
    """The authority of each organisation as six digits: as given (``44`` is 440000), by default characters 3-8 of its code.

    >>> authorities(pd.Series(["4403", None]), pd.Series(["x", "51440311000000001M"])).tolist()
    ['440300', '440311']
    """
    own = given.astype("str").str.ljust(AUTHORITY_DIGITS, "0")
    return own.where(given.notna(), org_ids.str[_AUTHORITY_IN_CODE]).fillna("").astype("str")


def known_lines(notices: pd.DataFrame, day: dt.date, duty: str = REPORT) -> list[Line]:
    """All lines known at the end of a day in order of precedence: those of the table ``report_notices`` before the packaged ones."""
    return [line for line in all_lines(notices, duty) if line.known_on(day)]


def all_lines(notices: pd.DataFrame, duty: str = REPORT) -> list[Line]:
    """As `known_lines`, whenever they were known."""
    return in_order((*packaged(duty), *(noticed(notices) if duty == REPORT else ())))


def report_days(
    orgs: pd.DataFrame, place: Ints, years: Ints, lines: Sequence[Line], evenings: pd.Series | None = None
) -> pd.DataFrame:
    """When each asked report is due, before any override and before rest days.

    Parameters
    ----------
    orgs
        One row an organisation: `FORM` (``authority`` of six digits, flags without gaps) and ``registered_on``.
    place, years
        One entry a report: the row of its organisation, and its fiscal year.
    lines
        What is known, in order of precedence; see `known_lines`.
    evenings
        The evening each organisation is asked about: only lines known at its end count; None: all lines do.

    Returns
    -------
    pandas.DataFrame
        One row a report: ``due_on`` (missing: not owed, or nothing says when), ``opens_on``, ``unconfirmed`` (without the lines of certainty
        U it would be another day), ``line`` (place among the lines of the one that says the due day, -1).
    """
    knowledge, known = _knowledge(lines, evenings)
    by = [*(orgs[name] for name in FORM), *([] if knowledge is None else [knowledge])]
    form = orgs.groupby(by, sort=False).ngroup().to_numpy(dtype=np.int64)
    asked, number = np.unique(form[place] * _YEARS + years, return_inverse=True)
    example = np.zeros(int(form.max(initial=0)) + 1, dtype=np.int64)
    example[form] = np.arange(len(form))
    of_class = example[asked // _YEARS]
    classes = orgs.iloc[of_class].loc[:, list(FORM)].reset_index(drop=True)
    classes = classes.assign(fiscal_year=asked % _YEARS)
    heard = np.ones((len(classes), len(lines)), dtype=bool) if knowledge is None else known[knowledge[of_class]]
    registered = day_numbers(orgs["registered_on"])[place]
    due, opens, line = _owed(classes, lines, heard, number, registered)
    sure = np.array([one.certainty != UNCONFIRMED for one in lines], dtype=bool)
    other = due if sure.all() else _owed(classes, lines, heard & sure, number, registered)[0]
    return pd.DataFrame({"due_on": stamps(due), "opens_on": stamps(opens), "unconfirmed": due != other, "line": line})


def _knowledge(lines: Sequence[Line], evenings: pd.Series | None) -> tuple[Ints | None, NDArray[np.bool_]]:
    """The stretch of evenings without news in which each of some evenings lies, and the lines that are known in each stretch."""
    if evenings is None:
        return None, np.ones((1, len(lines)), dtype=bool)
    news = {day for line in lines for day in (line.known_from, line.known_until) if day is not None}
    firsts = [dt.date.min, *sorted(news)]
    days = np.array(firsts[1:], dtype="datetime64[D]").astype(np.int64)
    known = np.array([[line.known_on(first) for line in lines] for first in firsts], dtype=bool)
    return np.searchsorted(days, day_numbers(evenings), side="right").astype(np.int64), known


def _owed(
    classes: pd.DataFrame, lines: Sequence[Line], heard: NDArray[np.bool_], number: Ints, registered: Ints
) -> tuple[Ints, Ints, Ints]:
    """Due day, opening day and deciding line of each report by its class and day of registration; see `duty_of`."""
    own = duty_of(classes, lines, heard, charity=False)
    charity = duty_of(classes, lines, heard, charity=True, rest=own)
    owes_own = (own.registered_by[number] >= registered) & (own.due[number] != NO_DAY)
    owes_charity = (charity.registered_by[number] >= registered) & (charity.due[number] != NO_DAY)
    days = [np.where(owed, duty.due[number], _NEVER) for owed, duty in ((owes_own, own), (owes_charity, charity))]
    by_charity = days[1] < days[0]
    due = np.minimum(*days)
    owed = due != _NEVER

    def chosen(name: str, nothing: int) -> Ints:
        values = np.where(by_charity, getattr(charity, name)[number], getattr(own, name)[number])
        return np.asarray(np.where(owed, values, nothing), dtype=np.int64)

    return np.where(owed, due, NO_DAY), chosen("opens", NO_DAY), chosen("line", -1)


def duty_of(
    classes: pd.DataFrame,
    lines: Sequence[Line],
    heard: NDArray[np.bool_],
    *,
    charity: bool,
    rest: Duty | None = None,
) -> Duty:
    """The duty of the form of each class, or (``charity``) the charity's own: only where such a line fits, what it leaves out from ``rest``.

    ``heard``: whether each class (row) is judged by each line (column).
    """
    years = classes["fiscal_year"].to_numpy(dtype=np.int64)
    found = {name: np.full(len(classes), NO_DAY, dtype=np.int64) for name in ("registered_by", "opens", "due")}
    decided = np.full(len(classes), -1, dtype=np.int64)
    spoken = np.zeros(len(classes), dtype=bool)
    for place, line in enumerate(lines):
        if (line.charity is True) != charity:
            continue
        if not heard[:, place].any():
            continue
        fits = line.fits(classes) & heard[:, place]
        spoken |= fits
        for name, days in found.items():
            if getattr(line, name):
                days[fits] = line.day(name, years[fits])
        if line.due:
            decided[fits] = place
    if rest is not None:
        for name, days in found.items():
            left = spoken & (days == NO_DAY)
            days[left] = getattr(rest, name)[left]
        left = spoken & (decided == -1)
        decided[left] = rest.line[left]
    return Duty(found["registered_by"], found["opens"], found["due"], decided)


def day_numbers(days: pd.Series) -> Ints:
    """Days since 1970-01-01; a missing day is `NO_DAY`."""
    return np.asarray(days.to_numpy().astype("datetime64[D]").astype(np.int64), dtype=np.int64)


def stamps(days: Ints) -> NDArray[np.datetime64]:
    """Days since 1970-01-01 as datetime64[s]; `NO_DAY` is NaT."""
    return np.asarray(days.astype("datetime64[D]").astype("datetime64[s]"))
