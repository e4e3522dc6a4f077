"""The law caps the grade and never touches the points."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sorg_risk.flags.grades import STANDING, graded
from tests.flags.made import run

ORGS = pd.Series(["a", "b", "c"])
POINTS = np.array(["A", "B", "A"], dtype=object)


def flags(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["org_id", "flag", "status"])


def test_points_decide_where_the_law_is_silent() -> None:
    assert graded(ORGS, POINTS, flags()).tolist() == ["A", "B", "A"]


@pytest.mark.parametrize("status", STANDING)
@pytest.mark.parametrize(("flag", "grade"), [("abnormal_list", "C"), ("serious_dishonesty_list", "D")])
def test_a_standing_ground_or_a_listing_caps(flag: str, status: str, grade: str) -> None:
    assert graded(ORGS, POINTS, flags(("b", flag, status))).tolist() == ["A", grade, "A"]


def test_the_graver_cap_wins_in_any_order() -> None:
    both = [("a", "serious_dishonesty_list", "listed"), ("a", "abnormal_list", "listed")]
    for rows in (both, both[::-1]):
        assert graded(ORGS, POINTS, flags(*rows))[0] == "D"


@pytest.mark.parametrize("flag", ["alert", "exit_candidate", "early_warning"])
def test_nothing_else_caps(flag: str) -> None:
    assert graded(ORGS, POINTS, flags(("a", flag, "attention"))).tolist() == ["A", "B", "A"]


def test_inputs_are_left_alone() -> None:
    before = POINTS.copy()
    graded(ORGS, POINTS, flags(("a", "abnormal_list", "listed")))
    assert POINTS.tolist() == before.tolist()


def test_the_published_grades_follow_the_flags() -> None:
    made = run()
    worst = made.flags.groupby("org_id")["flag"].agg(set).reindex(made.scores["org_id"])
    for grade, flags_of_org in zip(made.scores["grade"], worst, strict=True):
        found = flags_of_org if isinstance(flags_of_org, set) else set()
        wanted = "D" if "serious_dishonesty_list" in found else "C" if "abnormal_list" in found else None
        assert grade == wanted if wanted else grade in ("A", "B")
    assert {"C", "D"} <= set(made.scores["grade"])
