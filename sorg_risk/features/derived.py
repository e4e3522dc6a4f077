"""Columns that follow from one row alone and that several features ask for.

Each is declared like a column of the schema, with the words of its definition, so that features may name it like any
other. A derived column reads nothing but its own row (and its organisation's code), so nothing later can change it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ..records.codes import SOCIAL
from ..records.packed import FEN, FLAGS, NEVER, Cells, Numbers, Packed, Words
from ..records.readings import ACCEPTED, decision_of, settled_on
from ..records.schema import FIRST_YEAR, LAST_YEAR, TABLES, Column, Kind

ROUND_YUAN = 10_000
"""An amount that is a multiple of this is called round."""

_AREAS = ((1, 5), (2, 3), (3, 7), (4, 6), (5, 4), (6, 5))
PROVINCES = (*(f"{area}{n}" for area, most in _AREAS for n in range(1, most + 1)), "50", "71", "81", "82")
"""First two digits of GB/T 2260."""
COUNTIES = tuple(f"{n:02d}" for n in range(100))
YEARS = tuple(str(year) for year in range(FIRST_YEAR, LAST_YEAR + 1))
_POWERS = 10 ** np.arange(19, dtype=np.int64)

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Derived:
    """A derived column: its table and declaration, its definition in words, and how it is made of the packed rows."""

    table: str
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


def _reports_by_law(packed: Packed) -> Numbers:
    registered = packed.numbers("registered_on")
    return Numbers(registered.values, registered.valid & (packed.calendar == "law"))


def _is_district(word: str) -> bool:
    return len(word) == 6 and word.isascii() and word.isdigit()


def _vocabulary(words: Words) -> list[str]:
    return list(words.vocabulary) if isinstance(words.vocabulary, tuple) else list(words.vocabulary.to_pylist())


def _due_day(packed: Packed) -> Numbers:
    """The deadline on the as-of days; see `deadlines.DatedPacks`."""
    due = packed.own("due_day")
    assert isinstance(due, Numbers)
    return due


def _due(packed: Packed) -> Numbers:
    due = cells(packed, "due_day")
    assert isinstance(due, Numbers)
    return due


def _overdue_from(packed: Packed) -> Numbers:
    due = _due(packed)
    return Numbers(due.values + 1, due.valid)


def _days_late(packed: Packed) -> Numbers:
    due, filed = _due(packed), packed.numbers("filed_on")
    return Numbers(filed.values - due.values, filed.valid & due.valid)


def _due_month(packed: Packed) -> Numbers:
    due = _due(packed)
    day = np.where(due.valid, due.values, 0).astype("datetime64[D]")
    return Numbers(day.astype("datetime64[M]").astype(np.int64) % 12 + 1, due.valid)


def _report_year(packed: Packed) -> Words:
    year = packed.numbers("fiscal_year")
    return Words(np.where(year.valid, year.values - FIRST_YEAR, -1).astype(np.int32), YEARS)


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
    last, withdrawn = packed.numbers("expires_on"), packed.days("withdrawn_on").astype(np.int64)
    first = np.minimum(np.where(last.valid, last.values + 1, NEVER), withdrawn)
    return Numbers(first, first != NEVER)


def _decision(packed: Packed) -> Words:
    given = packed.words("decision_id")
    numbers = np.array([*_vocabulary(given), None], dtype=object)[given.codes]
    codes, vocabulary = pd.factorize(decision_of(pd.Series(numbers, dtype="str"), pd.Series(packed.keys, dtype="str")))
    return Words(codes.astype(np.int32), pa.array(vocabulary, pa.large_string()))


def _settled_on(packed: Packed) -> Numbers:
    done, recorded, outcome = packed.numbers("completed_on"), packed.numbers("recorded_at"), packed.words("outcome")
    accepted = outcome.codes == list(outcome.vocabulary).index(ACCEPTED)
    day = settled_on(done.values, done.valid, recorded.values, accepted, never=int(NEVER))
    return Numbers(day, accepted)


def _form(packed: Packed) -> Words:
    given, by_code = packed.words("org_type"), [SOCIAL.get(code[:2]) for code in packed.orgs]
    words = list(given.vocabulary)
    own = np.array([-1 if word is None else words.index(word) for word in by_code], dtype=np.int8)[packed.owner]
    return Words(np.where(given.codes >= 0, given.codes, own).astype(np.int8), given.vocabulary)


def _column(name: str, kind: Kind, zh: str, codes: tuple[str, ...] = ()) -> Column:
    return Column(name, kind, zh, codes={code: code for code in codes})


_DUE = (
    "`due_on`; of an annual report the deadline as the law of the as-of day has it: the newest `due_on` of its year, else what statutes and "
    "notices say of the organisation's authority, type and year, on a rest day the next working day (where the mapping says "
    '`calendar = "due_on"`: `due_on` alone)'
)
_ALL = (
    Derived(
        "organizations",
        Column("form", "code", "组织类型", codes=TABLES["organizations"]["org_type"].codes),
        "`org_type`, where empty the type that the first two characters of the code say (51, 52, 53)",
        _form,
    ),
    Derived(
        "organizations",
        _column("province", "code", "省级区划", PROVINCES),
        "first two digits of `district` where it has six",
        _province,
    ),
    Derived(
        "organizations",
        _column("county", "code", "县级区划", COUNTIES),
        "last two digits of `district` where it has six",
        _county,
    ),
    Derived(
        "organizations",
        _column("district_number", "integer", "区划代码"),
        "`district` where it has six digits",
        _district_number,
    ),
    Derived(
        "organizations",
        _column("reports_by_law", "day", "登记之日（依法应报送年报）"),
        '`registered_on` (nothing where the mapping says `calendar = "due_on"`)',
        _reports_by_law,
    ),
    Derived(
        "filings",
        _column("due_day", "day", "截止之日"),
        _DUE,
        _due_day,
    ),
    Derived("filings", _column("days_late", "integer", "迟报天数"), "`filed_on` - `due_day`", _days_late),
    Derived("filings", _column("due_month", "integer", "截止月份"), "month of `due_day`, 1 to 12", _due_month),
    Derived(
        "filings",
        _column("overdue_from", "day", "逾期之日"),
        "the day after `due_day`",
        _overdue_from,
    ),
    Derived(
        "filings",
        _column("days_to_accept", "integer", "受理用时"),
        "`accepted_on` - `filed_on`",
        _between("accepted_on", "filed_on"),
    ),
    Derived(
        "filings",
        _column("days_to_record", "integer", "入库用时"),
        "day of `recorded_at` of the version in force - `filed_on`",
        _between("recorded_at", "filed_on"),
    ),
    Derived("filings", _column("report_year", "text", "会计年度"), "`fiscal_year`, as a word", _report_year),
    Derived(
        "complaints",
        _column("days_to_close", "integer", "办结用时"),
        "`closed_on` - `received_on`",
        _between("closed_on", "received_on"),
    ),
    Derived(
        "fund_flows",
        _column("is_round", "flag", "整万金额"),
        f"`amount` is a multiple of {ROUND_YUAN:,} yuan",
        _is_round,
    ),
    Derived("fund_flows", _column("first_digit", "integer", "首位数字"), "first digit of `amount`", _first_digit),
    Derived(
        "fund_flows",
        _column("days_to_record", "integer", "入库用时"),
        "day of `recorded_at` of the version in force - `booked_on`",
        _between("recorded_at", "booked_on"),
    ),
    Derived(
        "penalties",
        _column("decision", "text", "处罚决定"),
        "`decision_id`; a penalty without it is a decision of its own",
        _decision,
    ),
    Derived(
        "inspections",
        _column("settled_on", "day", "整改办结之日"),
        "`completed_on`, where empty the day of `recorded_at`; only where `outcome` = accepted",
        _settled_on,
    ),
    Derived(
        "inspections",
        _column("overdue_from", "day", "逾期之日"),
        "the day after `deadline_on`",
        _day_after("deadline_on"),
    ),
    Derived(
        "positions",
        _column("office_since", "day", "在任之日"),
        "`started_on`, where empty the day of `recorded_at`",
        _office_since,
    ),
    Derived(
        "positions",
        _column("overstays_from", "day", "超任期之日"),
        "the day after `term_ends_on`",
        _day_after("term_ends_on"),
    ),
    Derived(
        "assessments",
        _column("lapses_on", "day", "失效之日"),
        "the earlier of the day after `expires_on` and `withdrawn_on`",
        _lapses_on,
    ),
)

DERIVED: Mapping[str, Mapping[str, Derived]] = MappingProxyType(
    {
        table: MappingProxyType({one.column.name: one for one in _ALL if one.table == table})
        for table in dict.fromkeys(one.table for one in _ALL)
    }
)
"""Derived columns by table and name."""


def cells(packed: Packed, name: str) -> Cells:
    """Cells of a declared or derived column."""
    derived = DERIVED.get(packed.table, {}).get(name)
    return packed.column(name, derived.make if derived else None)
