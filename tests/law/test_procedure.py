"""Due process: the next step of a ground and of a stay, and by when."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from sorg_risk.law import apply_law
from sorg_risk.law.worked import (
    FD,
    Record,
    clean,
    exemption,
    given,
    inspection,
    listing,
    org,
    penalty,
    post,
    report,
    reports,
    step,
)
from sorg_risk.records import open as open_source

from .crowd import Crowd

Told = dict[tuple[str, str, str], tuple[str, str, bool]]
MISSING: list[Record | list[Record]] = [org(), reports(2020, 2021)]
"""The report of 2022 was due on 31 May 2023."""
NO_DAY = ""


CROWD = Crowd()


def told(number: int) -> Told:
    """(flag, status, ground) → (next step, due, provisional)."""
    return {
        (f.flag, f.status, f.ground): (
            f.next_step,
            NO_DAY if pd.isna(f.next_step_due) else f"{f.next_step_due:%Y-%m-%d}",
            bool(f.provisional),
        )
        for f in CROWD[number].itertuples()
    }


def late(day: str, *steps: Record) -> int:
    """A missing report and some steps."""
    return CROWD.add(day, *MISSING, *steps)


MISSED = ("abnormal_list", "recommend_listing", "AL-01")


def served(name: str, day: str, **more: Any) -> Record:
    return step(name, day, "AL-01", **more)


SENT, RECEIVED = served("notice_sent", "2023-06-05"), served("notice_received", "2023-06-08")
SPOKEN = served("statement_received", "2023-06-12")


@pytest.mark.parametrize(
    ("number", "comes", "due"),
    [
        pytest.param(late("2023-06-10"), "issue_notice", NO_DAY, id="nothing served"),
        pytest.param(late("2023-06-10", SENT), "await_statement", NO_DAY, id="sent, not received"),
        pytest.param(
            late("2023-06-10", SENT, RECEIVED),
            "await_statement",
            "2023-06-25",
            id="ten working days: not the Dragon Boat Festival, but the Sunday worked for it",
        ),
        pytest.param(late("2023-06-25", SENT, RECEIVED), "await_statement", "2023-06-25", id="the last of them"),
        pytest.param(late("2023-06-26", SENT, RECEIVED), "list", NO_DAY, id="over, nothing said"),
        pytest.param(late("2023-06-26", served("notice_published", "2023-06-08")), "list", NO_DAY, id="published"),
        pytest.param(late("2023-06-25", SENT, RECEIVED, SPOKEN), "decide", "2023-06-27", id="a statement to verify"),
        pytest.param(late("2023-07-10", SENT, RECEIVED, SPOKEN), "decide", "2023-06-27", id="overdue"),
        pytest.param(
            late("2023-06-25", SENT, RECEIVED, SPOKEN, served("verified", "2023-06-19")), "list", NO_DAY, id="verified"
        ),
        pytest.param(
            late("2023-06-25", RECEIVED, served("verified", "2023-06-07")),
            "await_statement",
            "2023-06-25",
            id="verified before it was received: that was something else",
        ),
        pytest.param(
            late("2023-06-10", served("notice_sent", "2023-06-05", recorded_at="2023-06-11")),
            "issue_notice",
            NO_DAY,
            id="recorded later",
        ),
    ],
)
def test_a_missing_report(number: int, comes: str, due: str) -> None:
    assert told(number)[MISSED][:2] == (comes, due)


@pytest.mark.parametrize(
    ("number", "counts"),
    [
        pytest.param(late("2023-06-10", notice), counts, id=story)
        for story, notice, counts in [
            ("of the ground", served("notice_sent", "2023-06-05"), True),
            ("of the year", served("notice_sent", "2023-06-05", refers_to="AL-01:2022"), True),
            ("of another year", served("notice_sent", "2023-06-05", refers_to="AL-01:2021"), False),
            ("before it arose", served("notice_sent", "2023-05-31"), False),
            ("of another ground", step("notice_sent", "2023-06-05", "AL-03"), False),
            ("of the other list", step("notice_sent", "2023-06-05", "AL-01", on="serious_dishonesty"), False),
        ]
    ],
)
def test_which_notice_counts(number: int, counts: bool) -> None:
    assert (told(number)[MISSED][0] == "await_statement") is counts


def test_a_step_may_name_the_flag() -> None:
    alone = given(*MISSING)
    view = open_source({name: pd.DataFrame(part) for name, part in alone.items()}).as_of("2023-06-10")
    notice = served("notice_sent", "2023-06-05", refers_to=apply_law(view)["flag_id"].item())
    named = given(*MISSING, notice)
    view = open_source({name: pd.DataFrame(part) for name, part in named.items()}).as_of("2023-06-10")
    assert apply_law(view)["next_step"].item() == "await_statement"


@pytest.mark.parametrize(
    ("number", "flag", "ground"),
    [
        pytest.param(CROWD.add("2025-05-30", clean(), penalty(kind, "2025-05-12", **more)), flag, ground, id=ground)
        for kind, more, flag, ground in [
            ("warning", {}, "abnormal_list", "AL-05a"),
            ("fine", {"amount": 10.0}, "abnormal_list", "AL-05b"),
            ("fine", {"amount": 50_000.0}, "serious_dishonesty_list", "SL-04"),
            ("suspension", {}, "serious_dishonesty_list", "SL-03"),
            ("change_revoked", {}, "serious_dishonesty_list", "SL-02"),
            ("court_dishonest", {}, "serious_dishonesty_list", "SL-06"),
            ("registration_revoked", {}, "serious_dishonesty_list", "SL-07"),
        ]
    ],
)
def test_a_penalty_needs_no_second_notice(number: int, flag: str, ground: str) -> None:
    assert told(number)[flag, "recommend_listing", ground][:2] == ("list", NO_DAY)


ORDER = inspection("rectification_order", "2023-04-20", deadline_on="2023-05-19")
TWO_YEARS = CROWD.add("2025-05-30", clean(), ORDER, listing("2023-05-30", "AL-03"))
TERM = post("chair", started="2020-04-01", term_ends_on="2025-03-31")
ELECTION = CROWD.add("2025-05-30", org(is_industry_association=True), TERM)


def test_other_grounds_need_one() -> None:
    assert told(TWO_YEARS)["serious_dishonesty_list", "recommend_listing", "SL-01"][0] == "issue_notice"
    assert told(TWO_YEARS)["abnormal_list", "listed", "AL-03"][0] == "none"
    assert told(ELECTION)["abnormal_list", "recommend_listing", "SZ-01"][0] == "issue_notice"


LATE = report(2022, filed="2023-09-10", accepted_on="2023-09-20", recorded_at="2023-09-20")
LISTED = [org(), reports(2020, 2021), listing("2023-07-10", "AL-01"), LATE]
SERIOUS = [clean(), penalty("suspension", "2023-05-20"), listing("2023-05-20", "SL-03", listing_id="L")]
APPLIED = step("removal_applied", "2025-05-22", "SL-03", on="serious_dishonesty")
ASKED = ("serious_dishonesty_list", "recommend_removal", "SL-03")
DONE = ("abnormal_list", "recommend_removal", "AL-01")


@pytest.mark.parametrize(
    ("number", "key", "comes"),
    [
        pytest.param(
            CROWD.add("2023-09-26", *LISTED), DONE, ("remove", "2023-09-27", False), id="five working days from the act"
        ),
        pytest.param(
            CROWD.add("2023-09-26", *LISTED, served("verified", "2023-09-25")),
            DONE,
            ("remove", "2023-10-08", False),
            id="from its verification, over the National Day holidays and the weekend worked for them",
        ),
        pytest.param(
            CROWD.add("2025-11-20", clean(), penalty("warning", "2025-05-12"), listing("2025-05-20", "AL-05a")),
            ("abnormal_list", "recommend_removal", "AL-05a"),
            ("remove", "2025-11-20", False),
            id="by time, on the day",
        ),
        pytest.param(CROWD.add("2025-05-30", *SERIOUS), ASKED, ("none", NO_DAY, False), id="not applied for"),
        pytest.param(
            CROWD.add("2025-05-30", *SERIOUS, APPLIED), ASKED, ("remove", "2025-05-27", False), id="applied for"
        ),
        pytest.param(
            CROWD.add("2025-05-30", *SERIOUS, exemption("repair", "L", "2025-05-21")),
            ASKED,
            ("remove", "2025-05-27", True),
            id="repaired: provisional",
        ),
        pytest.param(
            CROWD.add("2025-05-30", *SERIOUS, exemption("repair", "L", "2025-05-21", outcome="pending")),
            ASKED,
            ("none", NO_DAY, False),
            id="a repair pending",
        ),
    ],
)
def test_removal(number: int, key: tuple[str, str, str], comes: tuple[str, str, bool]) -> None:
    assert told(number)[key] == comes


CHAIR = post("chair", FD, is_official=True, position_id="P")
OFFICIAL = CROWD.add("2025-05-30", clean(FD), CHAIR)
CLOSED = step("verdict_false_alarm", "2025-05-20", "GO-04", FD, "none", refers_to="P")
DISMISSED = CROWD.add("2025-05-30", clean(FD), CHAIR, CLOSED)


def test_alerts_call_for_a_look_until_their_case_is_closed() -> None:
    assert told(OFFICIAL)["alert", "attention", "GO-04"][0] == "inspect"
    assert told(DISMISSED)["alert", "attention", "GO-04"][0] == "none"


LAST_DAYS = CROWD.add("2026-12-30", org(), reports(*range(2020, 2025)), step("notice_received", "2026-12-28", "AL-01"))


def test_a_term_that_runs_into_an_unpublished_year_is_provisional() -> None:
    assert told(LAST_DAYS)[MISSED] == ("await_statement", "2027-01-11", True)
