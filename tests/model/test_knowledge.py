"""What a model has seen: stated by every fit with days, kept in the bundle, and held against whoever tests it on its own past."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import sorg_risk as sr
from sorg_risk.cli import app
from sorg_risk.errors import UsageError
from sorg_risk.model import RiskModel, backtest, panel
from sorg_risk.model.knowledge import last_knowledge_day
from sorg_risk.simulate import write

from .made import drawn, registry


@pytest.fixture(scope="module")
def made():
    return panel(registry(), ["2021-10-31", "2022-10-31"], known_by="2023-12-31")


def test_days_and_horizon_say_what_a_model_has_seen() -> None:
    data = drawn(orgs=60)
    model = RiskModel(additive=True, horizon_days=200).fit(data.X, data.y, days=data.days)
    assert model.last_knowledge_day_ == str(np.max(data.days) + np.timedelta64(200, "D"))
    assert RiskModel(additive=True).fit(data.X, data.y).last_knowledge_day_ is None
    assert last_knowledge_day([2019, 2020], 1, {}) == "2021-01-01"


def test_a_later_last_day_of_the_panel_counts(made, tmp_path) -> None:
    model = RiskModel(additive=True).fit(made.X, made.y, days=made.days, groups=made.orgs)
    assert model.last_knowledge_day_ == "2023-12-31"
    assert RiskModel.load(model.save(tmp_path / "m")).last_knowledge_day_ == "2023-12-31"
    some = made.rows(made.days == made.days.min())
    assert RiskModel(additive=True).fit(some.X, some.y, days=some.days).last_knowledge_day_ == "2023-12-31"


@pytest.mark.parametrize("days", [True, False])
def test_a_model_is_not_tested_on_its_own_training_days(made, days, tmp_path) -> None:
    model = RiskModel(additive=True).fit(made.X, made.y, days=made.days if days else None)
    message = "has seen that day's future" if days else "does not state its last knowledge day"
    for first in ("2021-10-31", "2023-12-30"):
        with pytest.raises(UsageError, match=message):
            backtest(registry(), first, "2024-10-31", model)
    write(sr.simulate(60, 5), tmp_path / "source")
    asked = ["backtest", str(tmp_path / "source"), "--from", "2022-10-31", "--to", "2022-10-31"]
    with pytest.raises(UsageError, match=message):
        app([*asked, "--model", str(model.save(tmp_path / "m"))], result_action="return_value")


def test_the_horizon_of_panel_and_model_must_agree(made) -> None:
    with pytest.warns(UserWarning, match=r"look 365 days ahead, the model 180.*RiskModel\(horizon_days=365\)"):
        RiskModel(additive=True, horizon_days=180).fit(made.X, made.y, days=made.days)


def test_the_features_of_a_view_suit_a_model_of_a_panel(made) -> None:
    model = RiskModel(additive=True).fit(made.X, made.y, days=made.days)
    X = sr.features(registry().as_of("2024-10-31"))
    with pytest.warns(UserWarning, match="columns that the model does not know are left out") as told:
        found = model.predict_proba(X)
    assert len(told) == 1
    assert np.array_equal(found, model.predict_proba(X[list(model.feature_names_in_)]))


def test_a_model_of_own_columns_is_told_from_one_of_the_catalogue(made) -> None:
    own = RiskModel(additive=True).fit(made.X.copy().assign(mine=made.X["organisation_age"]), made.y, days=made.days)
    view = registry().as_of("2024-10-31")
    with pytest.raises(UsageError, match="mine"):
        sr.score(view, own)
    with pytest.raises(UsageError, match="mine"):
        sr.score(view, own, X=sr.features(view).copy().assign(mine=1.0))
    with pytest.raises(UsageError, match="mine"):
        backtest(registry(), "2024-06-30", "2024-06-30", own)


def test_a_night_with_a_model_of_own_columns_touches_nothing(made, tmp_path) -> None:
    own = RiskModel(additive=True).fit(pd.DataFrame({"mine": made.X["organisation_age"]}), made.y, days=made.days)
    with pytest.raises(UsageError, match="mine"):
        sr.nightly(sr.simulate(20, 3), as_of="2024-10-31", out=tmp_path / "out", model=own)
    assert not (tmp_path / "out" / "CURRENT").exists()
