"""Amounts and days exactly on the line, one decision counted once, and nothing before the Measures."""

from __future__ import annotations

import pandas as pd
import pytest

from sorg_risk.law.worked import (
    FD,
    SSI,
    Record,
    clean,
    exemption,
    inspection,
    listing,
    org,
    penalty,
    report,
    reports,
)

from .crowd import Crowd

Records = list[Record | list[Record]]


CROWD = Crowd()


def lists(number: int) -> set[str]:
    """``status ground since clears_on`` of every row of both lists."""
    flags = CROWD[number]
    flags = flags.loc[flags["flag"].str.endswith("_list")]
    return {
        f"{f.status} {f.ground} {f.since:%Y-%m-%d} {'' if pd.isna(f.clears_on) else f'{f.clears_on:%Y-%m-%d}'}".strip()
        for f in flags.itertuples()
    }


def grounds(number: int) -> set[str]:
    """Grounds of the rows of both lists."""
    return {row.split()[1] for row in lists(number)}


DAY = "2025-06-02"


@pytest.mark.parametrize(
    ("number", "ground"),
    [
        pytest.param(CROWD.add(DAY, clean(), penalty("fine", "2025-05-12", amount=amount)), ground, id=f"{amount}")
        for amount, ground in [
            (0.01, "AL-05b"),
            (49_999.0, "AL-05b"),
            (49_999.99, "AL-05b"),
            (50_000.0, "SL-04"),
            (50_000.01, "SL-04"),
            (1e9, "SL-04"),
        ]
    ],
)
def test_fines(number: int, ground: str) -> None:
    assert grounds(number) == {ground}


def decision(*kinds: tuple[str, float | None]) -> int:
    """One decision with several penalties."""
    rows = [penalty(kind, "2025-05-12", amount=amount, decision_id="D") for kind, amount in kinds]
    return CROWD.add(DAY, clean(), rows)


@pytest.mark.parametrize(
    ("number", "named"),
    [
        pytest.param(decision(("confiscation", 5e6)), set(), id="confiscation"),
        pytest.param(decision(("warning", None), ("confiscation", 5e6)), {"AL-05a"}, id="warning and confiscation"),
        pytest.param(decision(("warning", None), ("fine", 100.0)), {"AL-05a", "AL-05b"}, id="warning and fine"),
        pytest.param(decision(("warning", None), ("suspension", None)), {"AL-05a", "SL-03"}, id="and suspension"),
        pytest.param(decision(("fine", 49_999.99), ("confiscation", 50_000.0)), {"AL-05b"}, id="fine, confiscation"),
        pytest.param(decision(("fine", None)), set(), id="a fine of unknown amount"),
    ],
)
def test_one_decision_with_several_penalties_counts_once(number: int, named: set[str]) -> None:
    assert grounds(number) == named


def two(first: str, second: str) -> int:
    return CROWD.add(
        DAY,
        clean(registered="2018-03-01"),
        penalty("warning", first, decision_id="D1"),
        penalty("warning", second, decision_id="D2"),
    )


@pytest.mark.parametrize(
    ("number", "since"),
    [
        pytest.param(two("2022-05-12", "2025-05-11"), "2025-05-11", id="a day inside"),
        pytest.param(two("2022-05-12", "2025-05-12"), "", id="the anniversary: over"),
        pytest.param(two("2024-02-29", "2025-05-12"), "2025-05-12", id="after a leap day"),
        pytest.param(two("2020-02-29", "2023-02-27"), "2023-02-27", id="a leap day: a day inside"),
        pytest.param(two("2020-02-29", "2023-02-28"), "", id="a leap day: over on 28 February"),
        pytest.param(two("2025-05-12", "2025-05-12"), "2025-05-12", id="two decisions of one day"),
    ],
)
def test_two_within_three_years(number: int, since: str) -> None:
    """As a recommendation for two years, then as an alert."""
    flags = CROWD[number]
    found = flags.loc[flags["ground"] == "SL-05"]
    assert [f"{day:%Y-%m-%d}" for day in found["since"]] == ([since] if since else [])
    assert found["status"].eq("recommend_listing" if since > "2023-06-02" else "attention").all()


@pytest.mark.parametrize(
    ("number", "counts"),
    [
        pytest.param(
            CROWD.add("2018-02-10", org(registered="2017-09-01"), penalty(kind, day)), counts, id=f"{kind} {day}"
        )
        for kind in ("warning", "suspension", "change_revoked", "court_dishonest")
        for day, counts in (("2018-01-23", False), ("2018-01-24", True))
    ],
)
def test_nothing_before_the_measures(number: int, counts: bool) -> None:
    assert bool(lists(number)) is counts


def warned(listed_on: str, day: str) -> int:
    return CROWD.add(day, clean(last=2025), penalty("warning", listed_on), listing(listed_on, "AL-05a"))


@pytest.mark.parametrize(
    ("number", "rows"),
    [
        (warned("2024-08-31", "2025-02-27"), {"listed AL-05a 2024-08-31 2025-02-28"}),
        (warned("2024-08-31", "2025-02-28"), {"listed AL-05a 2024-08-31", "recommend_removal AL-05a 2025-02-28"}),
        (warned("2023-08-31", "2024-02-28"), {"listed AL-05a 2023-08-31 2024-02-29"}),
        (warned("2023-08-31", "2024-02-29"), {"listed AL-05a 2023-08-31", "recommend_removal AL-05a 2024-02-29"}),
    ],
)
def test_six_full_months(number: int, rows: set[str]) -> None:
    assert lists(number) == rows


ORDER = inspection("rectification_order", "2022-12-05", deadline_on="2022-12-20")


def ordered(listed_on: str, day: str) -> int:
    return CROWD.add(day, clean(last=2025), ORDER, listing(listed_on, "AL-03"))


@pytest.mark.parametrize(
    ("number", "since"),
    [
        (ordered("2023-06-02", "2025-06-01"), ""),
        (ordered("2023-06-02", DAY), DAY),
        (ordered("2024-02-29", "2026-02-27"), ""),
        (ordered("2024-02-29", "2026-02-28"), "2026-02-28"),
    ],
)
def test_two_full_years(number: int, since: str) -> None:
    assert {row for row in lists(number) if "SL-" in row} == ({f"recommend_listing SL-01 {since}"} if since else set())


LONG = inspection("rectification_order", "2022-12-05", deadline_on="2023-02-15")
WARNING = penalty("warning", "2024-06-03")


@pytest.mark.parametrize(
    ("number", "rows"),
    [
        pytest.param(
            CROWD.add("2025-03-01", clean(last=2025), LONG, lists="assumed"),
            {"listed AL-03 2023-03-02"},
            id="the last day on the abnormal list",
        ),
        pytest.param(
            CROWD.add("2025-03-02", clean(last=2025), LONG, lists="assumed"),
            {"listed SL-01 2025-03-02"},
            id="two full years: on the one and off the other the same day",
        ),
        pytest.param(
            CROWD.add(DAY, clean(), ORDER, WARNING, lists="assumed"),
            {"listed AL-03 2024-06-03", "listed AL-05a 2024-06-03"},
            id="a warning starts the term again, the order is still open",
        ),
        pytest.param(
            CROWD.add(DAY, clean(), penalty("suspension", "2023-04-10"), WARNING, lists="assumed"),
            {"listed SL-03 2024-06-03 2026-06-03"},
            id="a warning starts the term on the serious list again, its ground stays",
        ),
    ],
)
def test_assumed(number: int, rows: set[str]) -> None:
    assert lists(number) == rows


SAME_DAY: Records = [
    org(),
    reports(2020, 2021, 2022),
    penalty("warning", "2024-06-12"),
    listing("2024-06-15", "AL-01"),
    listing("2024-06-15", "AL-05a"),
]


@pytest.mark.parametrize(
    ("number", "listed"),
    [
        pytest.param(CROWD.add(DAY, *SAME_DAY), {"AL-01 2024-06-15", "AL-05a 2024-06-15"}, id="beside each other"),
        pytest.param(
            CROWD.add(DAY, *SAME_DAY, listing("2024-09-02", "AL-05a", "relisted")), {"AL-05a 2024-09-02"}, id="relisted"
        ),
        pytest.param(CROWD.add(DAY, *SAME_DAY, listing("2024-12-16", "AL-01", "removed")), set(), id="removed"),
    ],
)
def test_listings_of_one_day(number: int, listed: set[str]) -> None:
    assert {row.removeprefix("listed ") for row in lists(number) if row.startswith("listed")} == listed


def spent(of: str, qualities: str, net: float | None, income: float | None, spending: float) -> int:
    """A report of 2024 after one of 2023 with these figures."""
    flags = {"is_charity": "charity" in qualities, "has_public_fundraising": "public" in qualities}
    last = report(2023, of, net_assets=net, total_income=income)
    return CROWD.add(DAY, org(of, **flags), last, report(2024, of, charitable_spending=spending))


@pytest.mark.parametrize(
    ("number", "ground"),
    [
        (spent(FD, "charity", 60e6, None, 3_600_000.00), ""),
        (spent(FD, "charity", 60e6, None, 3_599_999.99), "MO-04"),
        (spent(FD, "charity", 4e6, None, 280_000.00), ""),
        (spent(FD, "charity", 4e6, None, 279_999.99), "MO-04"),
        (spent(FD, "charity", 3_999_999.99, None, 319_999.99), "MO-04"),
        (spent(FD, "charity", 3_999_999.99, None, 320_000.00), ""),
        (spent(SSI, "charity", 10e6, None, 599_999.99), "MO-05"),
        (spent(SSI, "charity", 9_999_999.99, None, 699_999.99), "MO-05"),
        (spent(SSI, "charity", 1e6, 9e6, 80_000.00), ""),
        (spent(SSI, "charity", 999_999.99, 9e6, 80_000.00), "MO-05"),
        (spent(FD, "charity, public", None, 1e6, 700_000.00), ""),
        (spent(FD, "charity, public", None, 1e6, 699_999.99), "MO-01"),
        (spent(SSI, "charity, public", None, 1e6, 699_999.99), "MO-03"),
        (spent(FD, "", 1e6, None, 80_000.00), ""),
        (spent(FD, "", 1e6, None, 79_999.99), "MO-07"),
        (spent(FD, "public", 1e6, 1e6, 699_999.99), "MO-07"),
    ],
)
def test_spending_brackets(number: int, ground: str) -> None:
    found = set(CROWD[number]["ground"])
    assert {name for name in found if name.startswith("MO-")} == ({ground} if ground else set())


def excused(*more: Record) -> int:
    """A report filed late and not accepted."""
    return CROWD.add("2023-07-10", org(), reports(2020, 2021), report(2022, filed="2023-06-10", filing_id="R"), *more)


@pytest.mark.parametrize(
    ("number", "gone"),
    [
        pytest.param(excused(exemption(kind, name, "2023-07-01", **more)), gone, id=f"{kind} {name} {more}")
        for kind, name, more, gone in [
            ("no_direct_responsibility", "AL-01:2022", {}, True),
            ("no_direct_responsibility", "R", {}, True),
            ("no_direct_responsibility", "AL-01:2023", {}, False),
            ("no_direct_responsibility", "AL-03:2022", {}, False),
            ("objection", "AL-01:2022", {}, True),
            ("objection", "R", {}, True),
            ("objection", "R", {"outcome": "pending"}, False),
            ("objection", "R", {"outcome": "rejected"}, False),
            ("objection", "R", {"recorded_at": "2023-07-11"}, False),
            ("repair", "R", {}, False),
        ]
    ],
)
def test_exemptions(number: int, gone: bool) -> None:
    assert lists(number) == (set() if gone else {"recommend_listing AL-01 2023-06-01"})


def test_an_exemption_of_another_organisation_changes_nothing() -> None:
    assert lists(FOREIGN) == {"recommend_listing AL-01 2023-06-01"}


FOREIGN = excused(org(SSI, "2023-05-01"), exemption("objection", "R", "2023-07-01", SSI))
