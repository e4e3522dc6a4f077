"""`train`: panel days, the last knowledge day, and the shipped model."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

import sorg_risk as sr
from sorg_risk.errors import ModelError, UsageError
from sorg_risk.features import features
from sorg_risk.model import RiskModel, default_bundle, train
from sorg_risk.model.training import panel_days

from .made import registry


def test_last_panel_day_is_the_last_day_minus_the_horizon() -> None:
    days = panel_days(dt.date(2020, 1, 1), dt.date(2024, 12, 31), 365, 3)
    assert max(days) <= dt.date(2024, 1, 1)
    assert days == sorted(days)


def test_too_short() -> None:
    with pytest.raises(UsageError, match="shorter than the horizon"):
        panel_days(dt.date(2024, 1, 1), dt.date(2024, 12, 30), 365, 3)


def test_train_writes_model_and_card(tmp_path) -> None:
    done = train(registry(), "2019-10-31", "2024-10-31", tmp_path / "m", every=6, seeds=1)
    model = RiskModel.load(tmp_path / "m")
    assert model.last_knowledge_day_ == "2024-10-31"
    assert model.digest_ == done.model.digest_
    assert np.array_equal(model.margin(done.panel.X), done.model.margin(done.panel.X))
    assert repr(done) == f"<Trained: {done.panel!r}, written to {tmp_path / 'm'}>"


def test_without_events_there_is_nothing_to_learn(tmp_path) -> None:
    young = sr.open({"organizations": sr.simulate(9, 1)["organizations"].assign(registered_on="2024-01-01")})
    with pytest.raises(ModelError, match=r"too few events to learn from; take a longer period or more organisations"):
        train(young, "2022-10-31", "2024-10-31", tmp_path / "m", every=12)
    assert not (tmp_path / "m").exists()


def test_shipped_model_scores_the_sample(root) -> None:
    model = RiskModel.load(default_bundle())
    view = sr.open(root / "data" / "sample").as_of("2026-10-31")
    X = features(view)
    X = X.drop(columns=[c for c in X.columns if c not in model.columns_.names])
    points = model.points(X)
    assert len(points) == len(view.active)
    assert np.isfinite(points).all()
    assert len(np.unique(points)) > 100
