"""Calibration: slope and level, and what a change of level between periods does to them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from sorg_risk.model import calibration


def made(rows: int = 40_000, slope: float = 0.5, level: float = -2.0, seed: int = 0):
    rng = np.random.default_rng(seed)
    margin = rng.normal(size=rows) * 2
    return (rng.random(rows) < expit(slope * margin + level)).astype(float), margin


def test_platt_finds_slope_and_level() -> None:
    y, margin = made()
    slope, levels = calibration.platt(y, margin)
    assert (slope, *levels) == pytest.approx((0.5, -2.0), abs=0.06)


@given(st.integers(0, 10**6), st.floats(-5, 5))
def test_it_never_reverses_the_ranking(seed, tilt) -> None:
    rng = np.random.default_rng(seed)
    margin = rng.normal(size=50)
    y = np.append((rng.random(48) < expit(tilt * margin[:48])), [0, 1]).astype(float)
    assert calibration.platt(y, margin)[0] > 0


def test_one_class_is_left_alone() -> None:
    assert calibration.shift(np.ones(5), np.arange(5.0)) == 0.0


@given(st.integers(0, 10**6), st.floats(-4, 4))
def test_shift_makes_expected_and_observed_equal(seed, away) -> None:
    rng = np.random.default_rng(seed)
    y = np.append(rng.random(500) < 0.1, [True, False]).astype(float)
    margin = rng.normal(size=502) - 2 + away
    assert expit(margin + calibration.shift(y, margin)).sum() == pytest.approx(y.sum(), abs=1e-6)


def test_slope_is_judged_at_the_level_of_each_period() -> None:
    one, two = made(level=-3.0, seed=1), made(level=-0.5, seed=2)
    y, margin = (np.concatenate(pair) for pair in zip(one, two, strict=True))
    block = np.repeat([1, 2], 40_000)
    assert calibration.slope(y, margin, block) == pytest.approx(0.5, abs=0.03)


def test_slope_is_that_of_periods_held_back_where_there_are_any() -> None:
    one, two = made(slope=1.5, seed=1), made(slope=0.5, seed=2)
    y, margin = (np.concatenate(pair) for pair in zip(one, two, strict=True))
    assert calibration.slope(y, margin, np.repeat([0, 1], 40_000)) == pytest.approx(0.5, abs=0.03)
    assert calibration.slope(y[:40_000], margin[:40_000], np.zeros(40_000)) == pytest.approx(1.5, abs=0.08)


def test_level_goes_half_of_the_way_to_the_latest_period() -> None:
    y, margin = made(slope=1.0, level=-2.0)
    recent = np.arange(len(y)) % 4 == 0
    y[recent] = np.maximum(y[recent], np.random.default_rng(5).random(recent.sum()) < 0.2)
    everywhere, late = calibration.shift(y, margin), calibration.shift(y[recent], margin[recent])
    assert late > everywhere + 0.2
    assert calibration.level(y, margin, recent) == pytest.approx((everywhere + late) / 2)
    assert calibration.level(y, margin, np.zeros(len(y), dtype=bool)) == pytest.approx(everywhere)
