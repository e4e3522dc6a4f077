"""The public names are frozen: adding or removing one is a decision, made here."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

import sorg_risk as sr

NAMES = {
    "ExactExplainer",
    "Panel",
    "RiskModel",
    "Run",
    "SorgRiskError",
    "Source",
    "View",
    "__version__",
    "apply_law",
    "backtest",
    "catalogue",
    "evidence",
    "features",
    "month_ends",
    "nightly",
    "open",
    "panel",
    "rulebook",
    "score",
    "simulate",
    "train",
    "validate",
}


def test_names_are_frozen() -> None:
    assert set(sr.__all__) == NAMES
    assert set(dir(sr)) == NAMES


@pytest.mark.parametrize("name", sorted(NAMES - {"__version__"}))
def test_every_name_is_callable_and_documented(name: str) -> None:
    thing = getattr(sr, name)
    assert callable(thing), f"sr.{name} is {type(thing)}"
    assert thing.__doc__, f"sr.{name} has no docstring"


def test_a_folder_does_not_hide_the_function_of_its_name() -> None:
    for name in ("simulate", "features", "nightly"):
        import_module(f"sorg_risk.{name}")
        assert callable(getattr(sr, name))
        assert not hasattr(getattr(sr, name), "__path__")


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'scores'"):
        _ = sr.scores  # type: ignore[attr-defined]


def test_import_is_light() -> None:
    code = "import sys, sorg_risk; print([m for m in ('shap', 'lightgbm', 'matplotlib', 'numba') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
