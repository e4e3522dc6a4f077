"""Nothing recorded after the as-of day changes scores, flags or reasons of that day."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sorg_risk as sr
from tests.contract.later import KINDS, with_news

DAY = "2024-06-30"


@pytest.fixture(scope="module")
def registry() -> dict[str, pd.DataFrame]:
    return dict(sr.simulate(30, seed=11, flows_per_org=20))


@pytest.fixture(scope="module")
def before(registry: dict[str, pd.DataFrame], model: sr.RiskModel) -> sr.Run:
    return sr.score(sr.open(registry).as_of(DAY), model)


def same(one: sr.Run, other: sr.Run) -> None:
    for name in ("scores", "flags", "reasons"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_of_later_news_alone(
    kind: str, registry: dict[str, pd.DataFrame], before: sr.Run, model: sr.RiskModel
) -> None:
    same(before, sr.score(sr.open(with_news(registry, [kind], DAY, seed=5)).as_of(DAY), model))


@settings(max_examples=5)
@given(kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=2, unique=True), seed=st.integers(0, 1000))
def test_any_mixture_of_later_news(
    kinds: list[str], seed: int, registry: dict[str, pd.DataFrame], before: sr.Run, model: sr.RiskModel
) -> None:
    same(before, sr.score(sr.open(with_news(registry, kinds, DAY, seed)).as_of(DAY), model))


@pytest.mark.parametrize("lists", ["decided", "assumed"])
def test_the_view_is_the_same_whatever_comes_later(registry: dict[str, pd.DataFrame], lists: str) -> None:
    later = with_news(registry, sorted(KINDS), DAY, seed=9)
    one, other = (sr.apply_law(sr.open(tables).as_of(DAY), lists) for tables in (registry, later))
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_the_test_can_fail(registry: dict[str, pd.DataFrame], before: sr.Run, model: sr.RiskModel) -> None:
    later = sr.score(sr.open(with_news(registry, ["later_voids"], DAY, seed=5)).as_of("2025-12-31"), model)
    with pytest.raises(AssertionError):
        same(before, later)
