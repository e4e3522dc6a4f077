"""Challenger against champion."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from sorg_risk.model import Comparison, Panel, RiskModel, compare

from .made import drawn, fitted


@pytest.fixture(scope="module")
def held() -> Panel:
    made = drawn(orgs=400, seed=7)
    return Panel(made.X, made.y, made.days.astype("datetime64[s]"), made.orgs, 365, dt.date(2021, 12, 31))


@pytest.fixture(scope="module")
def weak() -> RiskModel:
    made = drawn()
    X = made.X[["noise_0", "noise_1", "income"]]
    return RiskModel(additive=True).fit(X, made.y, groups=made.orgs)


@pytest.fixture(scope="module")
def found(held, weak) -> Comparison:
    return compare(weak, fitted(), held, capacity=0.05)


def test_the_better_one_is_found(found) -> None:
    assert found.better
    assert found.p < 0.01
    line = found.figures.loc["auc"]
    assert line["low"] < line["difference"] < line["high"]
    assert line["difference"] == pytest.approx(line["challenger"] - line["champion"])


def test_the_worse_one_is_not_better(held, weak) -> None:
    assert not compare(fitted(), weak, held).better


def test_swaps_add_up(found, held) -> None:
    places = sum(max(1, round(0.05 * (held.days == day).sum())) for day in np.unique(held.days))
    rows = found.swaps["rows"]
    assert rows["kept"] + rows["swap-in"] == rows["kept"] + rows["swap-out"] == places
    assert len(found.swapped) == rows["swap-in"] + rows["swap-out"]
    assert found.swaps.loc["swap-in", "event_rate"] > found.swaps.loc["swap-out", "event_rate"]
    assert found.moves.to_numpy().sum() == len(held)


def test_with_itself_nothing_moves(held) -> None:
    same = compare(fitted(), fitted(), held)
    assert same.p == 1.0
    assert same.swaps["rows"][["swap-in", "swap-out"]].tolist() == [0, 0]
    assert not same.better


def test_it_can_be_read(found) -> None:
    assert "the challenger ranks better" in str(found)
    assert "<table" in found._repr_html_()
