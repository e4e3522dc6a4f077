"""The index against worked numbers, and its properties."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from sorg_risk.watch import drift, ks, psi
from sorg_risk.watch.drift import psi_of_shares, psi_of_words, verdict

# Ten score bands of a scorecard at development and today, worked term by term: (now - then) * ln(now / then).
THEN = [0.10] * 10
NOW = [0.08, 0.09, 0.10, 0.11, 0.12, 0.09, 0.10, 0.11, 0.10, 0.10]
WORKED = 0.0044629 + 0.0010536 + 0 + 0.0009531 + 0.0036464 + 0.0010536 + 0 + 0.0009531 + 0 + 0


def test_the_index_of_a_worked_example():
    assert psi_of_shares(THEN, NOW) == pytest.approx(WORKED, abs=1e-6)


@pytest.mark.parametrize(
    ("index", "word"), [(0.0, "stable"), (0.099, "stable"), (0.1, "look"), (0.249, "look"), (0.25, "moved")]
)
def test_the_usual_reading(index, word):
    assert verdict(index) == word


SAMPLES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60)


@given(SAMPLES, SAMPLES)
def test_never_negative_and_nothing_against_itself(a, b):
    assert psi(a, b) >= 0.0
    assert psi(a, a) == pytest.approx(0.0)


@given(SAMPLES, SAMPLES)
def test_the_distance_is_that_of_scipy(a, b):
    assert ks(a, b) == pytest.approx(ks_2samp(a, b).statistic)


def test_missing_values_are_a_band_of_their_own():
    some = np.r_[np.arange(100.0), np.full(10, np.nan)]
    assert psi(some, some) == 0.0
    assert psi(some, np.arange(100.0)) > 0.1
    assert psi([], [1.0]) == ks([], [1.0]) == 0.0
    assert psi([np.nan] * 5, [np.nan] * 5) == 0.0


def test_words_and_frames():
    then = pd.DataFrame({"grade": ["A"] * 50 + ["B"] * 50, "score": np.arange(100.0)})
    now = pd.DataFrame({"grade": ["A"] * 90 + ["B"] * 10, "score": np.arange(100.0), "new": 1})
    found = drift(then, now).set_index("column")
    assert list(found.index) == ["grade", "score"]
    assert found.loc["grade", "psi"] == pytest.approx(psi_of_words(then["grade"], now["grade"]))
    assert found.loc["grade", "verdict"] == "moved"
    assert np.isnan(found.loc["grade", "ks"])


@pytest.mark.parametrize("share", [0.08, 0.3, 0.9])
@pytest.mark.parametrize("place", [0.0, 500.0, 1000.0])
@pytest.mark.parametrize("fallen", [-40.0, 0.5, 77.7, 1400.0])
def test_a_move_out_of_a_tie_is_seen_wherever_the_tie_lies_and_wherever_it_goes(share, place, fallen):
    rest = np.linspace(10, 990, 1000)
    tied = np.full(int(len(rest) * share / (1 - share)), place)
    then, now = np.r_[tied, rest], np.r_[np.full(len(tied), fallen), rest]
    assert psi(then, now) > 0.1
    assert psi(now, then) > 0.1


def test_samples_of_one_population_stay_stable():
    rng = np.random.default_rng(4)
    assert max(psi(rng.normal(size=500), rng.normal(size=500)) for _ in range(50)) < 0.1
    assert max(psi(rng.poisson(2, 500), rng.poisson(2, 500)) for _ in range(50)) < 0.1
