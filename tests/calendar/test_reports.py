"""Who owes which report by when: the packaged lines, the notices an authority delivers, and which of them decides."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sorg_risk.calendar.lines import DUTIES, in_order, noticed, packaged, read
from sorg_risk.calendar.reports import all_lines, authorities, known_lines, report_days
from sorg_risk.errors import LawError

NOW = dt.date(2026, 11, 28)
NONE = pd.DataFrame()


def asked(
    org_type: str = "association",
    authority: str = "440300",
    *,
    charity: bool = False,
    industry: bool = False,
    registered: str = "2010-01-01",
) -> pd.DataFrame:
    row: dict[str, Any] = {
        "org_type": org_type,
        "authority": authority,
        "is_charity": charity,
        "is_industry_association": industry,
        "registered_on": pd.Timestamp(registered),
    }
    return pd.DataFrame([row])


def due(orgs: pd.DataFrame, year: int, day: dt.date = NOW, notices: pd.DataFrame = NONE) -> tuple[str | None, bool]:
    """The due day of one report and whether it is unconfirmed."""
    found = report_days(orgs, np.array([0]), np.array([year]), known_lines(notices, day))
    told = found["due_on"].iloc[0]
    return None if pd.isna(told) else f"{told:%Y-%m-%d}", bool(found["unconfirmed"].iloc[0])


def notice(key: str = "N1", year: int = 2025, **cells: Any) -> dict[str, Any]:
    days = {name: pd.Timestamp(cells.pop(name)) for name in ("due_on", "registered_by", "opens_on") if name in cells}
    known = pd.Timestamp(cells.pop("recorded_at", "2026-01-05"))
    return {"notice_id": key, "fiscal_year": float(year), **days, **cells, "recorded_at": known}


@pytest.mark.parametrize(
    ("orgs", "year", "day"),
    [
        (asked(), 2022, "2023-05-31"),
        (asked(industry=True), 2022, "2023-03-31"),
        (asked("service_institution"), 2022, "2023-05-31"),
        (asked("foundation"), 2022, "2023-03-31"),
        (asked(authority="110100", industry=True), 2022, "2023-05-31"),
        (asked("foundation", "100000"), 2022, "2023-03-31"),
        (asked("unknown"), 2022, None),
        # Shenzhen, reports of 2018
        (asked(), 2018, "2019-06-30"),
        (asked(industry=True), 2018, "2019-04-30"),
        (asked("service_institution", "440305"), 2018, "2019-06-30"),
        (asked("foundation"), 2018, "2019-04-30"),
        # Guangdong's own register and Guangzhou, reports of 2018
        (asked("foundation", "440000"), 2018, "2019-10-31"),
        (asked(authority="440000"), 2018, "2019-10-31"),
        (asked(authority="440106"), 2018, "2019-03-31"),
        (asked(authority="440500"), 2018, "2019-05-31"),
        # reports of 2019 in the epidemic
        (asked("foundation"), 2019, "2020-06-30"),
        (asked("foundation", "110000"), 2019, "2020-06-30"),
        (asked(authority="330200"), 2019, "2020-06-30"),
        (asked("service_institution", "330203"), 2019, "2020-06-30"),
        (asked("service_institution", "350600"), 2019, "2020-08-31"),
        (asked(authority="350600"), 2019, "2020-05-31"),
        (asked(), 2019, "2020-05-31"),
        (asked(authority="100000"), 2020, "2021-05-31"),
        (asked(authority="510400"), 2024, "2025-07-20"),
        (asked(authority="330400"), 2025, "2026-03-31"),
    ],
)
def test_due(orgs: pd.DataFrame, year: int, day: str | None) -> None:
    assert due(orgs, year)[0] == day


@pytest.mark.parametrize(
    ("orgs", "year", "day"),
    [
        (asked(charity=True), 2023, "2024-03-31"),
        (asked("service_institution", "110000", charity=True), 2023, "2024-03-31"),
        (asked("foundation", charity=True), 2023, "2024-03-31"),
        (asked(charity=True), 2022, "2023-05-31"),
        # its own day is earlier than the charity's of that year
        (asked(charity=True), 2019, "2020-05-31"),
        (asked("service_institution", "350600", charity=True), 2019, "2020-06-30"),
        # not among those the notice of the inspection speaks of
        (asked(authority="330400", charity=True), 2025, "2026-05-31"),
    ],
)
def test_a_charity_has_the_earlier_of_its_own_day_and_the_charitys(orgs: pd.DataFrame, year: int, day: str) -> None:
    assert due(orgs, year)[0] == day


@pytest.mark.parametrize(
    ("org_type", "authority", "charity", "year", "registered", "owed"),
    [
        ("association", "440300", False, 2022, "2022-12-31", True),
        ("association", "440300", False, 2022, "2023-01-01", False),
        ("association", "110100", False, 2022, "2022-06-30", True),
        ("association", "110100", False, 2022, "2022-07-01", False),
        ("service_institution", "440311", False, 2025, "2025-06-30", True),
        ("service_institution", "440311", False, 2025, "2025-07-01", False),
        ("service_institution", "440311", False, 2024, "2024-12-31", True),
        ("association", "440311", False, 2025, "2025-12-31", True),
        ("service_institution", "440304", False, 2025, "2025-12-31", True),
        ("foundation", "110000", False, 2023, "2023-12-31", True),
        ("association", "110000", True, 2023, "2023-12-31", True),
        ("association", "110000", False, 2023, "2023-12-31", False),
        ("association", "100000", False, 2020, "2020-12-31", True),
        ("association", "510400", False, 2024, "2024-12-31", True),
        ("service_institution", "510400", False, 2024, "2024-12-31", False),
        ("foundation", "370100", False, 2018, "2018-12-31", True),
    ],
)
def test_who_owes_the_report(
    org_type: str, authority: str, charity: bool, year: int, registered: str, owed: bool
) -> None:
    told, _ = due(asked(org_type, authority, charity=charity, registered=registered), year)
    assert (told is not None) == owed


def test_a_charity_registered_late_for_its_own_duty_owes_the_charitys_by_its_day() -> None:
    late = asked(authority="110100", charity=True, registered="2019-11-01")
    assert due(late, 2019)[0] == "2020-06-30"


def test_a_yearly_notice_of_unknown_day_counts_from_the_first_of_january_and_is_unconfirmed() -> None:
    foundation = asked("foundation")
    assert due(foundation, 2019, dt.date(2019, 12, 31)) == ("2020-03-31", False)
    assert due(foundation, 2019, dt.date(2020, 1, 1)) == ("2020-06-30", True)


def test_what_an_unconfirmed_notice_does_not_change_is_certain() -> None:
    assert due(asked("foundation"), 2023) == ("2024-03-31", False)
    assert due(asked(charity=True), 2023) == ("2024-03-31", True)


def test_a_notice_with_its_day_of_issue_is_certain_and_known_from_it() -> None:
    jiaxing = asked(authority="330400")
    assert due(jiaxing, 2025, dt.date(2026, 1, 29)) == ("2026-05-31", False)
    assert due(jiaxing, 2025, dt.date(2026, 1, 30)) == ("2026-03-31", False)


@pytest.mark.parametrize(
    ("rows", "day"),
    [
        ([notice(authority="4403", due_on="2026-07-10")], "2026-07-10"),
        ([notice(authority="440300", due_on="2026-07-10")], "2026-07-10"),
        ([notice(authority="44", due_on="2026-07-10")], "2026-07-10"),
        ([notice(due_on="2026-07-10")], "2026-07-10"),
        # exactly that body
        ([notice(authority="440000", due_on="2026-07-10")], "2026-05-31"),
        ([notice(authority="440304", due_on="2026-07-10")], "2026-05-31"),
        # the longest authority wins, whatever the class
        ([notice(authority="440300", due_on="2026-07-10"), notice("N2", authority="4403", org_type="association", due_on="2026-08-01")], "2026-07-10"),
        ([notice(authority="44", due_on="2026-07-10"), notice("N2", authority="4403", due_on="2026-08-01")], "2026-08-01"),
        # then the class
        ([notice(authority="4403", due_on="2026-07-10"), notice("N2", authority="4403", org_type="association", due_on="2026-08-01")], "2026-08-01"),
        ([notice(authority="4403", org_type="foundation", due_on="2026-07-10")], "2026-05-31"),
        ([notice(authority="4403", is_industry_association=True, due_on="2026-07-10")], "2026-05-31"),
        ([notice(authority="4403", is_industry_association=False, due_on="2026-07-10")], "2026-07-10"),
        # of equals the one known last
        ([notice(due_on="2026-07-10", recorded_at="2026-06-02"), notice("A", due_on="2026-08-01", recorded_at="2026-06-03")], "2026-08-01"),
        # an empty day: the next line decides
        ([notice(authority="440300", registered_by="2025-12-31"), notice("N2", authority="44", due_on="2026-07-10")], "2026-07-10"),
        ([notice(authority="440300", registered_by="2025-12-31")], "2026-05-31"),
        ([notice(2, 2024, due_on="2026-07-10")], "2026-05-31"),
    ],
)  # fmt: skip
def test_delivered_notices_go_before_the_package(rows: list[dict[str, Any]], day: str) -> None:
    assert due(asked(), 2025, notices=pd.DataFrame(rows)) == (day, False)


def test_a_delivered_notice_for_everyone_goes_before_a_packaged_one_of_a_district() -> None:
    rows = pd.DataFrame([notice(registered_by="2025-12-31", due_on="2026-07-01")])
    late = asked("service_institution", "440311", registered="2025-12-31")
    assert due(late, 2025) == (None, True)
    assert due(late, 2025, notices=rows) == ("2026-07-01", False)


def test_a_delivered_notice_for_charities_is_the_charitys_day() -> None:
    earlier, later = (pd.DataFrame([notice(is_charity=True, due_on=day)]) for day in ("2026-04-15", "2026-08-15"))
    assert due(asked(charity=True), 2025, notices=earlier)[0] == "2026-04-15"
    assert due(asked(charity=True), 2025, notices=later)[0] == "2026-05-31"
    assert due(asked(), 2025, notices=earlier)[0] == "2026-05-31"


def test_a_notice_may_set_who_owes_the_report() -> None:
    rows = pd.DataFrame([notice(authority="4403", registered_by="2025-09-30")])
    assert due(asked(registered="2025-09-30"), 2025, notices=rows)[0] == "2026-05-31"
    assert due(asked(registered="2025-10-01"), 2025, notices=rows)[0] is None


def test_many_reports_at_once_are_the_same_as_one_by_one() -> None:
    orgs = pd.concat([asked(), asked("foundation"), asked(charity=True), asked(industry=True)], ignore_index=True)
    place, years = np.repeat(np.arange(4), 6), np.tile(np.arange(2017, 2023), 4)
    together = report_days(orgs, place, years, known_lines(NONE, NOW))["due_on"]
    alone = [due(orgs.iloc[[one]].reset_index(drop=True), int(year))[0] for one, year in zip(place, years, strict=True)]
    assert together.dt.strftime("%Y-%m-%d").tolist() == alone


def test_each_organisation_by_its_own_evening_is_the_same_as_evening_by_evening() -> None:
    rows = pd.DataFrame(
        [
            notice("N1", 2025, due_on="2026-06-10", recorded_at="2026-02-03"),
            notice("N2", 2025, due_on="2026-06-20", recorded_at="2026-04-07", is_charity=True),
            notice("N3", 2024, authority="4403", due_on="2025-07-01", recorded_at="2026-02-03"),
        ]
    )
    evenings = pd.to_datetime(
        pd.Series(["2019-01-01", "2026-02-02", "2026-02-03", "2026-04-06", "2026-04-07", str(NOW)])
    )
    one = pd.concat([asked(), asked(charity=True), asked("foundation", "110000")], ignore_index=True)
    orgs = pd.concat([one] * len(evenings), ignore_index=True)
    heard = evenings.repeat(len(one)).reset_index(drop=True)
    for year in (2017, 2024, 2025):
        places, years = np.arange(len(orgs)), np.full(len(orgs), year)
        together = report_days(orgs, places, years, all_lines(rows), heard)
        alone = [
            due(orgs.iloc[[place]].reset_index(drop=True), year, day.date(), rows) for place, day in enumerate(heard)
        ]
        days = [None if pd.isna(day) else f"{day:%Y-%m-%d}" for day in together["due_on"]]
        assert list(zip(days, together["unconfirmed"], strict=True)) == alone


def test_the_authority_of_an_organisation() -> None:
    given = pd.Series(["44", "4403", "440305", None])
    assert authorities(given, pd.Series(["51440300X"] * 4)).tolist() == ["440000", "440300", "440305", "440300"]


def test_every_type_has_a_statutory_day_and_every_line_its_text() -> None:
    lines = packaged()
    assert {line.org_type for line in lines if not line.authority and line.years[0] == 0 and line.due} == {
        "association",
        "foundation",
        "service_institution",
    }
    assert all(line.zh and line.en for duty in DUTIES for line in packaged(duty))
    assert in_order(lines)[0].due == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("zh = 'a'", "lacks its text"),
        ("zh = 'a'\nen = 'b'\nfoo = 1", "'foo' is no word of a line"),
        ("zh = 'a'\nen = 'b'\nduty = 'x'", "duty 'x' is not one of annual_report, disclosure"),
        ("zh = 'a'\nen = 'b'\nauthority = '44030'", "authority '44030' is no code of two, four or six digits"),
        ("zh = 'a'\nen = 'b'\ndue = '13-01'", "due = '13-01' is no day"),
        ("zh = 'a'\nen = 'b'\ncertainty = 'Q'", "certainty 'Q' is not one of"),
        ("zh = 'a'\nen = 'b'\ndue = '05-31'\n[[line]]\nzh = 'a'\nen = 'b'\ndue = '06-30'", "both say due"),
    ],
)
def test_a_line_that_cannot_be_used_is_refused(line: str, said: str) -> None:
    with pytest.raises(LawError, match=said):
        read(f"[[line]]\n{line}")


def test_a_table_without_rows_says_nothing() -> None:
    assert noticed(NONE) == ()
