"""Small things to learn from: a noisy frame with categories and gaps, and a panel of a simulated registry."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

import sorg_risk as sr
from sorg_risk.model import Panel, RiskModel, month_ends, panel


@dataclass(frozen=True)
class Drawn:
    """A frame of made-up organisations over years, with its labels, days and organisations."""

    X: pd.DataFrame
    y: Any
    days: Any
    orgs: Any
    truth: Any


@cache
def drawn(orgs: int = 300, years: int = 6, seed: int = 0) -> Drawn:
    """Rows of (organisation, year): a few causes, noise, a category, missing values; about 10 % events."""
    rng = np.random.default_rng(seed)
    rows = orgs * years
    org = np.repeat(np.arange(orgs), years)
    habit = rng.normal(size=orgs)[org]
    income, late = rng.lognormal(2, 1, rows), rng.poisson(np.exp(habit * 0.7 - 1))
    kind = rng.choice(["association", "foundation", "service_institution"], rows, p=[0.5, 0.1, 0.4])
    noise = rng.normal(size=(rows, 3))
    truth = -3.2 + 0.9 * habit + 0.5 * late + 0.6 * (kind == "foundation") - 0.2 * np.log(income)
    y = (rng.random(rows) < 1 / (1 + np.exp(-truth))).astype(int)
    X = pd.DataFrame({"late": late.astype(float), "income": income, "kind": pd.Categorical(kind)})
    for k in range(3):
        X[f"noise_{k}"] = noise[:, k]
    X.loc[rng.random(rows) < 0.2, "income"] = np.nan
    days = np.array([np.datetime64(f"{2015 + k}-12-31") for k in range(years)])[np.tile(np.arange(years), orgs)]
    return Drawn(X, y, days, np.array([f"O{i:04d}" for i in org]), truth)


@cache
def fitted() -> RiskModel:
    """A model of the drawn frame; do not change it."""
    made = drawn()
    return RiskModel(seeds=2).fit(made.X, made.y, days=made.days, groups=made.orgs)


@cache
def registry(orgs: int = 60) -> sr.Source:
    """A small simulated registry."""
    return sr.open(sr.simulate(orgs, 5))


@cache
def registry_panel() -> Panel:
    """Its panel over yearly days."""
    return panel(registry(), month_ends("2020-10", "2025-10", every=12))
