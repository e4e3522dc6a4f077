"""Point-in-time risk, credit points and statutory lists of social organisations (社会组织).

>>> import sorg_risk as sr
>>> "open" in sr.__all__
True

The names below are loaded on first use, so that ``import sorg_risk`` stays quick.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from . import _compiled, _stripped
from ._version import __version__

_compiled.find_place()
_stripped.skip_dask_estimators()

if TYPE_CHECKING:
    from .errors import SorgRiskError
    from .explain import ExactExplainer
    from .features import catalogue, evidence, features
    from .flags import Run, score
    from .law import apply_law, rulebook
    from .model import Panel, RiskModel, backtest, month_ends, panel, train, validate
    from .nightly import nightly
    from .records import Source, View, open
    from .simulate import simulate

_HOMES = {
    "ExactExplainer": "explain",
    "Panel": "model",
    "RiskModel": "model",
    "Run": "flags",
    "SorgRiskError": "errors",
    "Source": "records",
    "View": "records",
    "apply_law": "law",
    "backtest": "model",
    "catalogue": "features",
    "evidence": "features",
    "features": "features",
    "month_ends": "model",
    "nightly": "nightly",
    "open": "records",
    "panel": "model",
    "rulebook": "law",
    "score": "flags",
    "simulate": "simulate",
    "train": "model",
    "validate": "model",
}

__all__ = [
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
]


class _Package(ModuleType):
    """Keeps ``sr.features`` the function: importing the folder of the same name must not hide it."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'sorg_risk' has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
