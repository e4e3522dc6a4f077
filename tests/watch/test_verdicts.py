"""Verdicts of officers stand beside the flags until they expire, and never take a statutory flag away."""

from __future__ import annotations

import pandas as pd
import pytest

from sorg_risk.law.identity import flag_id
from sorg_risk.watch import beside, calibration, fairness, happened, verdicts
from sorg_risk.watch.verdicts import tally
from tests.records.made import A, B, source

FLAGS = pd.DataFrame(
    {
        "flag_id": ["f1", "f2", "f3"],
        "org_id": [A, A, B],
        "flag": ["abnormal_list", "early_warning", "early_warning"],
        "ground": ["AL-01", None, None],
    }
)


def step(key: str, **more):
    plain = {
        "procedure_id": key,
        "org_id": A,
        "step": "verdict_false_alarm",
        "done_on": "2026-01-05",
        "author": "王",
        "recorded_at": "2026-01-05",
    }
    return plain | more


def given(*rows, day: str = "2026-02-01"):
    return source((A, B), procedures=list(rows)).as_of(day)


def shown(*rows, day: str = "2026-02-01") -> list[str]:
    return beside(FLAGS, verdicts(given(*rows, day=day)))["verdict"].fillna("").tolist()


def test_by_the_id_of_a_flag():
    assert shown(step("1", refers_to="f2")) == ["", "false_alarm", ""]


def test_by_organisation_list_and_ground():
    assert shown(step("1", list="abnormal", ground="AL-01", step="verdict_confirmed")) == ["confirmed", "", ""]
    assert shown(step("1", list="none", step="override")) == ["", "override", ""]


def test_the_newest_verdict_counts():
    assert shown(
        step("1", refers_to="f2"),
        step("2", refers_to="f2", step="verdict_confirmed", done_on="2026-01-09", recorded_at="2026-01-09"),
    ) == ["", "confirmed", ""]


@pytest.mark.parametrize(
    ("day", "word"),
    [("2026-01-04", ""), ("2026-01-05", "false_alarm"), ("2026-01-31", "false_alarm"), ("2026-02-01", "")],
)
def test_known_from_its_recording_until_it_expires(day, word):
    assert shown(step("1", refers_to="f2", expires_on="2026-01-31"), day=day)[1] == word


def test_author_and_expiry_stand_beside():
    row = beside(FLAGS, verdicts(given(step("1", refers_to="f1", expires_on="2026-12-31")))).iloc[0]
    assert (row["verdict_author"], row["verdict_until"]) == ("王", pd.Timestamp("2026-12-31"))


def test_a_verdict_is_shown_whole_and_never_mixed_with_another():
    row = beside(
        FLAGS,
        verdicts(
            given(
                step("1", list="abnormal", ground="AL-01", expires_on="2026-12-31"),
                step(
                    "2",
                    refers_to="f1",
                    step="verdict_confirmed",
                    author="李",
                    done_on="2026-01-09",
                    recorded_at="2026-01-09",
                ),
            )
        ),
    ).iloc[0]
    assert (row["verdict"], row["verdict_author"], row["verdict_on"]) == ("confirmed", "李", pd.Timestamp("2026-01-09"))
    assert pd.isna(row["verdict_until"]), "the expiry of another verdict is not this one's"


def test_the_newest_counts_whichever_way_it_names_the_flag():
    later = {"done_on": "2026-01-09", "recorded_at": "2026-01-09"}
    by_place = step("2", list="abnormal", ground="AL-01", step="override", **later)
    assert shown(step("1", refers_to="f1"), by_place)[0] == "override"


def test_a_verdict_on_a_statutory_flag_says_nothing_of_the_warning():
    assert shown(step("1", refers_to="f1")) == ["false_alarm", "", ""]
    assert shown(step("1", refers_to=flag_id(A, "abnormal_list", "listed", "AL-02", "2020-01-01"))) == ["", "", ""]


def test_a_verdict_on_a_flag_of_another_organisation_says_nothing():
    assert shown(step("1", refers_to="f3", list="abnormal")) == ["", "", ""]


def test_a_verdict_on_a_warning_stands_for_the_warnings_that_follow():
    of_that_evening = flag_id(A, "early_warning", "attention", None, "2025-12-30")
    assert shown(step("1", refers_to=of_that_evening)) == ["", "false_alarm", ""]


def test_nothing_is_taken_away():
    assert beside(FLAGS, verdicts(given())).shape[0] == len(FLAGS)


def test_what_back_tests_are_told():
    rows = [step(str(n), step="verdict_confirmed", list="none") for n in range(3)] + [step("9", list="none")]
    told = tally(given(*rows))
    assert told.loc["none"].to_dict() == {"confirmed": 3, "false_alarm": 1, "override": 0, "precision": 0.75}


SCORES = pd.DataFrame(
    {
        "org_id": list("abcd"),
        "as_of": "2025-01-01",
        "horizon_days": 365,
        "warning": ["red", "none", "red", "none"],
        "probability": [0.5, 0.1, 0.4, 0.1],
    }
)


def test_outcomes_lie_after_the_day_and_within_the_horizon():
    grounds = pd.DataFrame(
        {"org_id": list("aabcd"), "since": ["2024-01-01", "2025-06-01", "2025-01-01", "2026-01-01", "2026-01-02"]}
    )
    assert happened(SCORES, grounds).tolist() == [True, False, True, False]


def test_calibration_and_fairness_by_group():
    outcome = pd.Series([True, False, False, True])
    told = calibration(SCORES, outcome).set_index("warning")
    assert told.loc["red", ["organisations", "promised", "observed"]].tolist() == [2, 0.45, 0.5]
    fair = fairness(SCORES, outcome, pd.Series({"a": "x", "b": "x", "c": "y", "d": "y"})).set_index("group")
    assert fair.loc["x", ["warned", "false_alarms", "caught"]].tolist() == [0.5, 0.0, 1.0]
    assert fair.loc["y", ["warned", "false_alarms", "caught"]].tolist() == [0.5, 1.0, 0.0]
