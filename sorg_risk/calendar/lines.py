"""Who owes which report by when, as lines: a statute or a notice each, read from ``duties.toml`` or from the table ``report_notices``.

A line names whom it speaks of (authority, type, charity, industry association, fiscal year) and what it says (registered by which day,
open from, due on). What it leaves out the next line decides; `precedence` says which that is.

>>> len(packaged("disclosure")), packaged()[0].duty
(1, 'annual_report')
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ..errors import LawError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

FILE: Final = Path(__file__).with_name("duties.toml")
REPORT: Final = "annual_report"
DUTIES: Final = (REPORT, "disclosure")
ALWAYS: Final = dt.date.min
NO_DAY: Final = np.iinfo(np.int64).min
"""No day, among days since 1970-01-01."""
UNCONFIRMED: Final = "U"
_MARKS: Final = ("R", "R2", "M", UNCONFIRMED)
_YEARS: Final = (0, 9998)
_TEXTS: Final = ("duty", "authority", "org_type", "registered_by", "opens", "due", "zh", "en", "document")
_WORDS: Final = (*_TEXTS, "charity", "industry", "year", "years", "issued", "certainty", "checked_on")


@dataclass(frozen=True)
class Line:
    """One line.

    ``registered_by``, ``opens``, ``due``: a day of the year (``"05-31"``; the first in the fiscal year, the others in the year after) or
    a full one (``"2026-05-31"``), empty where the next line decides. ``source``: the record it comes from, empty of packaged ones;
    ``checked_on``: when it was last compared with its text (packaged lines); ``version``: of two equally particular lines the greater one
    counts (the day of recording, then the key).
    """

    duty: str = REPORT
    authority: str = ""
    org_type: str = ""
    charity: bool | None = None
    industry: bool | None = None
    years: tuple[int, int] = _YEARS
    registered_by: str = ""
    opens: str = ""
    due: str = ""
    zh: str = ""
    en: str = ""
    document: str = ""
    certainty: str = "R"
    checked_on: dt.date = ALWAYS
    known_from: dt.date = ALWAYS
    known_until: dt.date | None = None
    source: str = ""
    version: tuple[dt.datetime, str] = (dt.datetime.min, "")

    @property
    def precedence(self) -> tuple[object, ...]:
        """Its rank among lines that fit one report, the last one wins: table before package, authority, class, year, version."""
        narrow = bool(self.org_type or self.industry) + sum(one is not None for one in (self.charity, self.industry))
        first, last = self.years
        named = 2 if first == last else int(self.years != _YEARS)
        return (bool(self.source), len(self.authority), narrow, named, self.version)

    def known_on(self, day: dt.date) -> bool:
        """Whether it was known at the end of a day."""
        return self.known_from <= day and (self.known_until is None or day < self.known_until)

    def fits(self, asked: pd.DataFrame) -> NDArray[np.bool_]:
        """Whether it speaks of each class (org_type, authority, is_charity, is_industry_association, fiscal_year)."""
        fits = asked["fiscal_year"].between(*self.years).to_numpy(dtype=bool)
        if self.authority:
            fits = fits & asked["authority"].str.startswith(self.authority).to_numpy(dtype=bool)
        if self.org_type:
            fits = fits & (asked["org_type"] == self.org_type).to_numpy(dtype=bool)
        for wanted, column in ((self.charity, "is_charity"), (self.industry, "is_industry_association")):
            if wanted is not None:
                fits = fits & (asked[column].to_numpy(dtype=bool) == wanted)
        return fits

    def day(self, name: str, years: Ints) -> Ints:
        """A day the line says (``registered_by``, ``opens`` or ``due``) for fiscal years, as days since 1970-01-01."""
        return day_of(str(getattr(self, name)), years + (name != "registered_by"))


def day_of(text: str, years: Ints) -> Ints:
    """A day of each year (``"05-31"``), or a full day, as days since 1970-01-01.

    >>> day_of("01-02", np.array([1970, 1971])).tolist(), day_of("1970-01-03", np.array([1999])).tolist()
    ([1, 366], [2])
    """
    if len(text) > len("mm-dd"):
        return np.full(len(years), (dt.date.fromisoformat(text) - dt.date(1970, 1, 1)).days, dtype=np.int64)
    month, day = (int(part) for part in text.split("-"))
    first = ((years - 1970) * 12 + month - 1).astype("datetime64[M]").astype("datetime64[D]")
    return np.asarray(first.astype(np.int64) + day - 1, dtype=np.int64)


@cache
def packaged(duty: str = REPORT) -> tuple[Line, ...]:
    """The lines of ``duties.toml`` for a duty."""
    return tuple(line for line in read(FILE.read_text(encoding="utf-8")) if line.duty == duty)


def read(text: str) -> tuple[Line, ...]:
    """Lines from TOML; raises `LawError` with the line that cannot be used, and where two say the same thing with equal right."""
    told = tomllib.loads(text)
    checked = {"checked_on": told.get("checked_on", ALWAYS)}
    lines = tuple(_line(number, checked | one) for number, one in enumerate(told.get("line", []), start=1))
    ranks: dict[tuple[object, ...], int] = {}
    for number, line in enumerate(lines, start=1):
        whom = (line.duty, line.authority, line.org_type, line.charity, line.industry, line.years)
        for name in ("registered_by", "opens", "due"):
            if getattr(line, name) and (before := ranks.setdefault((*whom, name), number)) != number:
                raise LawError(
                    f"duties, lines {before} and {number}: both say {name} of the same organisations; keep one."
                )
    return lines


def _line(number: int, given: Mapping[str, Any]) -> Line:
    """One packaged line."""
    where = f"duties, line {number}"
    unknown = sorted(set(given) - set(_WORDS))
    if unknown:
        raise LawError(f"{where}: {unknown[0]!r} is no word of a line; known: {', '.join(_WORDS)}.")
    if not (given.get("zh") and given.get("en")):
        raise LawError(f"{where} lacks its text in Chinese or English; add zh and en.")
    years = tuple(given["years"]) if "years" in given else (given["year"],) * 2 if "year" in given else _YEARS
    issued = given.get("issued")
    dated = issued or (dt.date(years[0] + 1, 1, 1) if years != _YEARS else ALWAYS)
    certainty = given.get("certainty", "R") if issued or years == _YEARS else UNCONFIRMED
    line = Line(
        **{name: given[name] for name in _TEXTS if name in given},
        charity=given.get("charity"),
        industry=given.get("industry"),
        years=(years[0], years[1]),
        certainty=certainty,
        checked_on=given["checked_on"],
        known_from=dated,
    )
    _require(line, where)
    return line


def _require(line: Line, where: str) -> None:
    """Refuse a line whose words cannot be meant."""
    if line.duty not in DUTIES:
        raise LawError(f"{where}: duty {line.duty!r} is not one of {', '.join(DUTIES)}.")
    if line.certainty not in _MARKS:
        raise LawError(f"{where}: certainty {line.certainty!r} is not one of {', '.join(_MARKS)}.")
    if line.authority and (not line.authority.isdigit() or len(line.authority) not in (2, 4, 6)):
        raise LawError(f"{where}: authority {line.authority!r} is no code of two, four or six digits.")
    for name in ("registered_by", "opens", "due"):
        try:
            if day := getattr(line, name):
                dt.date.fromisoformat(day if len(day) > len("mm-dd") else f"2001-{day}")
        except ValueError as problem:
            raise LawError(f"{where}: {name} = {getattr(line, name)!r} is no day ({problem}).") from None


def noticed(rows: pd.DataFrame) -> tuple[Line, ...]:
    """Lines of the table ``report_notices``; ``known_from`` and ``known_until`` say when each stands, else it does from the day of recording."""
    return tuple(_of_row({str(name): cell for name, cell in row.items()}) for row in rows.to_dict("records"))


def _of_row(row: Mapping[str, Any]) -> Line:
    def word(name: str) -> str:
        return "" if _missing(row.get(name)) else str(row[name])

    def answer(name: str) -> bool | None:
        return None if _missing(row.get(name)) else bool(row[name])

    def day(name: str) -> dt.date | None:
        return None if _missing(row.get(name)) else row[name].date()

    def full_day(column: str) -> str:
        told = day(column)
        return "" if told is None else told.isoformat()

    return Line(
        authority=word("authority"),
        org_type=word("org_type"),
        charity=answer("is_charity"),
        industry=answer("is_industry_association"),
        years=(int(row["fiscal_year"]),) * 2,
        registered_by=full_day("registered_by"),
        opens=full_day("opens_on"),
        due=full_day("due_on"),
        zh=word("document"),
        en=word("document"),
        document=word("document"),
        known_from=day("known_from") or row["recorded_at"].date(),
        known_until=day("known_until"),
        source=f"report_notices:{row['notice_id']}",
        version=(row["recorded_at"].to_pydatetime(), str(row["notice_id"])),
    )


def _missing(cell: Any) -> bool:
    """Whether a cell of a frame holds nothing."""
    return bool(pd.isna(cell))


def in_order(lines: Iterable[Line]) -> list[Line]:
    """Lines by precedence, the least particular first."""
    return sorted(lines, key=lambda line: line.precedence)
