"""Runs of a small simulated registry, shared by the tests of this folder."""

from __future__ import annotations

from functools import lru_cache

import sorg_risk as sr
from sorg_risk.model import default_bundle

DAY = "2025-06-30"


@lru_cache(maxsize=1)
def source() -> sr.Source:
    return sr.open(sr.simulate(150, seed=3, flows_per_org=10))


@lru_cache(maxsize=2)
def run(lists: str = "decided") -> sr.Run:
    return sr.score(source().as_of(DAY), sr.RiskModel.load(default_bundle()), lists)
