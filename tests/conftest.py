"""Shared by all tests: a small simulated registry and the place of real data sets."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from sorg_risk.model import RiskModel, default_bundle

settings.register_profile(
    "sorg", derandomize=True, deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("sorg")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data sets; tests that need it are skipped where it is not there."""
    folder = os.environ.get("SORG_RISK_DATA")
    if not folder:
        pytest.skip("SORG_RISK_DATA is not set: no real data sets on this machine")
    return Path(folder)


@pytest.fixture(scope="session")
def model() -> RiskModel:
    """The shipped model, loaded once."""
    return RiskModel.load(default_bundle())
