"""Global views: sums kept, stability between nights, rule beside model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorg_risk.errors import UsageError
from sorg_risk.explain.views import by_concept, mean_contributions, rule_and_model, stability
from sorg_risk.features import CATALOGUE

FEATURES = [*list(CATALOGUE)[::40], "of_my_own"]


@given(st.integers(0, 1000))
def test_subjects_keep_every_sum(seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(7, len(FEATURES)))
    found = by_concept(values, FEATURES)
    assert np.abs(found.sum(axis=1) - values.sum(axis=1)).max() < 1e-12
    assert set(found.columns) <= {one.family for one in CATALOGUE.values()} | {"other"}
    assert found["other"].to_numpy() == pytest.approx(values[:, -1])


def test_a_name_for_every_column() -> None:
    with pytest.raises(UsageError, match="3 columns of contributions and 1 names"):
        by_concept(np.zeros((2, 3)), ["staff"])


def test_group_means_are_those_of_their_rows() -> None:
    values = np.random.default_rng(0).normal(size=(9, len(FEATURES)))
    concepts = by_concept(values, FEATURES)
    found = mean_contributions(concepts, [*["a"] * 4, *["b"] * 4, None])
    assert found["organisations"].to_dict() == {"(all)": 9, "a": 4, "b": 4}
    assert found.loc["a"].iloc[1:].sum() == pytest.approx(values[:4].sum() / 4)
    assert mean_contributions(concepts).index.tolist() == ["(all)"]


def night(rows: dict[str, list[tuple[str, float]]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"org_id": org, "flag_id": None, "feature": name, "contribution": value, "rank": rank}
            for org, named in rows.items()
            for rank, (name, value) in enumerate([("(base)", 600.0), *named, ("(rest)", 0.5)])
        ]
    )


def test_stability_of_reasons() -> None:
    before = night({"A": [("late", -9.0), ("staff", 2.0)], "B": [("late", -1.0)], "gone": [("late", 1.0)]})
    now = night({"A": [("late", -9.0), ("staff", -2.0)], "B": [("fined", -1.0)], "new": [("late", 1.0)]})
    found = stability(before, now)
    assert found.index.tolist() == ["A", "B"]
    assert found.loc["A"].to_dict() == {"same": 1.0, "first_same": True, "turned": 1, "moved": 4.0}
    assert found.loc["B"].to_dict() == {"same": 0.0, "first_same": False, "turned": 0, "moved": 0.0}
    assert (stability(before, before)["same"] == 1).all()
    assert stability(before, night({"else": []})).empty


def test_only_the_largest_reasons_of_scores_are_compared() -> None:
    before = night({"A": [(f"x{i}", 10.0 - i) for i in range(8)]})
    now = pd.concat(
        [before.assign(feature=before["feature"].replace("x6", "y")), before.assign(flag_id="f", contribution=0.0)]
    )
    assert stability(before, now)["same"].tolist() == [1.0]
    assert stability(before, now, most=8)["same"].iloc[0] == pytest.approx(7 / 9)


def test_rule_and_model_side_by_side() -> None:
    scores = pd.DataFrame(
        {"org_id": list("ABCDE"), "score": [1.0, 2.0, 3.0, 4.0, 5.0], "rank": range(1, 6)}
        | {"warning": ["red", "yellow", "none", "blue", "none"]}
    )
    flags = pd.DataFrame(
        {
            "org_id": ["A", "A", "B", "C", "Z", "D"],
            "flag": ["abnormal_list", "alert", "abnormal_list", "abnormal_list", "abnormal_list", "early_warning"],
            "ground": ["AL-01", "GO-06", "AL-01", "AL-01", "AL-01", None],
            "basis": ["statutory"] * 5 + ["model"],
        }
    )
    found = rule_and_model(scores, flags).set_index("flag")
    assert found["organisations"].to_dict() == {"abnormal_list": 3, "alert": 1, "(none)": 2}
    assert found.loc["abnormal_list", "warned"] == pytest.approx(2 / 3)
    assert found.loc["abnormal_list", "lift"] == pytest.approx(2 / 3 / (2 / 5))
    assert found.loc["(none)", "warned"] == 0
    assert found.loc["alert", "below"] == pytest.approx(1 / 5)
    quiet = rule_and_model(scores.assign(warning="none"), flags)
    assert quiet["lift"].isna().all()
    assert rule_and_model(scores.iloc[:0], flags.iloc[:0]).empty
