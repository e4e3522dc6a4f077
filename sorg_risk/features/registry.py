"""All features, found by walking ``families``: one file a family, each with its tuple ``FEATURES``.

>>> CATALOGUE["complaints_90d"].window_days
90
>>> feature("complaint_90d")
Traceback (most recent call last):
    ...
sorg_risk.errors.NotFound: unknown feature 'complaint_90d'. Did you mean 'complaints_90d'?
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

import pandas as pd

from ..errors import CatalogueError, NotFound
from ..records.schema import TABLES
from . import families
from .declare import Feature
from .definitions import definition
from .derived import DERIVED

_COLUMNS = [
    *("name", "family", "table", "aggregate", "window_days", "unit", "direction", "missing"),
    *("zh", "en", "definition", "statute", "ground", "base", "peers"),
]


def registered(features: Iterable[Feature]) -> Mapping[str, Feature]:
    """Features by name, each checked; raises `CatalogueError` on two of one name or a faulty declaration."""
    found: dict[str, Feature] = {}
    for one in features:
        one.check()
        if one.name in found:
            raise CatalogueError(f"feature {one.name!r} is declared twice; give one of them another name.")
        found[one.name] = one
    for one in found.values():
        _check_relative(one, found)
    return MappingProxyType(found)


def _check_relative(one: Feature, found: Mapping[str, Feature]) -> None:
    register = {**TABLES["organizations"].by_name, **DERIVED["organizations"]}
    if one.base and (one.base not in found or found[one.base].base):
        raise CatalogueError(f"feature {one.name!r}: {NotFound.name('base feature', one.base, found)}")
    for name in one.peers:
        if name not in found and name not in register:
            raise CatalogueError(f"feature {one.name!r}: {NotFound.name('peers', name, [*found, *register])}")


def _walk() -> Iterable[Feature]:
    for module in sorted(iter_modules(families.__path__), key=lambda found: found.name):
        for one in import_module(f"{families.__name__}.{module.name}").FEATURES:
            yield replace(one, family=module.name)


CATALOGUE: Mapping[str, Feature] = registered(_walk())


def feature(name: str) -> Feature:
    """Declaration of a feature; an unknown name raises `NotFound` with the nearest one."""
    if name not in CATALOGUE:
        raise NotFound.name("feature", name, CATALOGUE)
    return CATALOGUE[name]


def catalogue() -> pd.DataFrame:
    """Every feature described, one row each, in the order of the matrix.

    ``direction``: +1 riskier when higher, -1 safer when higher, 0 no opinion. ``ground``: rule that the feature *is*.
    ``definition`` and ``missing``: what is counted, and what an empty value means; docs/catalogue.md says it at length.
    """
    rows = [{**vars(one), "missing": one.missing, "definition": definition(one)} for one in CATALOGUE.values()]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    return frame.assign(window_days=frame["window_days"].astype("Int64"), peers=frame["peers"].str.join(", "))
