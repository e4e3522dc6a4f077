"""Columns that follow from one row alone and that several features ask for.

Each is declared like a column of the schema, with the words of its definition, so that features may name it like any
other. A derived column reads nothing but its own row (and its organisation's code), so nothing later can change it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ..records.packed import FEN, FLAGS, NEVER, Cells, Numbers, Packed, Words
from ..records.schema import Column

ROUND_YUAN = 10_000
"""An amount that is a multiple of this is called round."""

_AREAS = ((1, 5), (2, 3), (3, 7), (4, 6), (5, 4), (6, 5))
PROVINCES = (*(f"{area}{n}" for area, most in _AREAS for n in range(1, most + 1)), "50", "71", "81", "82")
"""First two digits of GB/T 2260."""
COUNTIES = tuple(f"{n:02d}" for n in range(100))
_POWERS = 10 ** np.arange(19, dtype=np.int64)

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Derived:
    """A derived column: its declaration, its definition in words, and how it is made of the packed rows."""

    column: Column
    en: str
    make: Callable[[Packed], Cells]


def _province(packed: Packed) -> Words:
    return _part_of_district(packed, slice(0, 2), PROVINCES)


def _county(packed: Packed) -> Words:
    return _part_of_district(packed, slice(4, 6), COUNTIES)


def _part_of_district(packed: Packed, part: slice, codes: tuple[str, ...]) -> Words:
    words = packed.words("district")
    places = {code: place for place, code in enumerate(codes)}
    found = [places.get(word[part], -1) if _is_district(word) else -1 for word in _vocabulary(words)]
    return Words(np.array([*found, -1], dtype=np.int8)[words.codes], codes)


def _district_number(packed: Packed) -> Numbers:
    words = packed.words("district")
    found = [int(word) if _is_district(word) else -1 for word in _vocabulary(words)]
    values = np.array([*found, -1], dtype=np.int64)[words.codes]
    return Numbers(np.maximum(values, 0), values >= 0)


def _is_district(word: str) -> bool:
    return len(word) == 6 and word.isascii() and word.isdigit()


def _vocabulary(words: Words) -> list[str]:
    return list(words.vocabulary) if isinstance(words.vocabulary, tuple) else list(words.vocabulary.to_pylist())


def _days_late(packed: Packed) -> Numbers:
    due, filed = packed.numbers("due_on"), packed.numbers("filed_on")
    usual = _usual_due_day(packed)
    day = np.where(due.valid, due.values, usual.values)
    return Numbers(filed.values - day, filed.valid & (due.valid | usual.valid))


def _usual_due_day(packed: Packed) -> Numbers:
    """Day by which the annual report of the row's fiscal year was due where the row does not say."""
    year = packed.numbers("fiscal_year")
    kind = packed.words("kind")
    is_report = kind.codes == _place(kind, "annual_report")
    by_law = packed.calendar == "law"
    return Numbers(usual_due_days(year.values, _starts(packed, "53")), is_report & year.valid & by_law)


def _starts(packed: Packed, *heads: str, place: int = 0) -> Bools:
    """Rows whose organisation's code has one of these at a place."""
    has = [any(code.startswith(head, place) for head in heads) for code in packed.orgs]
    return np.array(has, dtype=bool)[packed.owner]


def _first_report_year(packed: Packed) -> Numbers:
    registered = packed.numbers("registered_on")
    day = registered.values.astype("datetime64[D]")
    months = day.astype("datetime64[M]").astype(np.int64)
    late = (months % 12 >= 6) & ~_starts(packed, "4403", place=2)
    return Numbers(months // 12 + 1970 + late, registered.valid & (packed.calendar == "law"))


def _report_due_month(packed: Packed) -> Numbers:
    return Numbers(np.where(_starts(packed, "53"), 3, 5))


def usual_due_days(fiscal_year: Ints | int, foundation: Bools) -> Ints:
    """31 March (foundations) or 31 May of the next year, at a weekend the Monday after; other rest days not considered."""
    month = (fiscal_year - 1970 + 1) * 12 + np.where(foundation, 3, 5)
    day = month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - 1
    weekday = (day + 3) % 7
    return np.asarray(day + np.where(weekday == 5, 2, np.where(weekday == 6, 1, 0)), dtype=np.int64)


def _place(words: Words, word: str) -> int:
    return list(words.vocabulary).index(word)


def _between(later: str, earlier: str) -> Callable[[Packed], Numbers]:
    def days(packed: Packed) -> Numbers:
        end, start = packed.numbers(later), packed.numbers(earlier)
        return Numbers(end.values - start.values, end.valid & start.valid)

    return days


def _day_after(name: str) -> Callable[[Packed], Numbers]:
    def following(packed: Packed) -> Numbers:
        day = packed.numbers(name)
        return Numbers(day.values + 1, day.valid)

    return following


def _is_round(packed: Packed) -> Words:
    whole = packed.numbers("amount").values % (ROUND_YUAN * FEN) == 0
    return Words(whole.astype(np.int8), FLAGS)


def _first_digit(packed: Packed) -> Numbers:
    amount = packed.numbers("amount").values
    power = _POWERS[np.searchsorted(_POWERS, amount, side="right") - 1]
    return Numbers(amount // power, amount > 0)


def _office_since(packed: Packed) -> Numbers:
    started, known = packed.numbers("started_on"), packed.numbers("recorded_at")
    return Numbers(np.where(started.valid, started.values, known.values))


def _lapses_on(packed: Packed) -> Numbers:
    ends = [packed.days(name) for name in ("expires_on", "withdrawn_on")]
    first = np.minimum(*ends).astype(np.int64)
    return Numbers(first, first != NEVER)


def _declared() -> Mapping[str, Mapping[str, Derived]]:
    found: dict[str, dict[str, Derived]] = {}

    def declare(
        table: str,
        name: str,
        kind: str,
        zh: str,
        en: str,
        make: Callable[[Packed], Cells],
        codes: tuple[str, ...] = (),
    ) -> None:
        column = Column(name, kind, zh, codes={code: code for code in codes})  # type: ignore[arg-type]
        found.setdefault(table, {})[name] = Derived(column, en, make)

    declare(
        "organizations",
        "province",
        "code",
        "省级区划",
        "first two digits of `district` where it has six",
        _province,
        PROVINCES,
    )
    declare(
        "organizations",
        "county",
        "code",
        "县级区划",
        "last two digits of `district` where it has six",
        _county,
        COUNTIES,
    )
    declare(
        "organizations",
        "district_number",
        "integer",
        "区划代码",
        "`district` where it has six digits",
        _district_number,
    )
    declare(
        "organizations",
        "first_report_year",
        "integer",
        "首个应报年度",
        "first fiscal year to be reported: the year of `registered_on`, after 30 June the next one (Shenzhen: always the "
        "year itself)",
        _first_report_year,
    )
    declare(
        "organizations",
        "report_due_month",
        "integer",
        "年报截止月份",
        "month at whose end the annual report is due: 3 for codes 53…, else 5",
        _report_due_month,
    )
    declare(
        "filings",
        "days_late",
        "integer",
        "迟报天数",
        "`filed_on` - `due_on`; an annual report without `due_on` was due on 31 March (codes 53…) or 31 May of the year "
        'after its fiscal year, at a weekend on the Monday after (not where the mapping says `calendar = "due_on"`)',
        _days_late,
    )
    declare(
        "filings",
        "days_to_accept",
        "integer",
        "受理用时",
        "`accepted_on` - `filed_on`",
        _between("accepted_on", "filed_on"),
    )
    declare(
        "filings",
        "days_to_record",
        "integer",
        "入库用时",
        "day of `recorded_at` - `filed_on`",
        _between("recorded_at", "filed_on"),
    )
    declare("filings", "overdue_from", "day", "逾期之日", "the day after `due_on`", _day_after("due_on"))
    declare(
        "complaints",
        "days_to_close",
        "integer",
        "办结用时",
        "`closed_on` - `received_on`",
        _between("closed_on", "received_on"),
    )
    declare("fund_flows", "is_round", "flag", "整万金额", f"`amount` is a multiple of {ROUND_YUAN:,} yuan", _is_round)
    declare("fund_flows", "first_digit", "integer", "首位数字", "first digit of `amount` in fen", _first_digit)
    declare(
        "fund_flows",
        "days_to_record",
        "integer",
        "入库用时",
        "day of `recorded_at` - `booked_on`",
        _between("recorded_at", "booked_on"),
    )
    declare("inspections", "overdue_from", "day", "逾期之日", "the day after `deadline_on`", _day_after("deadline_on"))
    declare(
        "positions",
        "office_since",
        "day",
        "在任之日",
        "`started_on`, where empty the day of `recorded_at`",
        _office_since,
    )
    declare(
        "positions", "overstays_from", "day", "超任期之日", "the day after `term_ends_on`", _day_after("term_ends_on")
    )
    declare(
        "assessments",
        "lapses_on",
        "day",
        "失效之日",
        "the earlier of `expires_on` and `withdrawn_on`",
        _lapses_on,
    )
    return MappingProxyType({table: MappingProxyType(columns) for table, columns in found.items()})


DERIVED = _declared()


def cells(packed: Packed, name: str) -> Cells:
    """Cells of a declared or derived column."""
    derived = DERIVED.get(packed.table, {}).get(name)
    return packed.column(name, derived.make if derived else None)
