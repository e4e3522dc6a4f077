"""The scorecard: bins, weights of evidence, and a table that is the score."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from sorg_risk.errors import ModelError
from sorg_risk.model import RiskModel
from sorg_risk.model.matrix import Columns
from sorg_risk.model.scorecard import SMOOTHING, Scorecard, _evidence

from .made import drawn, fitted


@pytest.fixture(scope="module")
def additive() -> RiskModel:
    made = drawn()
    return RiskModel(additive=True).fit(made.X, made.y, days=made.days, groups=made.orgs)


def test_worked_weight_of_evidence() -> None:
    # bin 1: 10 of 40 bad, bin 2: 10 of 160; overall 20 of 200
    bins = np.repeat([1, 2], [40, 160])
    y = np.concatenate([np.arange(40) < 10, np.arange(160) < 10]).astype(float)
    found = _evidence(bins, y, 2, np.ones(200))
    shrunk = (10 + SMOOTHING * 0.1) / (40 + SMOOTHING)
    assert found[1] == pytest.approx(math.log(shrunk / (1 - shrunk)) - math.log(0.1 / 0.9))
    assert found[0] == pytest.approx(0)  # nothing missing in training: no evidence
    assert found[2] < 0 < found[1]


def test_bins_against_the_sign_are_pooled() -> None:
    bins = np.repeat([0, 1, 2, 3], 100)
    y = np.concatenate([np.arange(100) < bad for bad in (50, 10, 5, 30)]).astype(float)
    free, rising, falling = (_evidence(bins, y, 3, np.ones(400), sign) for sign in (0, 1, -1))
    assert free[2] < free[1] < free[3]
    assert rising[1] == rising[2] < rising[3] == free[3]
    assert falling[1] == falling[2] == falling[3]
    assert free[0] == rising[0] == falling[0]  # missing values have no order


def test_the_table_adds_up_to_the_score(additive) -> None:
    made, view = drawn(), additive.scorecard()
    table = view.frame.set_index(["feature", "bin"])["points"]
    x = made.X.head(50)
    total = np.full(len(x), view.base)
    for feature in x:
        for i, value in enumerate(x[feature]):
            total[i] += table[feature, _bin_of(value, table[feature].index)]
    assert np.allclose(total, additive.points(x), rtol=0, atol=1e-9)


def _bin_of(value, labels) -> str:
    if pd.isna(value):
        return "missing"
    if isinstance(value, str):
        return value
    edges = [float(label[3:]) for label in labels if label.startswith("<= ")]
    for label in labels[1:]:
        if label == "any" or (label.startswith("<= ") and value <= float(label[3:])):
            return label
        if label.startswith("("):
            low, high = (float(e) for e in label[1:-1].split(", "))
            if low < value <= high:
                return label
    assert edges
    return labels[-1]


def test_missing_is_scored_as_the_table_says(additive) -> None:
    X = drawn().X.head(1).assign(income=np.nan)
    known = drawn().X.head(1).assign(income=5.0)
    table = additive.scorecard().frame.set_index(["feature", "bin"])["points"]["income"]
    gap = additive.points(X)[0] - additive.points(known)[0]
    assert gap == pytest.approx(table["missing"] - table[_bin_of(5.0, table.index)])


def test_slopes_are_never_negative_and_noise_gets_little(additive) -> None:
    frame = additive.scorecard().frame
    spread = frame.groupby("feature")["points"].agg(lambda p: p.max() - p.min())
    assert spread["late"] > 5 * spread[["noise_0", "noise_1", "noise_2"]].max()


def test_printed_and_escaped() -> None:
    X = pd.DataFrame({"<b>": pd.Categorical(["<i>", "x"] * 100)})
    model = RiskModel(additive=True).fit(X, np.tile([0, 1, 0, 0], 50))
    assert "<b>" in str(model.scorecard())
    assert "<b>" not in model.scorecard()._repr_html_()


def test_a_column_of_one_value_is_one_line_of_the_table() -> None:
    X = pd.DataFrame({"same": np.zeros(200), "good": np.tile([0.0, 1.0, 0.0, 0.0], 50)})
    frame = RiskModel(additive=True).fit(X, np.tile([0, 1, 0, 0], 50)).scorecard().frame
    assert frame.loc[(frame["feature"] == "same") & (frame["bin"] != "missing"), "bin"].tolist() == ["any"]


def test_trees_have_no_table() -> None:
    with pytest.raises(ModelError, match="additive=True"):
        fitted().scorecard()


def test_json_keeps_every_bit(additive) -> None:
    card = additive.members[0].scorecard
    M = additive.columns_.matrix(drawn().X)
    assert np.array_equal(Scorecard.from_json(card.to_json()).margin(M), card.margin(M))


@pytest.mark.parametrize("column", [np.full(60, np.nan), np.zeros(60), np.full(60, 1e300)])
def test_odd_columns(column) -> None:
    X = pd.DataFrame({"odd": column, "good": np.tile([0.0, 1.0, 0.0], 20)})
    columns = Columns.of(X)
    card = Scorecard.fit(columns.matrix(X), X["good"].to_numpy(), columns)
    assert np.isfinite(card.margin(columns.matrix(X))).all()


def test_infinity_is_refused_by_the_name_of_its_column() -> None:
    X = pd.DataFrame({"odd": np.tile([0.0, np.inf], 30)})
    with pytest.raises(ModelError, match="'odd' holds infinity in 30 rows"):
        Columns.of(X).matrix(X)
