"""Elementary functions from additions, multiplications and divisions alone, held to decimal arithmetic."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sorg_risk import portable


def within(value: float, exact: Decimal, units: float) -> bool:
    """Whether a double lies within some units in the last place of the exact value."""
    return abs(Decimal(value) - exact) <= Decimal(units) * Decimal(np.spacing(abs(float(exact))).item())


@given(st.floats(-700, 700))
def test_exp_is_right_within_two_units(x):
    with localcontext(prec=60):
        assert within(portable.exp(x).item(), Decimal(x).exp(), 2)


@given(st.floats(1e-300, 1e300))
def test_log_is_right_within_two_units(x):
    with localcontext(prec=60):
        assert within(portable.log(x).item(), Decimal(x).ln(), 2)


@given(st.floats(0.5, 2.0))
def test_log_is_right_near_one(x):
    with localcontext(prec=60):
        assert within(portable.log(x).item(), Decimal(x).ln(), 4)


def test_what_lies_outside():
    assert portable.exp([np.inf, -np.inf, 1000.0, -1000.0]).tolist() == [np.inf, 0.0, np.inf, 0.0]
    assert np.isnan(portable.exp(np.nan))
    assert np.isnan(portable.log([0.0, -1.0, np.inf, np.nan])).all()


@given(st.floats(-800, 800))
def test_a_probability_and_its_opposite_sum_to_one(x):
    assert abs(portable.logistic(x) + portable.logistic(-x) - 1) <= 2.3e-16


def test_shapes_are_kept():
    assert portable.exp(np.zeros((2, 3))).shape == (2, 3)
    assert portable.log(4.0).shape == ()
